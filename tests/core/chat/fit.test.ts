import { describe, expect, it } from 'vitest'
import type { Capabilities } from '../../../core/chat/capabilities.ts'
import { fit as fitView, plainFallback } from '../../../core/chat/fit.ts'
import { plainText } from '../../../core/chat/measure.ts'
import { tokensOf } from '../../../core/chat/screen.ts'
import type { Block, LocalView } from '../../../core/chat/view.ts'
import { fitWords } from '../../../core/chat/words.ts'
import { createLocaliser } from '../../../core/i18n/index.ts'
import { ROOMY } from '../../support/memory-platform.ts'

const words = fitWords(createLocaliser(), 'en')

const wordsOnly: Capabilities = {
  ...ROOMY,
  buttons: { perRow: 0, rows: 0, labelMax: 40, tokenMaxBytes: 64 },
  image: false,
  file: false,
}

const screen = (...blocks: Block<string>[]): LocalView => ({ id: 'x', tone: 'info', visibility: 'everyone', blocks })
const draw = (view: LocalView, capabilities: Capabilities, chatKind: 'private' | 'group' = 'private') =>
  fitView(view, capabilities, tokensOf(view, 'abcdefghij'), words, chatKind)
const text = (message: { blocks: readonly Parameters<typeof plainText>[0][] } | undefined) =>
  message?.blocks.map(plainText).join('\n\n')

const press = (n: number) => ({ action: 'pick', args: { n } })
const options = (...labels: string[]) => labels.map((label, n) => ({ label, press: press(n) }))
const choice = (...labels: string[]): Block<string> => ({
  kind: 'choice',
  name: 'model',
  label: 'Which model?',
  options: options(...labels),
})
const chart = { kind: 'daily-usage' as const, days: [], allowanceMicros: 1, language: 'en' }

describe('a choice', () => {
  it('is a native list where there is one and it is long enough', () => {
    const [message] = draw(screen(choice('A', 'B')), { ...ROOMY, select: { options: 5 } })
    expect(message?.selects[0]?.options.map((option) => option.token)).toEqual(['abcdefghij0', 'abcdefghij1'])
    expect(message?.rows).toEqual([])
  })

  it('of more options than a list takes is several lists, each labelled with what it holds, and none is left out', () => {
    const labels = Array.from({ length: 53 }, (_, n) => `Model ${n + 1}`)
    const [message] = draw(screen(choice(...labels)), { ...ROOMY, select: { options: 25 } })
    expect(message?.selects.map(({ label }) => label)).toEqual([
      'Which model? (1–25)',
      'Which model? (26–50)',
      'Which model? (51–53)',
    ])
    const drawn = message?.selects.flatMap(({ options }) => options) ?? []
    expect(drawn.map(({ label }) => label)).toEqual(labels)
    expect(new Set(drawn.map(({ token }) => token)).size).toBe(53)
  })

  it('is buttons where there is no list, short ones beside each other and long ones below each other', () => {
    const [message] = draw(screen(choice('Lite', 'Pro', 'Max', 'Something much longer than those')), ROOMY)
    expect(message?.rows.map((row) => row.map((button) => button.label))).toEqual([
      ['Lite', 'Pro', 'Max'],
      ['Something much longer than those'],
    ])
    expect(text(message)).toBe('Which model?')
  })

  it('is numbered lines where there are no buttons, with what each number stands for', () => {
    const [message] = draw(
      screen(choice('A', 'B'), { kind: 'buttons', buttons: [{ label: 'Back', press: press(9) }] }),
      wordsOnly,
    )
    expect(text(message)).toBe('Which model?\n1. A\n2. B\nAnswer with the number.\n\n3. Back\nAnswer with the number.')
    expect(message?.numbered).toEqual({ 1: 'abcdefghij0', 2: 'abcdefghij1', 3: 'abcdefghij2' })
  })

  it('is numbered lines where it has more options than the platform has rows', () => {
    const [message] = draw(screen(choice(...Array.from({ length: 30 }, (_, n) => `A rather long model name ${n}`))), ROOMY)
    expect(message?.rows).toEqual([])
    expect(Object.keys(message?.numbered ?? {})).toHaveLength(30)
  })

  it('says notes above the buttons, and marks what is selected', () => {
    const view = screen({
      kind: 'choice',
      name: 'm',
      label: 'Model',
      options: [
        { label: 'A', note: 'cheap', press: press(1), selected: true },
        { label: 'B', press: press(2) },
      ],
    })
    const [message] = draw(view, ROOMY)
    expect(text(message)).toBe('Model\n• A — cheap\n• B')
    expect(message?.rows.flat().map((button) => [button.label, button.style])).toEqual([
      ['✓ A', 'primary'],
      ['B', 'default'],
    ])
  })
})

describe('buttons', () => {
  it('go to a further message when the platform has no row left, and none is dropped', () => {
    const view = screen({ kind: 'text', text: 'Hello' }, { kind: 'buttons', buttons: options(...'abcdefg') })
    const messages = draw(view, { ...ROOMY, buttons: { ...ROOMY.buttons, perRow: 2, rows: 2 } })
    expect(messages.map((message) => message.rows.flat().length)).toEqual([4, 3])
    expect(messages.map(text)).toEqual(['Hello', 'More:'])
  })

  it('have labels cut with … and never inside an emoji', () => {
    const view = screen(
      { kind: 'text', text: 'x' },
      { kind: 'buttons', buttons: [{ label: 'ab👨‍👩‍👧‍👦cdefghijkl', press: press(1) }] },
    )
    const label = (labelMax: number) => {
      const button = draw(view, { ...ROOMY, buttons: { ...ROOMY.buttons, labelMax } })[0]?.rows[0]?.[0]
      return button?.label
    }
    expect(label(10)).toBe('ab…')
    expect(label(15)).toBe('ab👨‍👩‍👧‍👦c…')
  })

  it('are refused when their token is longer than the platform carries', () => {
    const view = screen({ kind: 'buttons', buttons: options('a') })
    expect(() => draw(view, { ...ROOMY, buttons: { ...ROOMY.buttons, tokenMaxBytes: 5 } })).toThrow(/token of "pick"/)
  })
})

describe('a text', () => {
  const paragraphs = Array.from({ length: 10 }, (_, n) => `Paragraph ${n}. ${'word '.repeat(20)}`.trim())
  const small = { ...ROOMY, text: { max: 400, captionMax: 100, unit: 'utf16' as const } }

  it('is divided between paragraphs, with the controls on the last message', () => {
    const messages = draw(
      screen(
        { kind: 'title', text: 'Long' },
        { kind: 'text', text: paragraphs.slice(0, 6).join('\n\n') },
        { kind: 'buttons', buttons: options('ok') },
      ),
      small,
    )
    expect(messages.length).toBeGreaterThan(1)
    expect(messages.map((message) => message.rows.length)).toEqual([...messages.slice(1).map(() => 0), 1])
    for (const message of messages) expect(text(message)).toMatch(/word$/)
  })

  it('becomes a file when it would need more than three messages', () => {
    const [message, ...others] = draw(
      screen({ kind: 'title', text: 'Logs' }, { kind: 'code', text: paragraphs.join('\n') }),
      small,
    )
    expect(others).toEqual([])
    expect(text(message)).toBe('Logs\n\nThis is long, so it comes as a file: output.txt')
    expect(message?.file?.content).toBe(paragraphs.join('\n'))
  })

  it('is measured in bytes where the platform counts bytes', () => {
    const bytes = { ...ROOMY, file: false, text: { max: 200, captionMax: 0, unit: 'bytes' as const } }
    expect(draw(screen({ kind: 'text', text: '字'.repeat(100) }), bytes)).toHaveLength(2)
    expect(
      draw(screen({ kind: 'text', text: '字'.repeat(100) }), { ...bytes, text: { ...bytes.text, unit: 'utf16' } }),
    ).toHaveLength(1)
  })
})

describe('pictures, files and links', () => {
  it('keeps a picture with its words when they fit a caption, and apart when they don’t', () => {
    const image: Block<string> = { kind: 'image', chart, alt: 'Use by day' }
    expect(draw(screen({ kind: 'title', text: 'Usage' }, image, { kind: 'note', text: 'end' }), ROOMY)).toHaveLength(1)
    const [before, picture] = draw(
      screen({ kind: 'text', text: 'x'.repeat(2000) }, image, { kind: 'buttons', buttons: options('ok') }),
      ROOMY,
    )
    expect(before?.image).toBeUndefined()
    expect(picture).toMatchObject({ blocks: [], image: { alt: 'Use by day' }, rows: [[{ label: 'ok' }]] })
  })

  it('says what a picture shows where there are no pictures', () => {
    expect(text(draw(screen({ kind: 'image', chart, alt: 'Use by day' }), wordsOnly)[0])).toBe('Use by day')
  })

  it('shows a short file as text where there are no files, and says so of a long one', () => {
    const file = (content: string): Block<string> => ({ kind: 'file', name: 'a.log', mime: 'text/plain', content })
    expect(text(draw(screen(file('two\nlines')), wordsOnly)[0])).toBe('a.log\n\ntwo\nlines')
    expect(text(draw(screen(file('x'.repeat(9000))), wordsOnly)[0])).toMatch(/^The file a\.log can’t be shown in this chat/)
  })

  it('writes a link out where there are no buttons', () => {
    const link: Block<string> = { kind: 'link', label: 'Docs', url: 'https://example.org/' }
    expect(draw(screen(link), ROOMY)[0]?.rows).toEqual([[{ label: 'Docs', style: 'default', url: 'https://example.org/' }]])
    expect(text(draw(screen(link), wordsOnly)[0])).toBe('Docs: https://example.org/')
  })
})

describe('a form', () => {
  const form = screen({
    kind: 'form',
    name: 'key',
    submitLabel: 'Save',
    press: press(1),
    fields: [
      { name: 'label', label: 'Label', hint: 'any word', maxLength: 20 },
      { name: 'key', label: 'API key', maxLength: 200, secret: true },
    ],
  })

  it('is native where the platform has forms', () => {
    const [message] = draw(form, { ...ROOMY, form: { fields: 5 }, maskedInput: true })
    expect(message?.form?.fields.map((field) => field.secret)).toEqual([false, true])
  })

  it('is the words that tell another way, where there is one and no form', () => {
    const block: Block<string> = {
      kind: 'form',
      name: 'search',
      fields: [{ name: 'query', label: 'Another', maxLength: 80 }],
      submitLabel: 'Search',
      press: press(1),
      inWords: 'Type /model and part of its name.',
    }
    const [native] = draw(screen(block), { ...ROOMY, form: { fields: 5 } })
    expect([native?.form?.name, native?.blocks.length]).toEqual(['search', 1])
    const [message] = draw(screen(block), ROOMY)
    expect(text(message)).toBe('Type /model and part of its name.')
    expect([message?.form, message?.typed]).toEqual([undefined, undefined])
  })

  it('is asked in words in a private chat, and says what happens to a secret', () => {
    const [message] = draw(form, ROOMY)
    expect(text(message)).toBe(
      '✏️ Label (any word): type it as a message.\n\nPlease type: API key. I delete your message as soon as I have read it.',
    )
    expect(message?.typed).toMatchObject({ token: 'abcdefghij0', fields: [{ name: 'label' }, { name: 'key' }] })
  })

  it('never asks for a secret in a group, nor where it is not known what chat it is', () => {
    for (const [message] of [draw(form, ROOMY, 'group'), fitView(form, ROOMY, tokensOf(form, 'abcdefghij'), words)]) {
      expect(text(message)).toContain('API key is secret, and others may read along here.')
      expect(message?.typed?.fields.map((field) => field.name)).toEqual(['label'])
    }
  })
})

describe('a message that was refused', () => {
  it('becomes its visible text, with links written out and options as numbers', () => {
    const [message] = draw(
      screen(
        { kind: 'title', text: 'Pay\u0007' },
        { kind: 'fields', items: [{ label: 'Plan', value: 'Pro' }] },
        {
          kind: 'buttons',
          buttons: [
            { label: 'Pay $49', url: 'http://127.0.0.1:1/pay' },
            { label: 'Cancel', press: press(1) },
          ],
        },
      ),
      ROOMY,
    )
    if (!message) throw new Error('nothing was drawn')
    const plain = plainFallback(message)
    expect(plain).toEqual({
      blocks: [{ kind: 'text', text: 'Pay\n\nPlan: Pro\n\nPay $49: http://127.0.0.1:1/pay\n1. Cancel' }],
      rows: [],
      selects: [],
      numbered: { 1: 'abcdefghij0' },
    })
    expect(plainFallback(plain)).toEqual(plain)
  })
})

it('an empty view is no message', () => {
  expect(draw(screen(), ROOMY)).toEqual([])
  expect(draw(screen({ kind: 'text', text: ' \u200b ' }), ROOMY)).toEqual([])
})
