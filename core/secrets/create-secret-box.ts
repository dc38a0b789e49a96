import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { KEY_BYTES, type KeyRing } from './key-ring.ts'
import type { SecretBox } from './secret-box.ts'

const ALGORITHM = 'aes-256-gcm'
/** The length GCM is specified for; random ones are safe for 2^32 seals a key (NIST SP 800-38D, 8.3). */
const IV_BYTES = 12
const TAG_BYTES = 16
const VERSION = 'v1'

/** Why a sealed value does not open. Holds nothing of what was inside, nor of the sealed text. */
export class SecretBoxError extends Error {
  override readonly name = 'SecretBoxError'
  constructor(
    readonly code: 'malformed' | 'unknown-key' | 'refused',
    message: string,
  ) {
    super(message)
  }
}

/**
 * Envelope encryption: every value has a data key of its own, wrapped by the ring's newest key. A sealed value reads
 * `v1.<key version>.<wrapped data key>.<iv>.<ciphertext and tag>`, each part in base64url. The purpose and the
 * key version are authenticated with both layers, so that neither can be exchanged.
 */
export function createSecretBox(ring: KeyRing): SecretBox {
  function keyOf(version: number): Buffer {
    const key = ring.keys.get(version)
    if (key) return key
    throw new SecretBoxError(
      'unknown-key',
      `a stored secret was sealed with key ${version}, which is not in MASTER_KEY (it has ${[...ring.keys.keys()].join(', ')}). Add the old key again and keep it until everything is resealed.`,
    )
  }

  function seal(secret: string, purpose: string): string {
    const dataKey = randomBytes(KEY_BYTES)
    const context = contextOf(ring.newest, purpose)
    const wrapIv = randomBytes(IV_BYTES)
    const wrapped = Buffer.concat([wrapIv, encrypt(keyOf(ring.newest), wrapIv, context, dataKey)])
    const iv = randomBytes(IV_BYTES)
    const parts = [wrapped, iv, encrypt(dataKey, iv, context, Buffer.from(secret, 'utf8'))]
    return [VERSION, String(ring.newest), ...parts.map((part) => part.toString('base64url'))].join('.')
  }

  function open(sealed: string, purpose: string): string {
    const { version, wrapped, iv, body } = parse(sealed)
    const context = contextOf(version, purpose)
    const dataKey = decrypt(keyOf(version), wrapped.subarray(0, IV_BYTES), context, wrapped.subarray(IV_BYTES))
    return decrypt(dataKey, iv, context, body).toString('utf8')
  }

  return {
    seal,
    open,
    reseal: (sealed, purpose) => (parse(sealed).version === ring.newest ? null : seal(open(sealed, purpose), purpose)),
  }
}

const contextOf = (version: number, purpose: string): Buffer => Buffer.from(`${VERSION}\n${version}\n${purpose}`, 'utf8')

function encrypt(key: Buffer, iv: Buffer, context: Buffer, plain: Buffer): Buffer {
  const cipher = createCipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES }).setAAD(context)
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

function decrypt(key: Buffer, iv: Buffer, context: Buffer, sealed: Buffer): Buffer {
  const end = sealed.length - TAG_BYTES
  const decipher = createDecipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES })
    .setAAD(context)
    .setAuthTag(sealed.subarray(end))
  const plain = decipher.update(sealed.subarray(0, end))
  try {
    return Buffer.concat([plain, decipher.final()])
  } catch {
    // Node's own message says no more than that, and its type varies by version.
    throw new SecretBoxError(
      'refused',
      'a stored secret does not open: it was changed, belongs to another row or column, or its key version holds another key.',
    )
  }
}

function parse(sealed: string): { version: number; wrapped: Buffer; iv: Buffer; body: Buffer } {
  const malformed = () =>
    new SecretBoxError(
      'malformed',
      'a stored secret is not in the form this version writes (v1.…): the column may be cut off or hold something else.',
    )
  const [form, version, wrappedText, ivText, bodyText, ...rest] = sealed.split('.')
  if (form !== VERSION || !/^[1-9]\d{0,5}$/.test(version ?? '') || rest.length > 0) throw malformed()
  const [wrapped, iv, body] = [wrappedText, ivText, bodyText].map((text) => {
    const bytes = Buffer.from(text ?? '', 'base64url')
    // Base64 has several spellings of the same bytes; only ours is accepted, so that any changed character is noticed.
    if (bytes.toString('base64url') !== text) throw malformed()
    return bytes
  })
  if (
    wrapped?.length !== IV_BYTES + KEY_BYTES + TAG_BYTES ||
    iv?.length !== IV_BYTES ||
    body === undefined ||
    body.length < TAG_BYTES
  )
    throw malformed()
  return { version: Number(version), wrapped, iv, body }
}
