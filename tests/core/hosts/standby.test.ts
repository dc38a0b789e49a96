import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { warmUpGateway } from '../../../core/gateway/index.ts'
import {
  createLocalHostProvider,
  createStandbyPool,
  type Host,
  type HostProvider,
  type RuntimeInstaller,
  type StandbyPoolOptions,
} from '../../../core/hosts/index.ts'
import { failed, ok } from '../../../core/problem.ts'
import { createSecretBox, parseKeyRing } from '../../../core/secrets/index.ts'
import { FAKE_SERVICE } from '../../contracts/host-provider.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { modelRoots, quietLog, randomIds, systemClock } from '../../support/services.ts'

const VERSION = '1.2.3'
const installer: RuntimeInstaller = {
  locate: (version) => ({ directory: '/nowhere', node: process.execPath, version }),
  isInstalled: async () => true,
  trouble: async () => null,
  install: async (version) => ok({ directory: '/nowhere', node: process.execPath, version }),
}
const box = createSecretBox(parseKeyRing(`1:${Buffer.alloc(32, 7).toString('base64')}`))

/** Starts a small program instead of OpenClaw. */
const startFake: typeof warmUpGateway = async (host: Host) => {
  await host.startService({ command: [process.execPath, FAKE_SERVICE, String(host.gatewayPort)], env: {} })
  return ok(undefined)
}

describe('the standby pool', () => {
  let directory: string
  let test: TestDatabase
  let provider: HostProvider
  const pools: { stop(): Promise<void> }[] = []

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'clawcloud-standby-'))
    test = await createTestDatabase()
    provider = createLocalHostProvider({
      dataDirectory: directory,
      clock: systemClock,
      log: quietLog,
      memoryMb: 1024 + 3 * 1536,
      installer,
      stopSeconds: 1,
    })
  })
  afterEach(async () => {
    for (const pool of pools.splice(0)) await pool.stop()
    for (const host of await provider.list()) await provider.delete(host.name)
    await test.close()
    await rm(directory, { recursive: true, force: true })
  })

  /** As a process of its own would have it. */
  function standbys(options: Partial<StandbyPoolOptions> = {}) {
    const pool = createStandbyPool({
      pool: test.database.pool,
      provider,
      box,
      runtimeVersion: VERSION,
      roots: modelRoots('http://127.0.0.1:1/api/v1'),
      clock: systemClock,
      ids: randomIds,
      log: quietLog,
      redact: (text) => text,
      availableMemoryMb: () => 16_000,
      warmUp: startFake,
      ...options,
    })
    pools.push(pool)
    return pool
  }
  const states = async () =>
    (await test.database.pool.query('SELECT state FROM standbys ORDER BY created_at')).rows.map((row) => row.state)
  const hostNames = async () => (await provider.list()).map((host) => host.name)

  /** A running instance, as far as these tests need one. */
  async function instance(id: string): Promise<string> {
    const prisma = await test.database.prisma()
    await prisma.person.upsert({ where: { id: 'per_1' }, create: { id: 'per_1' }, update: {} })
    await prisma.workspace.upsert({
      where: { id: 'wsp_1' },
      create: { id: 'wsp_1', kind: 'personal', ownerPersonId: 'per_1' },
      update: {},
    })
    const plan = await prisma.plan.upsert({
      where: { id: 'lite' },
      create: { id: 'lite', name: 'Lite', priceCents: 2900, creditMicros: 8_000_000n, position: 1 },
      update: {},
    })
    await prisma.instance.create({
      data: {
        id,
        workspaceId: 'wsp_1',
        ownerPersonId: 'per_1',
        name: id,
        planId: plan.id,
        state: 'provisioning',
        model: 'x/y',
        platform: 'web',
        chatId: '1',
        userId: '1',
        language: 'en',
        hostProvider: 'local',
      },
    })
    return id
  }

  it('has one gateway ready, and gives it away once', async () => {
    const pool = standbys()
    await pool.refill()
    await pool.refill()
    expect(await states()).toEqual(['ready'])
    expect(await pool.claimable()).toBe(1)
    const claimed = await pool.claim(await instance('ins_1'))
    expect(await hostNames()).toEqual([claimed?.hostName])
    expect(claimed?.gatewayToken).toMatch(/^gw_/)
    expect(await pool.claim('ins_1')).toEqual(claimed)
    expect(await pool.claim('ins_2')).toBeNull()
    await pool.refill()
    expect(await states()).toEqual(['claimed', 'ready'])
    expect((await pool.claim('ins_2'))?.hostName).not.toBe(claimed?.hostName)
  })

  it('never gives one gateway to two instances, nor two to one', async () => {
    const pool = standbys({ size: 2 })
    await pool.refill()
    const claims = await Promise.all(['ins_1', 'ins_2', 'ins_1', 'ins_3'].map((id) => pool.claim(id)))
    const given = claims.filter((claim) => claim !== null).map((claim) => claim.hostName)
    expect(new Set(given).size).toBe(2)
    expect(claims[0]).toEqual(claims[2])
  })

  it('is refilled by one process at a time', async () => {
    await Promise.all([standbys().refill(), standbys().refill(), standbys().refill()])
    expect(await states()).toEqual(['ready'])
    expect(await hostNames()).toHaveLength(1)
  })

  it('leaves no host behind when its maker was killed at any point', async () => {
    const row = (id: string, state: string) =>
      test.database.pool.query(
        `INSERT INTO standbys (id, host_provider, host_id, runtime_version, gateway_token_sealed, state) VALUES ($1, 'local', $2, $3, 'x', $4)`,
        [id, `oc-standby-${id}`, VERSION, state],
      )
    // Before its host, and with it.
    await row('first', 'starting')
    await row('second', 'starting')
    await provider.create({ name: 'oc-standby-second', runtimeVersion: VERSION })
    await standbys().refill()
    expect(await states()).toEqual(['ready'])
    expect(await hostNames()).toHaveLength(1)
  })

  it('deletes no host that its database does not know: another one may have sold it', async () => {
    await provider.create({ name: 'oc-standby-sold', runtimeVersion: VERSION })
    await standbys().refill()
    expect(await hostNames()).toContain('oc-standby-sold')
  })

  it('replaces one that died while it waited, and never gives it away', async () => {
    const pool = standbys()
    await pool.refill()
    const [name = ''] = await hostNames()
    await (await provider.find(name))?.stopService()
    expect(await pool.claim('ins_1')).toBeNull()
    await pool.refill()
    expect(await states()).toEqual(['ready'])
    expect(await hostNames()).not.toContain(name)
  })

  it('forgets a claim when its instance is over, with its host', async () => {
    const pool = standbys({ size: 1 })
    await pool.refill()
    const claimed = await pool.claim(await instance('ins_1'))
    await pool.refill()
    expect(await states()).toEqual(['claimed', 'ready'])
    await (await test.database.prisma()).instance.update({ where: { id: 'ins_1' }, data: { destroyedAt: new Date() } })
    await pool.refill()
    expect(await states()).toEqual(['ready'])
    expect(await hostNames()).not.toContain(claimed?.hostName)
  })

  it('replaces one of a version that is no longer given out', async () => {
    await standbys().refill()
    const newer = standbys({ runtimeVersion: '1.2.4' })
    expect(await newer.claim('ins_1')).toBeNull()
    await newer.refill()
    expect(await hostNames()).toHaveLength(1)
    expect(await newer.claimable()).toBe(1)
  })

  it('takes no memory that the machine needs, and no place that is not there', async () => {
    await standbys({ availableMemoryMb: () => 1600 }).refill()
    expect(await states()).toEqual([])
    for (const name of ['oc-one', 'oc-two', 'oc-three']) await provider.create({ name, runtimeVersion: VERSION })
    await standbys().refill()
    expect(await states()).toEqual([])
  })

  it('cleans up after one that did not start, and tries again the next time', async () => {
    const problem = { code: 'gateway-stopped', retryable: true, text: { id: 'gateway-stopped' } }
    await standbys({ warmUp: async () => failed(problem) }).refill()
    expect(await states()).toEqual([])
    expect(await hostNames()).toEqual([])
    await standbys().refill()
    expect(await states()).toEqual(['ready'])
  })

  /** One that begins to warm up and ends when told, as in another process. */
  function slowStandby() {
    const begun = deferred()
    const end = deferred()
    const pool = standbys({
      warmUp: async (host, options) => {
        await startFake(host, options)
        begun.resolve()
        await end.promise
        return ok(undefined)
      },
    })
    return { pool, begun: begun.promise, end: end.resolve }
  }
  const grewOld = () => test.database.pool.query(`UPDATE standbys SET created_at = now() - interval '61 seconds'`)

  it('waits for one that is starting', async () => {
    const slow = slowStandby()
    const refilled = slow.pool.refill()
    await slow.begun
    const claim = standbys().claim('ins_1')
    slow.end()
    await refilled
    expect((await claim)?.hostName).toBe((await hostNames())[0])
  })

  it('gives the place of one that does not get ready to the deploy that waited for it', async () => {
    const slow = slowStandby()
    const refilled = slow.pool.refill()
    await slow.begun
    const claim = standbys().claim('ins_1')
    await grewOld()
    expect(await claim).toBeNull()
    expect([await hostNames(), await states()]).toEqual([[], ['broken']])
    // Its maker comes too late: it neither brings it back nor gives it away.
    slow.end()
    await refilled
    expect([await hostNames(), await states()]).toEqual([[], []])
  })

  it('does not warm up one whose place was taken while its host was made', async () => {
    let warmed = false
    const evicting: HostProvider = {
      ...provider,
      create: async (spec) => {
        await grewOld()
        expect(await standbys().claim('ins_1')).toBeNull()
        return provider.create(spec)
      },
    }
    await standbys({
      provider: evicting,
      warmUp: async () => {
        warmed = true
        return ok(undefined)
      },
    }).refill()
    expect([warmed, await hostNames(), await states()]).toEqual([false, [], []])
  })

  it('ends the waiting of a claim that is aborted', async () => {
    const slow = slowStandby()
    const refilled = slow.pool.refill()
    await slow.begun
    const stopping = new AbortController()
    const claim = standbys().claim('ins_1', stopping.signal)
    stopping.abort(new Error('the service stops'))
    await expect(claim).rejects.toThrow('the service stops')
    slow.end()
    await refilled
    expect(await states()).toEqual(['ready'])
  })

  it('that sends its model calls where they no longer go is not given to anybody, and replaced', async () => {
    const root = 'http://127.0.0.1:1/api/v1'
    const configured =
      (baseUrl: string): typeof warmUpGateway =>
      async (host, options) => {
        await host.writeFile('openclaw.json', JSON.stringify({ models: { providers: { openrouter: { baseUrl } } } }))
        return startFake(host, options)
      }
    await standbys({ warmUp: configured('http://127.0.0.1:2/api/v1') }).refill()
    const [old] = await hostNames()
    const pool = standbys({ warmUp: configured(root) })
    expect(await pool.claim('ins_1')).toBeNull()
    await pool.refill()
    expect(await hostNames()).not.toContain(old)
    expect((await pool.claim('ins_1'))?.hostName).toBe((await hostNames())[0])
  })
})

function deferred() {
  let resolve = (): void => undefined
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve: () => resolve() }
}
