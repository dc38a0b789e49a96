import { afterEach, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import type { Gateway, GatewayHealth } from '../../../core/gateway/index.ts'
import type { HostProvider, ServiceStatus } from '../../../core/hosts/index.ts'
import { superviseInstances } from '../../../core/instances/index.ts'
import { createNotices } from '../../../core/notices/index.ts'
import { ok } from '../../../core/problem.ts'
import { createSecretBox, parseKeyRing } from '../../../core/secrets/index.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { modelRoots, randomIds, servicesFor } from '../../support/services.ts'
import { insertInstance } from '../credits/support.ts'

const box = createSecretBox(parseKeyRing(`1:${Buffer.alloc(32, 7).toString('base64')}`))
const CONFIG = JSON.stringify({ gateway: { port: 18_800 } })

let database: TestDatabase
let now: number
let status: ServiceStatus
let health: GatewayHealth
let damaged: Set<string>
let starts: number
let reports: string[]

beforeEach(async () => {
  database = await createTestDatabase()
  now = Date.parse('2026-03-01T12:00:00Z')
  status = { state: 'stopped', exitCode: 1 }
  health = 'ready'
  damaged = new Set()
  starts = 0
  reports = []
  await instance('ins_1')
})
afterEach(() => database.close())

async function instance(id: string): Promise<void> {
  await insertInstance(database.database, { id })
  await database.database.pool.query('UPDATE instances SET host_id = $2, gateway_token_sealed = $3 WHERE id = $1', [
    id,
    `oc-${id}`,
    box.seal('token', `instance:${id}:gateway-token`),
  ])
}

/** One look of a process of its own. */
async function look(): Promise<void> {
  const host = {
    id: 'host',
    stateDirectory: '/nowhere/state',
    gatewayPort: 18_800,
    runtime: { directory: '/nowhere', node: '/nowhere/node', version: '1' },
    serviceStatus: async () => status,
    stopService: async () => {
      status = { state: 'stopped', exitCode: 0 }
    },
    startService: async () => {
      starts += 1
      status = { state: 'running', since: new Date(now), processId: 1 }
    },
    reservePort: async () => ok(18_800),
    readFile: async () => CONFIG,
  }
  const hosts = {
    name: 'local',
    find: async (name: string) => {
      if (damaged.has(name)) throw new Error('host.json is damaged')
      return host
    },
  }
  const gateway = { health: async () => health, close: async () => undefined }
  const services = servicesFor(database.database, {
    box,
    clock: { now: () => new Date(now) },
    hosts: z.custom<HostProvider>(() => true).parse(hosts),
    gateway: async () => z.custom<Gateway>(() => true).parse(gateway),
    notices: createNotices({ ids: randomIds, wake: () => undefined }),
    settings: {
      publicUrl: 'https://clawcloud.example',
      brandName: 'ClawCloud',
      supportContact: null,
      runtimeVersion: '1',
      modelRoots: modelRoots('https://models.example'),
      sandbox: true,
    },
  })
  await superviseInstances(services, (kind) => void reports.push(kind))
}

const after = async (seconds: number) => {
  now += seconds * 1000
  await look()
}
const crash = () => {
  status = { state: 'stopped', exitCode: 137 }
}
const row = async () => (await database.database.pool.query('SELECT state, crash_count FROM instances')).rows[0]
/** What the owner was told, in order. */
const told = async () =>
  (await database.database.pool.query('SELECT view::text AS view FROM outbox ORDER BY id')).rows.map(
    ({ view }) => /crash-(\w+)/.exec(view)?.[1],
  )

it('a crashed gateway is started again after a second; its owner is told once, and again when it is back', async () => {
  await look()
  expect([starts, await row(), await told()]).toEqual([0, { state: 'degraded', crash_count: 1 }, ['crashed']])
  await after(0.5)
  expect(starts).toBe(0)
  await after(0.6)
  expect(starts).toBe(1)
  health = 'starting'
  await after(5)
  expect(await told()).toEqual(['crashed'])
  health = 'ready'
  await after(5)
  await after(5)
  expect([await row(), await told()]).toEqual([{ state: 'running', crash_count: 1 }, ['crashed', 'back']])
  expect(starts).toBe(1)
})

it('one that we stopped ourselves is started again without a word', async () => {
  status = { state: 'stopped', exitCode: null, onPurpose: true }
  await look()
  health = 'starting'
  await after(5)
  health = 'ready'
  await after(20)
  expect([starts, await row(), await told()]).toEqual([1, { state: 'running', crash_count: 0 }, []])
  crash()
  await look()
  expect(await told()).toEqual(['crashed'])
})

it('one that crashes again and again waits 1, 2, 4, 8, 16 seconds; the owner hears of the first, operators of the fifth', async () => {
  for (const seconds of [1, 2, 4, 8, 16]) {
    crash()
    await look()
    const before = starts
    await after(seconds - 0.1)
    expect(starts, `${seconds} seconds`).toBe(before)
    await after(0.2)
    expect(starts, `${seconds} seconds`).toBe(before + 1)
  }
  expect(await told()).toEqual(['crashed'])
  expect(reports).toEqual(['gateway-crashing'])
})

it('a crash after a healthy minute is a first one again', async () => {
  await look()
  await after(2)
  await after(5)
  await after(61)
  expect(await row()).toEqual({ state: 'running', crash_count: 0 })
  crash()
  await look()
  expect(await told()).toEqual(['crashed', 'back', 'crashed'])
})

it('several processes that look at once act once', async () => {
  await Promise.all([look(), look(), look()])
  expect([await row(), await told()]).toEqual([{ state: 'degraded', crash_count: 1 }, ['crashed']])
  now += 1100
  await Promise.all([look(), look(), look()])
  expect(starts).toBe(1)
  await Promise.all([look(), look(), look()])
  expect(await told()).toEqual(['crashed', 'back'])
})

it('one that lives and says nothing for two minutes is restarted', async () => {
  status = { state: 'running', since: new Date(now - 600_000), processId: 1 }
  health = 'unreachable'
  for (let check = 1; check < 24; check++) await after(5)
  expect([starts, await row()]).toEqual([0, { state: 'degraded', crash_count: 0 }])
  await after(5)
  expect([starts, await row()]).toEqual([1, { state: 'degraded', crash_count: 1 }])
})

it('an instance with an operation at work is left to it', async () => {
  await database.database.pool.query(
    `INSERT INTO operations (id, kind, instance_id, language, request_id) VALUES ('op_1', 'restart', 'ins_1', 'en', 'req_1')`,
  )
  await look()
  expect(await row()).toEqual({ state: 'running', crash_count: 0 })
})

it('one damaged host does not keep the others from being looked after', async () => {
  await database.database.pool.query(`UPDATE instances SET host_id = 'oc-damaged'`)
  damaged.add('oc-damaged')
  await instance('ins_2')
  await look()
  const { rows } = await database.database.pool.query('SELECT id, state FROM instances ORDER BY id')
  expect(rows).toEqual([
    { id: 'ins_1', state: 'running' },
    { id: 'ins_2', state: 'degraded' },
  ])
})
