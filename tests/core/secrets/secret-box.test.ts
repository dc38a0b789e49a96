import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSecretBox, parseKeyRing, SecretBoxError } from '../../../core/secrets/index.ts'

const key = () => randomBytes(32).toString('base64')
const first = key()
const second = key()
const box = createSecretBox(parseKeyRing(`1:${first}`))
const rotated = createSecretBox(parseKeyRing(`1:${first},2:${second}`))

describe('a sealed secret', () => {
  it('opens to exactly what was sealed, whatever it and its purpose are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (secret, purpose) => {
        expect(box.open(box.seal(secret, purpose), purpose)).toBe(secret)
      }),
    )
  })

  it('names its key version and is never sealed the same way twice', () => {
    expect(box.seal('x', 'p')).toMatch(/^v1\.1\.[\w-]{80}\.[\w-]{16}\.[\w-]+$/)
    expect(rotated.seal('x', 'p')).toMatch(/^v1\.2\./)
    expect(box.seal('x', 'p')).not.toBe(box.seal('x', 'p'))
  })

  it('does not open for another purpose', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (secret, purpose, other) => {
        fc.pre(purpose !== other)
        expect(() => box.open(box.seal(secret, purpose), other)).toThrow(SecretBoxError)
      }),
    )
  })

  it('does not open when any one character of it was changed, added or taken away', () => {
    const sealed = rotated.seal('a secret', 'p')
    for (let at = 0; at < sealed.length; at += 1) {
      for (const other of ['A', 'b', '1', '2', '-', '.', '']) {
        const changed = sealed.slice(0, at) + other + sealed.slice(at + 1)
        if (changed !== sealed) expect(() => rotated.open(changed, 'p'), `${at} ${other}`).toThrow(SecretBoxError)
      }
    }
    for (const changed of [`${sealed}A`, `${sealed}.`, `${sealed}=`, ` ${sealed}`, ''])
      expect(() => rotated.open(changed, 'p')).toThrow(SecretBoxError)
  })

  it('does not open with parts of another one', () => {
    const [one, two] = [box.seal('one', 'p').split('.'), box.seal('two', 'p').split('.')]
    for (let part = 2; part < 5; part += 1) {
      const mixed = one.map((own, at) => (at === part ? two[at] : own)).join('.')
      expect(() => box.open(mixed, 'p')).toThrow(SecretBoxError)
    }
  })

  it('says what went wrong without a word of what is inside', () => {
    const sealed = rotated.seal('very-secret-value', 'p')
    for (const attempt of [
      () => box.open(sealed, 'p'),
      () => rotated.open(sealed, 'q'),
      () => rotated.open('very-secret-value', 'p'),
    ]) {
      expect(attempt).toThrow(SecretBoxError)
      expect(attempt).not.toThrow(/very-secret|[\w-]{20}/)
    }
    expect(() => box.open(sealed, 'p')).toThrow(/key 2.*not in MASTER_KEY/)
  })
})

describe('a new key', () => {
  it('seals from then on, while the old one still opens', () => {
    const old = box.seal('kept', 'p')
    expect(rotated.open(old, 'p')).toBe('kept')
    const fresh = rotated.reseal(old, 'p')
    expect(fresh).toMatch(/^v1\.2\./)
    expect(rotated.open(fresh ?? '', 'p')).toBe('kept')
    expect(createSecretBox(parseKeyRing(`2:${second}`)).open(fresh ?? '', 'p')).toBe('kept')
  })

  it('leaves alone what it already seals', () => {
    expect(rotated.reseal(rotated.seal('x', 'p'), 'p')).toBeNull()
  })

  it('of the same version but other bytes opens nothing', () => {
    const wrong = createSecretBox(parseKeyRing(`1:${key()}`))
    expect(() => wrong.open(box.seal('x', 'p'), 'p')).toThrow(/does not open/)
  })
})
