import { z } from 'zod'
import type { JsonObject } from '../core/chat/view.ts'
import type { Log } from '../core/log.ts'
import { type ActiveJob, type Backend, type JobQueue, type JobWorker, postgresBackend, redisBackend } from './backend.ts'

/** What a job carries: ids, never a secret. `requestId` follows the request through the logs. */
export type JobData = JsonObject & { readonly requestId: string }

export type QueueJob = {
  readonly id: string
  readonly data: JobData
  /** 1 for the first run; a run that died with its process counts. */
  readonly attempt: number
}

/**
 * Distribution and timing of work whose truth is a row in our database: whatever has a row and no job is added again by a
 * sweep, so losing the queue loses nothing, and adding twice does nothing.
 */
export type Queues = {
  /**
   * Dropped while a job of the same id is waiting, delayed or running; a finished one is forgotten. Ids hold no colon.
   * Throws when the queue does not answer within a few seconds.
   */
  add(queue: string, jobId: string, data: JobData, options?: { readonly delaySeconds?: number }): Promise<void>
  /** Runs jobs until close. A handler that throws is tried again with growing waits, a few times; then the sweep decides. */
  work(queue: string, handler: (job: QueueJob) => Promise<void>, options: { readonly concurrency: number }): Promise<void>
  /** Every `seconds`, in exactly one of the processes that declared it; never twice at once in this one. */
  every(name: string, seconds: number, handler: () => Promise<void>): Promise<void>
  /** For /readyz. Not loaded yet is healthy: then nothing has needed it. */
  health(): Promise<{ readonly ok: boolean; readonly detail: string }>
  /** Lets running jobs finish for a while. What does not is taken over by another process. */
  close(): Promise<void>
}

export type QueuesOptions = ({ readonly databaseUrl: string } | { readonly redisUrl: string }) & {
  readonly log?: Log
  /** How long a dead worker keeps its job. Shorter only in tests: a busy process must manage to renew it. */
  readonly lockSeconds?: number
}

const LOCK_SECONDS = 30
/** Waits 1, 2, 4, 8 seconds: a restart of the database is over by then. */
const ATTEMPTS = 5
const BACKOFF_MILLISECONDS = 1000
/** A job that kills its process each time must end somewhere; its row remains, and its sweep is slower. */
const MAX_DEATHS = 20
const ANSWER_SECONDS = 5
const CLOSE_SECONDS = 20
const SCHEDULE_QUEUE = 'schedule'
/** Schedules that may run at once here; they are short. */
const SCHEDULE_CONCURRENCY = 4

const Data = z.record(z.string(), z.json()).and(z.object({ requestId: z.string() }))

/** BullMQ is loaded and connected at the first use, not before: it costs 25 MB and a quarter of a second. */
export function createQueues(options: QueuesOptions): Queues {
  const { log, lockSeconds = LOCK_SECONDS } = options
  const queues = new Map<string, JobQueue>()
  const workers: JobWorker[] = []
  const schedules = new Map<string, () => Promise<void>>()
  const ticking = new Set<string>()
  let loading: Promise<Backend> | null = null
  let scheduling: Promise<void> | null = null
  let closing: Promise<void> | null = null

  function load(): Promise<Backend> {
    loading ??= ('redisUrl' in options ? redisBackend(options.redisUrl, log) : postgresBackend(options.databaseUrl, log)).catch(
      (error: unknown) => {
        loading = null
        throw error
      },
    )
    return loading
  }

  function trouble(queue: string, error: Error): void {
    if (!closing) log?.warn({ queue, error: error.message }, 'the queue has trouble; it goes on when that is over')
  }

  async function queueNamed(name: string): Promise<JobQueue> {
    const backend = await load()
    let queue = queues.get(name)
    if (!queue) {
      queue = backend.queue(name, {
        defaultJobOptions: {
          removeOnComplete: true,
          removeOnFail: true,
          attempts: ATTEMPTS,
          backoff: { type: 'exponential', delay: BACKOFF_MILLISECONDS },
        },
      })
      queue.on('error', (error) => trouble(name, error))
      queues.set(name, queue)
    }
    return queue
  }

  async function startWorker(name: string, run: (job: ActiveJob) => Promise<void>, concurrency: number): Promise<void> {
    const worker = (await load()).worker(name, run, {
      concurrency,
      lockDuration: lockSeconds * 1000,
      stalledInterval: (lockSeconds * 1000) / 2,
      maxStalledCount: MAX_DEATHS,
    })
    worker.on('error', (error) => trouble(name, error))
    worker.on('failed', (job, error) =>
      log?.error({ queue: name, jobId: job?.id, attempt: job?.attemptsStarted, data: job?.data, err: error }, 'a job failed'),
    )
    workers.push(worker)
    await worker.waitUntilReady()
  }

  async function tick(job: ActiveJob): Promise<void> {
    const handler = schedules.get(job.name)
    // Declared by another version of the service that runs beside this one.
    if (!handler) return log?.debug({ schedule: job.name }, 'not a schedule of this process')
    if (ticking.has(job.name)) return
    ticking.add(job.name)
    try {
      await handler()
    } finally {
      ticking.delete(job.name)
    }
  }

  return {
    async add(name, jobId, data, { delaySeconds = 0 } = {}) {
      await answered(
        queueNamed(name).then((queue) => queue.add(name, data, { jobId, delay: delaySeconds * 1000 })),
        `the queue did not take ${name} ${jobId}`,
      )
    },

    work: (name, handler, { concurrency }) =>
      startWorker(
        name,
        (job) => handler({ id: job.id ?? '', data: Data.parse(job.data), attempt: job.attemptsStarted }),
        concurrency,
      ),

    async every(name, seconds, handler) {
      schedules.set(name, handler)
      scheduling ??= startWorker(SCHEDULE_QUEUE, tick, SCHEDULE_CONCURRENCY)
      await scheduling
      const queue = await queueNamed(SCHEDULE_QUEUE)
      // The next tick comes in any case: a failed one is not repeated.
      await queue.upsertJobScheduler(
        name,
        { every: seconds * 1000 },
        { name, opts: { attempts: 1, removeOnComplete: true, removeOnFail: true } },
      )
    },

    async health() {
      if (!loading) return { ok: true, detail: 'not in use yet' }
      try {
        await answered(
          loading.then((backend) => backend.ping()),
          'no answer',
        )
        return { ok: true, detail: 'redisUrl' in options ? 'Redis' : 'PostgreSQL' }
      } catch (error) {
        return { ok: false, detail: error instanceof Error ? error.message : String(error) }
      }
    },

    close() {
      closing ??= closeAll()
      return closing
    },
  }

  async function closeAll(): Promise<void> {
    if (!loading) return
    const backend = await loading
    await Promise.all(workers.map((worker) => closeWorker(worker)))
    await Promise.all([...queues.values()].map((queue) => queue.close()))
    await backend.close()
  }
}

async function closeWorker(worker: JobWorker): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, CLOSE_SECONDS * 1000, 'late')
  })
  if ((await Promise.race([worker.close(), late])) === 'late') await worker.close(true)
  clearTimeout(timer)
}

/** The client of Redis waits for ever for a server that is away; whoever calls us should not. */
async function answered<T>(promise: Promise<T>, problem: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${problem} within ${ANSWER_SECONDS} seconds`)), ANSWER_SECONDS * 1000)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
