import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { capabilities } from '../../../bots/web/capabilities.ts'
import { type Reader, renderMessage, renderRow } from '../../../bots/web/render.ts'
import { wordsIn } from '../../../bots/web/words.ts'
import { type FittedMessage, fit as fitView } from '../../../core/chat/fit.ts'
import { tokensOf } from '../../../core/chat/screen.ts'
import { fitWords } from '../../../core/chat/words.ts'
import { createLocaliser } from '../../../core/i18n/index.ts'
import { anyView } from '../../support/arbitrary-views.ts'
import { attribute, elements, hasClass, parseFragment, textOf } from './fragment.ts'

const localiser = createLocaliser()
const reader: Reader = {
  words: wordsIn(localiser, 'en'),
  userId: 'w1',
  brandName: 'ClawCloud',
  commands: new Set(['model', 'usage']),
  query: '',
}
const place = { id: '7', revision: 9, at: new Date('2026-11-22T12:34:56Z') }
const draw = (message: Partial<FittedMessage>, tone: 'info' | 'danger' = 'info') =>
  renderMessage({ tone, message: { blocks: [], rows: [], selects: [], ...message } }, place, reader).html
const nodes = (message: Partial<FittedMessage>) => [...elements(parseFragment(draw(message)))]

describe('a message in the web chat', () => {
  it('is drawn like this', async () => {
    const html = draw(
      {
        blocks: [
          { kind: 'title', text: 'Scout <3' },
          { kind: 'fields', items: [{ label: 'Plan', value: 'Pro & more' }] },
          { kind: 'bar', share: 0.8, caption: '$6.40 of $8.00' },
          {
            kind: 'progress',
            steps: [
              { label: 'Server prepared', state: 'done', seconds: 3.4 },
              { label: 'OpenClaw started', state: 'running' },
            ],
          },
          { kind: 'code', text: 'a < b' },
          { kind: 'divider' },
          { kind: 'note', text: 'See /usage.' },
        ],
        image: { chart: { kind: 'daily-usage', days: [], allowanceMicros: 0, language: 'en' }, alt: 'Daily use' },
        file: { name: 'the logs.txt', mime: 'text/plain', content: '' },
        selects: [{ name: 'model', label: 'Model', options: [{ label: 'Haiku', note: 'quick', token: 's.1', selected: true }] }],
        rows: [
          [
            { label: 'Delete', style: 'danger', token: 's.2' },
            { label: 'Pay', style: 'primary', url: 'https://pay.example.com/?a=1&b=2' },
          ],
        ],
      },
      'danger',
    )
    await expect(`${html}\n`).toMatchFileSnapshot('goldens/message.txt')
  })

  it('is drawn like this with a form', async () => {
    const html = draw({
      form: {
        name: 'key',
        token: 's.3',
        submitLabel: 'Save',
        fields: [
          { name: 'label', label: 'Name', hint: 'Only you see it', maxLength: 40, secret: false },
          { name: 'key', label: 'API key', maxLength: 200, secret: true },
        ],
      },
    })
    await expect(`${html}\n`).toMatchFileSnapshot('goldens/form.txt')
  })

  it('has a red button where what it does can’t be undone', () => {
    const form = {
      name: 'x',
      token: 's.4',
      submitLabel: 'Delete',
      fields: [{ name: 'n', label: 'N', maxLength: 9, secret: false }],
    }
    expect(draw({ form })).toContain('class="button primary">Delete')
    expect(draw({ form: { ...form, danger: true } })).toContain('class="button danger">Delete')
  })

  it('is drawn like this when a person wrote it, seen by themselves, by others, and after it was removed', async () => {
    const said = { kind: 'person', revision: 3, clientId: 'c0ffee00', name: 'Ada <b>', text: '1 < 2 "quoted"' } as const
    const rows = [
      renderRow({ id: '3', at: place.at, body: { ...said, userId: 'w1' } }, reader),
      renderRow({ id: '3', at: place.at, body: { ...said, userId: 'w2' } }, reader),
      renderRow({ id: '3', at: place.at, body: { kind: 'removed', revision: 4, clientId: 'c0ffee00', userId: 'w1' } }, reader),
    ]
    await expect(`${rows.map(({ html }) => html).join('\n\n')}\n`).toMatchFileSnapshot('goldens/person.txt')
  })

  it('is well-formed for any view there can be, with every word in it and nothing of it taken for markup', () => {
    const allowed = new Set(
      'article h2 h3 div p span dl dt dd pre code hr progress ol li svg circle path a img button form label input time bdi'.split(
        ' ',
      ),
    )
    fc.assert(
      fc.property(anyView, (view) => {
        for (const message of fitView(view, capabilities, tokensOf(view, 'abcdefghij'), fitWords(localiser, 'en'), 'private')) {
          const parsed = parseFragment(draw(message))
          const inside = [...elements(parsed)]
          expect(inside.filter(({ name }) => !allowed.has(name))).toEqual([])
          expect(
            inside
              .flatMap(({ attributes }) => Object.keys(attributes))
              .filter((name) => name.startsWith('on') || name === 'style'),
          ).toEqual([])
          const words = textOf(parsed)
          for (const block of message.blocks) if ('text' in block) expect(words).toContain(block.text)
          for (const button of message.rows.flat()) expect(words).toContain(button.label)
        }
      }),
    )
  })

  it('takes nothing that people wrote for markup, wherever it stands', () => {
    const evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>&amp;\''
    const inside = nodes({
      blocks: [
        { kind: 'title', text: evil },
        { kind: 'text', text: evil },
        { kind: 'note', text: evil },
        { kind: 'code', text: evil },
        { kind: 'fields', items: [{ label: evil, value: evil }] },
        { kind: 'bar', share: 1, caption: evil },
        { kind: 'progress', steps: [{ label: evil, state: 'running' }] },
      ],
      image: { chart: { kind: 'daily-usage', days: [], allowanceMicros: 0, language: 'en' }, alt: evil },
      file: { name: evil, mime: evil, content: evil },
      selects: [{ name: evil, label: evil, options: [{ label: evil, note: evil, token: evil, selected: false }] }],
      form: {
        name: evil,
        token: evil,
        submitLabel: evil,
        fields: [{ name: evil, label: evil, hint: evil, maxLength: 5, secret: false }],
      },
      rows: [[{ label: evil, style: 'primary', token: evil }]],
    })
    expect(inside.filter(({ name }) => name === 'script')).toEqual([])
    expect(inside.filter(({ name }) => name === 'img').map((image) => attribute(image, 'alt'))).toEqual([evil])
    expect(inside.filter((node) => hasClass(node, 'title')).map(({ children }) => textOf(children))).toEqual([evil])
  })

  it.each([
    ['Type /model or /usage.', ['/model', '/usage']],
    ['(/model)', ['/model']],
    ['see /etc/model and /tmp, a/model, https://x.test/model or /model.txt', []],
  ])('makes published commands in %j pressable, and no paths', (text, commands) => {
    const buttons = nodes({ blocks: [{ kind: 'text', text }] }).filter((node) => hasClass(node, 'command'))
    expect(buttons.map((button) => attribute(button, 'data-say'))).toEqual(commands)
  })

  it.each([
    ['More: https://docs.example.com/a?b=1&c=2.', 'https://docs.example.com/a?b=1&c=2'],
    ['（https://docs.example.com/start）。', 'https://docs.example.com/start'],
  ])('makes the address in %j a link without the sentence’s punctuation', (text, address) => {
    const links = nodes({ blocks: [{ kind: 'text', text }] }).filter(({ name }) => name === 'a')
    expect(links.map((link) => [attribute(link, 'href'), attribute(link, 'target'), attribute(link, 'rel')])).toEqual([
      [address, '_blank', 'noopener'],
    ])
  })

  it('shows the address of a link that is none of the web’s, and does not make it one', () => {
    const inside = nodes({ rows: [[{ label: 'Pay', style: 'primary', url: 'javascript:alert(1)' }]] })
    expect(inside.filter(({ name }) => name === 'a')).toEqual([])
    expect(textOf(parseFragment(draw({ rows: [[{ label: 'Pay', style: 'primary', url: 'javascript:alert(1)' }]] })))).toContain(
      'Pay: javascript:alert(1)',
    )
  })

  it.each([
    [-1, '0', 'low'],
    [0.5, '0.5', 'low'],
    [0.75, '0.75', 'high'],
    [0.95, '0.95', 'full'],
    [7, '1', 'full'],
    [Number.NaN, '0', 'low'],
  ])('draws a share of %d as %s of the bar, coloured %s', (share, value, level) => {
    const inside = nodes({ blocks: [{ kind: 'bar', share, caption: 'x' }] })
    expect(inside.filter(({ name }) => name === 'progress').map((bar) => attribute(bar, 'value'))).toEqual([value])
    expect(inside.some((node) => hasClass(node, 'bar') && hasClass(node, level))).toBe(true)
  })
})
