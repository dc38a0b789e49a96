import type { QueueOptions, WorkerOptions } from 'bullmq'
import type { Log } from '../core/log.ts'

/** A job as BullMQ hands it to a worker; `data` is unparsed. */
export type ActiveJob = {
  readonly id?: string | undefined
  readonly name: string
  readonly data: unknown
  readonly attemptsStarted: number
}

export type JobQueue = {
  add(name: string, data: object, options: { readonly jobId: string; readonly delay: number }): Promise<unknown>
  upsertJobScheduler(name: string, repeat: { readonly every: number }, template: object): Promise<unknown>
  close(): Promise<void>
  on(event: 'error', listener: (error: Error) => void): unknown
}

export type JobWorker = {
  waitUntilReady(): Promise<unknown>
  close(force?: boolean): Promise<void>
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'failed', listener: (job: ActiveJob | undefined, error: Error) => void): unknown
}

/** Where BullMQ keeps its jobs. Both make the same queues and workers; nothing else differs. */
export type Backend = {
  queue(name: string, options: Omit<QueueOptions, 'connection'>): JobQueue
  worker(name: string, run: (job: ActiveJob) => Promise<void>, options: Omit<WorkerOptions, 'connection'>): JobWorker
  /** Answers, or throws with the reason. */
  ping(): Promise<void>
  close(): Promise<void>
}

/** Each worker holds one connection to be notified over; the rest serve everybody's statements. */
const POOL_SIZE = 12
const STATEMENT_SECONDS = 30
/** BullMQ's own tables live in a schema of this name, beside ours. */
const SCHEMA = 'bullmq'

export async function postgresBackend(databaseUrl: string, log: Log | undefined): Promise<Backend> {
  const [bullmq, { default: pg }] = await Promise.all([import('bullmq'), import('pg')])
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: POOL_SIZE,
    application_name: 'clawcloud-queue',
    options: `-c search_path=${SCHEMA}`,
    connectionTimeoutMillis: 10_000,
    statement_timeout: STATEMENT_SECONDS * 1000,
    keepAlive: true,
  })
  // Each queue and each worker listens beside us: a fixed number, above the ten at which Node suspects a leak.
  pool.setMaxListeners(0)
  // A pool that has ended leaves its sockets to close by themselves: what they still say is no news.
  pool.on('error', (error) => {
    if (!pool.ending) log?.warn({ error: error.message }, 'a database connection of the queue was lost')
  })
  try {
    const client = await pool.connect()
    try {
      await bullmq.runMigrations(client, SCHEMA) // serialised by a lock of its own
    } finally {
      client.release()
    }
  } catch (error) {
    await pool.end()
    throw error
  }
  // Its own description of a pool differs from pg's types in a listener's arguments; its own check joins them.
  const connection: unknown = pool
  if (!bullmq.isPgPool(connection)) throw new Error('BullMQ no longer takes a pool of pg: see its release notes.')
  const { createPostgresBackend } = bullmq
  return {
    queue: (name, options) => new bullmq.Queue(name, { ...options, connection }, createPostgresBackend),
    worker: (name, run, options) => new bullmq.Worker(name, run, { ...options, connection }, createPostgresBackend),
    ping: async () => void (await pool.query('SELECT 1')),
    close: () => pool.end(),
  }
}

export async function redisBackend(redisUrl: string, log: Log | undefined): Promise<Backend> {
  const [bullmq, { Redis }] = await Promise.all([import('bullmq'), import('ioredis')])
  // BullMQ waits for Redis to come back instead of giving up; callers have deadlines of their own.
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null, connectionName: 'clawcloud-queue' })
  connection.on('error', (error) => log?.warn({ error: error.message }, 'the connection to Redis was lost'))
  return {
    queue: (name, options) => new bullmq.Queue(name, { ...options, connection }),
    worker: (name, run, options) => new bullmq.Worker(name, run, { ...options, connection }),
    ping: async () => void (await connection.ping()),
    close: async () => connection.disconnect(),
  }
}
