import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { HostProvider } from '../../../core/hosts/index.ts'
import { reconcileInstances } from '../../../core/instances/index.ts'
import { createNotices } from '../../../core/notices/index.ts'
import { createEngine } from '../../../core/operations/index.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { quietLog, randomIds, servicesFor, systemClock } from '../../support/services.ts'
import { insertInstance } from '../credits/support.ts'

const MINUTE_MS = 60_000

let database: TestDatabase
let reports: string[]
/** What the provider has: a name, and how old it is or why it can't say. */
let there: Map<string, { ageMinutes?: number; damaged?: boolean }>
let deleted: string[]
/** Hosts the provider knows to have made at this place. */
let made: Set<string>

beforeEach(async () => {
  database = await createTestDatabase()
  reports = []
  there = new Map()
  deleted = []
  made = new Set()
})
afterEach(() => database.close())

function hostsNamed(name: string): HostProvider {
  const hosts = {
    name,
    find: async (host: string) => {
      if (there.get(host)?.damaged) throw new Error(`${host}: host.json is damaged`)
      return there.has(host) ? { id: host } : null
    },
    wasHere: async (host: string) => made.has(host),
    list: async () =>
      [...there].map(([host, { ageMinutes = 60 }]) => ({
        name: host,
        createdAt: new Date(systemClock.now().getTime() - ageMinutes * MINUTE_MS),
      })),
    delete: async (host: string) => {
      if (there.get(host)?.damaged) throw new Error(`${host}: busy`)
      deleted.push(host)
      there.delete(host)
    },
  }
  return z.custom<HostProvider>(() => true).parse(hosts)
}

async function reconcile(provider = 'local'): Promise<void> {
  const kinds = ['deploy', 'restart', 'destroy'].map((kind) => ({ kind, exclusive: true, steps: [] }))
  const notices = createNotices({ ids: randomIds, wake: () => undefined })
  const engine = createEngine({
    database: database.database,
    kinds,
    services: () => ({}),
    notices,
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
  const services = servicesFor(database.database, { hosts: hostsNamed(provider), notices, operations: engine.operations })
  await reconcileInstances(services, (kind) => void reports.push(kind))
  await engine.stop()
}

const instance = async (id: string, state: string, provider = 'local') => {
  await insertInstance(database.database, { id })
  await database.database.pool.query('UPDATE instances SET state = $2, host_id = $3, host_provider = $4 WHERE id = $1', [
    id,
    state,
    `oc-${id}`,
    provider,
  ])
}
/** Its deploy failed and was undone. */
const over = async (id: string) => {
  await instance(id, 'failed')
  await database.database.pool.query('UPDATE instances SET destroyed_at = now() WHERE id = $1', [id])
}
const operation = (instanceId: string, kind: string) =>
  database.database.pool.query(
    `INSERT INTO operations (id, kind, instance_id, language, request_id) VALUES ($1, $2, $3, 'en', 'req_1')`,
    [`op_${instanceId}_${kind}`, kind, instanceId],
  )
const values = async (sql: string): Promise<string[]> =>
  (await database.database.pool.query({ text: sql, rowMode: 'array' })).rows.map((row) => row.join(' '))
const states = () => values('SELECT id, state FROM instances ORDER BY id')
const operations = () => values('SELECT instance_id, kind FROM operations ORDER BY instance_id, kind')
const told = () => values('SELECT view_id FROM outbox ORDER BY id')

describe('an instance is compared with its host:', () => {
  it.each(['running', 'degraded', 'provisioning', 'restarting', 'destroying'])(
    '%s with an operation alive is left to it, whatever the provider says',
    async (state) => {
      there.set('oc-other', {})
      await instance('other', 'running')
      await instance('one', state)
      await operation('one', 'restart')
      await reconcile()
      expect(await states()).toEqual([`one ${state}`, 'other running'])
      expect(await operations()).toEqual(['one restart'])
      expect([reports, await told()]).toEqual([[], []])
    },
  )

  it.each(['running', 'degraded'])('%s and there: nothing happens', async (state) => {
    there.set('oc-one', {})
    await instance('one', state)
    await reconcile()
    expect([await states(), reports, await operations(), deleted]).toEqual([[`one ${state}`], [], [], []])
  })

  it.each(['running', 'degraded'])('%s and confirmed gone: lost, its owner told once, operators alerted', async (state) => {
    there.set('oc-other', {})
    await instance('other', 'running')
    await instance('one', state)
    await reconcile()
    await reconcile()
    expect(await states()).toEqual(['one lost', 'other running'])
    expect(reports).toEqual(['host-lost'])
    expect(await told()).toEqual(['crash:one'])
  })

  it('an answer being thought about does not hide that its host is gone', async () => {
    there.set('oc-other', {})
    await instance('other', 'running')
    await instance('one', 'running')
    await operation('one', 'ask')
    await reconcile()
    expect(await states()).toContain('one lost')
  })

  it('no answer about one: nothing is concluded, operators are told, and all others are compared', async () => {
    there.set('oc-a', { damaged: true })
    await instance('a', 'running')
    await instance('b', 'running')
    await instance('c', 'restarting')
    await over('stray')
    there.set('oc-stray', {})
    await reconcile()
    expect(await states()).toEqual(['a running', 'b lost', 'c restarting', 'stray failed'])
    expect(await operations()).toEqual(['c restart'])
    expect(reports.toSorted()).toEqual(['host-lost', 'host-stray', 'not-reconciled', 'operation-restarted'])
    expect(deleted).toEqual(['oc-stray'])
  })

  it.each([
    ['provisioning', 'deploy'],
    ['restarting', 'restart'],
    ['destroying', 'destroy'],
  ])('%s with nobody at work: its %s starts again, once', async (state, kind) => {
    await instance('one', state)
    await reconcile()
    await reconcile()
    expect(await operations()).toEqual([`one ${kind}`])
    expect(await states()).toEqual([`one ${state}`])
    expect(reports).toEqual(['operation-restarted'])
  })

  it('two processes at once start an operation again without ending either run', async () => {
    await instance('one', 'restarting')
    await instance('two', 'running')
    there.set('oc-two', {})
    await Promise.all([reconcile(), reconcile()])
    expect(await operations()).toEqual(['one restart'])
    expect(reports).not.toContain('not-reconciled')
    expect(await states()).toEqual(['one restarting', 'two running'])
  })

  it('stopped ones and those of another provider are none of its business', async () => {
    there.set('oc-here', {})
    await instance('here', 'running')
    await instance('cloudy', 'running', 'hetzner')
    await instance('over', 'failed')
    await reconcile()
    expect(await states()).toEqual(['cloudy running', 'here running', 'over failed'])
    expect(reports).toEqual([])
  })
})

describe('hosts without an instance', () => {
  it('of an instance that is over, and older than a deploy takes, are deleted with an alert; younger ones and strangers stay', async () => {
    for (const id of ['old', 'young']) await over(id)
    there.set('oc-old', { ageMinutes: 16 }).set('oc-young', { ageMinutes: 14 }).set('mail-server', { ageMinutes: 999 })
    await reconcile()
    expect(deleted).toEqual(['oc-old'])
    expect(reports).toEqual(['host-stray'])
  })

  it('of a deploy that failed are known by the name they were claimed under', async () => {
    await over('one')
    await database.database.pool.query(`UPDATE instances SET host_id = 'oc-standby-1' WHERE id = 'one'`)
    there.set('oc-standby-1', {})
    await reconcile()
    expect(deleted).toEqual(['oc-standby-1'])
  })

  it('are all kept by a database that does not know them: it may be the wrong one, and they the customers’', async () => {
    there.set('oc-ins-sold', { ageMinutes: 9999 }).set('oc-standby-sold', { ageMinutes: 9999 })
    await reconcile()
    expect(deleted).toEqual([])
    expect(reports).toEqual(['host-unknown', 'host-unknown'])
  })

  it('stay when they are standbys', async () => {
    there.set('oc-standby-1', {})
    await database.database.pool.query(
      `INSERT INTO standbys (id, host_provider, host_id, runtime_version, gateway_token_sealed, state) VALUES ('sby_1', 'local', 'oc-standby-1', '1', 'x', 'ready')`,
    )
    await reconcile()
    expect(deleted).toEqual([])
  })

  it('that can not be deleted do not keep the others', async () => {
    for (const id of ['stuck', 'loose']) await over(id)
    there.set('oc-stuck', { damaged: true }).set('oc-loose', {})
    await reconcile()
    expect(deleted).toEqual(['oc-loose'])
    expect(reports).toEqual(['host-stray', 'not-reconciled', 'host-stray'])
  })
})

describe('a process on another machine', () => {
  it('that finds none of the local hosts loses no assistant and deletes nothing, and says so', async () => {
    await instance('one', 'running')
    await instance('two', 'degraded')
    await instance('three', 'restarting')
    there.set('oc-of-this-machine', {})
    await reconcile()
    expect(await states()).toEqual(['one running', 'three restarting', 'two degraded'])
    expect([deleted, await told()]).toEqual([[], []])
    expect(reports).toEqual(['operation-restarted', 'hosts-elsewhere'])
  })

  it('loses the only assistant when its host was made here and is gone, and leaves those that were not', async () => {
    await instance('one', 'running')
    made.add('oc-one')
    await reconcile()
    expect(await states()).toEqual(['one lost'])
    expect([reports, await told()]).toEqual([['host-lost'], ['crash:one']])

    await instance('two', 'running')
    await instance('three', 'running')
    made.add('oc-two')
    await reconcile()
    expect(await states()).toEqual(['one lost', 'three running', 'two lost'])
    expect(reports.slice(1)).toEqual(['host-lost', 'hosts-elsewhere'])
  })

  it('believes a provider of many machines, wherever it asks from', async () => {
    await instance('one', 'running', 'hetzner')
    await reconcile('hetzner')
    expect(await states()).toEqual(['one lost'])
  })
})
