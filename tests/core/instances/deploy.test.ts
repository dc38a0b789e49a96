import { afterEach, beforeEach, expect, it } from 'vitest'
import { deployOperation } from '../../../core/instances/deploy.ts'
import { createNotices } from '../../../core/notices/index.ts'
import type { StepContext } from '../../../core/operations/index.ts'
import type { Services } from '../../../core/services.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { quietLog, randomIds, servicesFor } from '../../support/services.ts'
import { insertInstance } from '../credits/support.ts'

let database: TestDatabase
beforeEach(async () => {
  database = await createTestDatabase()
})
afterEach(() => database.close())

/** What the end of a deploy sees. */
function contextOf(instanceId: string, orderId: string): StepContext<Services> {
  return {
    operation: {
      id: 'op_1',
      kind: 'deploy',
      instanceId,
      orderId,
      args: {},
      data: {},
      requestId: 'req_1',
      place: { platform: 'memory', chatId: 'ann', userId: 'ann', viewId: `order:${orderId}`, language: 'en' },
    },
    services: servicesFor(database.database, { notices: createNotices({ ids: randomIds, wake: () => undefined }) }),
    log: quietLog,
    signal: new AbortController().signal,
    save: async () => undefined,
    note: () => undefined,
  }
}

it('an assistant that is ready is told once in a message of its own, which rings, however often the end of its deploy is tried', async () => {
  await insertInstance(database.database, { id: 'scout' })
  const prisma = await database.database.prisma()
  await prisma.order.create({
    data: {
      id: 'ord_1',
      workspaceId: 'wsp_1',
      personId: 'per_1',
      platform: 'memory',
      chatId: 'ann',
      userId: 'ann',
      language: 'en',
      planId: 'lite',
      instanceName: 'scout',
      model: 'm',
      priceCents: 2900,
      currency: 'usd',
      creditMicros: 8_000_000n,
      state: 'paid',
      instanceId: 'scout',
    },
  })
  for (let attempt = 0; attempt < 2; attempt++)
    await prisma.$transaction(async (transaction) => deployOperation.succeeded?.(transaction, contextOf('scout', 'ord_1')))
  const told = await prisma.outbox.findMany()
  expect(told.map(({ viewId, place, chatId }) => [viewId, place, chatId])).toEqual([['ready:scout', 'new', 'ann']])
  expect(JSON.stringify(told[0]?.view)).toContain('deploy-ready-push')
  expect(await prisma.instance.findUniqueOrThrow({ where: { id: 'scout' } })).toMatchObject({ state: 'running' })
})
