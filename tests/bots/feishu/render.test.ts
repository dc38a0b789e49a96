import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { feishuCapabilities } from '../../../bots/feishu/capabilities.ts'
import type { Card } from '../../../bots/feishu/card.ts'
import type { Place } from '../../../bots/feishu/chat-key.ts'
import { render } from '../../../bots/feishu/render.ts'
import { type FittedBlock, type FittedMessage, fit as fitView } from '../../../core/chat/fit.ts'
import { localise } from '../../../core/chat/localise.ts'
import { tokensOf } from '../../../core/chat/screen.ts'
import type { LocalView, Tone } from '../../../core/chat/view.ts'
import { fitWords } from '../../../core/chat/words.ts'
import { createLocaliser } from '../../../core/i18n/index.ts'
import { EMPTY, MARKUP } from '../../contracts/platform-samples.ts'
import { anyView } from '../../support/arbitrary-views.ts'
import { readCard } from '../../support/feishu/card.ts'
import { allScreens } from '../../support/screens.ts'

const ADA: Place = { kind: 'private', openId: 'ou_84aad35d084aa403a838cf73ee18467a' }
const GROUP: Place = { kind: 'group', chatId: 'oc_a0553eda9014c201e6969b478895c230' }
const THREAD: Place = { kind: 'thread', chatId: GROUP.chatId, rootId: 'om_dc13264520392913993dd051dba2ffff' }
const known = { hasImage: () => true, hasPerson: () => false }

const drawn = (message: Partial<FittedMessage>, more: { tone?: Tone; place?: Place; imageKey?: string } = {}) =>
  render({
    tone: more.tone ?? 'info',
    message: { ...EMPTY, ...message },
    place: more.place ?? ADA,
    imageKey: more.imageKey ?? null,
  })
function cardOf(...given: Parameters<typeof drawn>): Card {
  const sealed = drawn(...given)
  if (!sealed.ok) throw new Error(sealed.reason)
  readCard(sealed.card, known)
  return sealed.card
}
/** Every text in the card, in order. */
const texts = (node: unknown): string[] =>
  Array.isArray(node)
    ? node.flatMap(texts)
    : typeof node === 'object' && node !== null
      ? [
          ...('tag' in node && node.tag === 'plain_text' && 'content' in node ? [String(node.content)] : []),
          ...Object.values(node).flatMap(texts),
        ]
      : []
/** As in every form of ours, and of anybody's, fields are told apart by their names. */
const withNamedFields = (view: LocalView): LocalView => ({
  ...view,
  blocks: view.blocks.map((block) =>
    block.kind === 'form' ? { ...block, fields: block.fields.map((one, at) => ({ ...one, name: `${one.name}${at}` })) } : block,
  ),
})
const title = (text: string): FittedBlock => ({ kind: 'title', text })
const text = (words: string): FittedBlock => ({ kind: 'text', text: words })

describe('a message drawn for Feishu', () => {
  it.each([
    ['info', 'blue', ''],
    ['success', 'green', '✅ '],
    ['warning', 'orange', '⚠️ '],
    ['danger', 'red', '⛔ '],
  ] as const)('says the tone %s with the header’s colour, and without a header with a mark', (tone, template, mark) => {
    const headed = cardOf({ blocks: [title('Scout'), text('ready')] }, { tone })
    expect(headed.header).toEqual({ title: { tag: 'plain_text', content: 'Scout' }, template })
    expect(texts(headed.body)).toEqual(['ready'])
    const bare = cardOf({ blocks: [text('ready')] }, { tone })
    expect(bare.header).toBeUndefined()
    expect(texts(bare.body)).toEqual([`${mark}ready`])
  })

  it('has no markup at all, so that nothing anybody wrote can become any', () => {
    const blocks: FittedBlock[] = [
      title(MARKUP),
      text(MARKUP),
      { kind: 'note', text: MARKUP },
      { kind: 'code', text: MARKUP },
      { kind: 'fields', items: [{ label: MARKUP, value: MARKUP }] },
      { kind: 'bar', share: 0.5, caption: MARKUP },
      { kind: 'progress', steps: [{ label: MARKUP, state: 'running' }] },
    ]
    const rows = [[{ label: '<at id=all></at>', style: 'primary', token: 'a' } as const]]
    const written = JSON.stringify(cardOf({ blocks, rows }))
    expect(written).not.toMatch(/"tag":"(markdown|lark_md)"/)
    expect(texts(JSON.parse(written)).filter((one) => one.includes(MARKUP))).toHaveLength(8)
  })

  it('tells on every control where it hangs: a press alone does not say what kind of chat that is', () => {
    const message: Partial<FittedMessage> = {
      blocks: [text('x')],
      rows: [[{ label: 'Go', style: 'default', token: 't1' }]],
      selects: [{ name: 's', label: 'Which?', options: [{ label: 'A', token: 't2', selected: false }] }],
      form: {
        name: 'f',
        token: 't3',
        submitLabel: 'Send',
        fields: [{ name: 'n', label: 'Name', maxLength: 40, secret: false }],
      },
    }
    const values = (place: Place) =>
      [...JSON.stringify(cardOf(message, { place })).matchAll(/"value":(\{[^}]*\})/g)].map((match) => JSON.parse(match[1] ?? ''))
    expect(values(ADA)).toEqual([
      { token: '', in: 'private' },
      { token: 't3', in: 'private' },
      { token: 't1', in: 'private' },
    ])
    expect(values(GROUP)).toEqual([{ token: '' }, { token: 't3' }, { token: 't1' }])
    expect(values(THREAD).map(({ thread }) => thread)).toEqual(Array(3).fill('om_dc13264520392913993dd051dba2ffff'))
  })

  it('is a form with masked secrets, limits and one button that sends it', () => {
    const card = cardOf({
      blocks: [text('Your key')],
      form: {
        name: 'key',
        token: 'tok',
        submitLabel: 'Save',
        fields: [
          { name: 'label', label: 'Label', hint: 'h'.repeat(300), maxLength: 40, secret: false },
          { name: 'key', label: 'Key', maxLength: 5000, secret: true },
        ],
      },
    })
    const form = card.body.elements.find(({ tag }) => tag === 'form')
    expect(form).toMatchObject({
      elements: [
        { tag: 'input', name: 'label', required: true, max_length: 40, placeholder: { content: `${'h'.repeat(99)}…` } },
        { tag: 'input', name: 'key', input_type: 'password', max_length: 1000 },
        { tag: 'button', form_action_type: 'submit', name: 'submit_tok' },
      ],
    })
  })

  it('is sent with a red button where what it does can’t be undone', () => {
    const fields = [{ name: 'n', label: 'N', maxLength: 9, secret: false }]
    const typeOf = (danger: boolean) => {
      const { body } = cardOf({ form: { name: 'x', token: 't', submitLabel: 'Delete', danger, fields } })
      return /"type":"(\w+)"[^{}]*\}?[^{}]*"behaviors"/.exec(JSON.stringify(body))?.[1] ?? JSON.stringify(body)
    }
    expect([false, true].map(typeOf)).toEqual(['primary_filled', 'danger'])
  })

  it('shows the chosen option in the list, and then its label above', () => {
    const options = [
      { label: 'Lite', note: '$29', token: 'a', selected: false },
      { label: 'Pro', token: 'b', selected: true },
    ]
    const card = cardOf({ blocks: [text('x')], selects: [{ name: 'plan', label: 'Plan', options }] })
    expect(card.body.elements.at(-1)).toMatchObject({ tag: 'select_static', initial_index: 2, placeholder: { content: 'Plan' } })
    expect(texts(card.body)).toEqual(['x', 'Plan', 'Plan', 'Lite — $29', 'Pro'])
  })

  it('writes out a link that no button can open', () => {
    const card = cardOf({
      blocks: [text('x')],
      rows: [
        [
          { label: 'Mail', style: 'default', url: 'mailto:a@example.com' },
          { label: 'Pay', style: 'primary', url: 'http://127.0.0.1:1/pay' },
        ],
      ],
    })
    expect(texts(card.body)).toEqual(['x', 'Mail: mailto:a@example.com', 'Pay'])
  })

  it('draws fields as lines where a card would have too many elements, and gives up only on what is too large all the same', () => {
    const items = Array.from({ length: 60 }, (_, at) => ({ label: `L${at}`, value: `V${at}` }))
    const lines = cardOf({ blocks: [{ kind: 'fields', items }] })
    expect(texts(lines.body)).toEqual([items.map(({ label, value }) => `${label}: ${value}`).join('\n')])
    const quotes = drawn({ blocks: [text('"\n'.repeat(8000))] })
    expect(quotes).toMatchObject({ ok: false, reason: expect.stringMatching(/a card of \d+ bytes/) })
  })

  it('is taken by Feishu’s rules for every screen of ours, in both languages and in every kind of chat', async () => {
    const localiser = createLocaliser()
    for (const { view } of await allScreens()) {
      for (const language of localiser.languages) {
        const local = localise(view, localiser, language)
        const messages = fitView(local, feishuCapabilities, tokensOf(local, '0123456789'), fitWords(localiser, language))
        for (const message of messages)
          for (const place of [ADA, GROUP, THREAD]) cardOf(message, { tone: view.tone, place, imageKey: 'img_v3_1' })
      }
    }
  })

  it('is taken by Feishu’s rules for any view, or known to be too large', () => {
    const localiser = createLocaliser()
    const words = fitWords(localiser, 'en')
    fc.assert(
      fc.property(anyView.map(withNamedFields), (local) => {
        for (const message of fitView(local, feishuCapabilities, tokensOf(local, '0123456789'), words)) {
          const sealed = drawn(message, { place: THREAD, imageKey: 'img_v3_1' })
          if (sealed.ok) readCard(JSON.parse(sealed.content), known)
        }
      }),
      { numRuns: 150 },
    )
  })

  it('takes well below a millisecond', async () => {
    const localiser = createLocaliser()
    const messages = (await allScreens()).flatMap(({ view }) => {
      const local = localise(view, localiser, 'en')
      return fitView(local, feishuCapabilities, tokensOf(local, '0123456789'), fitWords(localiser, 'en'))
    })
    const times = Array.from({ length: 7 }, () => {
      const start = performance.now()
      for (const message of messages) drawn(message)
      return (performance.now() - start) / messages.length
    }).sort((a, b) => a - b)
    expect(times[3]).toBeLessThan(0.5)
  })
})
