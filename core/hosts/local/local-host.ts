import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { isAbsolute, join, relative } from 'node:path'
import { z } from 'zod'
import type { Clock } from '../../clock.ts'
import { failed, ok, ProblemError, type Result } from '../../problem.ts'
import type { Host } from '../host.ts'
import { hostProblems, isDiskFull, NEEDED_BYTES_PER_HOST } from '../problems.ts'
import { PRIVATE_FILE, readOrNull, writeAtomically } from './files.ts'
import { isFree } from './ports.ts'
import { createServiceProcess } from './service-process.ts'

const HOST_FILE = 'host.json'
/** Where programs are on every Linux and macOS. Our own PATH may name private places. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
/** What a command may print before it is cut off. */
const MOST_OUTPUT_CHARACTERS = 1_000_000

const HostRecord = z.object({ name: z.string(), port: z.int(), createdAt: z.iso.datetime(), runtimeVersion: z.string() })
export type HostRecord = z.infer<typeof HostRecord>

/** Null if the folder holds no finished host. */
export async function readHostRecord(folder: string): Promise<HostRecord | null> {
  const text = await readOrNull(join(folder, HOST_FILE))
  return text === null ? null : HostRecord.parse(JSON.parse(text))
}

export type LocalHost = Host & { save(): Promise<void> }

export type LocalHostOptions = {
  readonly name: string
  readonly folder: string
  readonly record: HostRecord
  readonly runtime: Host['runtime']
  readonly environment: Readonly<Record<string, string>>
  readonly clock: Clock
  readonly stopSeconds: number
  readonly choosePort: (from: number, name: string) => Promise<Result<number>>
}

export function createLocalHost({
  name,
  folder,
  record,
  runtime,
  environment,
  clock,
  stopSeconds,
  choosePort,
}: LocalHostOptions): LocalHost {
  const stateDirectory = join(folder, 'state')
  const surroundings = { PATH, LANG: 'C.UTF-8', HOME: stateDirectory, ...environment }
  const service = createServiceProcess({
    directory: folder,
    workingDirectory: stateDirectory,
    environment: surroundings,
    clock,
    stopSeconds,
  })
  let port = record.port

  const inside = (path: string) => {
    const full = join(stateDirectory, path)
    const way = relative(stateDirectory, full)
    if (way.startsWith('..') || isAbsolute(way)) throw new Error(`${path} leads out of the host's folder`)
    return full
  }
  const save = async () => writeAtomically(join(folder, HOST_FILE), JSON.stringify({ ...record, port }))

  const noRoom = (error: unknown): never => {
    throw isDiskFull(error) ? new ProblemError(hostProblems.diskFull(NEEDED_BYTES_PER_HOST, null, folder)) : error
  }

  return {
    id: name,
    stateDirectory,
    runtime,
    save,

    // Another process of ours (a role of its own, or the one before a restart) may have moved it.
    get gatewayPort() {
      try {
        port = HostRecord.parse(JSON.parse(readFileSync(join(folder, HOST_FILE), 'utf8'))).port
      } catch {
        // Deleted meanwhile: whoever asks will find nobody at the old port.
      }
      return port
    },

    async reservePort() {
      if (await isFree(port)) return ok(port)
      const chosen = await choosePort(port + 1, name)
      if (!chosen.ok) return chosen
      port = chosen.value
      await save()
      return ok(port)
    },

    exec: (command, { timeoutSeconds, stdin }) =>
      run(command, { cwd: stateDirectory, env: surroundings, timeoutSeconds, stdin: stdin ?? '' }),

    async writeFile(path, content, mode = PRIVATE_FILE) {
      await writeAtomically(inside(path), content, mode).catch(noRoom)
    },
    readFile: (path) => readOrNull(inside(path)),

    connect: async (target) => ({ host: '127.0.0.1', port: target, close: async () => {} }),

    async startService(spec) {
      await mkdir(stateDirectory, { recursive: true })
      await service.start(spec).catch(noRoom)
    },
    stopService: () => service.stop(),
    serviceStatus: () => service.status(),
    serviceOutput: (lines) => service.output(lines),
  }
}

type RunOptions = {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly timeoutSeconds: number
  readonly stdin: string
}

function run(command: readonly string[], { cwd, env, timeoutSeconds, stdin }: RunOptions): ReturnType<Host['exec']> {
  const [program = '', ...words] = command
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { cwd, env, stdio: 'pipe' })
    let stdout = ''
    let stderr = ''
    let late = false
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      stdout = (stdout + part).slice(0, MOST_OUTPUT_CHARACTERS)
    })
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      stderr = (stderr + part).slice(-MOST_OUTPUT_CHARACTERS)
    })
    const timer = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
    }, timeoutSeconds * 1000)
    child.once('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    child.once('close', (code) => {
      clearTimeout(timer)
      resolve(late ? failed(hostProblems.commandTimeout(timeoutSeconds, program)) : ok({ code: code ?? -1, stdout, stderr }))
    })
    // A program that ends without reading its input is no failure of ours.
    child.stdin.on('error', () => undefined)
    child.stdin.end(stdin)
  })
}
