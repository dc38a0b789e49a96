import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from 'pg'
import type { Log } from '../core/log.ts'

/** Of the advisory lock that the one worker of a database holds. Any number that nothing else here uses. */
const WORKER_LOCK = 7_302_462
/** How often a second worker looks whether the first is gone. */
const LOOK_SECONDS = 1
/** A worker whose connection was cut tries to have the lock again after these waits: sooner than one that waits its turn looks. */
const REGAIN_MS = [0, 100, 250, 500, 1_000, 2_000, 5_000, 10_000, 15_000] as const

export type SoleWorkerOptions = {
  readonly databaseUrl: string
  readonly log: Log
  /** Ours is lost and another process has it: this one must stop working, best by ending, so that it waits its turn as a new one. */
  readonly onLost: () => void
  /** Shorter only in tests. */
  readonly lookSeconds?: number
}

export type SoleWorker = {
  /** Whether this process was the worker at the first look; false: it waits. Never rejects, never for long without a database. */
  readonly atOnce: Promise<boolean>
  /** Resolves when this process is the worker; never if it is stopped before. Says once that it waits, and for what. */
  readonly isWorker: Promise<void>
  stop(): Promise<void>
}

/**
 * Lets exactly one process with the role `worker` work on a database: the customers' assistants run on the worker's machine and are
 * known by its process ids, so a second one would take them for lost and start them again. The lock belongs to a connection of its own
 * and goes with a process that dies; whoever waits takes over within seconds.
 */
export function becomeSoleWorker({ databaseUrl, log, onLost, lookSeconds = LOOK_SECONDS }: SoleWorkerOptions): SoleWorker {
  const stopping = new AbortController()
  let client: Client | null = null
  let holding = false
  /** Of the connection that holds, or held, the lock. */
  let backend = 0
  let answer: (isWorker: boolean) => void = () => undefined
  const atOnce = new Promise<boolean>((resolve) => {
    answer = resolve
  })

  async function connect(): Promise<Client> {
    const { default: pg } = await import('pg')
    const opened = new pg.Client({ connectionString: databaseUrl, application_name: 'clawcloud-worker', keepAlive: true })
    opened.on('error', (error) => cut(opened, error.message))
    opened.on('end', () => cut(opened, 'closed'))
    await opened.connect()
    return opened
  }

  /** Null: somebody else has it. */
  async function tryLock(): Promise<Client | null> {
    client ??= await connect()
    const { rows } = await client.query<{ locked: boolean; pid: number }>(
      'SELECT pg_try_advisory_lock($1) AS locked, pg_backend_pid() AS pid',
      [WORKER_LOCK],
    )
    if (rows[0]?.locked !== true) return null
    backend = rows[0].pid
    return client
  }

  function cut(which: Client, why: string): void {
    if (client !== which) return
    client = null
    if (!holding || stopping.signal.aborted) return
    holding = false
    log.warn({ why }, 'the connection that makes this process the worker was lost; it is made anew')
    void regain()
  }

  async function regain(): Promise<void> {
    for (const ms of REGAIN_MS) {
      await pause(ms)
      if (stopping.signal.aborted) return
      try {
        // PostgreSQL may not have noticed yet that the old connection is gone, and would keep the lock for it.
        client ??= await connect()
        await client.query(
          `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND pid = $2 AND pid <> pg_backend_pid()`,
          [WORKER_LOCK, backend],
        )
        if (await tryLock()) {
          holding = true
          return log.info({}, 'this process is still the worker')
        }
      } catch (error) {
        log.warn({ error }, 'the database does not answer the worker yet')
      }
    }
    log.error({}, 'another process is the worker now; this one stops working')
    onLost()
  }

  async function wait(): Promise<void> {
    let said = false
    while (!stopping.signal.aborted) {
      try {
        if (await tryLock()) {
          holding = true
          answer(true)
          if (said) log.info({}, 'the other worker is gone; this process is the worker now')
          return
        }
        if (!said)
          log.warn({}, 'another process is the worker of this database; this one waits and takes over when that one ends')
        said = true
        answer(false)
      } catch (error) {
        log.warn({ error }, 'the database does not say whether there is a worker; asked again')
      }
      await pause(lookSeconds * 1000)
    }
    // Stopped: nobody waits for this any more.
    return new Promise(() => undefined)
  }

  /** Ends early when we are stopped. */
  const pause = (ms: number) => delay(ms, undefined, { signal: stopping.signal }).catch(() => undefined)

  return {
    atOnce,
    isWorker: wait(),
    async stop() {
      stopping.abort()
      answer(false)
      const open = client
      client = null
      await open?.end().catch((error: unknown) => log.warn({ error }, 'the connection of the worker did not close cleanly'))
    },
  }
}
