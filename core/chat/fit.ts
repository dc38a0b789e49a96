import type { Capabilities } from './capabilities.ts'
import { createControls } from './controls.ts'
import { cutText } from './cut.ts'
import type { FittedBlock, FittedMessage } from './fitted.ts'
import { BLOCK_SEPARATOR, measure, plainText } from './measure.ts'
import { type Body, belongsInFile, type Item, pack, textRoom } from './pack.ts'
import type { LocalView, Press } from './view.ts'
import type { FitWords } from './words.ts'

export type { FittedBlock, FittedButton, FittedForm, FittedMessage, FittedSelect } from './fitted.ts'

/** A file that has no way to be sent is shown as code if it is at most this share of a message. */
const INLINE_FILE_SHARE = 1 / 2

const TEXT_FILE = { mime: 'text/plain; charset=utf-8' }

/**
 * A view as the native messages that show it within the platform's limits. Nothing is dropped in silence: what can't be drawn
 * becomes words, what is too long becomes several messages or a file, and controls come last. Deterministic, and pure but for `tokens`.
 *
 * `chatKind` matters for secrets only: without a native form they are asked for in a private chat and nowhere else,
 * so whoever does not know where a message goes leaves it out.
 */
export function fit(
  view: LocalView,
  capabilities: Capabilities,
  tokens: (press: Press) => string,
  words: FitWords,
  chatKind: 'private' | 'group' = 'group',
): FittedMessage[] {
  const controls = createControls(capabilities, tokens, words, chatKind)
  const items: Item[] = []
  const say = (kind: 'text' | 'note', lines: readonly string[]) => {
    for (const text of lines) items.push({ kind, text })
  }

  for (const block of view.blocks) {
    switch (block.kind) {
      case 'text':
      case 'note':
      case 'code':
        if (belongsInFile(block.text, capabilities)) {
          const name = block.kind === 'code' ? 'output.txt' : 'message.txt'
          say('note', [words.asFile(name)])
          items.push({ kind: 'file', file: { name, ...TEXT_FILE, content: block.text } })
        } else {
          items.push(block)
        }
        break
      case 'image':
        if (capabilities.image) items.push(block)
        else say('note', [block.alt])
        break
      case 'file':
        if (block.caption !== undefined) say('text', [block.caption])
        if (capabilities.file) {
          items.push({ kind: 'file', file: { name: block.name, mime: block.mime, content: block.content } })
        } else if (measure(block.content, capabilities.text.unit) <= textRoom(capabilities) * INLINE_FILE_SHARE) {
          say('text', [block.name])
          items.push({ kind: 'code', text: block.content })
        } else {
          say('note', [words.noFile(block.name)])
        }
        break
      case 'link':
        say('text', controls.link(block))
        break
      case 'buttons':
        say('text', controls.buttons(block))
        break
      case 'choice':
        say('text', controls.choice(block))
        break
      case 'form':
        say('note', controls.form(block))
        break
      default:
        items.push(block)
    }
  }

  const typed = controls.typed()
  const answers = {
    ...(Object.keys(controls.numbered).length > 0 && { numbered: controls.numbered }),
    ...(typed && { typed }),
  }
  return withControls(pack(items, capabilities), controls.laidOut, capabilities, words, answers)
}

type Draft = { -readonly [Key in keyof FittedMessage]: FittedMessage[Key] } & {
  rows: FittedMessage['rows'][number][]
  selects: FittedMessage['selects'][number][]
}

/** Controls go on the last message, and on further ones when it has no row left. */
function withControls(
  bodies: readonly Body[],
  controls: ReturnType<typeof createControls>['laidOut'],
  capabilities: Capabilities,
  words: FitWords,
  answers: Pick<FittedMessage, 'numbered' | 'typed'>,
): FittedMessage[] {
  const messages: Draft[] = bodies.map((body) => ({ ...body, rows: [], selects: [] }))
  // Where there are forms or lists but no buttons, one of them still has room.
  const mostRows = Math.max(1, capabilities.buttons.rows)
  let usedRows = 0

  // No platform takes a message of controls alone.
  const begin = (text: string): Draft => {
    const message: Draft = { blocks: [{ kind: 'text', text }], rows: [], selects: [] }
    messages.push(message)
    usedRows = 0
    return message
  }

  for (const control of controls) {
    let message = messages.at(-1) ?? begin(words.choose())
    if (usedRows >= mostRows || (control.kind === 'form' && message.form)) message = begin(words.more())
    if (control.kind === 'row') message.rows.push(control.buttons)
    else if (control.kind === 'select') message.selects.push(control.select)
    else message.form = control.form
    usedRows += 1
  }
  const last = messages.at(-1)
  if (last) Object.assign(last, answers)
  return messages
}

/** How much of a refused file is shown in its place: it must fit any platform's message, with the rest of the text. */
const FALLBACK_FILE_MAX = 1000

// Control characters but for line ends and tabs, and halves of surrogate pairs: what platforms refuse a text for.
const REFUSABLE = /[\p{Cs}\ufffe\uffff]|(?![\n\t])\p{Cc}/gu

/**
 * What is left when a platform refuses a message for a reason we don't know: its visible text without any formatting, links
 * written out, options as numbers. Secret fields are not asked for this way.
 */
export function plainFallback(message: FittedMessage): FittedMessage {
  const paragraphs = message.blocks.map(plainText)
  if (message.image) paragraphs.push(message.image.alt)
  if (message.file) paragraphs.push(`${message.file.name}\n${cutText(message.file.content, FALLBACK_FILE_MAX, 'utf16')}`)

  const numbered: Record<string, string> = { ...message.numbered }
  let numbers = Object.keys(numbered).length
  const option = (label: string, token: string) => {
    numbers += 1
    numbered[String(numbers)] = token
    return `${numbers}. ${label}`
  }
  for (const select of message.selects) {
    const lines = select.options.map(({ label, note, token }) => option(note === undefined ? label : `${label} — ${note}`, token))
    paragraphs.push([select.label, ...lines].join('\n'))
  }
  const buttons = message.rows.flat()
  if (buttons.length > 0) {
    paragraphs.push(
      buttons
        .map((button) => ('url' in button ? `${button.label}: ${button.url}` : option(button.label, button.token)))
        .join('\n'),
    )
  }
  const askable = message.form?.fields.filter((field) => !field.secret) ?? []
  if (askable.length > 0) paragraphs.push(askable.map((field) => `${field.label}:`).join('\n'))
  const typed = message.typed ?? (message.form && askable.length > 0 ? { ...message.form, fields: askable } : undefined)

  const text = paragraphs.join(BLOCK_SEPARATOR).replace(REFUSABLE, '').trim()
  const blocks: FittedBlock[] = [{ kind: 'text', text: text === '' ? '…' : text }]
  return { blocks, rows: [], selects: [], ...(numbers > 0 && { numbered }), ...(typed && { typed }) }
}
