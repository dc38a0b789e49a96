import pg from 'pg'
import type { Log } from '../core/log.ts'
import type { Prisma, PrismaClient } from './generated/client.ts'
import { createListener } from './listener.ts'

export type Database = {
  /** The hot path: one SQL function a round trip. */
  readonly pool: pg.Pool
  /** Everything else. Loaded at the first call (it costs some 90 MB and 200 ms) and sharing the pool's connections. */
  prisma(): Promise<PrismaClient>
  /**
   * Calls `handler` with the payload of every NOTIFY on `channel`, over one connection kept for that. After a lost
   * connection it is called once with an empty payload: something may have been missed meanwhile, look for yourself.
   * Resolves when the database listens. The result stops it.
   */
  listen(channel: string, handler: (payload: string) => void): Promise<() => Promise<void>>
  close(): Promise<void>
}

/** What runs inside `prisma.$transaction`: the client without the calls that would leave the transaction. */
export type PrismaTransaction = Prisma.TransactionClient

export type DatabaseOptions = {
  readonly url: string
  /** Connections at most, of PostgreSQL's usual 100 for all processes together. */
  readonly poolSize?: number
  readonly log?: Log
}

/** Two cores are kept busy by about ten; more only wait inside PostgreSQL instead of in the pool. */
const POOL_SIZE = 10
/** Longer than any statement of ours; what exceeds it hangs on a lock and must let go. */
const STATEMENT_SECONDS = 30
/** A transaction that does nothing has lost its process, or waits for something outside: both must not hold locks. */
const IDLE_IN_TRANSACTION_SECONDS = 30
/** Bridges a restart of the database; the platforms redeliver what fails after that. */
const CONNECT_SECONDS = 10

/**
 * The way to PostgreSQL. Nothing connects until it is used. A restart of the database fails the statements that were
 * under way; the next ones connect anew.
 */
export function createDatabase({ url, poolSize = POOL_SIZE, log }: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    application_name: 'clawcloud',
    connectionTimeoutMillis: CONNECT_SECONDS * 1000,
    statement_timeout: STATEMENT_SECONDS * 1000,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_SECONDS * 1000,
    keepAlive: true,
  })
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', (error) => {
    if (!pool.ending) log?.warn({ error: error.message }, 'a database connection was lost')
  })
  // The pool listens only to idle connections. One that breaks while somebody holds it between two statements (an advisory lock) would
  // end the process too; its holder hears of it at the next statement.
  pool.on('connect', (connection) => {
    connection.on('error', (error) => log?.debug({ error: error.message }, 'a database connection in use was lost'))
  })

  let client: Promise<PrismaClient> | null = null
  const listener = createListener(url, log)

  return {
    pool,
    prisma() {
      client ??= loadClient(pool).catch((error: unknown) => {
        client = null
        throw error
      })
      return client
    },
    listen: listener.listen,
    async close() {
      await listener.close()
      await (await client)?.$disconnect()
      if (!pool.ended) await pool.end()
    },
  }
}

async function loadClient(pool: pg.Pool): Promise<PrismaClient> {
  const [{ PrismaClient }, { PrismaPg }] = await Promise.all([import('./generated/client.ts'), import('@prisma/adapter-pg')])
  return new PrismaClient({ adapter: new PrismaPg(pool) })
}
