/** What a name in `<at>` looks like; undefined for nobody we know. */
export type NameOf = (id: string) => string | undefined

/** Named characters people escape with; Feishu takes every HTML entity, by name or number. */
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  ensp: '\u2002',
  emsp: '\u2003',
  sim: '∼',
  ast: '*',
  lowbar: '_',
  grave: '`',
  lsqb: '[',
  rsqb: ']',
  lpar: '(',
  rpar: ')',
  num: '#',
  sol: '/',
  bsol: '\\',
  vert: '|',
  dollar: '$',
  colon: ':',
  excl: '!',
  plus: '+',
}
/** `:OK:` becomes a picture; a few of the many, so that a name with one in it shows whether it was escaped. */
const EMOJI = new Set([
  'OK',
  'DONE',
  'THUMBSUP',
  'SMILE',
  'HEART',
  'FIRE',
  'JIAYI',
  'LAUGH',
  'THANKS',
  'Partying',
  'YouAreTheBest',
])
/** Tags of a card's markdown that only dress what they enclose. */
const DRESS = /^<\/?(?:a|link|font|text_tag|number_tag|person|local_datetime|u|b|i|s)(?:\s[^>]*)?\/?>/i

/**
 * Words of one paragraph as they look: emphasis, links, tags and escapes resolved. Tags Feishu does not know vanish,
 * as inline HTML does, so that a name that was not escaped is seen to be damaged.
 */
export function inlineLooks(text: string, nameOf: NameOf): string {
  let looks = ''
  for (let index = 0; index < text.length; ) {
    const found = piece(text, index, nameOf)
    looks += found.looks
    index += found.length
  }
  return looks
}

type Piece = { readonly looks: string; readonly length: number }

function piece(text: string, index: number, nameOf: NameOf): Piece {
  const rest = text.slice(index)
  const literal: Piece = { looks: rest[0] ?? '', length: 1 }
  switch (rest[0]) {
    case '\\': {
      const escaped = /^\\([!-/:-@[-`{-~])/.exec(rest)?.[1]
      if (escaped !== undefined) return { looks: escaped, length: 2 }
      return rest.startsWith('\\\n') ? { looks: '\n', length: 2 } : literal
    }
    case '`': {
      const fence = /^`+/.exec(rest)?.[0] ?? '`'
      const close = new RegExp(`(?<!\`)${fence}(?!\`)`).exec(rest.slice(fence.length))
      if (!close) return { looks: fence, length: fence.length }
      const code = rest.slice(fence.length, fence.length + close.index)
      return { looks: /^ .*\S.* $/.test(code) ? code.slice(1, -1) : code, length: 2 * fence.length + close.index }
    }
    case '&':
      return entity(rest) ?? literal
    case '!': {
      const picture = /^!\[[^\]]*\]\([^)]*\)/.exec(rest)?.[0]
      return picture ? { looks: '', length: picture.length } : literal
    }
    case '[': {
      const link = /^\[((?:\\.|[^[\]\\])*)\]\((?:[^()\s]|\([^()]*\))*\)/.exec(rest)
      return link ? { looks: inlineLooks(link[1] ?? '', nameOf), length: link[0].length } : literal
    }
    case '<':
      return tag(rest, nameOf) ?? literal
    case ':': {
      const key = /^:([A-Za-z][A-Za-z0-9_]*):/.exec(rest)?.[1]
      return key !== undefined && EMOJI.has(key) ? { looks: `[${key}]`, length: key.length + 2 } : literal
    }
    case '*':
    case '_':
    case '~':
      return emphasis(rest, text[index - 1] ?? ' ', nameOf)
    default:
      return literal
  }
}

function entity(rest: string): Piece | null {
  const found = /^&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(\w+));/.exec(rest)
  if (!found) return null
  const [all, decimal, hexadecimal, name] = found
  const code = decimal !== undefined ? Number(decimal) : hexadecimal !== undefined ? Number.parseInt(hexadecimal, 16) : null
  const looks = code !== null ? String.fromCodePoint(code) : ENTITIES[name ?? '']
  return looks === undefined ? null : { looks, length: all.length }
}

function tag(rest: string, nameOf: NameOf): Piece | null {
  const at = /^<at\s+(?:id|ids|user_id|email)\s*=\s*["']?([^"'>\s]*)["']?\s*>[^<]*<\/at>/i.exec(rest)
  if (at) return { looks: `@${at[1] === 'all' ? '所有人' : (nameOf(at[1] ?? '') ?? at[1])}`, length: at[0].length }
  const raw = /^<raw>([\s\S]*?)<\/raw>/i.exec(rest)
  if (raw) return { looks: raw[1] ?? '', length: raw[0].length }
  const line = /^<(?:br|hr)\s*\/?>/i.exec(rest)
  if (line) return { looks: '\n', length: line[0].length }
  const address = /^<(https?:\/\/[^\s>]+)>/.exec(rest)
  if (address) return { looks: address[1] ?? '', length: address[0].length }
  const other = DRESS.exec(rest) ?? /^<\/?[a-zA-Z][^<>]*>|^<!--[\s\S]*?-->/.exec(rest)
  return other && { looks: '', length: other[0].length }
}

/** `*`, `_` and `~` in ones to threes around words that touch them; `_` not inside a word. */
function emphasis(rest: string, before: string, nameOf: NameOf): Piece {
  const run = /^(\*{1,3}|_{1,3}|~{1,2})/.exec(rest)?.[0] ?? ''
  const literal = { looks: run, length: run.length }
  const inWord = (character: string) => run[0] === '_' && /[\p{L}\p{N}]/u.test(character)
  if (!/^\S/.test(rest.slice(run.length)) || inWord(before)) return literal
  for (let at = rest.indexOf(run, run.length + 1); at >= 0; at = rest.indexOf(run, at + 1)) {
    const escaped = /\\$/.test(rest.slice(0, at).replaceAll('\\\\', ''))
    if (escaped || /\s/.test(rest[at - 1] ?? '') || inWord(rest[at + run.length] ?? ' ')) continue
    if (rest.slice(0, at).includes('\n\n')) break
    return { looks: inlineLooks(rest.slice(run.length, at), nameOf), length: at + run.length }
  }
  return literal
}
