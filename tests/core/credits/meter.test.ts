import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createMeter, type SubKeys } from '../../../core/credits/index.ts'
import { MANAGEMENT_KEY, type RunningOpenRouter, startOpenRouter } from '../../sandbox/openrouter-server.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { insertInstance, memoryLog, subKeysOf } from './support.ts'

let openrouter: RunningOpenRouter
let subKeys: SubKeys
let test: TestDatabase
beforeAll(async () => {
  openrouter = await startOpenRouter()
  subKeys = subKeysOf(openrouter)
  test = await createTestDatabase()
})
afterAll(async () => {
  await test.close()
  await openrouter.stop()
})

let number = 0
let log = memoryLog()
beforeEach(() => {
  openrouter.control.clearFaults()
  openrouter.clock.set('2026-11-22T12:00:00Z')
  log = memoryLog()
})

const meter = (keys = subKeys, patienceSeconds = 4) =>
  createMeter({ database: test.database, subKeys: keys, clock: openrouter.clock, log, patienceSeconds })

/** An instance with a sub-key, in the middle of a cycle of $8 that began at $1 of all-time use. */
async function running(usageUsd = 1) {
  const id = `ins_${++number}`
  const { hash } = await subKeys.create({ name: `oc-${id}-g1`, limitMicros: 9_000_000 })
  openrouter.control.addUsageUsd(hash, usageUsd)
  await insertInstance(test.database, {
    id,
    sub_key_hash: hash,
    baseline_micros: 1_000_000,
    allowance_micros: 8_000_000,
    limit_micros: 9_000_000,
    cycle_started_at: new Date('2026-11-08T00:00:00Z'),
    cycle_ends_at: new Date('2026-12-08T00:00:00Z'),
    created_at: new Date('2026-10-08T00:00:00Z'),
  })
  return { id, hash, spend: (usd: number) => openrouter.control.addUsageUsd(hash, usd) }
}

describe('the meter', () => {
  it('tells what this cycle has cost, fresh from the provider', async () => {
    const { id, spend } = await running()
    expect(await meter().read(id)).toMatchObject({ spentMicros: 0, leftMicros: 8_000_000, share: 0, fresh: true })
    spend(2)
    expect(await meter().read(id)).toMatchObject({
      spentMicros: 2_000_000,
      allowanceMicros: 8_000_000,
      leftMicros: 6_000_000,
      share: 0.25,
      fresh: true,
      readAt: new Date('2026-11-22T12:00:00Z'),
      cycleEndsAt: new Date('2026-12-08T00:00:00Z'),
    })
  })

  it('counts what a real answer of a model cost', async () => {
    const { id } = await running()
    const key = await subKeys.create({ name: 'chat', limitMicros: 1_000_000 })
    await test.database.pool.query('UPDATE instances SET sub_key_hash = $2, baseline_micros = 0 WHERE id = $1', [id, key.hash])
    const response = await fetch(`${openrouter.root}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key.secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'anthropic/claude-sonnet-4.6', messages: [{ role: 'user', content: 'x'.repeat(40_000) }] }),
    })
    expect(response.status).toBe(200)
    // 10,000 tokens in at $3 a million, and a little out.
    expect((await meter().read(id)).spentMicros).toBeGreaterThan(30_000)
  })

  it('falls back to the last reading and its age when the provider fails', async () => {
    const { id, spend } = await running()
    spend(0.5)
    await meter().read(id)
    openrouter.clock.advance(3600)
    spend(0.5)
    openrouter.control.fault({ path: '/keys' }, { kind: 'error', status: 503 }, 3)
    expect(await meter().read(id)).toMatchObject({ spentMicros: 500_000, fresh: false, readAt: new Date('2026-11-22T12:00:00Z') })
    expect(log.lines).toMatchObject([{ level: 'warn' }])
  })

  it('does not keep a person waiting for a slow provider', async () => {
    const { id } = await running()
    const silent: SubKeys = { ...subKeys, find: () => new Promise(() => undefined) }
    const startedAt = performance.now()
    expect(await meter(silent, 0.05).read(id)).toMatchObject({ fresh: false, readAt: null })
    expect(performance.now() - startedAt).toBeLessThan(2000)
  })

  it('says so loudly when the key is gone, and still shows the last figures', async () => {
    const { id, hash } = await running(3)
    await meter().read(id)
    await subKeys.delete(hash)
    expect(await meter().read(id)).toMatchObject({ spentMicros: 2_000_000, fresh: false })
    expect(log.lines).toMatchObject([{ level: 'error' }])
  })

  it('shows thirty days as differences, today last', async () => {
    const { id, spend } = await running(1)
    for (const [iso, usd] of [
      ['2026-10-01T10:00:00Z', 0],
      ['2026-11-19T10:00:00Z', 0.1],
      ['2026-11-19T23:59:00Z', 0.2],
      ['2026-11-21T10:00:00Z', 0.4],
      ['2026-11-22T09:00:00Z', 0.8],
    ] as const) {
      openrouter.clock.set(iso)
      spend(usd)
      await meter().read(id)
    }
    const { days } = await meter().read(id)
    expect(days).toHaveLength(30)
    expect(days[0]?.date).toBe('2026-10-24')
    expect(days.slice(-4)).toEqual([
      { date: '2026-11-19', micros: 300_000 },
      { date: '2026-11-20', micros: 0 },
      { date: '2026-11-21', micros: 400_000 },
      { date: '2026-11-22', micros: 800_000 },
    ])
    // The dollar of before October is in none of the shown days.
    expect(days.slice(0, -4).every((day) => day.micros === 0)).toBe(true)
  })

  it('forecasts at the pace of the last week', async () => {
    const { id, spend } = await running(1)
    for (let day = 16; day <= 22; day++) {
      openrouter.clock.set(`2026-11-${day}T12:00:00Z`)
      if (day > 16) spend(0.5)
      await meter().read(id)
    }
    // The first reading's dollar appears on the 16th: $4 in 6.5 days, $5 left.
    expect((await meter().read(id)).daysLeft).toBeCloseTo(5 / (4 / 6.5), 3)
  })

  it('forecasts nothing while nothing was spent, and takes no first hour for a habit', async () => {
    const { id, spend } = await running(0)
    expect((await meter().read(id)).daysLeft).toBeNull()
    await test.database.pool.query(
      `UPDATE instances SET cycle_started_at = '2026-11-22T11:30:00Z', baseline_micros = 0 WHERE id = $1`,
      [id],
    )
    spend(1)
    expect((await meter().read(id)).daysLeft).toBe(7)
  })

  it('never lets a late answer overwrite a newer reading', async () => {
    const { id, spend } = await running(1)
    let answer: (() => void) | undefined
    const slow: SubKeys = {
      ...subKeys,
      async find(hash) {
        const old = await subKeys.find(hash)
        await new Promise<void>((resolve) => {
          answer = resolve
        })
        return old
      },
    }
    const late = meter(slow).read(id)
    await expect.poll(() => answer !== undefined).toBe(true)
    openrouter.clock.advance(60)
    spend(2)
    await meter().read(id)
    answer?.()
    expect((await late).spentMicros).toBe(2_000_000)
  })

  it('reads all instances with one request for every hundred keys', async () => {
    const one = await running(1.5)
    const two = await running(2.5)
    const gone = await running()
    await subKeys.delete(gone.hash)
    const before = openrouter.control.requests.length
    const { read, missing } = await meter().readAll()
    expect(read).toBeGreaterThanOrEqual(2)
    expect(missing).toContain(gone.id)
    expect(openrouter.control.requests.slice(before).map((request) => request.path)).toEqual(['/keys'])
    openrouter.control.fault({ path: '/keys' }, { kind: 'error', status: 401 }, 2)
    expect(await meter().read(one.id)).toMatchObject({ spentMicros: 500_000, fresh: false })
    expect(await meter().read(two.id)).toMatchObject({ spentMicros: 1_500_000, fresh: false })
  })

  it('writes no key or secret to the log', async () => {
    const { id } = await running()
    openrouter.control.fault({ path: '/keys' }, { kind: 'error', status: 401, message: `bad ${MANAGEMENT_KEY}` })
    await meter().read(id)
    expect(log.lines).toHaveLength(1)
    expect(JSON.stringify(log.lines)).not.toContain(MANAGEMENT_KEY)
  })
})
