import { endOf, firstSecret, placeholder, replaceShapes, wholeShape } from './shapes.ts'

/** A secret somebody pasted where it was not asked for: what it is and the end by which its owner knows it (`…1234`). */
type RecognisedSecret = { readonly kind: string; readonly last4: string }

/**
 * A message that is nothing but one long random word: hexadecimal, or letters of both cases with digits. Feishu, Hetzner and others have
 * secrets without any mark. Names of models, people and things have spaces, dashes or dots at that length.
 */
const BARE_SECRET = /^(?:[0-9a-f]{32,}|(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])(?=[^0-9]*[0-9])[A-Za-z0-9]{32,}={0,2})$/

/** Nothing a person writes by hand is longer; and one that is, is not a single bare secret. */
const LONGEST_BARE = 1024

/** What comes along when a key is copied: blanks and line breaks, also within it where a line was full, quotes, and marks nobody sees. */
const CLINGING = /[\s"'`«»‘’“”„\u200b-\u200f\u2060\ufeff]+/g

/** A secret as it was meant, from what was typed or pasted in a place that holds nothing else. */
export const squeeze = (typed: string): string => typed.slice(0, LONGEST_TYPED).replace(CLINGING, '')

/** Longer than any key or token with everything around it. */
const LONGEST_TYPED = 8192

/** A piece of a key that was broken into lines; a shorter one, or a plain word, is somebody talking. */
const PIECE = /^(?=.*[\dA-Z_-]).{4,}$/

/** What a message is, if it is one secret and nothing else, however it was wrapped or quoted. */
function wholeSecret(text: string): { secret: string; kind: string; showsEnd: boolean } | null {
  if (text.length > LONGEST_BARE) return null
  const trimmed = text.trim()
  if (BARE_SECRET.test(trimmed)) return { secret: trimmed, kind: 'secret', showsEnd: true }
  const secret = squeeze(text)
  const shape = wholeShape(secret)
  if (!shape || !trimmed.split(/\s+/).every((piece) => PIECE.test(piece))) return null
  return { secret, ...shape }
}

/** The secret in a message that answers a question for one; null if there is none that can be told by its looks. */
export const secretIn = (text: string): string | null => wholeSecret(text)?.secret ?? firstSecret(text)

function replaceSecrets(text: string): { text: string; first: RecognisedSecret | null } {
  const whole = wholeSecret(text)
  if (whole) {
    const last4 = endOf(whole.secret, whole.showsEnd)
    return { text: placeholder(whole.kind, last4), first: { kind: whole.kind, last4 } }
  }
  let first: RecognisedSecret | null = null
  const safe = replaceShapes(text, (kind, last4) => {
    first ??= { kind, last4 }
  })
  return { text: safe, first }
}

/** The first secret in a message, or null. */
export const recogniseSecret = (text: string): RecognisedSecret | null => replaceSecrets(text).first

/** A message as it may be stored. `found` says that something was taken out, and its writer must be warned. */
export function withoutSecrets(text: string): { readonly text: string; readonly found: boolean } {
  const { text: safe, first } = replaceSecrets(text)
  return { text: safe, found: first !== null }
}
