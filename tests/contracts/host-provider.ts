import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Host, HostProvider, ServiceSpec } from '../../core/hosts/index.ts'
import { eventually } from '../support/eventually.ts'

export const FAKE_SERVICE = fileURLToPath(new URL('../support/fake-service.mjs', import.meta.url))

export type HostProviderUnderTest = {
  readonly name: string
  /** A provider with room for exactly two hosts. Called again with the same folder it is what a restarted service would make. */
  open(directory: string): Promise<HostProvider>
  /** How the stand-in service is started on a host. */
  service(host: Host, behaviour?: string): ServiceSpec
}

const VERSION = '1.2.3'

/** What every host provider promises. */
export function hostProviderContract({ name, open, service }: HostProviderUnderTest): void {
  describe(`hosts of ${name}`, () => {
    let directory: string
    let provider: HostProvider

    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), 'clawcloud-hosts-'))
      provider = await open(directory)
    })
    afterEach(async () => {
      for (const host of await provider.list()) await provider.delete(host.name)
      await rm(directory, { recursive: true, force: true })
    })

    async function create(hostName = 'oc-one'): Promise<Host> {
      const created = await provider.create({ name: hostName, runtimeVersion: VERSION })
      if (!created.ok) throw new Error(created.problem.detail ?? created.problem.code)
      return created.value
    }

    /** Waits until the service answers, and returns the process number it says. */
    const answering = (host: Host) =>
      eventually(async () => {
        const way = await host.connect(host.gatewayPort)
        try {
          return await (await fetch(`http://${way.host}:${way.port}/`)).text()
        } finally {
          await way.close()
        }
      })

    it('creates a host once, however often it is asked to', async () => {
      const [first, second] = await Promise.all([create(), create()])
      expect(second.gatewayPort).toBe(first.gatewayPort)
      expect((await provider.list()).map((host) => host.name)).toEqual(['oc-one'])
      expect(await provider.capacity(VERSION)).toEqual({ total: 2, used: 1 })
      expect((await provider.find('oc-one'))?.runtime.version).toBe(VERSION)
    })

    it('confirms that there is no host of a name', async () => {
      expect(await provider.find('oc-nobody')).toBeNull()
    })

    it('refuses what does not fit, and takes it when one is gone', async () => {
      await create('oc-one')
      await create('oc-two')
      const third = await provider.create({ name: 'oc-three', runtimeVersion: VERSION })
      expect(third.ok ? '' : third.problem.code).toBe('host-full')
      expect((await provider.create({ name: 'oc-two', runtimeVersion: VERSION })).ok).toBe(true)
      await provider.delete('oc-one')
      expect((await provider.create({ name: 'oc-three', runtimeVersion: VERSION })).ok).toBe(true)
    })

    it('gives every host a port of its own', async () => {
      expect((await create('oc-one')).gatewayPort).not.toBe((await create('oc-two')).gatewayPort)
    })

    it('keeps files whole and private, and says when there is none', async () => {
      const host = await create()
      expect(await host.readFile('a/b.json')).toBeNull()
      await host.writeFile('a/b.json', 'first')
      await host.writeFile('a/b.json', 'second 你好')
      expect(await host.readFile('a/b.json')).toBe('second 你好')
      const listed = await host.exec(['ls', '-l', 'a'], { timeoutSeconds: 10 })
      expect(listed.ok && listed.value.stdout).toMatch(/^-rw-------.*b\.json$/m)
      await expect(host.writeFile('../outside', 'x')).rejects.toThrow()
    })

    it('runs a command with its input, and reports its end', async () => {
      const host = await create()
      const ran = await host.exec(['/bin/sh', '-c', 'cat; echo trouble >&2; exit 4'], { timeoutSeconds: 10, stdin: 'secret' })
      expect(ran).toEqual({ ok: true, value: { code: 4, stdout: 'secret', stderr: 'trouble\n' } })
    })

    it('stops a command that takes too long', async () => {
      const host = await create()
      const ran = await host.exec(['sleep', '30'], { timeoutSeconds: 0.2 })
      expect(ran.ok ? '' : ran.problem.code).toBe('host-command-timeout')
    })

    it('starts a service, leaves a running one alone, and replaces it when its specification changes', async () => {
      const host = await create()
      expect(await host.serviceStatus()).toEqual({ state: 'stopped', exitCode: null, onPurpose: true })
      await host.startService(service(host))
      const pid = await answering(host)
      await host.startService(service(host))
      expect(await answering(host)).toBe(pid)
      expect(await host.serviceStatus()).toMatchObject({ state: 'running', processId: Number(pid) })
      await host.startService({ ...service(host), env: { CHANGED: 'yes' } })
      expect(await answering(host)).not.toBe(pid)
    })

    it('starts one service when it is asked twice at once', async () => {
      const host = await create()
      await Promise.all([host.startService(service(host)), host.startService(service(host))])
      await answering(host)
      expect((await host.serviceOutput(50)).match(/started on/g)).toHaveLength(1)
    })

    it('stops a service, also one that does not want to, and twice', { timeout: 60_000 }, async () => {
      const host = await create()
      await host.startService(service(host, 'stubborn'))
      await answering(host)
      await host.stopService()
      expect((await host.serviceStatus()).state).toBe('stopped')
      await host.stopService()
      expect(await host.serviceOutput(5)).toContain('not now')
    })

    it('notices that a service ended by itself', async () => {
      const host = await create()
      await host.startService(service(host, 'crash'))
      const status = await eventually(async () => {
        const found = await host.serviceStatus()
        if (found.state !== 'stopped') throw new Error('still running')
        return found
      })
      expect(status.exitCode === 3 || status.exitCode === null).toBe(true)
      expect(await host.serviceOutput(5)).toContain('started on')
    })

    it('finds hosts and running services again after a restart of ours', async () => {
      const host = await create()
      await host.startService(service(host))
      const pid = await answering(host)
      provider = await open(directory)
      const found = await provider.find('oc-one')
      expect(found?.gatewayPort).toBe(host.gatewayPort)
      expect(await found?.serviceStatus()).toMatchObject({ state: 'running', processId: Number(pid) })
      if (found) await found.startService(service(found))
      expect(await answering(host)).toBe(pid)
    })

    it('deletes a host with its running service, and is content when it is gone already', async () => {
      const host = await create()
      await host.startService(service(host))
      const pid = Number(await answering(host))
      await provider.delete('oc-one')
      await eventually(async () => expect(() => process.kill(pid, 0)).toThrow())
      expect(await provider.find('oc-one')).toBeNull()
      expect(await provider.list()).toEqual([])
      await provider.delete('oc-one')
    })

    it('takes no name that could lead elsewhere', async () => {
      await expect(provider.create({ name: '../elsewhere', runtimeVersion: VERSION })).rejects.toThrow(/no name for a host/)
    })
  })
}
