import { type Html, markup } from '../../../bots/web/markup.ts'

/** What may stand before a piece of a line, longest first, and what it makes of it. */
const PAIRS: readonly { readonly mark: string; readonly wrap: (inner: readonly Html[]) => Html }[] = [
  { mark: '**', wrap: (inner) => markup`<b>${inner}</b>` },
  { mark: '__', wrap: (inner) => markup`<u>${inner}</u>` },
  { mark: '~~', wrap: (inner) => markup`<s>${inner}</s>` },
  { mark: '*', wrap: (inner) => markup`<em>${inner}</em>` },
  { mark: '_', wrap: (inner) => markup`<em>${inner}</em>` },
]

const FENCE = /```(?:[\w-]*\n)?([\s\S]*?)\n?```/g

/**
 * Text as Discord's clients read it: its markdown is formatting, an escaped character is itself. What pings, hides or counts time
 * (mentions, spoilers, time stamps) is not drawn but an error: nothing of ours uses it, so it came in with somebody's name.
 */
export function discordText(text: string): readonly Html[] {
  const pieces: Html[] = []
  let from = 0
  for (const match of text.matchAll(FENCE)) {
    pieces.push(...lines(text.slice(from, match.index).replace(/\n$/, '')), markup`<pre>${match[1] ?? ''}</pre>`)
    from = match.index + match[0].length
  }
  return [...pieces, ...lines(text.slice(from).replace(from > 0 ? /^\n/ : /^$/, ''))]
}

const LINE_STARTS: readonly { readonly start: RegExp; readonly draw: (inner: readonly Html[]) => Html }[] = [
  { start: /^-# +/, draw: (inner) => markup`<div class="small">${inner}</div>` },
  { start: /^# +/, draw: (inner) => markup`<h4 class="first">${inner}</h4>` },
  { start: /^## +/, draw: (inner) => markup`<h4 class="second">${inner}</h4>` },
  { start: /^### +/, draw: (inner) => markup`<h4 class="third">${inner}</h4>` },
  { start: /^> /, draw: (inner) => markup`<blockquote>${inner}</blockquote>` },
  { start: /^ ?[-*] +/, draw: (inner) => markup`<div class="item">${inner}</div>` },
]

function lines(text: string): readonly Html[] {
  if (text === '') return []
  return text.split('\n').map((line) => {
    const found = LINE_STARTS.find(({ start }) => start.test(line))
    if (found) return found.draw(inline(line.replace(found.start, '')))
    if (line.startsWith('>>>')) throw new Error(`Discord would draw this as one long quotation: ${line}`)
    return markup`<div dir="auto">${line === '' ? markup`<br>` : inline(line)}</div>`
  })
}

function inline(text: string): readonly Html[] {
  const pieces: Html[] = []
  let plain = ''
  const add = (piece: Html) => {
    if (plain !== '') pieces.push(markup`${plain}`)
    plain = ''
    pieces.push(piece)
  }
  for (let at = 0; at < text.length; ) {
    const taken = special(text, at)
    if (taken === null) {
      plain += text[at]
      at += 1
    } else {
      if (typeof taken.piece === 'string') plain += taken.piece
      else add(taken.piece)
      at += taken.length
    }
  }
  if (plain !== '') pieces.push(markup`${plain}`)
  return pieces
}

const PINGS = /^(?:@everyone|@here|<(?:@[!&]?|#|a?:\w+:|\/[\w ]+:|t:-?)\w[^>]*>|\|\|.+\|\|)/

/** What begins at this place of a line and is more than its first character; null for an ordinary one. */
function special(text: string, at: number): { readonly piece: Html | string; readonly length: number } | null {
  const rest = text.slice(at)
  const escaped = /^\\([\p{P}\p{S}])/u.exec(rest)
  if (escaped) return { piece: escaped[1] ?? '', length: escaped[0].length }
  const ping = PINGS.exec(rest)
  if (ping) throw new Error(`Discord would ping or hide something here: ${ping[0]} in ${text}`)
  const code = /^(`+)(?!`)([\s\S]+?)(?<!`)\1(?!`)/.exec(rest)
  if (code) return { piece: markup`<code>${(code[2] ?? '').trim()}</code>`, length: code[0].length }
  const named = /^\[((?:\\.|[^\]\\])+)\]\(<?(https?:\/\/[^)>\s]+)>?\)/.exec(rest)
  if (named) return { piece: markup`<a>${inline(named[1] ?? '')}</a>`, length: named[0].length }
  const address = /^<?(https?:\/\/[^\s<>]+[^\s<>.,;:!?)])>?/.exec(rest)
  if (address) return { piece: markup`<a>${address[1] ?? ''}</a>`, length: address[0].length }
  for (const { mark, wrap } of PAIRS) {
    const end = rest.startsWith(mark) ? closing(rest, mark) : -1
    if (end > 0) return { piece: wrap(inline(rest.slice(mark.length, end))), length: end + mark.length }
  }
  return null
}

/** Where a pair ends, escaped characters left aside; -1 if it does not, or has nothing in it. */
function closing(text: string, mark: string): number {
  if (/^\s/.test(text.slice(mark.length)) || text.startsWith(mark[0] ?? '', mark.length)) return -1
  for (let at = mark.length; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    // An underscore inside a word is one.
    else if (text.startsWith(mark, at) && !(mark === '_' && /^\w/.test(text.slice(at + 1)))) return at > mark.length ? at : -1
  }
  return -1
}
