import { inlineLooks, type NameOf } from './inline.ts'

const FENCE = /^ {0,3}(`{3,}|~{3,})[^`]*$/
const RULE = /^ {0,3}(?:(?:- *){3,}|(?:\* *){3,}|(?:_ *){3,})$/
const HEADING = /^ {0,3}#{1,6}\s+(.*?)(?:\s+#+)?$/
const ITEM = /^(\s*)(?:([-*+])|(\d{1,9})[.)])\s+(.*)$/
const TABLE_RULE = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/

/** Markdown of a card (JSON 2.0 takes CommonMark without HTML blocks, with tables) as the words look. */
export function markdownLooks(markdown: string, nameOf: NameOf): string {
  const lines = markdown.replace(/\r\n?/g, '\n').split('\n')
  const out: string[] = []
  const inline = (text: string) => inlineLooks(text, nameOf)

  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? ''
    const fence = FENCE.exec(line)?.[1]
    const heading = HEADING.exec(line)
    const item = ITEM.exec(line)
    if (fence) {
      const isEnd = (other: string) => other.trim().startsWith(fence) && other.trim().replaceAll(fence[0] ?? '', '') === ''
      const length = lines.slice(at + 1).findIndex(isEnd)
      const end = length < 0 ? lines.length : at + 1 + length
      out.push(...lines.slice(at + 1, end))
      at = end + 1
    } else if (line.trim() === '') {
      if (out.at(-1) !== '' && out.length > 0) out.push('')
      at += 1
    } else if (RULE.test(line)) {
      at += 1
    } else if (heading) {
      out.push(inline(heading[1] ?? ''))
      at += 1
    } else if (/^ {0,3}>/.test(line)) {
      const quoted = take(lines, at, (other) => /^ {0,3}>/.test(other))
      out.push(markdownLooks(quoted.map((other) => other.replace(/^ {0,3}> ?/, '')).join('\n'), nameOf))
      at += quoted.length
    } else if (item) {
      out.push(`${item[1]}${item[2] ? '•' : `${item[3]}.`} ${inline(item[4] ?? '')}`)
      at += 1
    } else if (line.includes('|') && TABLE_RULE.test(lines[at + 1] ?? '') && (lines[at + 1] ?? '').includes('-')) {
      const table = take(lines, at, (other) => other.includes('|'))
      out.push(...table.filter((_, row) => row !== 1).map((row) => cells(row).map(inline).join(' ')))
      at += table.length
    } else if (/^(?: {4}|\t)/.test(line) && (out.at(-1) === '' || out.length === 0)) {
      const code = take(lines, at, (other) => /^(?: {4}|\t)/.test(other))
      out.push(...code.map((other) => other.replace(/^(?: {4}|\t)/, '')))
      at += code.length
    } else {
      const paragraph = take(lines, at, (other, index) => index === at || isParagraph(other))
      out.push(inline(paragraph.map((other) => other.trimStart().replace(/ {2,}$/, '')).join('\n')))
      at += paragraph.length
    }
  }
  return out.join('\n').trimEnd()
}

/** How many tables are in it: a card takes five. */
export function countTables(markdown: string): number {
  const lines = markdown.split('\n')
  return lines.filter(
    (line, at) => line.includes('-') && line.includes('|') && TABLE_RULE.test(line) && lines[at - 1]?.includes('|'),
  ).length
}

const isParagraph = (line: string): boolean =>
  line.trim() !== '' && !FENCE.test(line) && !RULE.test(line) && !HEADING.test(line) && !ITEM.test(line) && !/^ {0,3}>/.test(line)

function take(lines: readonly string[], from: number, belongs: (line: string, index: number) => boolean): readonly string[] {
  let end = from
  while (end < lines.length && belongs(lines[end] ?? '', end)) end += 1
  return lines.slice(from, end)
}

const cells = (row: string): readonly string[] =>
  row
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim())

/** A message of type text: no markdown, but mentions, four tags that must be closed, and links with an address. */
export function textLooks(text: string, nameOf: NameOf): string {
  let looks = text.replace(/<at\s+user_id\s*=\s*"([^"]*)"\s*>[^<]*<\/at>/g, (_, id: string) => {
    return `@${id === 'all' ? '所有人' : (nameOf(id) ?? id)}`
  })
  looks = looks.replace(/\[([^[\]]+)\]\(https?:\/\/[^\s()]+\)/g, '$1')
  for (let before = ''; before !== looks; ) {
    before = looks
    looks = looks.replace(/<([bius])>((?:(?!<\/?[bius]>)[\s\S])*)<\/\1>/g, '$2')
  }
  return looks
}
