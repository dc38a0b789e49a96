import { type Card, flatten } from './card.ts'
import type { ElementOf, Node } from './card-schema.ts'
import { inlineLooks, type NameOf } from './inline.ts'
import { markdownLooks } from './markdown.ts'
import type { MessageRecord, World } from './world.ts'

/** A message as a person sees it now, after all edits. */
export type SeenMessage = {
  readonly id: string
  /** All words as they look: a card's header, texts, fields and notes, without markup. Not the labels of what can be pressed or filled in. */
  readonly text: string
  /** The title in the card's header. */
  readonly title: string | null
  /** The colour of the card's header. */
  readonly template: string | null
  readonly buttons: readonly {
    readonly label: string
    readonly type: string
    readonly url: string | null
    readonly confirm: boolean
  }[]
  readonly selects: readonly {
    readonly name: string
    readonly placeholder: string
    readonly options: readonly { readonly label: string; readonly value: string; readonly selected: boolean }[]
  }[]
  readonly inputs: readonly { readonly name: string; readonly label: string; readonly masked: boolean }[]
  readonly picture: Buffer | null
  readonly file: { readonly name: string; readonly content: string } | null
  /** Marked "only visible to you". */
  readonly ephemeral: boolean
  readonly fromBot: boolean
  readonly edited: boolean
}

export function look(message: MessageRecord, world: World): SeenMessage {
  const { card } = message
  const nodes = card ? flatten(card.nodes) : []
  const pictures = [message.imageKey, ...nodes.map(({ element }) => (element.tag === 'img' ? element.img_key : null))]
  const key = pictures.find((one) => one !== null)
  const file = message.file && world.files.get(message.file.key)
  return {
    id: message.id,
    text: card ? cardWords(card, (id) => world.name(id)) : (message.words ?? ''),
    title: card?.root.header ? card.root.header.title.content : null,
    template: card?.root.header ? (card.root.header.template ?? 'default') : null,
    buttons: nodes.flatMap(({ element }) => (element.tag === 'button' ? [seenButton(element)] : [])),
    selects: nodes.flatMap(({ element }) => (element.tag === 'select_static' ? [seenSelect(element)] : [])),
    inputs: nodes.flatMap(({ element }) => (element.tag === 'input' ? [seenInput(element)] : [])),
    picture: (key && world.images.get(key)) || null,
    file: message.file && { name: message.file.name, content: file?.bytes.toString('utf8') ?? '' },
    ephemeral: message.onlyFor !== null,
    fromBot: message.senderId === null,
    edited: message.edited,
  }
}

const seenButton = (button: ElementOf<'button'>) => {
  const link = button.behaviors?.find((behavior) => behavior.type === 'open_url')
  return {
    label: button.text.content,
    type: button.type ?? 'default',
    url: link?.default_url ?? null,
    confirm: button.confirm !== undefined,
  }
}

const seenSelect = (select: ElementOf<'select_static'>) => ({
  name: select.name ?? '',
  placeholder: select.placeholder?.content ?? '',
  options: select.options.map(({ text, value }, at) => ({
    label: text.content,
    value,
    selected: isInitial(select, text.content, value, at),
  })),
})

/** `initial_option` comes before `initial_index`, which counts from 1. */
export function isInitial(select: ElementOf<'select_static'>, label: string, value: string, at: number): boolean {
  if (select.initial_option) return select.initial_option === label || select.initial_option === value
  return select.initial_index === at + 1
}

const seenInput = (input: ElementOf<'input'>) => ({
  name: input.name ?? '',
  label: input.label?.content ?? input.placeholder?.content ?? '',
  masked: input.input_type === 'password',
})

function cardWords(card: Card, nameOf: NameOf): string {
  const { header } = card.root
  const heading = header
    ? [header.title, header.subtitle, ...(header.text_tag_list ?? []).map(({ text }) => text)].map((text) =>
        text ? words(text, nameOf) : '',
      )
    : []
  return [...heading, ...card.nodes.map((node) => nodeWords(node, nameOf))].filter((line) => line !== '').join('\n')
}

const words = ({ tag, content }: { readonly tag: string; readonly content: string }, nameOf: NameOf): string =>
  tag === 'plain_text' ? content : tag === 'lark_md' ? inlineLooks(content, nameOf) : markdownLooks(content, nameOf)

function nodeWords({ element, children }: Node, nameOf: NameOf): string {
  const inner = () => children.map((child) => nodeWords(child, nameOf)).filter((line) => line !== '')
  switch (element.tag) {
    case 'markdown':
      return markdownLooks(element.content, nameOf)
    case 'div':
      return [element.text, ...(element.fields ?? []).map(({ text }) => text)]
        .flatMap((text) => (text ? [words(text, nameOf)] : []))
        .join('\n')
    case 'img':
      return element.title?.content ?? ''
    case 'collapsible_panel':
      return [words(element.header.title, nameOf), ...inner()].join('\n')
    case 'column_set': {
      // Side by side as long as each is one line.
      const columns = inner()
      return columns.join(columns.some((column) => column.includes('\n')) ? '\n' : ' ')
    }
    default:
      return inner().join('\n')
  }
}
