/** What the mentions in a text look like. */
export type Names = {
  user(id: string): string | undefined
  role(id: string): string | undefined
  channel(id: string): string | undefined
}

type Rule = {
  readonly pattern: RegExp
  /** Only where a line begins. */
  readonly line?: boolean
  readonly look: (match: readonly string[], inner: (text: string, lineStart?: boolean) => string, names: Names) => string
}

const inside: Rule['look'] = ([, text = ''], inner) => inner(text)
const asIs: Rule['look'] = ([, text = '']) => text

/**
 * Discord's markdown as its app reads it, in the order it tries. What surprises: a backslash inside an address is a
 * part of the address, so escaping there shows; and `_` ends markup only where a word ends.
 */
const RULES: readonly Rule[] = [
  { pattern: /^>>> ([\s\S]*)/, line: true, look: ([, text = ''], inner) => inner(text, true) },
  { pattern: /^> ([^\n]*)/, line: true, look: ([, text = ''], inner) => inner(text, true) },
  { pattern: /^#{1,3} +([^\n]+)/, line: true, look: ([, text = ''], inner) => inner(text.trim()) },
  { pattern: /^-# +([^\n]+)/, line: true, look: ([, text = ''], inner) => inner(text.trim()) },
  { pattern: /^( *)[-*] +(?=[^\n])/, line: true, look: ([, indent = '']) => `${indent}• ` },
  { pattern: /^```(?:[\w+\-.#]+\n)?\n*([^\n][\s\S]*?)\n*```/, look: asIs },
  { pattern: /^\\([^0-9A-Za-z\s])/, look: asIs },
  { pattern: /^<@!?(\d+)>/, look: ([all = '', id = ''], _inner, names) => (names.user(id) ? `@${names.user(id)}` : all) },
  { pattern: /^<@&(\d+)>/, look: ([, id = ''], _inner, names) => `@${names.role(id) ?? 'deleted-role'}` },
  { pattern: /^<#(\d+)>/, look: ([, id = ''], _inner, names) => `#${names.channel(id) ?? 'unknown'}` },
  { pattern: /^<a?(:\w+:)\d+>/, look: asIs },
  { pattern: /^<t:(-?\d{1,17})(?::[tTdDfFsSR])?>/, look: ([, seconds]) => dateOf(Number(seconds)) },
  { pattern: /^<(\/[-_\p{L}\p{N} ]+):\d+>/u, look: asIs },
  { pattern: /^<([^: >\s]+:\/[^ >\s]+)>/, look: asIs },
  { pattern: /^(https?:\/\/[^\s<]+[^<.,:;"')\]\s])/, look: asIs },
  { pattern: /^\[((?:\\.|[^\]\\\n])+)\]\(<?(?:https?|discord):\/\/[^\s)>]+>?(?: +["'][^)]*["'])?\)/, look: inside },
  { pattern: /^(`+)([\s\S]*?[^`])\1(?!`)/, look: ([, , text = '']) => text.replace(/^ (?=`)|(?<=`) $/g, '') },
  { pattern: /^\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)/, look: inside },
  { pattern: /^__((?:\\[\s\S]|[^\\])+?)__(?!_)/, look: inside },
  { pattern: /^\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^*\s\\]|\*\*)|[^\s*\\])+?)\*(?!\*)/, look: inside },
  { pattern: /^_((?:__|\\[\s\S]|[^\\_])+?)_(?![0-9A-Za-z_])/, look: inside },
  { pattern: /^~~([\s\S]+?)~~(?!_)/, look: inside },
  { pattern: /^\|\|([\s\S]+?)\|\|/, look: inside },
]

/** All words of a text as they look in the app: markup gone, escapes resolved, mentions by name. */
export function look(text: string, names: Names): string {
  return render(text, true, names)
}

function render(text: string, startsLine: boolean, names: Names): string {
  let seen = ''
  let lineStart = startsLine
  for (let index = 0; index < text.length; ) {
    const rest = text.slice(index)
    const found = RULES.find(({ pattern, line }) => (!line || lineStart) && pattern.test(rest))
    const match = found?.pattern.exec(rest)
    if (found && match) {
      const inner = (part: string, atLine = false) => render(part, atLine, names)
      seen += found.look(match, inner, names)
      index += match[0].length
      lineStart = false
      continue
    }
    seen += rest[0]
    lineStart = rest[0] === '\n' || (lineStart && rest[0] === ' ')
    index += 1
  }
  return seen
}

function dateOf(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
