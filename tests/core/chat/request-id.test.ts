import { afterEach, beforeEach, expect, it } from 'vitest'
import { literal, note, view } from '../../../core/chat/build.ts'
import { placeOf, reply } from '../../../core/chat/reply.ts'
import { createRouter } from '../../../core/chat/router.ts'
import { createChatStore } from '../../../core/chat/store.ts'
import { command } from '../../../core/commands/command.ts'
import { createLocaliser } from '../../../core/i18n/index.ts'
import type { Log } from '../../../core/log.ts'
import { createNotices, createOutbox } from '../../../core/notices/index.ts'
import { createEngine, type OperationKind } from '../../../core/operations/index.ts'
import { createQueues, enqueuers, type Queues } from '../../../jobs/index.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { createMemoryPlatform, textOf } from '../../support/memory-platform.ts'
import { randomIds, servicesFor, systemClock } from '../../support/services.ts'

type Line = { readonly message: string; readonly [field: string]: unknown }

let database: TestDatabase
let queues: Queues
const ends: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  database = await createTestDatabase()
})
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
  await database.close()
})

/** Keeps every line with the fields of its loggers. */
function collecting(lines: Line[], fields: object = {}): Log {
  const write = (detail: object, message: string) => void lines.push({ ...fields, ...detail, message })
  return { debug: write, info: write, warn: write, error: write, child: (more) => collecting(lines, { ...fields, ...more }) }
}

it('is the same from the press over the job to the last step of the operation', async () => {
  const lines: Line[] = []
  const log = collecting(lines)
  const chat = createMemoryPlatform()
  const platforms = new Map([[chat.platform.name, chat.platform]])
  const localiser = createLocaliser()
  const outbox = createOutbox({
    pool: database.database.pool,
    platforms,
    localiser,
    clock: systemClock,
    log,
    report: () => undefined,
  })
  ends.push(() => outbox.stop())
  queues = createQueues({ databaseUrl: database.url, log })
  ends.push(() => queues.close())

  const work: OperationKind<null> = {
    kind: 'refund',
    exclusive: false,
    steps: [{ name: 'one', deadlineSeconds: 5, progress: 'deploy-progress-server', run: async () => undefined }],
    succeeded: async () => undefined,
    failed: async () => undefined,
    view: async ({ state }) => view('work', [note(literal(state))]),
  }
  const engine = createEngine<null>({
    database: database.database,
    kinds: [work],
    services: () => null,
    notices: createNotices({ ids: randomIds, wake: () => void outbox.sweep() }),
    enqueue: enqueuers(queues).operation,
    leaseOwner: 'test',
    isDead: () => false,
    clock: systemClock,
    ids: randomIds,
    log,
    report: () => undefined,
    observe: () => undefined,
    observeEnd: () => undefined,
  })
  ends.push(() => engine.stop())
  const jobs: unknown[] = []
  await queues.work(
    'billing',
    async (job) => {
      jobs.push(job.data)
      await engine.run(String(job.data.operationId))
    },
    { concurrency: 1 },
  )

  const router = createRouter({
    store: createChatStore(database.database.pool, randomIds, systemClock),
    outbox,
    platforms,
    commands: [
      command({
        name: 'work',
        description: null,
        needs: 'viewer',
        argument: 'none',
        run: async (context) => ({
          ...reply(view('work', [note(literal('begun'))])),
          effects: [
            async (transaction) =>
              void (await engine.operations.start(transaction, {
                kind: 'refund',
                place: placeOf(context, 'work'),
                requestId: context.requestId,
              })),
          ],
        }),
      }),
    ],
    flows: [],
    services: servicesFor(database.database, { operations: engine.operations }),
    localiser,
    clock: systemClock,
    ids: randomIds,
    log,
    report: () => undefined,
    observe: () => undefined,
  })
  await router.receive(chat.says('ann', '/work'))
  await router.idle()
  await expect.poll(() => lines.some(({ message }) => message === 'operation finished'), { timeout: 10_000 }).toBe(true)
  await expect.poll(() => textOf(chat.last().message), { timeout: 10_000 }).toBe('succeeded')

  const requestId = lines.find(({ message }) => message === 'a request changed something')?.requestId
  expect(requestId).toMatch(/^req_/)
  const ofOperation = lines.filter(({ operationId }) => operationId !== undefined)
  expect(ofOperation.length).toBeGreaterThan(0)
  expect(new Set(ofOperation.map((line) => line.requestId))).toEqual(new Set([requestId]))
  for (const data of jobs) expect(data).toMatchObject({ requestId })
})
