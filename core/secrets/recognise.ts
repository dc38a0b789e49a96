import { endOf, placeholder, replaceShapes } from './shapes.ts'

/** A secret somebody pasted where it was not asked for: what it is and the end by which its owner knows it (`…1234`). */
type RecognisedSecret = { readonly kind: string; readonly last4: string }

/**
 * A message that is nothing but one long random word: hexadecimal, or letters of both cases with digits. Feishu, Hetzner and others have
 * secrets without any mark. Names of models, people and things have spaces, dashes or dots at that length.
 */
const BARE_SECRET = /^(?:[0-9a-f]{32,}|(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])(?=[^0-9]*[0-9])[A-Za-z0-9]{32,}={0,2})$/

/** Nothing a person writes by hand is longer; and one that is, is not a single bare secret. */
const LONGEST_BARE = 1024

function replaceSecrets(text: string): { text: string; first: RecognisedSecret | null } {
  const bare = text.trim()
  if (bare.length <= LONGEST_BARE && BARE_SECRET.test(bare)) {
    const last4 = endOf(bare)
    return { text: placeholder('secret', last4), first: { kind: 'secret', last4 } }
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
