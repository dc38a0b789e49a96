import { badRequest } from './fault.ts'

export type Entity = {
  readonly type: string
  readonly offset: number
  readonly length: number
  readonly url?: string | undefined
}
export type Formatted = { readonly text: string; readonly entities: readonly Entity[] }

/** HTML tag → entity type, as documented under "HTML style". */
const TAGS: Readonly<Record<string, string>> = {
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  u: 'underline',
  ins: 'underline',
  s: 'strikethrough',
  strike: 'strikethrough',
  del: 'strikethrough',
  'tg-spoiler': 'spoiler',
  span: 'spoiler',
  a: 'text_link',
  code: 'code',
  pre: 'pre',
  blockquote: 'blockquote',
}
const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' }

/** Text and formatting as Telegram keeps them. Throws its words where it refuses. */
export function format(text: string, parseMode: string | undefined, entities: readonly Entity[] | undefined): Formatted {
  if (parseMode !== undefined && parseMode.toLowerCase() !== 'html') throw badRequest('unsupported parse_mode')
  return trim(parseMode === undefined ? withEntities(text, entities ?? []) : parseHtml(text))
}

/** Real Telegram quietly drops wrong entities; here they are refused, so that a test sees the mistake. */
function withEntities(text: string, entities: readonly Entity[]): Formatted {
  if (entities.length > 100) throw badRequest('more than 100 entities')
  for (const { offset, length, type } of entities) {
    const splits = (at: number) => /[\uD800-\uDBFF]/.test(text[at - 1] ?? '') && /[\uDC00-\uDFFF]/.test(text[at] ?? '')
    if (offset < 0 || length < 1 || offset + length > text.length || splits(offset) || splits(offset + length)) {
      throw badRequest(`can't parse entities: ${type} at ${offset} with length ${length} is out of bounds or splits a character`)
    }
  }
  return { text, entities }
}

function trim({ text, entities }: Formatted): Formatted {
  const visible = text.trimEnd()
  const start = visible.length - visible.trimStart().length
  const moved = entities.map((entity) => {
    const from = Math.max(entity.offset - start, 0)
    return { ...entity, offset: from, length: Math.min(entity.offset + entity.length, visible.length) - start - from }
  })
  return { text: visible.slice(start), entities: moved.filter((entity) => entity.length > 0) }
}

export function parseHtml(html: string): Formatted {
  const entities: Entity[] = []
  const open: { readonly tag: string; readonly offset: number; readonly url: string | undefined }[] = []
  let text = ''
  const bytesBefore = (index: number) => Buffer.byteLength(html.slice(0, index))
  const cannot = (what: string) => badRequest(`can't parse entities: ${what}`)

  for (let index = 0; index < html.length; ) {
    const rest = html.slice(index)
    const character = /^&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/i.exec(rest)
    if (character) {
      const code = character[1] ? Number(character[1]) : character[2] ? Number.parseInt(character[2], 16) : null
      text += code === null ? (NAMED[character[3] ?? ''] ?? character[0]) : String.fromCodePoint(code)
      index += character[0].length
      continue
    }
    if (!rest.startsWith('<')) {
      text += rest[0]
      index += 1
      continue
    }
    const close = /^<\/([^>]*)>/.exec(rest)
    if (close) {
      const last = open.pop()
      const found = (close[1] ?? '').trim().toLowerCase()
      if (!last) throw cannot(`Unexpected end tag at byte offset ${bytesBefore(index)}`)
      if (found !== '' && found !== last.tag) {
        throw cannot(`Unmatched end tag at byte offset ${bytesBefore(index)}, expected "</${last.tag}>", found "</${found}>"`)
      }
      const length = text.length - last.offset
      if (length > 0) entities.push({ type: TAGS[last.tag] ?? last.tag, offset: last.offset, length, url: last.url })
      index += close[0].length
      continue
    }
    const start = /^<([^\s>]*)([^>]*)>/.exec(rest)
    if (!start) throw cannot(`Unclosed start tag at byte offset ${bytesBefore(index)}`)
    const tag = (start[1] ?? '').toLowerCase()
    if (!(tag in TAGS)) throw cannot(`Unsupported start tag "${tag}" at byte offset ${bytesBefore(index)}`)
    open.push({ tag, offset: text.length, url: /href="([^"]*)"/.exec(start[2] ?? '')?.[1] })
    index += start[0].length
  }
  const unclosed = open.at(-1)
  if (unclosed) throw cannot(`Can't find end tag corresponding to start tag "${unclosed.tag}"`)
  return { text, entities: entities.sort((a, b) => a.offset - b.offset || b.length - a.length) }
}
