import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createKeyApi, sweepKeys } from '../../../core/keys/index.ts'
import { createNotices } from '../../../core/notices/index.ts'
import { createSecretBox, parseKeyRing, providerKeyPurpose } from '../../../core/secrets/index.ts'
import type { Services } from '../../../core/services.ts'
import type { PrismaClient } from '../../../prisma/generated/client.ts'
import { type RunningProviders, startProviders, TEST_KEYS } from '../../sandbox/provider-servers.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { modelRoots, randomIds, servicesFor } from '../../support/services.ts'

const box = createSecretBox(parseKeyRing(`1:${Buffer.alloc(32, 7).toString('base64')}`))
const NOW = new Date('2026-11-25T12:00:00Z')
const minutesAgo = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000)

let test: TestDatabase
let prisma: PrismaClient
let providers: RunningProviders
let services: Services

beforeAll(async () => {
  test = await createTestDatabase()
  prisma = await test.database.prisma()
  providers = await startProviders()
  await prisma.person.create({ data: { id: 'per_1', workspaces: { create: { id: 'wsp_1', kind: 'personal' } } } })
  services = servicesFor(test.database, {
    box,
    clock: { now: () => NOW },
    keys: createKeyApi(modelRoots('http://127.0.0.1:9', providers.roots), { timeoutSeconds: 2 }),
    notices: createNotices({ ids: randomIds, wake: () => undefined }),
  })
})
beforeEach(async () => {
  await prisma.providerKey.deleteMany()
  await prisma.order.deleteMany()
  await prisma.outbox.deleteMany()
  await prisma.instance.deleteMany()
})
afterAll(() => Promise.all([test.close(), providers.stop()]))

const hasInstance = (id: string, destroyedAt: Date | null = null) =>
  prisma.instance.create({
    data: {
      id,
      workspaceId: 'wsp_1',
      ownerPersonId: 'per_1',
      name: id,
      planId: 'lite',
      state: destroyedAt ? 'destroyed' : 'running',
      source: 'anthropic',
      model: 'claude-sonnet-4-6',
      platform: 'memory',
      chatId: 'c',
      userId: 'u',
      language: 'en',
      hostProvider: 'local',
      destroyedAt,
    },
  })

const hasKey = (id: string, value: string = TEST_KEYS.anthropic, more: object = {}) =>
  prisma.providerKey.create({
    data: {
      id,
      workspaceId: 'wsp_1',
      provider: 'anthropic',
      sealed: box.seal(value, providerKeyPurpose(id)),
      last4: value.slice(-4),
      state: 'valid',
      addedByPersonId: 'per_1',
      createdAt: minutesAgo(30),
      checkedAt: minutesAgo(30),
      ...more,
    },
  })

const kept = async () => (await prisma.providerKey.findMany({ orderBy: { id: 'asc' } })).map(({ id }) => id)
const stateOf = async (id: string) => (await prisma.providerKey.findUniqueOrThrow({ where: { id } })).state

describe('keys that nobody needs any more', () => {
  it('are deleted: without an order or an assistant after a day, and not before', async () => {
    await hasKey('fresh', undefined, { createdAt: minutesAgo(23 * 60) })
    await hasKey('old', undefined, { createdAt: minutesAgo(25 * 60) })
    await hasInstance('ins_1')
    await hasKey('used', undefined, { createdAt: minutesAgo(90 * 24 * 60), instanceId: 'ins_1' })
    await hasKey('ordered', undefined, { createdAt: minutesAgo(25 * 60) })
    await hasKey('called-off', undefined, { createdAt: minutesAgo(25 * 60) })
    for (const [id, state] of [
      ['ordered', 'awaiting-payment'],
      ['called-off', 'cancelled'],
    ] as const)
      await prisma.order.create({
        data: {
          id: `ord_${id}`,
          workspaceId: 'wsp_1',
          personId: 'per_1',
          platform: 'memory',
          chatId: 'c',
          userId: 'u',
          language: 'en',
          planId: 'lite',
          instanceName: id,
          source: 'anthropic',
          providerKeyId: id,
          model: 'claude-sonnet-4-6',
          priceCents: 2900,
          currency: 'usd',
          creditMicros: 0n,
          state,
        },
      })
    await sweepKeys(services)
    expect(await kept()).toEqual(['fresh', 'ordered', 'used'])
  })

  it('are deleted: replaced ones when nothing can be undone any more, those of deleted assistants at once', async () => {
    await hasInstance('ins_1')
    await hasInstance('ins_2', minutesAgo(1))
    await hasKey('undoable', undefined, { instanceId: 'ins_1', replacedAt: minutesAgo(9) })
    await hasKey('replaced', undefined, { instanceId: 'ins_1', replacedAt: minutesAgo(12) })
    await hasKey('present', undefined, { instanceId: 'ins_1' })
    await hasKey('orphan', undefined, { instanceId: 'ins_2' })
    await sweepKeys(services)
    expect(await kept()).toEqual(['present', 'undoable'])
  })

  it('are kept while a change is under way that may take them back', async () => {
    await hasInstance('ins_1')
    await hasKey('replaced', undefined, { instanceId: 'ins_1', replacedAt: minutesAgo(12) })
    const undo = { id: 'op_1', kind: 'change-source', instanceId: 'ins_1', args: {}, language: 'en', requestId: 'req' }
    await prisma.operation.create({ data: undo })
    await sweepKeys(services)
    expect(await kept()).toEqual(['replaced'])
    await prisma.operation.update({ where: { id: 'op_1' }, data: { finishedAt: minutesAgo(0) } })
    await sweepKeys(services)
    expect(await kept()).toEqual([])
    await prisma.operation.deleteMany()
  })
})

describe('a key whose provider was away', () => {
  it('is tried again after a while, and its owner hears what came of it, once', async () => {
    await hasInstance('ins_1')
    await hasKey('back', undefined, { instanceId: 'ins_1', state: 'unreachable', checkedAt: minutesAgo(11) })
    await hasKey('wrong', 'sk-ant-api03-nobody-knows-this-one-0001', {
      instanceId: 'ins_1',
      state: 'rate-limited',
      checkedAt: minutesAgo(11),
    })
    await hasKey('just-now', undefined, { instanceId: 'ins_1', state: 'unreachable', checkedAt: minutesAgo(2) })
    await sweepKeys(services)
    expect(await stateOf('back')).toBe('valid')
    expect(await stateOf('wrong')).toBe('wrong-key')
    expect(await stateOf('just-now')).toBe('unreachable')
    expect(await prisma.outbox.count()).toBe(2)
    await sweepKeys(services)
    expect(await prisma.outbox.count()).toBe(2)
  })

  it('is kept, and nothing is said, while the provider is still away', async () => {
    await hasInstance('ins_1')
    await hasKey('down', 'sk-ant-api03-sandbox-down-00000001', {
      instanceId: 'ins_1',
      state: 'unreachable',
      checkedAt: minutesAgo(11),
    })
    await sweepKeys(services)
    expect(await stateOf('down')).toBe('unreachable')
    expect(await prisma.outbox.count()).toBe(0)
  })
})
