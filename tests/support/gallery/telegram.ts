import { z } from 'zod'
import { telegramCapabilities } from '../../../bots/telegram/capabilities.ts'
import { render } from '../../../bots/telegram/render.ts'
import { type Html, markup } from '../../../bots/web/markup.ts'
import type { FittedMessage } from '../../../core/chat/fit.ts'
import { chartAddress } from './chart.ts'
import { CLOCK, type Painter, styleSheet } from './painter.ts'

/** What of a Bot API message we can draw. Strict: another entity or another kind of button is an error, not a gap. */
const Native = z.strictObject({
  text: z.string(),
  entities: z.array(
    z.strictObject({
      type: z.enum(['bold', 'italic', 'code', 'pre']),
      offset: z.number(),
      length: z.number(),
    }),
  ),
  keyboard: z.array(
    z.array(
      z.strictObject({
        text: z.string(),
        callback_data: z.string().optional(),
        url: z.string().optional(),
        style: z.enum(['primary', 'danger', 'success']).optional(),
      }),
    ),
  ),
})
type Native = z.infer<typeof Native>
type Entity = Native['entities'][number]

export const telegram: Painter = {
  id: 'telegram',
  name: { en: 'Telegram', zh: 'Telegram' },
  capabilities: telegramCapabilities,
  style: styleSheet('telegram'),

  paint: (letter) => drawTelegram(render(letter), letter.message),
}

/** A message's text and keyboard, and what `deliver` attaches to it. */
export function drawTelegram(native: unknown, { image, file }: Pick<FittedMessage, 'image' | 'file'>): Html {
  const { text, entities, keyboard } = Native.parse(native)
  return markup`<div class="letter">
<div class="bubble${image && ' with-photo'}">${image && photo(image)}${file && document(file)}<div class="words" dir="auto">${words(text, entities)}</div><span class="clock">${CLOCK}</span></div>
${keyboard.length > 0 && markup`<div class="keyboard">${keyboard.map((row) => markup`<div class="row">${row.map(button)}</div>`)}</div>`}</div>`
}

const photo = ({ chart, alt }: NonNullable<FittedMessage['image']>): Html =>
  markup`<img src="${chartAddress(chart)}" alt="${alt}">`

const document = ({ name, content }: NonNullable<FittedMessage['file']>): Html =>
  markup`<div class="document"><i></i><div><b>${name}</b><span>${Buffer.byteLength(content)} B</span></div></div>`

const button = ({ text, url, style }: Native['keyboard'][number][number]): Html =>
  markup`<span class="key${style !== undefined && ` ${style}`}" dir="auto">${text}${url !== undefined && markup`<i title="${url}">↗</i>`}</span>`

/** The text in pieces between the edges of its entities, each in what covers it. */
function words(text: string, entities: readonly Entity[]): readonly Html[] {
  const edges = [0, text.length, ...entities.flatMap(({ offset, length }) => [offset, offset + length])]
  const cuts = [...new Set(edges)].sort((one, other) => one - other)
  const isBlockAt = (place: number) =>
    entities.some(({ type, offset, length }) => type === 'pre' && place >= offset && place < offset + length)
  return cuts.slice(1).map((end, index) => {
    const start = cuts[index] ?? 0
    const types = entities.filter(({ offset, length }) => offset <= start && offset + length >= end).map(({ type }) => type)
    // A block begins and ends a line of its own.
    const before = start > 0 && isBlockAt(start - 1) ? /^\n/ : /^(?!)/
    const after = isBlockAt(end) ? /\n$/ : /(?!)$/
    return piece(text.slice(start, end).replace(before, '').replace(after, ''), types)
  })
}

function piece(words: string, types: readonly Entity['type'][]): Html {
  if (types.includes('pre')) return markup`<pre>${words}</pre>`
  if (types.includes('code')) return markup`<code>${words}</code>`
  const linked = withLinks(words)
  if (types.includes('bold')) return markup`<b>${linked}</b>`
  return types.includes('italic') ? markup`<em>${linked}</em>` : markup`${linked}`
}

/** Telegram finds addresses and commands in a text by itself. */
const LIVELY = /(?<![\w/<>])(?:https?:\/\/[^\s]+|\/[a-z]\w*|[\w.]+@[\w.]+\w)/gi

function withLinks(text: string): readonly Html[] {
  const pieces: Html[] = []
  let from = 0
  for (const match of text.matchAll(LIVELY)) {
    pieces.push(markup`${text.slice(from, match.index)}<u>${match[0]}</u>`)
    from = match.index + match[0].length
  }
  return [...pieces, markup`${text.slice(from)}`]
}
