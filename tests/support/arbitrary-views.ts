import fc from 'fast-check'
import type { Capabilities } from '../../core/chat/capabilities.ts'
import type { Block, LocalView } from '../../core/chat/view.ts'

/** Emoji with modifiers, flags, accents, Arabic, Chinese: everything that must not be cut in its middle. */
export const trickyText = (maxLength: number) =>
  fc
    .array(
      fc.oneof(
        { weight: 6, arbitrary: fc.string({ maxLength: 12 }) },
        { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 8 }) },
        {
          weight: 2,
          arbitrary: fc.constantFrom('👨‍👩‍👧‍👦', '🇩🇪🇨🇳', '👍🏽', 'é', '中文字符', 'مرحبا', '\n', '\n\n', ' ', '\r\n', '🙂'),
        },
      ),
      { maxLength },
    )
    .map((parts) => parts.join(''))

const press = fc.nat().map((n) => ({ action: 'test', args: { n } }))
const label = trickyText(4).map((text) => `l${text}`)
const longText = fc.oneof(
  { weight: 8, arbitrary: trickyText(10) },
  { weight: 2, arbitrary: trickyText(80) },
  { weight: 1, arbitrary: fc.tuple(trickyText(20), fc.integer({ min: 10, max: 60 })).map(([text, times]) => text.repeat(times)) },
)

const button = fc.oneof(
  { weight: 4, arbitrary: fc.record({ label, press }) },
  { weight: 1, arbitrary: fc.record({ label, url: fc.constant('https://example.org/pay') }) },
)

const block: fc.Arbitrary<Block<string>> = fc.oneof(
  fc.record({ kind: fc.constant('title' as const), text: longText }),
  fc.record({ kind: fc.constant('text' as const), text: longText }),
  fc.record({ kind: fc.constant('note' as const), text: longText }),
  fc.record({ kind: fc.constant('code' as const), text: longText }),
  fc.constant<Block<string>>({ kind: 'divider' }),
  fc.record({
    kind: fc.constant('fields' as const),
    items: fc.array(fc.record({ label: longText, value: longText }), { maxLength: 5 }),
  }),
  fc.record({ kind: fc.constant('bar' as const), share: fc.double(), caption: longText }),
  fc.record({
    kind: fc.constant('progress' as const),
    steps: fc.array(
      fc.record({ label: longText, state: fc.constantFrom('waiting' as const, 'done' as const), seconds: fc.nat(400) }),
      { maxLength: 6 },
    ),
  }),
  fc.record({
    kind: fc.constant('image' as const),
    chart: fc.constant({ kind: 'daily-usage' as const, days: [], allowanceMicros: 1, language: 'en' }),
    alt: longText,
  }),
  fc.record({
    kind: fc.constant('file' as const),
    name: fc.constant('a.txt'),
    mime: fc.constant('text/plain'),
    content: longText,
    caption: longText,
  }),
  fc.record({ kind: fc.constant('link' as const), label, url: fc.constant('https://example.org/') }),
  fc.record({ kind: fc.constant('buttons' as const), buttons: fc.array(button, { maxLength: 9 }) }),
  fc.record({
    kind: fc.constant('choice' as const),
    name: fc.constant('pick'),
    label,
    options: fc.array(fc.oneof(fc.record({ label, press }), fc.record({ label, note: label, press, selected: fc.boolean() })), {
      maxLength: 12,
    }),
  }),
  fc.record({
    kind: fc.constant('form' as const),
    name: fc.constant('ask'),
    fields: fc.array(fc.record({ name: fc.constant('field'), label, maxLength: fc.constant(50), secret: fc.boolean() }), {
      minLength: 1,
      maxLength: 4,
    }),
    submitLabel: label,
    press,
  }),
)

export const anyView: fc.Arbitrary<LocalView> = fc.record({
  id: fc.constant('test'),
  tone: fc.constantFrom('info' as const, 'danger' as const),
  visibility: fc.constant('everyone' as const),
  blocks: fc.array(block, { maxLength: 9 }),
})

/** Platforms from the meanest that could still be talked with to a roomy one. */
export const anyCapabilities: fc.Arbitrary<Capabilities> = fc.record({
  text: fc
    .record({
      max: fc.integer({ min: 100, max: 3000 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      unit: fc.constantFrom('utf16' as const, 'bytes' as const),
    })
    .map(({ max, share, unit }) => ({ max, captionMax: Math.floor(max * share), unit })),
  buttons: fc.record({
    perRow: fc.integer({ min: 0, max: 5 }),
    rows: fc.integer({ min: 0, max: 6 }),
    labelMax: fc.integer({ min: 4, max: 40 }),
    tokenMaxBytes: fc.constant(16),
  }),
  select: fc.option(fc.record({ options: fc.integer({ min: 1, max: 10 }) })),
  form: fc.option(fc.record({ fields: fc.integer({ min: 1, max: 3 }) })),
  maskedInput: fc.boolean(),
  image: fc.boolean(),
  file: fc.boolean(),
  edit: fc.constant(null),
  onlyYou: fc.constantFrom('native' as const, 'private-chat' as const),
  toast: fc.constant(null),
  canDeleteIncoming: fc.constantFrom('everywhere' as const, 'private-chat' as const, 'nowhere' as const),
  pace: fc.constant({ secondsPerMessage: 1, burst: 1 }),
})
