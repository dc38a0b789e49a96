import type { Capabilities } from './capabilities.ts'
import { splitText } from './cut.ts'
import type { FittedBlock, FittedFile } from './fitted.ts'
import { blockSize, isVisible, measure, plainText, type TextUnit, TONE_ROOM } from './measure.ts'
import type { Chart } from './view.ts'

/** What a message's body is made of, in reading order. */
export type Item =
  | FittedBlock
  | { readonly kind: 'image'; readonly chart: Chart; readonly alt: string }
  | { readonly kind: 'file'; readonly file: FittedFile }

export type Body = {
  readonly blocks: FittedBlock[]
  image?: { readonly chart: Chart; readonly alt: string }
  file?: FittedFile
}

/** A block that must be divided begins on the present message if at least this share of one is left. */
const WORTHWHILE_SHARE = 1 / 3

/** Text that would need more messages than this becomes a file. */
const MOST_MESSAGES_OF_A_BLOCK = 3

/** What a message without picture or file can hold, in the platform's unit. */
export const textRoom = (capabilities: Capabilities): number => capabilities.text.max - TONE_ROOM

/** Puts items into as few messages as their order allows. Every message shows something; none is over the limit. */
export function pack(items: readonly Item[], capabilities: Capabilities): Body[] {
  const { unit, captionMax } = capabilities.text
  const room = textRoom(capabilities)
  const bodies: Body[] = []
  let body: Body = { blocks: [] }
  let used = 0

  function flush(): void {
    if (body.blocks.some((block) => isVisible(plainText(block))) || body.image || body.file) bodies.push(body)
    body = { blocks: [] }
    used = 0
  }

  const left = () => (body.image || body.file ? captionMax - TONE_ROOM : room) - used

  function put(block: FittedBlock): void {
    const size = blockSize(block, unit)
    if (size > left()) flush()
    body.blocks.push(block)
    used += size
  }

  function addBlock(block: FittedBlock): void {
    const whole = blockSize(block, unit) <= room
    if (!whole && left() < room * WORTHWHILE_SHARE) flush()
    for (const part of whole ? [block] : divide(block, room, left(), unit)) put(part)
  }

  /** One picture or file a message, with what was said before it as its caption if that fits. */
  function beginMedia(): void {
    if (body.image || body.file || used > captionMax - TONE_ROOM) flush()
  }

  for (const item of items) {
    if (item.kind === 'image') {
      beginMedia()
      body.image = { chart: item.chart, alt: item.alt }
    } else if (item.kind === 'file') {
      beginMedia()
      body.file = item.file
    } else if (item.kind === 'divider' || isVisible(plainText(item))) {
      addBlock(item)
    }
  }
  flush()
  return bodies
}

/** A block as several that fit in `room` each, the first in `firstRoom`. Lists are divided between their items. */
function divide(block: FittedBlock, room: number, firstRoom: number, unit: TextUnit): FittedBlock[] {
  const overhead = blockSize({ kind: 'text', text: '' }, unit)
  const pieces = (text: string, first: number) =>
    splitText(text, Math.max(1, room - overhead), unit, Math.max(1, first - overhead))

  switch (block.kind) {
    case 'title':
      return pieces(block.text, firstRoom).map((text, position) => ({ kind: position === 0 ? 'title' : 'text', text }))
    case 'text':
    case 'note':
    case 'code':
      return pieces(block.text, firstRoom).map((text) => ({ kind: block.kind, text }))
    case 'divider':
      return [block]
    case 'bar':
      return [{ ...block, caption: '' }, ...pieces(block.caption, room).map((text): FittedBlock => ({ kind: 'text', text }))]
    case 'fields':
      return divideList(block.items, (items) => ({ kind: 'fields', items }))
    case 'progress':
      return divideList(block.steps, (steps) => ({ kind: 'progress', steps }))
  }

  function divideList<T>(list: readonly T[], build: (part: readonly T[]) => FittedBlock): FittedBlock[] {
    const parts: FittedBlock[] = []
    let part: T[] = []
    let most = firstRoom
    const close = () => {
      if (part.length > 0) parts.push(build(part))
      part = []
      most = room
    }
    for (const item of list) {
      if (part.length > 0 && blockSize(build([...part, item]), unit) > most) close()
      if (blockSize(build([item]), unit) > room) {
        close()
        parts.push(...pieces(plainText(build([item])), room).map((text): FittedBlock => ({ kind: 'text', text })))
      } else {
        part.push(item)
      }
    }
    close()
    return parts
  }
}

/** True if a text belongs in a file rather than in a row of messages. */
export function belongsInFile(text: string, capabilities: Capabilities): boolean {
  if (!capabilities.file) return false
  const { unit } = capabilities.text
  const room = textRoom(capabilities) - blockSize({ kind: 'text', text: '' }, unit)
  const length = measure(text, unit)
  if (length <= room) return false
  return length > MOST_MESSAGES_OF_A_BLOCK * room || splitText(text, room, unit).length > MOST_MESSAGES_OF_A_BLOCK
}
