import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { freePort } from '../../prisma/embedded/postmaster.ts'

export type RedisServer = { readonly url: string; empty(): Promise<void>; stop(): Promise<void> }

/** A redis-server (or valkey-server) of our own on a free port, as it is run in production: written to disk each second. */
export async function startRedis(): Promise<RedisServer> {
  const port = await freePort()
  const directory = mkdtempSync(join(tmpdir(), 'clawcloud-redis-'))
  const settings = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    directory,
    '--appendonly',
    'yes',
    '--maxmemory-policy',
    'noeviction',
  ]
  const child = spawn('redis-server', settings, { stdio: 'ignore' })
  let failure: Error | null = null
  child.once('error', (error) => {
    failure = new Error(
      `These tests need redis-server, which could not be started (${error.message}). Install it: apt-get install redis-server`,
    )
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))

  const client = new Redis(port, '127.0.0.1', { lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0 })
  client.on('error', () => undefined) // it is asked until it answers
  for (let attempt = 0; client.status !== 'ready'; attempt++) {
    if (failure) throw failure
    if (attempt === 100) throw new Error(`redis-server does not answer on port ${port} after 10 seconds.`)
    await client.connect().catch(() => wait(100))
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    empty: async () => void (await client.flushall()),
    async stop() {
      client.disconnect()
      child.kill('SIGTERM')
      await ended
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
