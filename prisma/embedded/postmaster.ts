import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

/** What postmaster.pid says, if the process named there is alive and really is this folder's PostgreSQL. */
export type Postmaster = { readonly processId: number; readonly port: number }

export function findPostmaster(dataDirectory: string): Postmaster | null {
  const file = join(dataDirectory, 'postmaster.pid')
  if (!existsSync(file)) return null
  // Lines: process id, data folder, start time, port, …
  const lines = readFileSync(file, 'utf8').split('\n')
  const processId = Number(lines[0])
  const port = Number(lines[3])
  if (!Number.isInteger(processId) || processId <= 0 || !isAlive(processId)) return null
  if (!isPostgres(processId, dataDirectory)) return null
  return { processId, port: Number.isInteger(port) ? port : 0 }
}

/** True if postmaster.pid is there and names a process that is gone or has become another program. */
export function isStale(dataDirectory: string): boolean {
  return existsSync(join(dataDirectory, 'postmaster.pid')) && findPostmaster(dataDirectory) === null
}

export function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0)
  } catch (error) {
    // EPERM: alive, but somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
  return !isZombie(processId)
}

// A process that ended but was not waited for by its parent still answers signals.
function isZombie(processId: number): boolean {
  const stat = readProcess(processId, 'stat')
  return stat !== null && /^\d+ \(.*\) Z/s.test(stat)
}

// Process numbers are used again, and soon so in a restarted container.
function isPostgres(processId: number, dataDirectory: string): boolean {
  const commandLine = readProcess(processId, 'cmdline')
  return commandLine === null || commandLine.includes(dataDirectory)
}

/** Null where there is no /proc (macOS): then the process number alone has to do. */
function readProcess(processId: number, name: 'stat' | 'cmdline'): string | null {
  try {
    return readFileSync(`/proc/${processId}/${name}`, 'utf8')
  } catch {
    return null
  }
}

export async function isFree(port: number): Promise<boolean> {
  return (await listenOnce(port)) !== null
}

export async function freePort(): Promise<number> {
  const port = await listenOnce(0)
  if (port === null) throw new Error('This machine has no free port on 127.0.0.1 for the built-in PostgreSQL.')
  return port
}

function listenOnce(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(null))
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(address && typeof address === 'object' ? address.port : null))
    })
  })
}
