import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createLocalHostProvider,
  type Host,
  type LocalHostProviderOptions,
  type RuntimeInstaller,
} from '../../../core/hosts/index.ts'
import { identityOf } from '../../../core/hosts/local/process-identity.ts'
import { ok } from '../../../core/problem.ts'
import { FAKE_SERVICE, hostProviderContract } from '../../contracts/host-provider.ts'
import { eventually } from '../../support/eventually.ts'
import { quietLog, systemClock } from '../../support/services.ts'
import { startSource } from '../../support/source-process.ts'
import { memoryLog } from '../credits/support.ts'

/** Nothing to install: the services of these tests are programs of Node's own. */
const noRuntime: RuntimeInstaller = {
  locate: (version) => ({ directory: '/nowhere', node: process.execPath, version }),
  isInstalled: async () => true,
  trouble: async () => null,
  install: async (version) => ok({ directory: '/nowhere', node: process.execPath, version }),
}
/** 1024 MB are kept for the machine, 1536 MB go to each gateway. */
const ROOM_FOR_TWO_MB = 1024 + 2 * 1536 + 100

const provider = (dataDirectory: string, options: Partial<LocalHostProviderOptions> = {}) =>
  createLocalHostProvider({
    dataDirectory,
    clock: systemClock,
    log: quietLog,
    memoryMb: ROOM_FOR_TWO_MB,
    installer: noRuntime,
    stopSeconds: 1,
    ...options,
  })

const service = (host: Host, behaviour = 'serve') => ({
  command: [process.execPath, FAKE_SERVICE, String(host.gatewayPort), behaviour],
  env: {},
})

hostProviderContract({ name: 'this machine', open: async (directory) => provider(directory), service })

describe('a host of this machine', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'clawcloud-local-'))
  })
  afterEach(async () => {
    await provider(directory).stopAll()
    await rm(directory, { recursive: true, force: true })
  })

  async function create(options: Partial<LocalHostProviderOptions> = {}): Promise<Host> {
    const created = await provider(directory, options).create({ name: 'oc-one', runtimeVersion: '1.2.3' })
    if (!created.ok) throw new Error(created.problem.code)
    return created.value
  }

  it('moves to the next free port when a stranger took its own, and every later look at it knows', async () => {
    const host = await create()
    const stranger = createServer().listen(host.gatewayPort, '127.0.0.1')
    await once(stranger, 'listening')
    const before = host.gatewayPort
    const reserved = await host.reservePort()
    expect(reserved.ok && reserved.value).toBeGreaterThan(before)
    const earlier = await provider(directory).find('oc-one')
    expect(earlier?.gatewayPort).toBe(host.gatewayPort)
    stranger.close()
  })

  it('says so when no port is left', async () => {
    const stranger = createServer().listen(0, '127.0.0.1')
    await once(stranger, 'listening')
    const address = stranger.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const created = await provider(directory, { ports: { first: port, last: port } }).create({
      name: 'oc-one',
      runtimeVersion: '1.2.3',
    })
    expect(created.ok ? '' : created.problem.code).toBe('no-port')
    stranger.close()
  })

  it('takes no other process for its service when the number was given away again', async () => {
    const host = await create()
    await host.startService(service(host))
    const identity = join(directory, 'instances', 'oc-one', 'service.pid')
    const [, mark = ''] = (await readFile(identity, 'utf8')).split('\n')
    await host.stopService()
    // This very process, but started at the other's time.
    await writeFile(identity, `${process.pid}\n${mark}\n`)
    expect((await host.serviceStatus()).state).toBe('stopped')
    await host.stopService()
  })

  it('keeps its service when the process that started it is killed', async () => {
    const host = await create()
    const starter = await startSource('tests/core/hosts/host-process.ts', [
      'start',
      directory,
      process.execPath,
      FAKE_SERVICE,
      'PORT',
    ])
    await starter.line('started')
    await starter.kill()
    const answer = await eventually(async () => (await fetch(`http://127.0.0.1:${host.gatewayPort}/`)).text())
    expect(await host.serviceStatus()).toMatchObject({ state: 'running', processId: Number(answer) })
    await host.stopService()
    expect(await identityOf(Number(answer))).toBeNull()
  })

  it('finishes what a killed creation or deletion left', async () => {
    const instances = join(directory, 'instances')
    await mkdir(join(instances, 'oc-one', 'state'), { recursive: true })
    await mkdir(join(instances, '.deleting-oc-two', 'state'), { recursive: true })
    const hosts = provider(directory)
    expect(await hosts.find('oc-one')).toBeNull()
    expect((await hosts.list()).map((host) => host.name).sort()).toEqual(['oc-one', 'oc-two'])
    await hosts.delete('oc-two')
    expect((await hosts.create({ name: 'oc-one', runtimeVersion: '1.2.3' })).ok).toBe(true)
    expect((await readdir(instances)).filter((entry) => !entry.endsWith('.made'))).toEqual(['oc-one'])
  })

  it('is told by its damaged host.json alone: others are made, counted, listed and stopped, and it can still be deleted', async () => {
    const host = await create()
    await host.startService(service(host))
    const answer = await eventually(async () => (await fetch(`http://127.0.0.1:${host.gatewayPort}/`)).text())
    await writeFile(join(directory, 'instances', 'oc-one', 'host.json'), '{"name": "oc-o')

    const log = memoryLog()
    const hosts = provider(directory, { log })
    await expect(hosts.find('oc-one')).rejects.toThrow()
    const other = await hosts.create({ name: 'oc-two', runtimeVersion: '1.2.3' })
    expect(other.ok && other.value.gatewayPort).not.toBe(host.gatewayPort)
    expect((await hosts.list()).map(({ name }) => name).sort()).toEqual(['oc-one', 'oc-two'])
    expect(await hosts.capacity('1.2.3')).toEqual({ total: 2, used: 2 })
    expect(JSON.stringify(log.lines)).toContain('oc-one')
    await hosts.delete('oc-one')
    expect(await identityOf(Number(answer))).toBeNull()
    expect((await hosts.list()).map(({ name }) => name)).toEqual(['oc-two'])
  })

  it('is known to have been here when its folder vanished, and not when we deleted it or the whole disk is away', async () => {
    const hosts = provider(directory)
    for (const name of ['oc-one', 'oc-two', 'oc-three']) {
      await provider(directory, { memoryMb: 20_000 }).create({ name, runtimeVersion: '1.2.3' })
    }
    await rm(join(directory, 'instances', 'oc-one'), { recursive: true })
    await hosts.delete('oc-two')
    const here = (of: typeof hosts) => Promise.all(['oc-one', 'oc-two', 'oc-three'].map((name) => of.wasHere?.(name)))
    expect(await hosts.find('oc-one')).toBeNull()
    expect(await here(hosts)).toEqual([true, false, true])
    expect(await here(provider(join(directory, 'elsewhere')))).toEqual([false, false, false])
    // One that was made before such marks were kept gets its mark when it is seen.
    await rm(join(directory, 'instances', 'oc-three.made'))
    await provider(directory).find('oc-three')
    expect(await here(hosts)).toEqual([true, false, true])
  })

  it('counts no more places than the disk has room for, and says what is in the way', async () => {
    const MB = 2 ** 20
    const capacity = (freeMb: number, trouble: 'runtime-unavailable' | null = null) =>
      provider(directory, {
        memoryMb: 20_000,
        freeBytes: async () => freeMb * MB,
        installer: { ...noRuntime, trouble: async () => trouble },
      }).capacity('1.2.3')
    await create()
    expect(await capacity(100_000)).toEqual({ total: 12, used: 1 })
    expect(await capacity(250)).toEqual({ total: 3, used: 1 })
    expect(await capacity(99)).toEqual({ total: 1, used: 1, trouble: 'disk-full' })
    expect(await capacity(100_000, 'runtime-unavailable')).toEqual({ total: 1, used: 1, trouble: 'runtime-unavailable' })
  })

  it('gives a service none of our environment', async () => {
    const host = await create({ environment: { HTTPS_PROXY: 'http://proxy' } })
    const printed = await host.exec(['/usr/bin/env'], { timeoutSeconds: 10 })
    const names = printed.ok
      ? printed.value.stdout
          .trim()
          .split('\n')
          .map((line) => line.split('=')[0])
      : []
    expect(names.filter((name) => name !== '_' && name !== 'PWD' && name !== 'SHLVL').sort()).toEqual([
      'HOME',
      'HTTPS_PROXY',
      'LANG',
      'PATH',
    ])
  })

  it('compiles a new runtime ahead once, and works without if that fails', async () => {
    const runtime = join(directory, 'runtime')
    const installer: RuntimeInstaller = {
      ...noRuntime,
      install: async (version) => ok({ directory: runtime, node: process.execPath, version }),
    }
    const used: string[] = []
    const warmRuntime = async (host: Host) => {
      used.push(host.id)
      return ok(undefined)
    }
    await provider(directory, { installer, warmRuntime }).prepare('1.2.3')
    await provider(directory, { installer, warmRuntime }).prepare('1.2.3')
    expect(used).toEqual(['oc-warm-up-1-2-3'])
    expect(await provider(directory).list()).toEqual([])
    const failing = provider(directory, {
      installer: { ...installer, install: async (version) => ok({ directory: join(directory, 'other'), node: '', version }) },
      warmRuntime: async () => Promise.reject(new Error('no')),
    })
    expect(await failing.prepare('1.2.4')).toEqual({ ok: true, value: undefined })
  })
})
