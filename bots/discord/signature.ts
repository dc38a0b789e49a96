import { createPublicKey, type KeyObject, verify } from 'node:crypto'

/** What stands before the 32 bytes of an Ed25519 key in the form that node:crypto reads (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')
const SIGNATURE_HEX = /^[0-9a-f]{128}$/i
/** A signed request is believed for this long, either way. Clocks differ, and an old one may be somebody's copy. */
const MOST_AGE_SECONDS = 300

export type Signed = { readonly timestamp: string; readonly signature: string; readonly body: Buffer }

/** Tells whether a request is Discord's, by its raw bytes: what was parsed and written again would be another request. */
export function createVerifier(publicKeyHex: string): (signed: Signed, nowMs: number) => boolean {
  const key: KeyObject = createPublicKey({
    key: Buffer.concat([SPKI_PREFIX, Buffer.from(publicKeyHex, 'hex')]),
    format: 'der',
    type: 'spki',
  })
  return ({ timestamp, signature, body }, nowMs) => {
    if (!/^\d{1,12}$/.test(timestamp) || !SIGNATURE_HEX.test(signature)) return false
    if (Math.abs(nowMs / 1000 - Number(timestamp)) > MOST_AGE_SECONDS) return false
    return verify(null, Buffer.concat([Buffer.from(timestamp), body]), key, Buffer.from(signature, 'hex'))
  }
}
