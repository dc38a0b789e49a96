import type { FittedMessage } from '../../core/chat/fit.ts'
import { plainText } from '../../core/chat/measure.ts'
import type { Content } from './api.ts'

/** A post may have 30 KB like a card; this leaves room for what stands around it. */
const POST_MAX_BYTES = 29_000

/** True for a message that is nothing but words: what is left of one that was refused as a card. */
export const isWordsAlone = (message: FittedMessage): boolean =>
  message.rows.length === 0 && message.selects.length === 0 && !message.form && !message.image && !message.file

/**
 * Words as a message of their own kind, for when even a card of plain text is refused or too large. In a post, text is text; in a text
 * message, which may be five times as long, `<` begins mentions and formatting, so another sign that looks like it takes its place.
 */
export function wordsContent({ blocks }: FittedMessage): Content {
  const text = blocks.map(plainText).join('\n\n')
  const paragraphs = text.split('\n').map((line) => [{ tag: 'text', text: line }])
  const post = JSON.stringify({ zh_cn: { content: paragraphs } })
  if (Buffer.byteLength(JSON.stringify(post)) <= POST_MAX_BYTES) return { type: 'post', json: post }
  return {
    type: 'text',
    json: JSON.stringify({ text: text.replaceAll('<', '‹').replaceAll('**', '*\u200b*').replaceAll('](', '] (') }),
  }
}
