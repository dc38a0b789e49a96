import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EventDependencies } from '../../core/billing/index.ts'
import { createQueues, enqueuers, type Queues, startWorkers } from '../../jobs/index.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { quietLog, servicesFor } from '../support/services.ts'

let database: TestDatabase
let open: Queues[]
let release: () => void
/** Work that waits for somebody outside until its test is over. */
let waiting: Promise<void>

beforeEach(async () => {
  database = await createTestDatabase()
  open = []
  waiting = new Promise((resolve) => {
    release = resolve
  })
})
afterEach(async () => {
  release()
  await Promise.all(open.map((queues) => queues.close()))
  await database.close()
})

async function startProcess(runOperation: (operationId: string) => Promise<void>) {
  const queues = createQueues({ databaseUrl: database.url })
  open.push(queues)
  const billing: EventDependencies = { services: servicesFor(database.database), startCycle: async () => undefined }
  await startWorkers({ queues, runOperation, billing, log: quietLog })
  return enqueuers(queues)
}

describe('the workers', () => {
  it('take an operation up at once after its process died, not when the queue gives that one up', async () => {
    const began: string[] = []
    const jobs = await startProcess(async (id) => {
      began.push(id)
      await waiting
    })
    await jobs.operation('op_1', 'req', 'deploy', 0)
    await expect.poll(() => began).toEqual(['op_1'])
    // For the queue it runs on, as after a kill. Its lease was taken from the row, which counts one attempt more.
    await jobs.operation('op_1', 'req', 'deploy', 1)
    await expect.poll(() => began, { timeout: 5_000 }).toEqual(['op_1', 'op_1'])
    await jobs.operation('op_1', 'req', 'deploy', 1)
    expect(began).toHaveLength(2)
  })

  it('deploy while the payment provider is away, however many refunds wait for it', async () => {
    const began: string[] = []
    const jobs = await startProcess(async (id) => {
      began.push(id)
      if (id !== 'op_deploy') await waiting
    })
    const kinds = ['refund', 'close-checkout', 'open-checkout', 'start-cycle']
    for (let index = 0; index < 24; index++) await jobs.operation(`op_${index}`, 'req', kinds[index % kinds.length] ?? '', 0)
    await expect.poll(() => began.length).toBeGreaterThanOrEqual(16)
    await jobs.operation('op_deploy', 'req', 'deploy', 0)
    await expect.poll(() => began, { timeout: 5_000 }).toContain('op_deploy')
  })
})
