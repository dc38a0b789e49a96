import { afterEach, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { writeChannel } from '../../../core/channels/index.ts'
import { instanceOperations } from '../../../core/instances/index.ts'
import { createSecretBox, parseKeyRing } from '../../../core/secrets/index.ts'
import type { Services } from '../../../core/services.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { servicesFor } from '../../support/services.ts'
import { insertInstance } from '../credits/support.ts'

let database: TestDatabase
beforeEach(async () => {
  database = await createTestDatabase()
})
afterEach(() => database.close())

it('a bot is free for another assistant when the one it spoke for is destroyed', async () => {
  const box = createSecretBox(parseKeyRing(`1:${Buffer.alloc(32, 7).toString('base64')}`))
  const services = servicesFor(database.database, { box })
  const prisma = await database.database.prisma()
  const connect = (instanceId: string) =>
    prisma.$transaction((transaction) =>
      writeChannel(transaction, services, {
        workspaceId: 'wsp_1',
        instanceId,
        kind: 'telegram',
        externalId: '7100000001',
        addedByPersonId: 'per_1',
        token: '7100000001:AA',
        last4: 'AA',
      }),
    )
  await insertInstance(database.database, { id: 'ins_1' })
  await insertInstance(database.database, { id: 'ins_2' })
  await connect('ins_1')
  await expect(connect('ins_2')).rejects.toMatchObject({ problem: { code: 'channel-taken' } })

  const destroy = instanceOperations.find(({ kind }) => kind === 'destroy')
  const context = z
    .custom<Parameters<NonNullable<NonNullable<typeof destroy>['succeeded']>>[1]>(() => true)
    .parse({ operation: { instanceId: 'ins_1', args: {}, data: {} }, services: services satisfies Services })
  await prisma.$transaction(async (transaction) => destroy?.succeeded?.(transaction, context))
  expect(await connect('ins_2')).toMatchObject({ fresh: true })
})
