import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createQueues } from '../../jobs/index.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { queueContract } from './queue-contract.ts'

describe('on PostgreSQL', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createTestDatabase()
  })
  afterEach(() => database.close())

  queueContract(() => ({ databaseUrl: database.url }))

  it('is not ready, and says why, when the database is away', async () => {
    const queues = createQueues({ databaseUrl: 'postgres://nobody:x@127.0.0.1:1/none' })
    await expect(queues.add('work', 'op_1', { requestId: 'r' })).rejects.toThrow('ECONNREFUSED')
    await queues.close()
  })

  it('goes on after all its connections were cut', async () => {
    const queues = createQueues({ databaseUrl: database.url })
    const seen: string[] = []
    await queues.work('work', async (job) => void seen.push(job.id), { concurrency: 1 })
    await queues.add('work', 'op_1', { requestId: 'r' })
    await expect.poll(() => seen).toEqual(['op_1'])
    await database.database.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name <> 'clawcloud' AND datname = current_database()`,
    )
    await expect
      .poll(
        () =>
          queues.add('work', 'op_2', { requestId: 'r' }).then(
            () => 'added',
            () => 'failed',
          ),
        { timeout: 10_000 },
      )
      .toBe('added')
    await expect.poll(() => seen.at(-1), { timeout: 15_000 }).toBe('op_2')
    await queues.close()
  })
})
