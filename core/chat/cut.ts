import { measure, type TextUnit } from './measure.ts'

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' })

/** A break at a paragraph, line or word is taken if the piece is at least this share of what would fit. */
const SMALLEST_PIECE_SHARE = 1 / 3

/** Where to stop so that `text.slice(start, end)` is at most `max` units and no code point is cut. Never stands still. */
function codePointEnd(text: string, start: number, max: number, unit: TextUnit): number {
  if (unit === 'utf16') {
    const end = Math.min(text.length, start + max)
    const cutsPair = end < text.length && isLowSurrogate(text.charCodeAt(end)) && isHighSurrogate(text.charCodeAt(end - 1))
    return Math.max(cutsPair ? end - 1 : end, nextCodePoint(text, start))
  }
  let end = start
  let bytes = 0
  while (end < text.length) {
    const code = text.codePointAt(end) ?? 0
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
    if (bytes > max) break
    end += code > 0xffff ? 2 : 1
  }
  return Math.max(end, nextCodePoint(text, start))
}

const isHighSurrogate = (code: number) => code >= 0xd800 && code <= 0xdbff
const isLowSurrogate = (code: number) => code >= 0xdc00 && code <= 0xdfff
const nextCodePoint = (text: string, at: number) => Math.min(text.length, at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1))

/** No character below U+0300 and no Chinese one joins its neighbour; only CR LF does. Saves segmenting whole logs. */
const standsAlone = (code: number) => (code < 0x300 && code !== 0x0a && code !== 0x0d) || (code >= 0x4e00 && code <= 0x9fff)

/** A family of four with skin tones has 19 code units. */
const LONGEST_USUAL_GRAPHEME = 32

/** The last boundary between graphemes in (start, end]; `end` itself if a single grapheme is longer than that. */
function graphemeEnd(text: string, start: number, end: number): number {
  if (end >= text.length) return text.length
  let from = end
  while (from > start && !(standsAlone(text.charCodeAt(from - 1)) && standsAlone(text.charCodeAt(from)))) from -= 1
  if (from === end) return end
  let last = from
  // A grapheme that begins before `end` may reach behind it: look at one that certainly ends there.
  for (const { index } of graphemes.segment(text.slice(from, end + LONGEST_USUAL_GRAPHEME))) {
    if (from + index > end) break
    last = from + index
  }
  return last > start ? last : end
}

/** Where the piece that begins at `start` ends: at a paragraph, else a line, else a word, else a grapheme. */
function pieceEnd(text: string, start: number, max: number, unit: TextUnit): number {
  const end = codePointEnd(text, start, max, unit)
  if (end >= text.length) return end
  const least = start + (end - start) * SMALLEST_PIECE_SHARE
  for (const boundary of ['\n\n', '\n', ' ']) {
    // The white space itself may stand right behind what fits: it is not sent.
    const at = text.lastIndexOf(boundary, end)
    if (at > start && at >= least) return at
  }
  return graphemeEnd(text, start, end)
}

/**
 * A text in pieces of at most `max` units, the first of at most `firstMax`. Joined, they are the text but for the line ends or the one
 * space at which it was divided. Never divides a surrogate pair, nor an emoji or an accented letter unless it is longer than a piece.
 */
export function splitText(text: string, max: number, unit: TextUnit, firstMax: number = max): string[] {
  const pieces: string[] = []
  let start = 0
  while (start < text.length) {
    const end = pieceEnd(text, start, pieces.length === 0 ? firstMax : max, unit)
    const piece = text.slice(start, end)
    if (piece !== '') pieces.push(piece)
    start = end
    if (text[start] === '\n') while (text[start] === '\n') start += 1
    else if (text[start] === ' ') start += 1
  }
  return pieces
}

const ELLIPSIS = '…'

/** The text if it fits, else its beginning with `…`, cut between graphemes. */
export function cutText(text: string, max: number, unit: TextUnit): string {
  if (measure(text, unit) <= max) return text
  const room = max - measure(ELLIPSIS, unit)
  if (room <= 0) return ELLIPSIS
  const kept = text.slice(0, graphemeEnd(text, 0, codePointEnd(text, 0, room, unit))).trimEnd()
  return measure(kept, unit) <= room ? kept + ELLIPSIS : ELLIPSIS
}
