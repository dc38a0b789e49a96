import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'
import { failed, ok, type Result } from '../../problem.ts'
import type { Host, HostCapacity, HostProvider, HostSpec } from '../host.ts'
import { hostProblems, isDiskFull, NEEDED_BYTES_PER_HOST } from '../problems.ts'
import { freeBytesOf, PRIVATE_DIRECTORY, removeTree, writeAtomically } from './files.ts'
import { createLocalHost, type HostRecord, type LocalHost, readHostRecord } from './local-host.ts'
import { firstPort, freePort, GATEWAY_PORTS, type PortRange } from './ports.ts'
import { createRuntimeInstaller, type RuntimeInstaller } from './runtime.ts'
import { createServiceProcess } from './service-process.ts'

export { memoryMbOf } from './memory.ts'
export { createRuntimeInstaller, type RuntimeInstaller } from './runtime.ts'

export type LocalHostProviderOptions = {
  readonly dataDirectory: string
  readonly clock: Clock
  readonly log: Log
  /** Memory of the machine. */
  readonly memoryMb: number
  /** Default: runtimes in `dataDirectory`, from the npm registry. */
  readonly installer?: RuntimeInstaller
  readonly ports?: PortRange
  readonly stopSeconds?: number
  /** Free bytes on the disk of a folder. */
  readonly freeBytes?: (directory: string) => Promise<number>
  /** Given to every service besides its own: proxies, certificates. Never our own environment, which holds our secrets. */
  readonly environment?: Readonly<Record<string, string>>
  /** Compiles a new runtime's code ahead by using it once. A failure only costs speed. */
  readonly warmRuntime?: (host: Host) => Promise<Result<void>>
}

export type LocalHostProvider = HostProvider & {
  /** Stops every service and keeps everything else. */
  stopAll(): Promise<void>
}

/**
 * One gateway at work takes 1.1 to 1.2 GB with the heap limit it is given; in 1.5 GB it was never killed, in 1 GB it was at the first turns.
 */
const MEMORY_PER_GATEWAY_MB = 1536
/** For the operating system, PostgreSQL and this service. */
const RESERVED_MEMORY_MB = 1024

/** Idle, OpenClaw stops in half a second to three; a turn that is under way gets this long to end. */
const STOP_SECONDS = 20

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/
const DELETING = '.deleting-'
const MADE = '.made'
/** Is in a runtime whose code was compiled ahead. */
const WARMED = join('compile-cache', 'complete')

/**
 * Hosts that are folders of this machine, each with an OpenClaw process of its own under the same user: for trying ClawCloud out and for
 * customers who trust one another. It isolates state, not users: the gateway's settings therefore allow no tool that runs programs.
 *
 * instances/<name>.made        says that the host was made here, and stays until we delete it
 * instances/<name>/host.json   written last: without it the host is not finished, and creating goes on
 * instances/<name>/state/      OpenClaw's
 * instances/.deleting-<name>/  what an interrupted delete left; the next one finishes it
 */
export function createLocalHostProvider(options: LocalHostProviderOptions): LocalHostProvider {
  const {
    clock,
    log,
    memoryMb,
    ports = GATEWAY_PORTS,
    environment = {},
    stopSeconds = STOP_SECONDS,
    freeBytes = freeBytesOf,
  } = options
  // A service runs in a folder of its own, where a relative path would mean another place.
  const dataDirectory = resolve(options.dataDirectory)
  const installer = options.installer ?? createRuntimeInstaller({ directory: join(dataDirectory, 'runtimes'), log })
  const instances = join(dataDirectory, 'instances')
  const hosts = new Map<string, LocalHost>()
  const preparing = new Map<string, Promise<Result<void>>>()
  let queue: Promise<unknown> = Promise.resolve()

  const total = Math.max(0, Math.floor((memoryMb - RESERVED_MEMORY_MB) / MEMORY_PER_GATEWAY_MB))
  const folderOf = (name: string) => {
    if (!NAME.test(name)) throw new Error(`"${name}" is no name for a host: lower-case letters, digits and hyphens`)
    return join(instances, name)
  }

  /** Counting and taking are one thing. */
  function oneByOne<T>(work: () => Promise<T>): Promise<T> {
    const result = queue.then(work, work)
    queue = result.catch(() => undefined)
    return result
  }

  const names = async () => {
    await mkdir(instances, { recursive: true, mode: PRIVATE_DIRECTORY })
    const found = await readdir(instances, { withFileTypes: true })
    return found.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  }
  const livingNames = async () => (await names()).filter((name) => !name.startsWith(DELETING))

  /** A damaged record is told and passed over: its host's trouble is not the others'. Whether its port is free is tried in any case. */
  const readable = async (name: string): Promise<HostRecord | null> => {
    try {
      return await readHostRecord(join(instances, name))
    } catch (error) {
      log.error({ host: name, error }, "this host's host.json can't be read; restore the file, or destroy its assistant")
      return null
    }
  }

  const portsInUse = async (except?: string) => {
    const records = await Promise.all((await livingNames()).filter((name) => name !== except).map(readable))
    return new Set(records.filter((record) => record !== null).map((record) => record.port))
  }

  const madeMark = (name: string) => `${folderOf(name)}${MADE}`

  const choosePort = (from: number, name?: string) =>
    oneByOne(async () => {
      const port = await freePort(ports, await portsInUse(name), from)
      return port === null ? failed(hostProblems.noPort(ports.first, ports.last)) : ok(port)
    })

  async function find(name: string): Promise<LocalHost | null> {
    const folder = folderOf(name)
    const record = await readHostRecord(folder)
    if (!record) return null
    const known = hosts.get(name)
    if (known) return known
    if (!(await exists(madeMark(name)))) await writeAtomically(madeMark(name), '')
    const host = createLocalHost({
      name,
      folder,
      record,
      runtime: installer.locate(record.runtimeVersion),
      environment,
      clock,
      stopSeconds,
      choosePort,
    })
    hosts.set(name, host)
    return host
  }

  /** Memory says how many fit, unless the disk has no room for so many or there is nothing to run on them. */
  async function capacity(runtimeVersion: string): Promise<HostCapacity> {
    const used = (await livingNames()).length
    const onDisk = Math.max(0, Math.floor((await freeBytes(instances)) / NEEDED_BYTES_PER_HOST))
    const trouble = onDisk === 0 ? 'disk-full' : await installer.trouble(runtimeVersion)
    if (trouble !== null) return { total: Math.min(total, used), used, trouble }
    return { total: Math.min(total, used + onDisk), used }
  }

  async function create(spec: HostSpec): Promise<Result<Host>> {
    const existing = await find(spec.name)
    if (existing) {
      const prepared = await prepare(existing.runtime.version, spec.onProgress)
      return prepared.ok ? ok(existing) : prepared
    }
    const isFull = async () => (await livingNames()).filter((name) => name !== spec.name).length >= total
    if (await isFull()) return failed(hostProblems.full(total))
    const prepared = await prepare(spec.runtimeVersion, spec.onProgress)
    if (!prepared.ok) return prepared
    return oneByOne(async () => {
      if (await isFull()) return failed(hostProblems.full(total))
      return makeHost(spec)
    })
  }

  async function makeHost({ name, runtimeVersion }: Pick<HostSpec, 'name' | 'runtimeVersion'>): Promise<Result<Host>> {
    const port = await freePort(ports, await portsInUse(name), firstPort(ports, instances))
    if (port === null) return failed(hostProblems.noPort(ports.first, ports.last))
    const folder = folderOf(name)
    try {
      await mkdir(join(folder, 'state'), { recursive: true, mode: PRIVATE_DIRECTORY })
      await writeAtomically(madeMark(name), '')
      const record = { name, port, createdAt: clock.now().toISOString(), runtimeVersion }
      const host = createLocalHost({
        name,
        folder,
        record,
        runtime: installer.locate(runtimeVersion),
        environment,
        clock,
        stopSeconds,
        choosePort,
      })
      await host.save()
      hosts.set(name, host)
      return ok(host)
    } catch (error) {
      if (!isDiskFull(error)) throw error
      await removeTree(folder)
      return failed(hostProblems.diskFull(NEEDED_BYTES_PER_HOST, null, instances))
    }
  }

  async function prepare(version: string, onProgress?: HostSpec['onProgress']): Promise<Result<void>> {
    const installed = await installer.install(version, onProgress)
    if (!installed.ok) return installed
    let warming = preparing.get(version)
    if (!warming) {
      warming = warm(installed.value.directory, version)
      preparing.set(version, warming)
    }
    return warming
  }

  // Node writes compiled code when a process ends, and gateways seldom do: one is started, used and stopped for that.
  async function warm(directory: string, version: string): Promise<Result<void>> {
    const mark = join(directory, WARMED)
    if (!options.warmRuntime || (await exists(mark))) return ok(undefined)
    const name = `oc-warm-up-${version.replaceAll(/[^a-z0-9]/g, '-')}`
    try {
      await remove(name)
      const host = await oneByOne(() => makeHost({ name, runtimeVersion: version }))
      const warmed = host.ok ? await options.warmRuntime(host.value) : host
      await remove(name)
      if (warmed.ok) await writeAtomically(mark, '')
      else
        log.warn(
          { problem: warmed.problem.code, detail: warmed.problem.detail },
          'the runtime could not be compiled ahead; the first starts take longer',
        )
    } catch (error) {
      log.warn({ error }, 'the runtime could not be compiled ahead; the first starts take longer')
    }
    return ok(undefined)
  }

  // Renamed first: an interrupted delete never leaves half a host under its name.
  async function remove(name: string): Promise<void> {
    const folder = folderOf(name)
    await stopServiceIn(folder)
    hosts.delete(name)
    await rm(`${folder}${MADE}`, { force: true })
    const doomed = join(instances, `${DELETING}${name}`)
    await removeTree(doomed)
    if (await exists(folder)) await rename(folder, doomed)
    await removeTree(doomed)
  }

  /** Needs no more than the folder, so that a host whose record is damaged can be stopped and deleted like any other. */
  const stopServiceIn = (folder: string) =>
    hosts.get(basename(folder))?.stopService() ??
    createServiceProcess({
      directory: folder,
      workingDirectory: join(folder, 'state'),
      environment: {},
      clock,
      stopSeconds,
    }).stop()

  return {
    name: 'local',
    memoryPerGatewayMb: MEMORY_PER_GATEWAY_MB,
    capacity,
    create,
    find,
    wasHere: (name) => exists(madeMark(name)),
    async list() {
      const found = [...new Set((await names()).map((name) => (name.startsWith(DELETING) ? name.slice(DELETING.length) : name)))]
      return Promise.all(
        found.map(async (name) => {
          const record = await readable(name)
          const createdAt = record
            ? new Date(record.createdAt)
            : await stat(join(instances, name)).then(
                (folder) => folder.birthtime,
                () => clock.now(),
              )
          return { name, createdAt }
        }),
      )
    },
    delete: remove,
    prepare,
    async stopAll() {
      for (const name of await livingNames()) await stopServiceIn(folderOf(name))
    },
  }
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )
