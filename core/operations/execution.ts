import { z } from 'zod'
import type { Database } from '../../prisma/database.ts'
import type { JsonObject, Text, View } from '../chat/view.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Notices } from '../notices/index.ts'
import { type Problem, ProblemError } from '../problem.ts'
import { canWait, LaidAside, WAITED, wait, waitedOf } from './laid-aside.ts'
import type { OperationKind, OperationProgress, OperationView, Patience, Step, StepContext } from './operation.ts'
import { spaced } from './spaced.ts'
import { whenAborted } from './when-aborted.ts'

/** A step that crashed the service this often in a row is failed instead of tried again. */
const MOST_CRASHES = 10

const FIRST_RETRY_MS = 300
const LONGEST_RETRY_MS = 8000

/** Progress is shown at most this often: chats limit edits, and nobody reads faster. What ended is shown at once. */
const SHOW_EVERY_MS = 1000

/** An undo that keeps failing is left to the reconciler after this long. */
const UNDO_SECONDS = 60

/** Failing for good, these cost a customer money or credit, or leave something behind that costs us money. */
const GRAVE_KINDS = new Set(['deploy', 'destroy', 'refund', 'start-cycle'])

const ProgressRow = z.object({
  name: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'failed', 'undone']),
  seconds: z.number().optional(),
})
const ProblemRow = z.custom<Problem>(
  (value) =>
    z.object({ code: z.string(), retryable: z.boolean(), text: z.record(z.string(), z.unknown()) }).safeParse(value).success,
)

export const OperationRow = z.object({
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
export type OperationRow = z.infer<typeof OperationRow>
type Progress = z.infer<typeof ProgressRow>[]

export type ExecutionDependencies<Services> = {
  readonly database: Database
  readonly services: () => Services
  readonly notices: Notices
  /** Names this process in leases: `<host>:<process id>`. */
  readonly leaseOwner: string
  readonly clock: Clock
  /** After the commit that may have started other operations. */
  readonly wake: () => void
  readonly report: (kind: string, key: string, detail: Record<string, string>) => void
  readonly observe: (kind: string, step: string, outcome: 'done' | 'failed', seconds: number) => void
  readonly observeEnd: (kind: string, outcome: 'succeeded' | 'failed') => void
}

/** Thrown when the service stops or loses the lease: the operation goes on elsewhere or later. */
export const STOPPING = new ProblemError({ code: 'service-stopping', retryable: true, text: { id: 'service-stopping' } })

/** One operation while this process runs it. */
export class Execution<Services> {
  readonly #row: OperationRow
  readonly #kind: OperationKind<Services>
  readonly #log: Log
  readonly #signal: AbortSignal
  #data: JsonObject
  #progress: Progress
  #state: OperationProgress['state']
  #problem: Problem | null
  #undoFailed = false
  #note: Text | null = null
  readonly #shows = spaced(SHOW_EVERY_MS, () => this.#show())

  constructor(
    readonly dependencies: ExecutionDependencies<Services>,
    row: OperationRow,
    kind: OperationKind<Services>,
    log: Log,
    signal: AbortSignal,
  ) {
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
    try {
      await this.#go()
    } finally {
      await this.#shows.end()
    }
  }

  async #go(): Promise<void> {
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
    await this.#keepProgress()
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
    const waited = waitedOf(this.#data)
    if (resumed && this.#row.attempts - (waited?.attempts ?? 0) > MOST_CRASHES)
      return { code: 'step-crashes', retryable: false, text: { id: 'step-crashes' } }
    this.#state = 'running'
    this.#set(step.name, { state: 'running' })
    await this.#persist(step.name)
    const started = performance.now()
    const problem = step.patience
      ? await this.#tryOnce(step, step.patience)
      : await this.#attempt(step.name, step.deadlineSeconds, (context) => step.run(context))
    const seconds = (performance.now() - started) / 1000
    this.dependencies.observe(this.#kind.kind, step.name, problem ? 'failed' : 'done', seconds)
    this.#log.info(
      { step: step.name, seconds, ...(problem && { problem: problem.code, detail: problem.detail }) },
      problem ? 'step failed' : 'step done',
    )
    if (!problem) {
      this.#note = null
      this.#set(step.name, { state: 'done', seconds })
    }
    return problem
  }

  /** Null when done, else what refused it for good. Throws LaidAside when it is to be tried again later. */
  async #tryOnce(step: Step<Services>, patience: Patience<Services>): Promise<Problem | null> {
    const deadline = AbortSignal.timeout(step.deadlineSeconds * 1000)
    const signal = AbortSignal.any([this.#signal, deadline])
    const interrupted = whenAborted(signal)
    try {
      await Promise.race([step.run(this.#context(signal)), interrupted])
      return null
    } catch (error) {
      if (this.#signal.aborted || error === STOPPING) throw STOPPING
      if (error instanceof ProblemError && !canWait(error)) return error.problem
      this.#log.warn({ step: step.name, error }, 'a step that is owed failed; it is tried again later')
      throw await this.#layAside(step.name, patience, error instanceof ProblemError ? error.problem : null)
    }
  }

  async #layAside(stepName: string, patience: Patience<Services>, problem: Problem | null): Promise<LaidAside> {
    const { waited, seconds, isLate } = wait(
      waitedOf(this.#data),
      stepName,
      patience,
      this.dependencies.clock.now(),
      this.#row.attempts,
    )
    const context = this.#context(this.#signal)
    const prisma = await this.dependencies.database.prisma()
    await prisma.$transaction(async (transaction) => {
      const where = { id: this.#row.id, leaseOwner: this.dependencies.leaseOwner, finishedAt: null }
      const data = { ...this.#data, [WAITED]: waited }
      if ((await transaction.operation.updateMany({ where, data: { data } })).count === 0) throw STOPPING
      if (isLate) await patience.late(transaction, context, problem)
    })
    this.#data = { ...this.#data, [WAITED]: waited }
    // Not a crash when it is taken up again.
    this.#set(stepName, { state: 'waiting' })
    await this.#persist(stepName)
    if (isLate) this.dependencies.notices.wake()
    return new LaidAside(seconds)
  }

  async #attempt(
    name: string,
    deadlineSeconds: number,
    work: (context: StepContext<Services>) => Promise<void>,
  ): Promise<Problem | null> {
    const deadline = AbortSignal.timeout(deadlineSeconds * 1000)
    const signal = AbortSignal.any([this.#signal, deadline])
    const interrupted = whenAborted(signal)
    let last: Problem | null = null
    const late = (): Problem => ({
      code: 'step-timeout',
      retryable: false,
      text: last?.text ?? { id: 'step-timeout' },
      detail: `${name}: ${last?.detail ?? last?.code ?? 'no answer in time'}`,
    })
    for (let pause = FIRST_RETRY_MS; ; pause = Math.min(pause * 2, LONGEST_RETRY_MS)) {
      try {
        await Promise.race([work(this.#context(signal)), interrupted])
        return null
      } catch (error) {
        if (this.#signal.aborted || error === STOPPING) throw STOPPING
        if (error instanceof ProblemError && !error.problem.retryable) return error.problem
        if (error instanceof ProblemError) last = error.problem
        if (deadline.aborted) return late()
        this.#log.warn({ step: name, error }, 'a step failed and is tried again')
      }
      await Promise.race([new Promise((resolve) => setTimeout(resolve, pause)), interrupted]).catch(() => undefined)
      if (this.#signal.aborted) throw STOPPING
      // What began now would go on beside the undo.
      if (deadline.aborted) return late()
    }
  }

  async #undo(): Promise<void> {
    for (const step of [...this.#kind.steps].reverse()) {
      const state = this.#at(step.name).state
      if (state === 'waiting' || state === 'undone') continue
      const { undo } = step
      const problem = undo ? await this.#attempt(`undo ${step.name}`, UNDO_SECONDS, (context) => undo(context)) : null
      if (problem) {
        this.#undoFailed = true
        this.dependencies.report('undo-failed', `undo:${this.#row.id}:${step.name}`, {
          problem: problem.code,
          detail: problem.detail ?? '',
        })
      } else if (state === 'done') this.#set(step.name, { state: 'undone' })
      await this.#persist(step.name)
    }
    await this.#finish('failed')
  }

  async #finish(state: 'succeeded' | 'failed'): Promise<void> {
    this.#state = state
    // Progress that is written after the end would be shown after it.
    await this.#shows.end()
    const context = this.#context(this.#signal)
    const problem = this.#problem ?? { code: 'unknown', retryable: false, text: { id: 'step-timeout' } }
    // Before the transaction: a view queries over connections of its own, and transactions that each hold one and wait
    // for another would empty the pool and wait for ever.
    const view = await this.#view(context)
    const prisma = await this.dependencies.database.prisma()
    await prisma.$transaction(async (transaction) => {
      const { count } = await transaction.operation.updateMany({
        where: { id: this.#row.id, finishedAt: null, leaseOwner: this.dependencies.leaseOwner },
        data: { state, finishedAt: this.dependencies.clock.now(), leaseUntil: null, leaseOwner: null, progress: this.#progress },
      })
      if (count === 0) throw STOPPING
      if (state === 'succeeded') await this.#kind.succeeded?.(transaction, context)
      else await this.#kind.failed?.(transaction, context, problem)
      if (view) await this.dependencies.notices.post(transaction, { ...view, dedupeKey: `operation:${this.#row.id}:${state}` })
    })
    this.#log.info({ state, problem: this.#problem?.code }, 'operation finished')
    this.dependencies.observeEnd(this.#kind.kind, state)
    if (state === 'failed' && GRAVE_KINDS.has(this.#kind.kind))
      this.dependencies.report('operation-failed', `operation-failed:${this.#kind.kind}`, {
        operationId: this.#row.id,
        problem: problem.code,
        detail: problem.detail ?? '',
      })
    this.dependencies.notices.wake()
    this.dependencies.wake()
  }

  async #persist(step: string): Promise<void> {
    const result = await this.dependencies.database.pool.query(
      `UPDATE operations SET state = $3, step = $4, step_started_at = now(), progress = $5::jsonb, error = $6::jsonb WHERE id = $1 AND lease_owner = $2 AND finished_at IS NULL`,
      [
        this.#row.id,
        this.dependencies.leaseOwner,
        this.#state,
        step,
        JSON.stringify(this.#progress),
        this.#problem ? JSON.stringify(this.#problem) : null,
      ],
    )
    if (result.rowCount === 0) throw STOPPING
    this.#shows.ask()
  }

  /** What was done stays done if the finish fails: its next try must not run the last step again. */
  async #keepProgress(): Promise<void> {
    await this.dependencies.database.pool.query(
      'UPDATE operations SET progress = $3::jsonb WHERE id = $1 AND lease_owner = $2 AND finished_at IS NULL',
      [this.#row.id, this.dependencies.leaseOwner, JSON.stringify(this.#progress)],
    )
  }

  /** Tells the present state. Progress that can't be shown does not stop the work. */
  async #show(): Promise<void> {
    try {
      const notice = await this.#view(this.#context(this.#signal))
      if (!notice) return
      const prisma = await this.dependencies.database.prisma()
      await prisma.$transaction(async (transaction) => {
        // Who has the lease by now may have told the end already.
        const where = { id: this.#row.id, leaseOwner: this.dependencies.leaseOwner, finishedAt: null }
        if ((await transaction.operation.count({ where })) > 0) await this.dependencies.notices.post(transaction, notice)
      })
      this.dependencies.notices.wake()
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
      return step.progress === undefined
        ? []
        : [{ name: step.name, progress: step.progress, state, ...(seconds !== undefined && { seconds }) }]
    })
    return { state: this.#state, steps, note: this.#note, problem: this.#problem, undoFailed: this.#undoFailed }
  }

  #context(signal: AbortSignal): StepContext<Services> {
    const row = this.#row
    const place =
      row.platform !== null && row.chat_id !== null && row.view_id !== null
        ? {
            platform: row.platform,
            chatId: row.chat_id,
            userId: row.user_id ?? '',
            viewId: row.view_id,
            language: row.language,
          }
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
      services: this.dependencies.services(),
      log: this.#log,
      signal,
      save: async (change) => {
        // A step that was given up may still be running: what it finds out belongs to nobody any more.
        signal.throwIfAborted()
        const { rowCount } = await this.dependencies.database.pool.query(
          'UPDATE operations SET data = data || $3::jsonb WHERE id = $1 AND lease_owner = $2 AND finished_at IS NULL',
          [row.id, this.dependencies.leaseOwner, JSON.stringify(change)],
        )
        if (rowCount === 0) throw STOPPING
        this.#data = { ...this.#data, ...change }
      },
      note: (text) => {
        if (signal.aborted) return
        this.#note = text
        this.#shows.ask()
      },
    }
  }
}
