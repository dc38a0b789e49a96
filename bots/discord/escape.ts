/**
 * An address as Discord's app finds it, with the punctuation behind it: nothing in it is markup, and a backslash would be a part of it.
 * One that runs into a `<` is none to us: what begins there has to be escaped.
 */
const ADDRESS = /https?:\/\/[^\s<]+[^<.,:;"')\]\s][.,:;"')\]]*(?=\s|$)/g
const NO_ADDRESS = /(?<=https?):(?=\/\/)/gi

/** What begins or ends markup wherever it stands. The `<` of a mention, an emoji or a date is among it. */
const ANYWHERE = /[\\*_~`|[\]<>]/g
/** A name that Discord would turn into a picture. */
const EMOJI_NAME = /:(?=[\w+-]+(?:::skin-tone-\d)?:)/g
const EVERYBODY = /@(?=everyone|here)/g
/** Headings, lists and small print begin a line. */
const LINE_START = /^([ \t]*)([#+-])/gm
const NUMBERED = /^([ \t]*\d+)\.(?=\s)/gm

/**
 * Words as they are: nothing that a person or a model wrote becomes markup, a mention or a link with another face.
 * At most twice as long as before.
 */
export function asIs(text: string): string {
  let escaped = ''
  let from = 0
  for (const { 0: address, index } of text.matchAll(ADDRESS)) {
    escaped += escapeWords(text.slice(from, index)) + address
    from = index + address.length
  }
  return escaped + escapeWords(text.slice(from))
}

function escapeWords(words: string): string {
  return words
    .replace(ANYWHERE, '\\$&')
    .replace(NO_ADDRESS, '\\:')
    .replace(EMOJI_NAME, '\\:')
    .replace(EVERYBODY, '\\@')
    .replace(LINE_START, '$1\\$2')
    .replace(NUMBERED, '$1\\.')
}

/** The reverse, for words of our own that come back in a message. */
export const asTyped = (text: string): string => text.replace(/\\([^0-9A-Za-z\s])/g, '$1')

/** A text in a box of its own, in which escaping is not possible: null if its own marks would end the box. */
export const codeBox = (text: string): string | null => (text.includes('```') ? null : `\`\`\`\n${text}\n\`\`\``)
