import { afterEach, beforeEach, expect, it } from 'vitest'
import { createNotices } from '../../../core/notices/index.ts'
import { createEngine } from '../../../core/operations/index.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { quietLog, randomIds, systemClock } from '../../support/services.ts'

let test: TestDatabase
beforeEach(async () => {
  test = await createTestDatabase()
})
afterEach(() => test.close())

it('an operation of a kind this version does not know is reported, left to others at once, and looked at again only after a minute', async () => {
  const { pool } = test.database
  const reports: string[] = []
  const enqueued: string[] = []
  const engine = createEngine({
    database: test.database,
    kinds: [],
    services: () => ({}),
    notices: createNotices({ ids: randomIds, wake: () => undefined }),
    enqueue: async (id) => void enqueued.push(id),
    leaseOwner: 'test:1',
    isDead: () => false,
    clock: systemClock,
    ids: randomIds,
    log: quietLog,
    report: (_kind, key) => void reports.push(key),
    observe: () => undefined,
    observeEnd: () => undefined,
  })
  await pool.query(`INSERT INTO operations (id, kind, language, request_id) VALUES ('op_1', 'teleport', 'en', 'r')`)
  await engine.run('op_1')
  await engine.run('op_1')
  await engine.sweep()
  expect(reports).toEqual(['unknown-operation:teleport'])
  expect(enqueued).toEqual([])
  const { rows } = await pool.query(
    `SELECT lease_owner, finished_at, not_before > now() + interval '30 seconds' AS later FROM operations`,
  )
  expect(rows).toEqual([{ lease_owner: null, finished_at: null, later: true }])
  await engine.stop()
})
