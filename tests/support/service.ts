import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openclawRuntime, RUNTIMES_DIRECTORY } from './openclaw.ts'

const REPOSITORY = new URL('../..', import.meta.url).pathname

/** A first start makes a database; on a busy machine with two cores that takes its time. */
const START_SECONDS = 60

export type RunningService = {
  readonly url: string
  readonly processId: number
  /** Everything it printed. */
  output(): string
  /** Sends the signal and waits until the process is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>
}

export type DataDirectory = {
  readonly path: string
  /** Process ids of the gateways whose state is below it, or below a host's folder in it. */
  gateways(hostName?: string): number[]
  endGateways(): void
  remove(): void
}

/** A folder for DATA_DIR with the OpenClaw runtime already in it. */
export async function dataDirectory(): Promise<DataDirectory> {
  const path = mkdtempSync(join(tmpdir(), 'clawcloud-e2e-'))
  await openclawRuntime()
  symlinkSync(RUNTIMES_DIRECTORY, join(path, 'runtimes'))
  const gateways = (hostName?: string) => gatewaysIn(hostName === undefined ? path : join(path, 'instances', hostName))
  return {
    path,
    gateways,
    endGateways() {
      for (const pid of gateways()) process.kill(pid, 'SIGKILL')
    },
    remove() {
      rmSync(path, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function gatewaysIn(folder: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8')
        return (
          command.includes('openclaw') && command.includes('gateway') && environment.includes(`OPENCLAW_STATE_DIR=${folder}/`)
        )
      } catch {
        return false // it ended while we looked
      }
    })
    .map(Number)
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** The service as a user starts it (`npm start` is this command), with only the given environment beside PATH and HOME. */
export async function startService(environment: Readonly<Record<string, string>>): Promise<RunningService> {
  const child: ChildProcess = spawn(process.execPath, [join(REPOSITORY, 'dist/main.js')], {
    cwd: REPOSITORY,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  child.stdout?.on('data', (chunk) => {
    printed += chunk
  })
  child.stderr?.on('data', (chunk) => {
    printed += chunk
  })
  const exited = once(child, 'exit')
  const url = `http://127.0.0.1:${environment.PORT}`
  const deadline = performance.now() + START_SECONDS * 1000
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the service ended with ${child.exitCode}:\n${printed}`)
    const ready = await fetch(`${url}/readyz`).catch(() => null)
    if (ready?.ok) break
    if (performance.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(
        `the service was not ready after ${START_SECONDS} s (${ready ? await ready.text() : 'no answer'}):\n${printed}`,
      )
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return {
    url,
    processId: child.pid ?? 0,
    output: () => printed,
    async kill(signal = 'SIGTERM') {
      child.kill(signal)
      await exited
    },
  }
}
