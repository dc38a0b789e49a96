import type { InlineKeyboardButton, MessageEntity } from 'grammy/types'
import type { FittedBlock, FittedButton, FittedMessage } from '../../core/chat/fit.ts'
import { BLOCK_SEPARATOR, barCells, DIVIDER_LINE, STEP_MARKS, stepTime, withColon } from '../../core/chat/measure.ts'
import type { Outgoing } from '../../core/chat/platform.ts'
import type { Tone } from '../../core/chat/view.ts'

/** A message in Telegram's own terms: the parameters every sending and editing method shares. */
export type Rendered = { readonly text: string; readonly entities: MessageEntity[]; readonly keyboard: InlineKeyboardButton[][] }

/** Telegram ignores formatting beyond this many entities of a message. */
const ENTITIES_MAX = 100

/** The usual tone has no mark: a mark on every message marks nothing. */
const TONE_MARK: Record<Tone, string> = { info: '', success: '✅ ', warning: '⚠️ ', danger: '⛔ ' }

/**
 * Draws a message. Formatting is given as entities (offset and length beside plain text) and never as markup inside the
 * text: so nothing a person or a model wrote can become formatting or break the message, without any escaping.
 */
export function render({ tone, message }: Pick<Outgoing, 'tone' | 'message'>): Rendered {
  const paper = createPaper()
  for (const [index, block] of message.blocks.entries()) {
    if (index > 0) paper.write(message.blocks[index - 1]?.kind === 'title' ? '\n' : BLOCK_SEPARATOR)
    if (index === 0) paper.write(TONE_MARK[tone])
    draw(block, paper)
  }
  // Telegram pictures have no alternative text; a picture without words gets it as its caption.
  if (message.blocks.length === 0 && message.image) paper.write(message.image.alt)

  const keyboard = [...message.rows.map((row) => keyboardRow(row, paper.writeLink)), ...selectRows(message)]
  return { text: paper.text(), entities: paper.entities(), keyboard: keyboard.filter((row) => row.length > 0) }
}

type Format = 'bold' | 'italic' | 'pre' | 'code'

/** Text that grows, and the formatting of its parts. */
function createPaper() {
  let text = ''
  const entities: MessageEntity[] = []
  const write = (words: string, format?: Format) => {
    // Telegram refuses entities without anything to see in them.
    if (format && words.trim() && entities.length < ENTITIES_MAX) {
      entities.push({ type: format, offset: text.length, length: words.length })
    }
    text += words
  }
  return {
    write,
    writeLink: (label: string, url: string) => write(`${text ? BLOCK_SEPARATOR : ''}${label}: ${url}`),
    text: () => text,
    entities: () => entities,
  }
}
type Paper = ReturnType<typeof createPaper>

function draw(block: FittedBlock, paper: Paper): void {
  switch (block.kind) {
    case 'title':
      paper.write(block.text, 'bold')
      return
    case 'text':
      paper.write(block.text)
      return
    case 'note':
      paper.write(block.text, 'italic')
      return
    case 'code':
      paper.write(block.text, 'pre')
      return
    case 'divider':
      paper.write(DIVIDER_LINE)
      return
    case 'bar':
      paper.write(barCells(block.share), 'code')
      paper.write(block.caption === '' ? '' : ` ${block.caption}`)
      return
    case 'fields':
      for (const [index, { label, value }] of block.items.entries()) {
        if (index > 0) paper.write('\n')
        const start = withColon(label)
        paper.write(start.trimEnd(), 'bold')
        paper.write(start.endsWith(' ') ? ` ${value}` : value)
      }
      return
    case 'progress':
      for (const [index, { label, state, seconds }] of block.steps.entries()) {
        if (index > 0) paper.write('\n')
        paper.write(`${STEP_MARKS[state]} `)
        paper.write(label, state === 'running' ? 'bold' : undefined)
        if (seconds !== undefined) paper.write(` · ${stepTime(seconds)}`)
      }
      return
  }
}

function keyboardRow(row: readonly FittedButton[], writeLink: (label: string, url: string) => void): InlineKeyboardButton[] {
  return row.flatMap((button): InlineKeyboardButton[] => {
    const style = button.style === 'primary' || button.style === 'danger' ? { style: button.style } : {}
    if ('token' in button) return [{ text: button.label, callback_data: button.token, ...style }]
    if (isButtonAddress(button.url)) return [{ text: button.label, url: button.url, ...style }]
    writeLink(button.label, button.url)
    return []
  })
}

/** Telegram refuses a whole message for a button to a host without a dot, such as `localhost`: those links go into the text. */
function isButtonAddress(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname } = new URL(url)
  return protocol === 'tg:' || ((protocol === 'https:' || protocol === 'http:') && hostname.includes('.'))
}

/** `fit` makes no selects for us (capability `select: null`); should one come all the same, nothing of it is lost. */
function selectRows({ selects }: FittedMessage): InlineKeyboardButton[][] {
  return selects.flatMap(({ options }) =>
    options.map(({ label, token, selected }) => [{ text: selected ? `✓ ${label}` : label, callback_data: token }]),
  )
}
