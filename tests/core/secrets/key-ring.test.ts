import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { KeyRingError, loadOrCreateKeyRing, parseKeyRing } from '../../../core/secrets/index.ts'

const key = (bytes = 32) => randomBytes(bytes).toString('base64')

describe('a key ring', () => {
  it('holds versioned keys, the highest of which encrypts', () => {
    const ring = parseKeyRing(` 2:${key()}, 10:${key()} ,1:${key()}\n`)
    expect([...ring.keys.keys()].sort((a, b) => a - b)).toEqual([1, 2, 10])
    expect(ring.newest).toBe(10)
  })

  it.each([
    ['nothing', '', /entry 1 .* is not a version and a key.*openssl rand/],
    ['a key without its version', key(), /entry 1/],
    ['version 0', `0:${key()}`, /entry 1/],
    ['a key that is too short', `1:${key(16)}`, /key 1 .* has 16 bytes instead of 32/],
    ['two keys of one version', `1:${key()},1:${key()}`, /two keys of version 1/],
    ['a trailing comma', `1:${key()},`, /entry 2/],
  ])('that is %s is refused with the cure and without the key', (_what, text, message) => {
    expect(() => parseKeyRing(text)).toThrow(message)
    expect(() => parseKeyRing(text)).toThrow(KeyRingError)
    for (const part of text.split(/[:,]/)) if (part.length > 4) expect(() => parseKeyRing(text)).not.toThrow(part)
  })
})

describe('the master key file', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'key-ring-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('is made once, readable by its owner only, and the same afterwards', () => {
    const path = join(folder, 'new', 'master.key')
    const ring = loadOrCreateKeyRing(path)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(loadOrCreateKeyRing(path)).toEqual(ring)
    expect(readdirSync(join(folder, 'new'))).toEqual(['master.key'])
  })

  it('is closed to others if it was open', () => {
    const path = join(folder, 'master.key')
    writeFileSync(path, `1:${key()}\n`)
    chmodSync(path, 0o644)
    loadOrCreateKeyRing(path)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('is never replaced when it is damaged: what it encrypted would be lost', () => {
    const path = join(folder, 'master.key')
    writeFileSync(path, '1:half')
    expect(() => loadOrCreateKeyRing(path)).toThrow(/master\.key cannot be read.*backup/)
    expect(readFileSync(path, 'utf8')).toBe('1:half')
  })

  it('is one and the same for processes that start together', async () => {
    const path = join(folder, 'master.key')
    const source = join(import.meta.dirname, '../../../core/secrets/key-ring.ts')
    const bundle = join(folder, 'key-ring.mjs')
    const { build } = await import('esbuild')
    await build({ entryPoints: [source], outfile: bundle, bundle: true, platform: 'node', format: 'esm' })
    const program = `import { loadOrCreateKeyRing } from ${JSON.stringify(bundle)}; const r = loadOrCreateKeyRing(${JSON.stringify(path)}); console.log(r.keys.get(1).toString('hex'))`
    const runs = Array.from({ length: 6 }, () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]))
    const keys = new Set((await Promise.all(runs)).map((run) => run.stdout.trim()))
    expect(keys.size).toBe(1)
  })
})
