import type { Pool } from 'pg'
import { z } from 'zod'
import type { Database } from '../../prisma/database.ts'
import type { JsonObject, Text, View } from '../chat/view.ts'
import type { Clock, Ids } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Notices } from '../notices/index.ts'
import { type Problem, ProblemError } from '../problem.ts'
import type { NewOperation, OperationKind, OperationProgress, OperationView, Operations, Step, StepContext } from './operation.ts'

/** How long a process holds an operation without a sign of life. After a crash this is the longest wait. */
const LEASE_SECONDS = 15

/** A step that crashed the service this often in a row is failed instead of tried again. */
const MOST_CRASHES = 10

const FIRST_RETRY_MS = 300
const LONGEST_RETRY_MS = 8000

/** Live notes are shown at most this often: chats limit edits. */
const NOTE_EVERY_MS = 1500

/** An undo that keeps failing is left to the reconciler after this long. */
const UNDO_SECONDS = 60

const ProgressRow = z.object({ name: z.string(), state: z.enum(['waiting', 'running', 'done', 'failed', 'undone']), seconds: z.number().optional() })
const ProblemRow = z.custom<Problem>((value) => z.object({ code: z.string(), retryable: z.boolean(), text: z.record(z.string(), z.unknown()) }).safeParse(value).success)

const Row = z.object({
  id: z.string(),
  kind: z.string(),
  instance_id: z.string().nullable(),
  order_id: z.string().nullable(),
  args: z.record(z.string(), z.json()),
  data: z.record(z.string(), z.json()),
  state: z.enum(['pending', 'running', 'undoing', 'succeeded', 'failed']),
  step: z.string().nullable(),
  attempts: z.number(),
  progress: z.array(ProgressRow),
  error: ProblemRow.nullable(),
  platform: z.string().nullable(),
  chat_id: z.string().nullable(),
  user_id: z.string().nullable(),
  view_id: z.string().nullable(),
  language: z.string(),
  request_id: z.string(),
})
type Row = z.infer<typeof Row>
type Progress = z.infer<typeof ProgressRow>[]

export type EngineDependencies<Services> = {
  readonly database: Database
  readonly kinds: readonly OperationKind<Services>[]
  readonly services: () => Services
  readonly notices: Notices
  /** Hands an operation to a worker; a second hand-over of one that waits or runs is dropped. */
  readonly enqueue: (operationId: string, requestId: string) => Promise<void>
  /** Names this process in leases: `<host>:<process id>`. */
  readonly leaseOwner: string
  /** Whether another lease owner is known to be dead (a process of this machine that is gone). */
  readonly isDead: (leaseOwner: string) => boolean
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly report: (kind: string, key: string, detail: Record<string, string>) => void
  readonly observe: (kind: string, step: string, outcome: 'done' | 'failed', seconds: number) => void
}

const STOPPING = new ProblemError({ code: 'service-stopping', retryable: true, text: { id: 'service-stopping' } })

/** Runs operations: rows are the truth, jobs only wake. See DESIGN "Work that must not be lost". */
export function createEngine<Services>(dependencies: EngineDependencies<Services>) {
  const { database, notices, clock, ids, leaseOwner } = dependencies
  const pool: Pool = database.pool
  const kinds = new Map(dependencies.kinds.map((kind) => [kind.kind, kind]))
  const exclusiveKinds = dependencies.kinds.filter((kind) => kind.exclusive).map((kind) => kind.kind)
  const stopping = new AbortController()
  const running = new Map<string, Promise<void>>()

  const operations: Operations = {
    async start(transaction, operation: NewOperation) {
      const exclusive = exclusiveKinds.includes(operation.kind)
      if (exclusive && operation.instanceId !== undefined) {
        const busy = await transaction.operation.findFirst({ where: { instanceId: operation.instanceId, finishedAt: null, kind: { in: exclusiveKinds } }, select: { kind: true } })
        if (busy) throw new ProblemError({ code: 'operation-busy', retryable: true, text: { id: 'operation-busy', args: { kind: busy.kind } } })
      }
      const id = ids.create('op')
      await transaction.operation.create({
        data: {
          id,
          kind: operation.kind,
          instanceId: operation.instanceId ?? null,
          orderId: operation.orderId ?? null,
          args: operation.args ?? {},
          platform: operation.place?.platform ?? null,
          chatId: operation.place?.chatId ?? null,
          userId: operation.place?.userId ?? null,
          viewId: operation.place?.viewId ?? null,
          language: operation.place?.language ?? 'en',
          requestId: operation.requestId,
        },
      })
      return { id }
    },
    wake: () => void sweep().catch((error: unknown) => dependencies.log.warn({ error }, 'operations could not be woken; the next sweep will')),
  }

  /** Enqueues every operation that has a row and nobody working on it. Losing the queue loses nothing. */
  async function sweep(): Promise<void> {
    if (stopping.signal.aborted) return
    const { rows } = await pool.query<{ id: string; request_id: string }>({
      name: 'operations_due',
      text: `SELECT id, request_id FROM operations
             WHERE finished_at IS NULL AND not_before <= now() AND (lease_until IS NULL OR lease_until < now()) ORDER BY created_at LIMIT 200`,
    })
    for (const row of rows) await dependencies.enqueue(row.id, row.request_id)
  }

  /** Frees what dead processes of this machine held, so that a restart need not wait for their leases. */
  async function releaseDead(): Promise<void> {
    const { rows } = await pool.query<{ lease_owner: string }>('SELECT DISTINCT lease_owner FROM operations WHERE finished_at IS NULL AND lease_owner IS NOT NULL')
    const dead = rows.map((row) => row.lease_owner).filter((owner) => owner !== leaseOwner && dependencies.isDead(owner))
    if (dead.length > 0) await pool.query('UPDATE operations SET lease_until = NULL, lease_owner = NULL WHERE finished_at IS NULL AND lease_owner = ANY ($1)', [dead])
  }

  /** Runs an operation until it is finished, given up for now, or the service stops. Safe to call for any id at any time. */
  function run(operationId: string): Promise<void> {
    const already = running.get(operationId)
    if (already) return already
    const work = lease(operationId).finally(() => running.delete(operationId))
    running.set(operationId, work)
    return work
  }

  async function lease(operationId: string): Promise<void> {
    const { rows } = await pool.query(
      `UPDATE operations SET lease_owner = $2, lease_until = now() + make_interval(secs => $3), attempts = attempts + 1
       WHERE id = $1 AND finished_at IS NULL AND not_before <= now() AND (lease_until IS NULL OR lease_until < now()) RETURNING *`,
      [operationId, leaseOwner, LEASE_SECONDS],
    )
    if (!rows[0]) return
    const row = Row.parse(rows[0])
    const kind = kinds.get(row.kind)
    const log = dependencies.log.child({ requestId: row.request_id, operationId, kind: row.kind })
    if (!kind) {
      dependencies.report('unknown-operation', `unknown-operation:${row.kind}`, { operationId })
      return
    }
    const lost = new AbortController()
    const renewal = setInterval(() => {
      pool
        .query(`UPDATE operations SET lease_until = now() + make_interval(secs => $3) WHERE id = $1 AND lease_owner = $2`, [operationId, leaseOwner, LEASE_SECONDS])
        .then((result) => {
          if (result.rowCount === 0) lost.abort()
        })
        .catch((error: unknown) => log.warn({ error }, 'the lease could not be renewed'))
    }, (LEASE_SECONDS * 1000) / 3)
    try {
      await new Execution(row, kind, log, AbortSignal.any([stopping.signal, lost.signal])).go()
    } catch (error) {
      if (error !== STOPPING) throw error
      log.info({}, 'an operation is left for the next start')
      await pool.query('UPDATE operations SET lease_until = NULL, lease_owner = NULL WHERE id = $1 AND lease_owner = $2', [operationId, leaseOwner]).catch(() => undefined)
    } finally {
      clearInterval(renewal)
    }
  }

  /** One operation while this process runs it. */
  class Execution {
    readonly #row: Row
    readonly #kind: OperationKind<Services>
    readonly #log: Log
    readonly #signal: AbortSignal
    #data: JsonObject
    #progress: Progress
    #state: OperationProgress['state']
    #problem: Problem | null
    #note: Text | null = null
    #noteShownAt = 0

    constructor(row: Row, kind: OperationKind<Services>, log: Log, signal: AbortSignal) {
      this.#row = row
      this.#kind = kind
      this.#log = log
      this.#signal = signal
      this.#data = row.data
      this.#state = row.state
      this.#problem = row.error
      const known = new Map(row.progress.map((step) => [step.name, step]))
      this.#progress = kind.steps.map((step) => known.get(step.name) ?? { name: step.name, state: 'waiting' })
    }

    async go(): Promise<void> {
      if (this.#state === 'undoing') return this.#undo()
      for (const step of this.#kind.steps) {
        if (this.#at(step.name).state === 'done') continue
        const problem = await this.#runStep(step)
        if (problem) {
          this.#problem = problem
          this.#state = 'undoing'
          this.#set(step.name, { state: 'failed' })
          await this.#persist(step.name)
          return this.#undo()
        }
      }
      await this.#finish('succeeded')
    }

    #at(name: string): Progress[number] {
      return this.#progress.find((step) => step.name === name) ?? { name, state: 'waiting' }
    }

    #set(name: string, change: Partial<Progress[number]>): void {
      this.#progress = this.#progress.map((step) => (step.name === name ? { ...step, ...change } : step))
    }

    /** Null when done, else what ended it. Throws STOPPING when the service stops. */
    async #runStep(step: Step<Services>): Promise<Problem | null> {
      const resumed = this.#at(step.name).state === 'running'
      if (resumed && this.#row.attempts > MOST_CRASHES) return { code: 'step-crashes', retryable: false, text: { id: 'step-crashes' } }
      this.#state = 'running'
      this.#set(step.name, { state: 'running' })
      await this.#persist(step.name)
      const started = performance.now()
      const problem = await this.#attempt(step.name, step.deadlineSeconds, (context) => step.run(context))
      const seconds = (performance.now() - started) / 1000
      dependencies.observe(this.#kind.kind, step.name, problem ? 'failed' : 'done', seconds)
      this.#log.info({ step: step.name, seconds, ...(problem && { problem: problem.code, detail: problem.detail }) }, problem ? 'step failed' : 'step done')
      if (!problem) {
        this.#note = null
        this.#set(step.name, { state: 'done', seconds })
      }
      return problem
    }

    async #attempt(name: string, deadlineSeconds: number, work: (context: StepContext<Services>) => Promise<void>): Promise<Problem | null> {
      const deadline = AbortSignal.timeout(deadlineSeconds * 1000)
      const signal = AbortSignal.any([this.#signal, deadline])
      const interrupted = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      })
      interrupted.catch(() => undefined)
      let last: Problem | null = null
      for (let pause = FIRST_RETRY_MS; ; pause = Math.min(pause * 2, LONGEST_RETRY_MS)) {
        try {
          await Promise.race([work(this.#context(signal)), interrupted])
          return null
        } catch (error) {
          if (this.#signal.aborted) throw STOPPING
          if (error instanceof ProblemError && !error.problem.retryable) return error.problem
          if (error instanceof ProblemError) last = error.problem
          if (deadline.aborted) return { code: 'step-timeout', retryable: false, text: last?.text ?? { id: 'step-timeout' }, detail: `${name}: ${last?.detail ?? last?.code ?? 'no answer in time'}` }
          this.#log.warn({ step: name, error }, 'a step failed and is tried again')
        }
        await Promise.race([new Promise((resolve) => setTimeout(resolve, pause)), interrupted]).catch(() => undefined)
        if (this.#signal.aborted) throw STOPPING
      }
    }

    async #undo(): Promise<void> {
      for (const step of [...this.#kind.steps].reverse()) {
        const state = this.#at(step.name).state
        if (state === 'waiting' || state === 'undone') continue
        const { undo } = step
        if (undo) {
          const problem = await this.#attempt(`undo ${step.name}`, UNDO_SECONDS, (context) => undo(context))
          if (problem) dependencies.report('undo-failed', `undo:${this.#row.id}:${step.name}`, { problem: problem.code, detail: problem.detail ?? '' })
        }
        if (state === 'done') this.#set(step.name, { state: 'undone' })
        await this.#persist(step.name)
      }
      await this.#finish('failed')
    }

    async #finish(state: 'succeeded' | 'failed'): Promise<void> {
      this.#state = state
      const context = this.#context(this.#signal)
      const problem = this.#problem ?? { code: 'unknown', retryable: false, text: { id: 'step-timeout' } }
      const prisma = await database.prisma()
      await prisma.$transaction(async (transaction) => {
        const { count } = await transaction.operation.updateMany({
          where: { id: this.#row.id, finishedAt: null, leaseOwner },
          data: { state, finishedAt: clock.now(), leaseUntil: null, leaseOwner: null, progress: this.#progress },
        })
        if (count === 0) throw new Error(`operation ${this.#row.id} was finished by another process`)
        if (state === 'succeeded') await this.#kind.succeeded?.(transaction, context)
        else await this.#kind.failed?.(transaction, context, problem)
        const view = await this.#view(context)
        if (view) await notices.post(transaction, { ...view, dedupeKey: `operation:${this.#row.id}:${state}` })
      })
      this.#log.info({ state, problem: this.#problem?.code }, 'operation finished')
      notices.wake()
      operations.wake()
    }

    async #persist(step: string): Promise<void> {
      const result = await pool.query(
        `UPDATE operations SET state = $3, step = $4, step_started_at = now(), progress = $5::jsonb, error = $6::jsonb WHERE id = $1 AND lease_owner = $2 AND finished_at IS NULL`,
        [this.#row.id, leaseOwner, this.#state, step, JSON.stringify(this.#progress), this.#problem ? JSON.stringify(this.#problem) : null],
      )
      if (result.rowCount === 0) throw STOPPING
      await this.#show()
    }

    /** Tells the present state. Progress that can't be shown does not stop the work. */
    async #show(): Promise<void> {
      try {
        const notice = await this.#view(this.#context(this.#signal))
        if (!notice) return
        const prisma = await database.prisma()
        await prisma.$transaction((transaction) => notices.post(transaction, notice))
        notices.wake()
      } catch (error) {
        this.#log.warn({ error }, 'progress could not be shown')
      }
    }

    async #view(context: StepContext<Services>) {
      const { platform, chat_id: chatId, user_id: userId, language } = this.#row
      if (!this.#kind.view || platform === null || chatId === null) return null
      const view: View | null = await this.#kind.view(this.#shown(), context)
      return view && { platform, chatId, ...(userId !== null && { userId }), language, view, place: 'edit' as const }
    }

    #shown(): OperationProgress {
      const steps = this.#kind.steps.flatMap((step) => {
        const { state, seconds } = this.#at(step.name)
        return step.progress === undefined ? [] : [{ name: step.name, progress: step.progress, state, ...(seconds !== undefined && { seconds }) }]
      })
      return { state: this.#state, steps, note: this.#note, problem: this.#problem }
    }

    #context(signal: AbortSignal): StepContext<Services> {
      const row = this.#row
      const place =
        row.platform !== null && row.chat_id !== null && row.view_id !== null
          ? { platform: row.platform, chatId: row.chat_id, userId: row.user_id ?? '', viewId: row.view_id, language: row.language }
          : null
      const data = () => this.#data
      const operation: OperationView = {
        get data() {
          return data()
        },
        id: row.id,
        kind: row.kind,
        instanceId: row.instance_id,
        orderId: row.order_id,
        args: row.args,
        requestId: row.request_id,
        place,
      }
      return {
        operation,
        services: dependencies.services(),
        log: this.#log,
        signal,
        save: async (change) => {
          this.#data = { ...this.#data, ...change }
          await pool.query('UPDATE operations SET data = $2::jsonb WHERE id = $1', [row.id, JSON.stringify(this.#data)])
        },
        note: (text) => {
          this.#note = text
          const now = performance.now()
          if (now - this.#noteShownAt < NOTE_EVERY_MS) return
          this.#noteShownAt = now
          void this.#show()
        },
      }
    }
  }

  return {
    operations,
    sweep,
    releaseDead,
    run,
    /** Interrupts the running steps; their rows stay and go on at the next start. */
    async stop(): Promise<void> {
      stopping.abort(STOPPING)
      await Promise.allSettled(running.values())
    },
  }
}
