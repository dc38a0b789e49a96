import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createMeter, readAccountBalance, reconcileLimits, type SubKeys, startCycle } from '../../../core/credits/index.ts'
import { type RunningOpenRouter, startOpenRouter } from '../../sandbox/openrouter-server.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { type InstanceColumns, insertInstance, memoryLog, subKeysOf } from './support.ts'

let openrouter: RunningOpenRouter
let subKeys: SubKeys
let test: TestDatabase
beforeAll(async () => {
  openrouter = await startOpenRouter()
  subKeys = subKeysOf(openrouter)
  test = await createTestDatabase()
})
beforeEach(async () => {
  openrouter.control.clearFaults()
  openrouter.clock.set('2026-12-08T00:05:00Z')
  for (const key of openrouter.control.keys()) await subKeys.delete(key.hash)
  await test.database.pool.query('DELETE FROM ledger; DELETE FROM instances')
})
afterAll(async () => {
  await test.close()
  await openrouter.stop()
})

const dependencies = () => ({ database: test.database, subKeys, clock: openrouter.clock })
const limitOf = async (hash: string) => (await subKeys.find(hash))?.limitMicros

/** At the end of a first cycle of $8. */
async function running(id: string, more: Partial<InstanceColumns> = {}, limitMicros = 8_000_000) {
  const { hash } = await subKeys.create({ name: `oc-${id}-g1`, limitMicros })
  await insertInstance(test.database, {
    id,
    sub_key_hash: hash,
    allowance_micros: 8_000_000,
    limit_micros: 8_000_000,
    cycle_started_at: new Date('2026-11-08T00:00:00Z'),
    cycle_ends_at: new Date('2026-12-08T00:00:00Z'),
    ...more,
  })
  return hash
}

const december = {
  invoiceId: 'in_dec',
  periodStart: new Date('2026-12-08T00:00:00Z'),
  periodEnd: new Date('2027-01-08T00:00:00Z'),
}
const january = {
  invoiceId: 'in_jan',
  periodStart: new Date('2027-01-08T00:00:00Z'),
  periodEnd: new Date('2027-02-08T00:00:00Z'),
}

async function ledger() {
  const { rows } = await test.database.pool.query('SELECT key, credit_micros FROM ledger ORDER BY id')
  return rows.map((row) => [row.key, Number(row.credit_micros)])
}

describe('a renewal', () => {
  it('gives the whole allowance again and begins counting at zero', async () => {
    const hash = await running('ins_a')
    openrouter.control.addUsageUsd(hash, 3.25)
    expect(await startCycle(dependencies(), 'ins_a', december)).toBe('started')
    expect(await limitOf(hash)).toBe(11_250_000)
    expect(await createMeter({ ...dependencies(), log: memoryLog() }).read('ins_a')).toMatchObject({
      spentMicros: 0,
      leftMicros: 8_000_000,
      cycleEndsAt: december.periodEnd,
    })
  })

  it('starts one new credit cycle, however often and in whatever order Stripe tells us', async () => {
    const hash = await running('ins_b')
    openrouter.control.addUsageUsd(hash, 1)
    await Promise.all([1, 2, 3, 4].map(() => startCycle(dependencies(), 'ins_b', december)))
    openrouter.control.addUsageUsd(hash, 2)
    expect(await startCycle(dependencies(), 'ins_b', december)).toBe('already-started')
    expect(await limitOf(hash)).toBe(9_000_000)

    expect(await startCycle(dependencies(), 'ins_b', january)).toBe('started')
    expect(await limitOf(hash)).toBe(11_000_000)
    const late = { invoiceId: 'in_late', periodStart: december.periodStart, periodEnd: december.periodEnd }
    expect(await startCycle(dependencies(), 'ins_b', late)).toBe('superseded')
    expect(await limitOf(hash)).toBe(11_000_000)
    expect(await ledger()).toEqual([
      ['cycle:in_dec', 8_000_000],
      ['cycle:in_jan', 8_000_000],
      ['cycle:in_late', 0],
    ])
  })

  it('is finished by the next call when the provider did not take the limit', async () => {
    const hash = await running('ins_c')
    openrouter.control.addUsageUsd(hash, 5)
    openrouter.control.fault({ method: 'PATCH', path: '/keys' }, { kind: 'error', status: 503 }, 3)
    await expect(startCycle(dependencies(), 'ins_c', december)).rejects.toMatchObject({ code: 'unreachable', retryable: true })
    openrouter.control.addUsageUsd(hash, 1)
    expect(await startCycle(dependencies(), 'ins_c', december)).toBe('already-started')
    expect(await limitOf(hash)).toBe(13_000_000)
  })

  it('is finished by the reconciler when nobody calls again', async () => {
    const hash = await running('ins_d')
    openrouter.control.addUsageUsd(hash, 5)
    openrouter.control.fault({ method: 'PATCH', path: '/keys' }, { kind: 'error', status: 503 }, 3)
    await expect(startCycle(dependencies(), 'ins_d', december)).rejects.toThrow()
    await reconcileLimits(dependencies())
    expect(await limitOf(hash)).toBe(13_000_000)
  })

  it('changes nothing while the usage is unknown', async () => {
    await running('ins_e')
    openrouter.control.fault({ path: '/keys' }, { kind: 'error', status: 500 }, 3)
    await expect(startCycle(dependencies(), 'ins_e', december)).rejects.toMatchObject({ retryable: true })
    expect(await ledger()).toEqual([])
  })

  it('gives nothing to an instance without a key', async () => {
    await insertInstance(test.database, { id: 'ins_f', allowance_micros: 8_000_000 })
    expect(await startCycle(dependencies(), 'ins_f', december)).toBe('no-sub-key')
    expect(await startCycle(dependencies(), 'ins_unknown', december)).toBe('no-sub-key')
  })
})

describe('the reconciler of limits', () => {
  const old = '2026-12-07T12:00:00Z'
  // The table of core/credits/reconcile-limits.ts, row by row.
  it.each<{
    row: string
    provider: string
    set: (id: string) => Promise<string>
    does: Awaited<ReturnType<typeof reconcileLimits>> | object
  }>([
    { row: 'limit L', provider: 'limit L', set: (id) => running(id), does: { checked: 1, repaired: [] } },
    {
      row: 'limit L',
      provider: 'another limit',
      set: (id) => running(id, {}, 5_000_000),
      does: { repaired: [{ instanceId: 'ins_x', fromMicros: 5_000_000, toMicros: 8_000_000 }] },
    },
    {
      row: 'limit L',
      provider: 'disabled',
      set: async (id) => {
        const hash = await running(id)
        openrouter.control.setDisabled(hash, true)
        return hash
      },
      does: { disabled: ['ins_x'], repaired: [] },
    },
    {
      row: 'limit L',
      provider: 'no such key',
      set: async (id) => {
        const hash = await running(id)
        await subKeys.delete(hash)
        return hash
      },
      does: { missing: ['ins_x'], repaired: [] },
    },
    {
      row: 'limit L',
      provider: 'no answer',
      set: async (id) => {
        const hash = await running(id, {}, 5_000_000)
        openrouter.control.fault({ method: 'PATCH', path: '/keys' }, { kind: 'error', status: 503 }, 3)
        return hash
      },
      does: { failed: [{ instanceId: 'ins_x', reason: expect.stringContaining('503') }], repaired: [] },
    },
    {
      row: 'instance destroyed',
      provider: 'key by our name',
      set: (id) => running(id, { destroyed_at: new Date(old) }),
      does: { checked: 0, strays: [{ hash: expect.any(String), name: 'oc-ins_x-g1', usageMicros: 0 }] },
    },
    {
      row: 'instance with other key',
      provider: 'old key by our name',
      set: async (id) => {
        openrouter.clock.set(old)
        await subKeys.create({ name: `oc-${id}-g1`, limitMicros: 1 })
        openrouter.clock.set('2026-12-08T00:05:00Z')
        return running(id)
      },
      does: { checked: 1, strays: [{ hash: expect.any(String), name: 'oc-ins_x-g1', usageMicros: 0 }] },
    },
    {
      row: 'no such instance',
      provider: 'young key by our name',
      set: async () => (await subKeys.create({ name: 'oc-ins_y-g1', limitMicros: 1 })).hash,
      does: { strays: [], unknown: [] },
    },
    {
      row: 'no such instance',
      provider: 'old key by our name',
      set: async () => {
        openrouter.clock.set(old)
        const { hash } = await subKeys.create({ name: 'oc-ins_y-g3', limitMicros: 1 })
        openrouter.clock.set('2026-12-08T00:05:00Z')
        return hash
      },
      does: { strays: [], unknown: [{ hash: expect.any(String), name: 'oc-ins_y-g3', usageMicros: 0 }] },
    },
    {
      row: 'none',
      provider: 'key by another name',
      set: async () => (await subKeys.create({ name: 'my laptop', limitMicros: 1 })).hash,
      does: { checked: 0, strays: [], missing: [] },
    },
  ])('$row, $provider', async ({ set, does }) => {
    await set('ins_x')
    expect(await reconcileLimits(dependencies())).toMatchObject(does)
  })

  it('puts back a limit that somebody removed, and leaves it alone the next time', async () => {
    const hash = await running('ins_z')
    await fetch(`${openrouter.root}/keys/${hash}`, {
      method: 'PATCH',
      headers: { authorization: 'Bearer sk-or-v1-management-key-of-the-tests', 'content-type': 'application/json' },
      body: JSON.stringify({ limit: null }),
    })
    expect((await reconcileLimits(dependencies())).repaired).toEqual([
      { instanceId: 'ins_z', fromMicros: null, toMicros: 8_000_000 },
    ])
    expect(await limitOf(hash)).toBe(8_000_000)
    expect((await reconcileLimits(dependencies())).repaired).toEqual([])
  })
})

describe('the account', () => {
  it.each([
    [500, 'enough'],
    [19.99, 'low'],
    [0, 'empty'],
    [-3, 'empty'],
  ] as const)('with $%d left is %s', async (usd, state) => {
    openrouter.control.setAccountBalanceUsd(usd)
    expect(await readAccountBalance(subKeys)).toEqual({ balanceMicros: usd * 1e6, state })
  })

  it('lets the sub-key of somebody who changed to a key of their own rest once that can’t be undone, and reports nothing', async () => {
    const hash = await running('ins_own')
    const own = async (minutes: number) => {
      await test.database.pool.query(`DELETE FROM operations; UPDATE instances SET source = 'anthropic' WHERE id = 'ins_own'`)
      await test.database.pool.query(
        `INSERT INTO operations (id, kind, instance_id, state, request_id, finished_at)
         VALUES ('op_1', 'change-source', 'ins_own', 'succeeded', 'req_1', $1)`,
        [new Date(openrouter.clock.now().getTime() - minutes * 60_000)],
      )
      return reconcileLimits(dependencies())
    }
    await own(9)
    expect((await subKeys.find(hash))?.disabled).toBe(false)
    expect((await own(12)).disabled).toEqual([])
    expect((await subKeys.find(hash))?.disabled).toBe(true)
    expect(await reconcileLimits(dependencies())).toMatchObject({ disabled: [], strays: [], unknown: [] })
    await test.database.pool.query('DELETE FROM operations')
  })

  it('keeps a backup key at nothing, and knows it by its name', async () => {
    await running('ins_b')
    const { hash } = await subKeys.create({ name: 'oc-ins_b-backup-g1', limitMicros: 5_000_000 })
    await test.database.pool.query(`UPDATE instances SET backup_key_hash = $1 WHERE id = 'ins_b'`, [hash])
    openrouter.clock.advance(3600)
    expect(await reconcileLimits(dependencies())).toMatchObject({ strays: [], unknown: [] })
    expect(await limitOf(hash)).toBe(0)
    await test.database.pool.query(`UPDATE instances SET backup_key_hash = NULL WHERE id = 'ins_b'`)
    expect((await reconcileLimits(dependencies())).strays.map(({ name }) => name)).toEqual(['oc-ins_b-backup-g1'])
  })

  it('moves the month of an assistant that never had a sub-key, as it may change to credit later', async () => {
    await insertInstance(test.database, { id: 'ins_n', allowance_micros: 8_000_000 })
    await test.database.pool.query(`UPDATE instances SET source = 'openai' WHERE id = 'ins_n'`)
    expect(await startCycle(dependencies(), 'ins_n', december)).toBe('no-sub-key')
    const { rows } = await test.database.pool.query(`SELECT cycle_ends_at FROM instances WHERE id = 'ins_n'`)
    expect(rows[0]?.cycle_ends_at).toEqual(december.periodEnd)
  })
})
