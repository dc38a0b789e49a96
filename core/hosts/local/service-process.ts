import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFile, mkdir, open, rm, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import type { Clock } from '../../clock.ts'
import type { ServiceSpec, ServiceStatus } from '../host.ts'
import { PRIVATE_DIRECTORY, PRIVATE_FILE, readOrNull, writeAtomically } from './files.ts'
import { identityOf, isRunning, type ProcessIdentity, parseIdentity, RECORD_AND_EXEC, signal } from './process-identity.ts'

const STOP_POLL_MS = 50
/** Between a spawn and the file with the process's identity lie some milliseconds of a shell. */
const RECORD_SECONDS = 3
/** Kept of what a service printed: twice this at most, for it is rotated once. */
const OUTPUT_BYTES = 5 * 1024 * 1024
/** The longest line that counts as one when the last lines are read. */
const AVERAGE_LINE_BYTES = 400

const Record = z.object({ specHash: z.string(), startedAt: z.iso.datetime() })

export type ServiceProcessOptions = {
  readonly directory: string
  readonly workingDirectory: string
  readonly environment: Readonly<Record<string, string>>
  readonly clock: Clock
  /** What a service gets to end by itself. */
  readonly stopSeconds: number
}

/**
 * The one long-running process of a host folder. It runs in a session of its own and prints to a file, so it survives us; the next
 * process of ours finds it by the identity it wrote down itself before it became the service, so there is no moment in which a kill of
 * ours could leave a service that nobody knows.
 *
 * service.json  what was started and when, written before the start
 * service.pid   its identity, written by itself
 * output.log    what it printed (and output.log.1)
 */
export function createServiceProcess({ directory, workingDirectory, environment, clock, stopSeconds }: ServiceProcessOptions) {
  const recordFile = join(directory, 'service.json')
  const identityFile = join(directory, 'service.pid')
  const outputFile = join(directory, 'output.log')
  let lastExit: { readonly processId: number; readonly code: number | null } | null = null
  let queue: Promise<unknown> = Promise.resolve()

  /** Start and stop one after the other. */
  function inOrder<T>(work: () => Promise<T>): Promise<T> {
    const result = queue.then(work, work)
    queue = result.catch(() => undefined)
    return result
  }

  async function readRecord(): Promise<z.infer<typeof Record> | null> {
    const text = await readOrNull(recordFile)
    return text === null ? null : (Record.safeParse(JSON.parse(text)).data ?? null)
  }

  async function running(): Promise<ProcessIdentity | null> {
    const recorded = parseIdentity((await readOrNull(identityFile)) ?? '')
    return recorded && (await isRunning(recorded)) ? recorded : null
  }

  // Another process of ours may have been killed between the two files.
  async function startingElsewhere(): Promise<void> {
    const record = await readRecord()
    if (!record || clock.now().getTime() - Date.parse(record.startedAt) > RECORD_SECONDS * 1000) return
    const deadline = performance.now() + RECORD_SECONDS * 1000
    while ((await readOrNull(identityFile)) === null && performance.now() < deadline) await wait(STOP_POLL_MS)
  }

  async function stop(): Promise<void> {
    await startingElsewhere()
    const identity = await running()
    if (identity) await end(identity, stopSeconds)
    await rm(identityFile, { force: true })
    await rm(recordFile, { force: true })
  }

  async function start(spec: ServiceSpec): Promise<void> {
    const specHash = createHash('sha256').update(JSON.stringify(spec)).digest('hex')
    await startingElsewhere()
    if (await running()) {
      if ((await readRecord())?.specHash === specHash) return
      await stop()
    }
    await mkdir(join(workingDirectory, 'tmp'), { recursive: true, mode: PRIVATE_DIRECTORY })
    await rotate()
    await rm(identityFile, { force: true })
    await writeAtomically(recordFile, JSON.stringify({ specHash, startedAt: clock.now().toISOString() }))

    const output = await open(outputFile, 'a', PRIVATE_FILE)
    try {
      const child = spawn('/bin/sh', ['-c', RECORD_AND_EXEC, 'sh', identityFile, ...spec.command], {
        cwd: workingDirectory,
        env: { ...environment, ...spec.env },
        detached: true,
        stdio: ['ignore', output.fd, output.fd],
      })
      const failure = new Promise<never>((_resolve, reject) => child.once('error', reject))
      child.once('exit', (code) => {
        lastExit = { processId: child.pid ?? 0, code }
      })
      child.unref()
      await Promise.race([recorded(), failure])
    } finally {
      await output.close()
    }
  }

  async function recorded(): Promise<void> {
    const deadline = performance.now() + RECORD_SECONDS * 1000
    while ((await readOrNull(identityFile)) === null) {
      if (performance.now() > deadline) throw new Error(`the service in ${directory} did not start`)
      await wait(STOP_POLL_MS / 5)
    }
  }

  // The file stays the one the service writes to: it was opened for appending, so it goes on at the new end.
  async function rotate(): Promise<void> {
    const size = await stat(outputFile).then(
      (found) => found.size,
      () => 0,
    )
    if (size <= OUTPUT_BYTES) return
    await copyFile(outputFile, `${outputFile}.1`)
    await truncate(outputFile, 0)
  }

  return {
    start: (spec: ServiceSpec) => inOrder(() => start(spec)),
    stop: () => inOrder(stop),

    async status(): Promise<ServiceStatus> {
      await rotate()
      const recorded = parseIdentity((await readOrNull(identityFile)) ?? '')
      if (!recorded) {
        // A stop takes the record too; one that was killed at its start leaves it.
        return { state: 'stopped', exitCode: null, ...((await readRecord()) === null && { onPurpose: true }) }
      }
      if (!(await isRunning(recorded))) {
        return { state: 'stopped', exitCode: lastExit?.processId === recorded.processId ? lastExit.code : null }
      }
      const record = await readRecord()
      return { state: 'running', since: record ? new Date(record.startedAt) : clock.now(), processId: recorded.processId }
    },

    async output(lines: number): Promise<string> {
      const file = await open(outputFile, 'r').catch(() => null)
      if (!file) return ''
      try {
        const { size } = await file.stat()
        const length = Math.min(size, lines * AVERAGE_LINE_BYTES)
        const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length)
        return buffer.toString('utf8').trimEnd().split('\n').slice(-lines).join('\n')
      } finally {
        await file.close()
      }
    },
  }
}

/** Asks, waits, then kills, with everything it started. */
async function end(identity: ProcessIdentity, seconds: number): Promise<void> {
  signal(identity, 'SIGTERM')
  const deadline = performance.now() + seconds * 1000
  while (await isRunning(identity)) {
    if (performance.now() > deadline) signal(identity, 'SIGKILL', true)
    await wait(STOP_POLL_MS)
  }
  // Children that did not notice. The group keeps its number as long as one of them lives; without any, nobody is hit.
  if ((await identityOf(identity.processId)) === null) signal(identity, 'SIGKILL', true)
}
