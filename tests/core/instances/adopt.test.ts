import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { JsonObject } from '../../../core/chat/view.ts'
import { type Gateway, launchGateway } from '../../../core/gateway/index.ts'
import type { Host, HostProvider, ServiceStatus } from '../../../core/hosts/index.ts'
import { createAdoption, instanceOperations } from '../../../core/instances/index.ts'
import { createNotices } from '../../../core/notices/index.ts'
import { createEngine } from '../../../core/operations/index.ts'
import { failed, ok } from '../../../core/problem.ts'
import type { Services } from '../../../core/services.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { modelRoots, quietLog, randomIds, servicesFor, systemClock } from '../../support/services.ts'
import { insertInstance } from '../credits/support.ts'

const OLD_ROOT = 'http://127.0.0.1:8787/api/v1'
const NEW_ROOT = 'http://127.0.0.1:9999/api/v1'
const configured = (baseUrl: string) =>
  JSON.stringify({
    gateway: { port: 18_800 },
    models: { catalogRefresh: { enabled: false }, providers: { openrouter: { baseUrl, apiKey: 'ref' } } },
  })

let database: TestDatabase
let status: ServiceStatus
let answers: boolean
/** openclaw.json of each host. */
let files: Map<string, string>
let told: string[]
let stops: string[]

beforeEach(async () => {
  database = await createTestDatabase()
  status = { state: 'running', since: systemClock.now(), processId: 1 }
  answers = true
  files = new Map()
  told = []
  stops = []
})
afterEach(() => database.close())

async function instance(id: string, baseUrl: string): Promise<void> {
  await insertInstance(database.database, { id })
  await database.database.pool.query('UPDATE instances SET host_id = $2, gateway_token_sealed = $3 WHERE id = $1', [
    id,
    id,
    'sealed',
  ])
  files.set(id, configured(baseUrl))
}

/** A host that keeps its files in memory. */
const hostOf = (id: string) =>
  z
    .custom<Host>(() => true)
    .parse({
      id,
      gatewayPort: 18_800,
      runtime: { directory: '/nowhere', node: '/nowhere/node', version: '1' },
      stateDirectory: '/nowhere/state',
      serviceStatus: async () => status,
      readFile: async () => files.get(id) ?? null,
      writeFile: async (_path: string, content: string) => void files.set(id, content),
      reservePort: async () => ok(18_801),
      startService: async () => undefined,
      stopService: async () => void stops.push(id),
    })

function services(): Services {
  return servicesFor(database.database, {
    hosts: z
      .custom<HostProvider>(() => true)
      .parse({
        name: 'local',
        find: async (id: string) => (files.has(id) ? hostOf(id) : null),
      }),
    notices: createNotices({ ids: randomIds, wake: () => undefined }),
    gateway: async ({ id }) =>
      z
        .custom<Gateway>(() => true)
        .parse({
          moveProviders: async (change: JsonObject) => {
            if (!answers) return failed({ code: 'gateway-timeout', retryable: true, text: { id: 'gateway-timeout' } })
            told.push(id)
            files.set(id, JSON.stringify(change))
            return ok(undefined)
          },
        }),
    settings: {
      publicUrl: 'https://clawcloud.example',
      brandName: 'ClawCloud',
      supportContact: null,
      runtimeVersion: '1',
      modelRoots: modelRoots(NEW_ROOT),
      sandbox: true,
    },
  })
}

const rootOf = (id: string) => JSON.parse(files.get(id) ?? '{}').models.providers.openrouter.baseUrl

describe('a gateway that outlived the service', () => {
  it('is told where models are now, while it runs, if that has changed; others are left alone', async () => {
    await instance('moved', OLD_ROOT)
    await instance('right', NEW_ROOT)
    const adopt = createAdoption(services())
    await adopt()
    expect(told).toEqual(['moved'])
    expect(rootOf('moved')).toBe(NEW_ROOT)
    await adopt()
    expect(told).toEqual(['moved'])
  })

  it('that does not answer is told at a later look', async () => {
    await instance('busy', OLD_ROOT)
    const adopt = createAdoption(services())
    answers = false
    await adopt()
    answers = true
    await adopt()
    await adopt()
    expect(told).toEqual(['busy'])
  })

  it('that does not run is told by its next start, which keeps every other setting', async () => {
    await instance('stopped', OLD_ROOT)
    status = { state: 'stopped', exitCode: 0 }
    await createAdoption(services())()
    expect(told).toEqual([])
    await launchGateway(hostOf('stopped'), { token: 't', source: 'managed', model: 'm', roots: modelRoots(NEW_ROOT) })
    expect(JSON.parse(files.get('stopped') ?? '')).toEqual({
      gateway: { port: 18_801 },
      models: { catalogRefresh: { enabled: false }, providers: { openrouter: { baseUrl: NEW_ROOT, apiKey: 'ref' } } },
    })
  })
})

describe('an assistant whose subscription is over', () => {
  async function suspend(orderState: string, paidMeanwhile = false): Promise<string> {
    await instance('one', NEW_ROOT)
    const prisma = await database.database.prisma()
    await prisma.order.create({
      data: {
        id: 'ord_1',
        workspaceId: 'wsp_1',
        personId: 'per_1',
        platform: 'web',
        chatId: 'c',
        userId: 'u',
        language: 'en',
        planId: 'lite',
        instanceName: 'one',
        model: 'm',
        priceCents: 2900,
        currency: 'usd',
        creditMicros: 1n,
        state: orderState,
        instanceId: 'one',
      },
    })
    const known = services()
    const engine = createEngine<Services>({
      database: database.database,
      kinds: instanceOperations,
      services: () => known,
      notices: known.notices,
      enqueue: async () => undefined,
      leaseOwner: 'test:1',
      isDead: () => false,
      clock: systemClock,
      ids: randomIds,
      log: quietLog,
      report: () => undefined,
      observe: () => undefined,
      observeEnd: () => undefined,
    })
    const { id } = await prisma.$transaction((transaction) =>
      engine.operations.start(transaction, { kind: 'suspend', instanceId: 'one', orderId: 'ord_1', requestId: 'r' }),
    )
    if (paidMeanwhile) {
      await prisma.$transaction(async (transaction) => {
        await transaction.order.update({ where: { id: 'ord_1' }, data: { state: 'active' } })
        void engine.run(id)
        // Long enough for the operation to have read the order as it was.
        await new Promise((resolve) => setTimeout(resolve, 500))
      })
    }
    await engine.run(id)
    await engine.stop()
    return (await prisma.instance.findUniqueOrThrow({ where: { id: 'one' } })).state
  }

  it('is stopped and kept', async () => {
    expect(await suspend('lapsed')).toBe('suspended')
    expect(stops).toEqual(['one'])
    expect(files.has('one')).toBe(true)
  })

  it('is not stopped when it was paid for again meanwhile', async () => {
    expect(await suspend('active')).toBe('running')
    expect(stops).toEqual([])
  })

  it('is not stopped when the payment arrives in that very moment', async () => {
    expect(await suspend('lapsed', true)).toBe('running')
    expect(stops).toEqual([])
  })
})
