import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { accountFor, findPrograms, runAs } from '../../prisma/embedded/binaries.ts'
import { findPostmaster, isAlive } from '../../prisma/embedded/postmaster.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../prisma/embedded.ts'
import { startSource } from '../support/source-process.ts'

let directory: string
const open: EmbeddedPostgres[] = []
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'clawcloud-embedded-'))
})
afterEach(async () => {
  for (const postgres of open.splice(0)) await postgres.stop()
  const leftover = findPostmaster(join(directory, 'data'))
  if (leftover) process.kill(leftover.processId, 'SIGQUIT')
  await expect.poll(() => findPostmaster(join(directory, 'data'))).toBe(null)
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
})

async function start(): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ directory })
  open.push(postgres)
  return postgres
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat()
  } finally {
    await client.end()
  }
}

describe('the built-in PostgreSQL', () => {
  it('keeps data and address over a restart, says a line only the first time, and is written to disk', async () => {
    const said: string[] = []
    const first = await startEmbeddedPostgres({ directory, say: (line) => said.push(line) })
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer')
    expect(await query(first.url, 'SHOW fsync')).toEqual(['on'])
    await first.stop()
    expect(findPostmaster(join(directory, 'data'))).toBe(null)

    const second = await startEmbeddedPostgres({ directory, say: (line) => said.push(line) })
    open.push(second)
    expect(second).toMatchObject({ url: first.url, adopted: false })
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([42])
    expect(said).toEqual([expect.stringContaining('Setting up the built-in PostgreSQL')])
  })

  it('listens on this machine only, with a password only its owner can read', async () => {
    const { url } = await start()
    expect(statSync(join(directory, 'password')).mode & 0o777).toBe(0o600)
    expect(await query(url, 'SHOW listen_addresses')).toEqual(['127.0.0.1'])
    const wrong = new URL(url)
    wrong.password = 'wrong'
    await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow('password authentication failed')
  })

  it('is adopted after its owner was killed, with what was committed', async () => {
    const owner = await startSource('tests/prisma/embedded-owner.ts', [directory])
    const url = (await owner.line('started')).split(' ')[1] ?? ''
    await query(url, 'CREATE TABLE kept AS SELECT 42 AS answer')
    await owner.kill()
    const postgres = await start()
    expect(postgres).toMatchObject({ url, adopted: true })
    expect(await query(postgres.url, 'SELECT answer FROM kept')).toEqual([42])
  })

  it('recovers when it was killed itself', async () => {
    const owner = await startSource('tests/prisma/embedded-owner.ts', [directory])
    const url = (await owner.line('started')).split(' ')[1] ?? ''
    await query(url, 'CREATE TABLE kept AS SELECT 42 AS answer')
    const postmaster = findPostmaster(join(directory, 'data'))
    await owner.kill()
    process.kill(postmaster?.processId ?? 0, 'SIGKILL')
    const postgres = await start()
    expect(postgres.adopted).toBe(false)
    expect(await query(postgres.url, 'SELECT answer FROM kept')).toEqual([42])
  })

  it('is started again at the same address when it dies in use', async () => {
    const { url } = await start()
    process.kill(findPostmaster(join(directory, 'data'))?.processId ?? 0, 'SIGKILL')
    await expect.poll(() => query(url, 'SELECT 1').catch(() => 'down'), { timeout: 20_000 }).toEqual([1])
  })

  it('is shared by processes that start together, and stopped by the last of them', async () => {
    const [one, two] = await Promise.all([1, 2].map(() => startSource('tests/prisma/embedded-owner.ts', [directory])))
    const said = await Promise.all([one, two].map((owner) => Promise.race([owner?.line('started'), owner?.line('adopted')])))
    const urls = said.map((line) => line?.split(' ')[1] ?? '')
    expect(urls[0]).toBe(urls[1])
    one?.child.kill('SIGTERM')
    await one?.line('stopped')
    expect(await query(urls[0] ?? '', 'SELECT 1')).toEqual([1])
    two?.child.kill('SIGTERM')
    await two?.line('stopped')
    expect(findPostmaster(join(directory, 'data'))).toBe(null)
  })

  it('moves to another port when somebody else has taken its own', async () => {
    const first = await startEmbeddedPostgres({ directory })
    await first.stop()
    const squatter = createServer().listen(Number(new URL(first.url).port), '127.0.0.1')
    await new Promise((resolve) => squatter.once('listening', resolve))
    const second = await start()
    expect(new URL(second.url).port).not.toBe(new URL(first.url).port)
    expect(await query(second.url, 'SELECT 1')).toEqual([1])
    squatter.close()
  })

  it('is not confused by a process number that was used again', async () => {
    const first = await startEmbeddedPostgres({ directory })
    await first.stop()
    // What a crash leaves behind in a container: the number now is this very test.
    writeFileSync(
      join(directory, 'data', 'postmaster.pid'),
      `${process.pid}\n${join(directory, 'data')}\n1\n5432\n\n127.0.0.1\n\nready\n`,
    )
    expect(isAlive(process.pid)).toBe(true)
    expect((await start()).adopted).toBe(false)
  })

  it('says its last words and what to do when it can not start', async () => {
    const first = await startEmbeddedPostgres({ directory })
    await first.stop()
    writeFileSync(join(directory, 'data', 'postgresql.conf'), 'shared_buffers = nonsense\n')
    await expect(start()).rejects.toThrow(/does not start.*set DATABASE_URL[\s\S]*shared_buffers/)
    expect(readFileSync(join(directory, 'server.log'), 'utf8')).not.toBe('')
  })

  it('tells how to go on where there is none for the platform', () => {
    expect(() => findPrograms('freebsd', 'arm64')).toThrow(
      /There is no built-in PostgreSQL for freebsd on arm64 .* Install PostgreSQL 14 or newer yourself and set DATABASE_URL=postgres:/,
    )
  })

  it('runs as ourselves, unless we are root', () => {
    const account = accountFor(join(directory, 'data'))
    expect(account === null).toBe(process.getuid?.() !== 0)
    expect(runAs(null, '/bin/program', ['-x'], [directory])).toEqual({ command: '/bin/program', args: ['-x'], ids: {} })
  })
})
