import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { becomeSoleWorker } from '../../jobs/index.ts'
import { memoryLog } from '../core/credits/support.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'

describe('the one worker of a database', () => {
  let test: TestDatabase
  const started: { stop(): Promise<void> }[] = []
  beforeEach(async () => {
    test = await createTestDatabase()
  })
  afterEach(async () => {
    for (const worker of started.splice(0)) await worker.stop()
    await test.close()
  })

  function worker() {
    const log = memoryLog()
    const state = { isWorker: false, lost: 0, log }
    const onLost = () => {
      state.lost += 1
    }
    const sole = becomeSoleWorker({ databaseUrl: test.url, log, lookSeconds: 0.05, onLost })
    void sole.isWorker.then(() => {
      state.isWorker = true
    })
    started.push(sole)
    return { ...sole, state, said: () => log.lines.map(({ message }) => message) }
  }
  /** Ends the connections of workers from PostgreSQL's side; only of the one that holds the lock, or of all. */
  const cut = (which: 'holder' | 'all') =>
    test.database.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'clawcloud-worker' AND datname = current_database()
         AND ($1 = 'all' OR pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory'))`,
      [which],
    )

  it('is the first; a second says clearly that it waits, and takes over when the first ends', async () => {
    const first = worker()
    expect(await first.atOnce).toBe(true)
    await first.isWorker
    const second = worker()
    expect(await second.atOnce).toBe(false)
    expect(second.said().join()).toContain('another process is the worker of this database')
    expect(second.state.isWorker).toBe(false)
    expect(second.said()).toHaveLength(1)
    await first.stop()
    await second.isWorker
    expect(second.said().at(-1)).toContain('this process is the worker now')
  })

  it('is never two, however many start at the same moment', async () => {
    const workers = Array.from({ length: 6 }, worker)
    await Promise.race(workers.map(({ isWorker }) => isWorker))
    await eventually(async () => expect(workers.filter(({ said }) => said().join().includes('another process'))).toHaveLength(5))
    expect(workers.filter(({ state }) => state.isWorker)).toHaveLength(1)
  })

  it('goes on after its connection was cut while nobody waits', async () => {
    const only = worker()
    await only.isWorker
    await cut('holder')
    await eventually(async () => expect(only.said().at(-1)).toBe('this process is still the worker'))
    expect(only.state.lost).toBe(0)
    const second = worker()
    await eventually(async () => expect(second.said().join()).toContain('another process'))
  })

  it('is one again after the database cut everybody off, and who lost it is told to stop', async () => {
    const workers = [worker(), worker()]
    await Promise.race(workers.map(({ isWorker }) => isWorker))
    await cut('all')
    await eventually(async () => {
      const holding = await test.database.pool.query(
        `SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid)
         WHERE locktype = 'advisory' AND granted AND a.application_name = 'clawcloud-worker' AND a.datname = current_database()`,
      )
      expect(holding.rowCount).toBe(1)
    })
  })

  it('that is stopped while it waits never becomes one', async () => {
    const first = worker()
    await first.isWorker
    const second = worker()
    await eventually(async () => expect(second.said()).toHaveLength(1))
    await second.stop()
    await first.stop()
    const third = worker()
    await third.isWorker
    expect(second.state.isWorker).toBe(false)
  })
})
