import { createDecipheriv, createHash, timingSafeEqual } from 'node:crypto'

/** What a request says of itself, beside its body. */
export type SignatureHeaders = {
  readonly signature: string | undefined
  readonly timestamp: string | undefined
  readonly nonce: string | undefined
}

/** A request is at most this old, or this much ahead of our clock. */
const AGE_MAX_SECONDS = 300

const sha256 = (...parts: readonly (string | Buffer)[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** Equal lengths by digest, so that neither the time nor the length tells anything about the secret. */
export const isSame = (given: string, secret: string): boolean => timingSafeEqual(sha256(given), sha256(secret))

/**
 * Null if Feishu sent this body within the last minutes, else what is wrong. The signature is over the bytes as they came: the same JSON
 * written otherwise is another body.
 */
export function signatureProblem(
  { signature, timestamp, nonce }: SignatureHeaders,
  body: Buffer,
  { encryptKey, nowSeconds }: { readonly encryptKey: string; readonly nowSeconds: number },
): string | null {
  if (signature === undefined || timestamp === undefined || nonce === undefined) return 'no signature'
  // hex of sha256(timestamp + nonce + encrypt key + body)
  if (!isSame(signature.toLowerCase(), sha256(timestamp, nonce, encryptKey, body).toString('hex'))) return 'wrong signature'
  const seconds = Number(timestamp)
  if (!Number.isFinite(seconds) || Math.abs(nowSeconds - seconds) > AGE_MAX_SECONDS) return 'too old'
  return null
}

/** AES-256-CBC with the key's digest; the first block is the initialisation vector. Null for what was not encrypted with this key. */
export function decrypt(encrypted: string, encryptKey: string): string | null {
  const bytes = Buffer.from(encrypted, 'base64')
  if (bytes.length < 32 || bytes.length % 16 !== 0) return null
  const decipher = createDecipheriv('aes-256-cbc', sha256(encryptKey), bytes.subarray(0, 16))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]).toString('utf8')
  } catch {
    return null
  }
}
