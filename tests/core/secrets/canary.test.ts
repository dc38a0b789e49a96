import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createRedactor, recogniseSecret } from '../../../core/secrets/index.ts'
import { createCanaries, expectNowhere, findCanaries } from '../../support/canary.ts'

const canaries = createCanaries()
const all = Object.values(canaries)

describe('the search for leaked secrets', () => {
  it('finds one in a log line and in any text, however it is written there', async () => {
    const { value } = canaries.stripeKey
    const found = await findCanaries(all, {
      logLines: ['fine', `{"key":"${value}"}`],
      texts: {
        'a message': 'fine',
        'an address': `?k=${encodeURIComponent(value)}`,
        'a hex dump': Buffer.from(value).toString('hex'),
        ...Object.fromEntries(
          [0, 1, 2].map((offset) => [`base64 ${offset}`, Buffer.from(`${'x'.repeat(offset)}${value}tail`).toString('base64')]),
        ),
      },
    })
    expect(found).toEqual(
      ['log line 2', 'an address', 'a hex dump', 'base64 0', 'base64 1', 'base64 2'].map((place) => `Stripe key in ${place}`),
    )
  })

  it('finds one in a file, also across its reading in pieces, and leaves out what is meant to hold secrets', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'canary-'))
    try {
      mkdirSync(join(folder, 'deep', 'kept'), { recursive: true })
      writeFileSync(join(folder, 'deep', 'a.bin'), `${'x'.repeat(65_530)}${canaries.gatewayToken.value}y`)
      writeFileSync(join(folder, 'deep', 'kept', 'store.json'), canaries.openRouterKey.value)
      const folders = [{ path: folder, exclude: (path: string) => path.includes('kept') }]
      expect(await findCanaries(all, { folders })).toEqual([`gateway token in file ${join('deep', 'a.bin')}`])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('fails with every place, and without the secret itself', async () => {
    const leak = expectNowhere(all, { texts: { 'job 7': canaries.bareSecret.value } })
    await expect(leak).rejects.toThrow('bare secret in job 7')
    await expect(leak).rejects.not.toThrow(canaries.bareSecret.value)
    await expectNowhere(all, { texts: { 'job 7': 'nothing' } })
  })

  it('plants secrets that are recognised as what they are', () => {
    for (const { value } of all) expect(recogniseSecret(value)?.last4).toBe(`…${value.slice(-4)}`)
    const line = all.map(({ value }) => `token=${value}`).join(' ')
    expect(all.filter(({ value }) => createRedactor()(line).includes(value))).toEqual([])
  })
})
