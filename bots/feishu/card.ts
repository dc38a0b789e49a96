import type { ButtonValue } from './chat-key.ts'

// Card JSON 2.0, as far as we use it. Feishu refuses a whole card for one property that it does not know, so nothing can be built here that
// is not in these types. All words are plain_text: nothing a person or a model wrote can become markup, a mention or a link.
// Source: open.feishu.cn, feishu-cards/card-json-v2-structure and card-json-v2-components.

type PlainText = {
  readonly tag: 'plain_text'
  readonly content: string
}
type StyledText = PlainText & {
  readonly text_size?: 'heading' | 'normal' | 'notation'
  readonly text_color?: 'default' | 'grey'
}
type Callback = { readonly type: 'callback'; readonly value: ButtonValue }
type OpenUrl = { readonly type: 'open_url'; readonly default_url: string }

type TextElement = { readonly tag: 'div'; readonly text: StyledText }
type Divider = { readonly tag: 'hr' }
type Image = { readonly tag: 'img'; readonly img_key: string; readonly alt: PlainText }
type ButtonType = 'default' | 'primary' | 'primary_filled' | 'danger' | 'text'
type Button = {
  readonly tag: 'button'
  readonly text: PlainText
  readonly type: ButtonType
  readonly behaviors: readonly (Callback | OpenUrl)[]
}
type SubmitButton = Button & { readonly name: string; readonly form_action_type: 'submit' }
type Select = {
  readonly tag: 'select_static'
  readonly name: string
  readonly placeholder: PlainText
  readonly width: 'fill'
  readonly options: readonly { readonly text: PlainText; readonly value: string }[]
  /** Counted from 1. */
  readonly initial_index?: number
  readonly behaviors: readonly Callback[]
}
type Input = {
  readonly tag: 'input'
  readonly name: string
  readonly label: PlainText
  readonly label_position: 'top'
  readonly width: 'fill'
  readonly required: true
  readonly max_length: number
  readonly input_type?: 'password'
  readonly placeholder?: PlainText
}
type Form = {
  readonly tag: 'form'
  readonly name: string
  readonly elements: readonly (Input | SubmitButton)[]
}
type Column = {
  readonly tag: 'column'
  readonly width: 'auto' | 'weighted'
  readonly weight?: number
  readonly padding?: string
  readonly elements: readonly (TextElement | Button)[]
}
type ColumnSet = {
  readonly tag: 'column_set'
  readonly flex_mode: 'none' | 'flow'
  readonly background_style?: 'grey'
  readonly horizontal_spacing?: 'small' | 'medium'
  readonly columns: readonly Column[]
}

export type Element = TextElement | Divider | Image | Button | Select | Form | ColumnSet

export type Card = {
  readonly schema: '2.0'
  readonly config: {
    /** Cards of this kind are the same for everybody who sees them; Feishu takes no other value. */
    readonly update_multi: true
    /** What the list of chats and a notification show of it. */
    readonly summary: { readonly content: string }
  }
  readonly header?: { readonly title: PlainText; readonly template: Template }
  readonly body: { readonly elements: readonly Element[] }
}

export type Template = 'blue' | 'green' | 'orange' | 'red'

/** Longest input a field may ask for, and longest placeholder in it. */
const INPUT_MAX = 1000
export const PLACEHOLDER_MAX = 100

const plain = (content: string): PlainText => ({ tag: 'plain_text', content })

export const words = (content: string): TextElement => ({ tag: 'div', text: plain(content) })

export const heading = (content: string): TextElement => ({ tag: 'div', text: { ...plain(content), text_size: 'heading' } })

export const smallPrint = (content: string): TextElement => ({
  tag: 'div',
  text: { ...plain(content), text_size: 'notation', text_color: 'grey' },
})

export const divider: Divider = { tag: 'hr' }

export const image = (imageKey: string, alt: string): Image => ({ tag: 'img', img_key: imageKey, alt: plain(alt) })

/** Words on grey ground. Markdown has code blocks, but whoever wrote three backticks would be out of one. */
export const panel = (content: string): ColumnSet => ({
  tag: 'column_set',
  flex_mode: 'none',
  background_style: 'grey',
  columns: [{ tag: 'column', width: 'weighted', weight: 1, padding: '8px', elements: [words(content)] }],
})

/** A label and its value beside each other, at 2 to 5 of the width. */
export const field = (label: string, value: string): ColumnSet => ({
  tag: 'column_set',
  flex_mode: 'none',
  horizontal_spacing: 'medium',
  columns: [
    {
      tag: 'column',
      width: 'weighted',
      weight: 2,
      elements: [{ tag: 'div', text: { ...plain(label), text_color: 'grey' } }],
    },
    { tag: 'column', width: 'weighted', weight: 5, elements: [words(value)] },
  ],
})

export const pressButton = (label: string, type: ButtonType, value: ButtonValue): Button => ({
  tag: 'button',
  text: plain(label),
  type,
  behaviors: [{ type: 'callback', value }],
})

export const linkButton = (label: string, type: ButtonType, url: string): Button => ({
  tag: 'button',
  text: plain(label),
  type,
  behaviors: [{ type: 'open_url', default_url: url }],
})

/** Buttons beside each other, on as many lines as the screen needs. */
export function buttonRow(buttons: readonly Button[]): Element[] {
  const [only] = buttons
  if (buttons.length <= 1) return only ? [only] : []
  return [
    {
      tag: 'column_set',
      flex_mode: 'flow',
      horizontal_spacing: 'small',
      columns: buttons.map((button): Column => ({ tag: 'column', width: 'auto', elements: [button] })),
    },
  ]
}

export function select(options: {
  readonly name: string
  readonly label: string
  readonly options: readonly { readonly label: string; readonly token: string; readonly selected: boolean }[]
  readonly value: ButtonValue
}): Select {
  const chosen = options.options.findIndex(({ selected }) => selected)
  return {
    tag: 'select_static',
    name: options.name,
    placeholder: plain(options.label),
    width: 'fill',
    options: options.options.map(({ label, token }) => ({ text: plain(label), value: token })),
    ...(chosen >= 0 && { initial_index: chosen + 1 }),
    behaviors: [{ type: 'callback', value: options.value }],
  }
}

/** Fields with their one button. Names are told apart in the whole card, so the button's is made of its token. */
export function form(options: {
  readonly name: string
  readonly fields: readonly {
    readonly name: string
    readonly label: string
    readonly hint?: string | undefined
    readonly maxLength: number
    readonly secret: boolean
  }[]
  readonly submitLabel: string
  readonly danger?: boolean | undefined
  readonly value: ButtonValue
}): Form {
  return {
    tag: 'form',
    name: `form_${options.name}`,
    elements: [
      ...options.fields.map(
        (field): Input => ({
          tag: 'input',
          name: field.name,
          label: plain(field.label),
          label_position: 'top',
          width: 'fill',
          required: true,
          max_length: Math.min(Math.max(1, field.maxLength), INPUT_MAX),
          ...(field.secret && { input_type: 'password' }),
          ...(field.hint !== undefined && { placeholder: plain(field.hint) }),
        }),
      ),
      {
        ...pressButton(options.submitLabel, options.danger ? 'danger' : 'primary_filled', options.value),
        name: `submit_${options.value.token}`,
        form_action_type: 'submit',
      },
    ],
  }
}

export const card = (options: {
  readonly title: string | null
  readonly template: Template
  readonly summary: string
  readonly elements: readonly Element[]
}): Card => ({
  schema: '2.0',
  config: { update_multi: true, summary: { content: options.summary } },
  ...(options.title !== null && { header: { title: plain(options.title), template: options.template } }),
  body: { elements: options.elements },
})

/** A request with a card may have 30 KB, whichever kilobyte Feishu means. */
const REQUEST_MAX_BYTES = 30_000
/** What stands around the card in it: receiver, type, uuid. */
const ENVELOPE_BYTES = 300
/** Elements with a tag, texts counted too. */
const TAGS_MAX = 200

/** A card as it goes over the wire, or why it can't. */
export type Sealed =
  | { readonly ok: true; readonly card: Card; readonly content: string }
  | { readonly ok: false; readonly reason: string }

export function seal(made: Card): Sealed {
  const tags = countTags(made.body.elements)
  if (tags > TAGS_MAX) return { ok: false, reason: `a card of ${tags} elements; Feishu takes ${TAGS_MAX}` }
  const content = JSON.stringify(made)
  // The card travels as a string inside a JSON body: every quote and line end of it is escaped once more.
  const bytes = Buffer.byteLength(JSON.stringify(content)) + ENVELOPE_BYTES
  if (bytes > REQUEST_MAX_BYTES) return { ok: false, reason: `a card of ${bytes} bytes; Feishu takes ${REQUEST_MAX_BYTES}` }
  return { ok: true, card: made, content }
}

function countTags(node: unknown): number {
  if (Array.isArray(node)) return node.reduce<number>((sum, item) => sum + countTags(item), 0)
  if (typeof node !== 'object' || node === null) return 0
  return Object.values(node).reduce<number>((sum, item) => sum + countTags(item), 'tag' in node ? 1 : 0)
}
