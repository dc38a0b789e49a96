import { randomBytes } from 'node:crypto'
import { chmodSync, closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

export const KEY_BYTES = 32

/** The keys that encrypt data at rest, by version. The highest encrypts, all decrypt. */
export type KeyRing = { readonly newest: number; readonly keys: ReadonlyMap<number, Buffer> }

/** A ring that can't be used. The message names the cure and never a part of a key. */
export class KeyRingError extends Error {
  override readonly name = 'KeyRingError'
}

const CURE =
  'Write it as 1:<base64 of 32 bytes>, several separated by commas; a new key comes from: echo "1:$(openssl rand -base64 32)"'

/** Parses `1:<base64>,2:<base64>`. Throws KeyRingError. */
export function parseKeyRing(text: string): KeyRing {
  const keys = new Map<number, Buffer>()
  for (const [position, entry] of text.trim().split(',').entries()) {
    const match = /^\s*([1-9]\d{0,5}):([A-Za-z0-9+/_-]+={0,2})\s*$/.exec(entry)
    if (!match) throw new KeyRingError(`entry ${position + 1} of the key ring is not a version and a key. ${CURE}`)
    const version = Number(match[1])
    const key = Buffer.from(match[2] ?? '', 'base64')
    if (key.length !== KEY_BYTES)
      throw new KeyRingError(`key ${version} of the key ring has ${key.length} bytes instead of ${KEY_BYTES}. ${CURE}`)
    if (keys.has(version))
      throw new KeyRingError(`the key ring has two keys of version ${version}. Give the newer one a higher number.`)
    keys.set(version, key)
  }
  return { newest: Math.max(...keys.keys()), keys }
}

const readIfThere = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/**
 * The ring kept in a file only its owner can read; made at first use. Safe for several processes starting at once: one of them makes
 * it, all use the same. A damaged file is never replaced, because what it encrypted would be lost with it: throws KeyRingError.
 */
export function loadOrCreateKeyRing(path: string): KeyRing {
  const kept = readIfThere(path)
  if (kept === null) {
    create(path)
    return parseFile(path, readFileSync(path, 'utf8'))
  }
  chmodSync(path, 0o600)
  return parseFile(path, kept)
}

function parseFile(path: string, text: string): KeyRing {
  try {
    return parseKeyRing(text)
  } catch (error) {
    if (!(error instanceof KeyRingError)) throw error
    throw new KeyRingError(
      `the master key in ${path} cannot be read: ${error.message} If there is a backup of the file, put it back: without it, what it encrypted stays locked.`,
    )
  }
}

/** Written whole and flushed under another name, then linked into place: nobody ever sees half a key, and the first one wins. */
function create(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  const file = openSync(draft, 'wx', 0o600)
  try {
    writeSync(file, `1:${randomBytes(KEY_BYTES).toString('base64')}\n`)
    fsyncSync(file)
    linkSync(draft, path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    closeSync(file)
    rmSync(draft, { force: true })
  }
}
