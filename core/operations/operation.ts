import type { PrismaTransaction } from '../../prisma/database.ts'
import type { JsonObject, Text, View } from '../chat/view.ts'
import type { Log } from '../log.ts'
import type { Problem } from '../problem.ts'

/** Where an operation's progress is told: one message, edited in place. */
export type Place = {
  readonly platform: string
  readonly chatId: string
  readonly userId: string
  readonly viewId: string
  readonly language: string
}

/** An operation as a step sees it. `data` is what earlier steps saved; never a secret. */
export type OperationView = {
  readonly id: string
  readonly kind: string
  readonly instanceId: string | null
  readonly orderId: string | null
  readonly args: JsonObject
  readonly data: JsonObject
  readonly requestId: string
  readonly place: Place | null
}

export type StepContext<Services> = {
  readonly operation: OperationView
  readonly services: Services
  readonly log: Log
  /** Aborted when the step's deadline has passed or the service is stopping. */
  readonly signal: AbortSignal
  /** Merges into `operation.data`, committed before it returns. */
  save(change: JsonObject): Promise<void>
  /** A line of live progress under the running step ("42 %"). Best effort, not awaited for delivery. */
  note(text: Text): void
}

/**
 * One step. It may run again after a crash at any point, so it finds before it creates and saves before it uses.
 * It fails by throwing a ProblemError: retryable ones are tried again until the deadline, others end the operation.
 */
export type Step<Services> = {
  readonly name: string
  /** From the first attempt of this run, retries included; whoever takes over after a crash starts the time anew. */
  readonly deadlineSeconds: number
  /** Set: what time can mend never ends it. The deadline is then one try's. */
  readonly patience?: Patience<Services>
  /** Fluent id of the line shown while it runs; steps without one are silent. */
  readonly progress?: string
  run(context: StepContext<Services>): Promise<void>
  /** Runs when a later step failed for good (and for the failed step itself). Must tolerate that `run` did nothing. */
  undo?(context: StepContext<Services>): Promise<void>
}

/**
 * For work that is owed however long the other side is away. After a try that time can mend the operation is laid aside, longer each
 * time up to a ceiling, and holds no worker meanwhile. A refusal still ends it.
 */
export type Patience<Services> = {
  readonly firstSeconds: number
  readonly longestSeconds: number
  /** Said once an operation: when it has been failing for so long. */
  readonly lateAfterSeconds: number
  late(transaction: PrismaTransaction, context: StepContext<Services>, problem: Problem | null): Promise<void>
}

export type OperationKind<Services> = {
  readonly kind: string
  /** At most one exclusive operation per instance is alive; a second is refused with a clear message. */
  readonly exclusive: boolean
  /** At most this many are alive per instance; one more is refused with this text. Nearly exact: starts at the same moment may pass. */
  readonly limit?: {
    readonly most: number
    readonly text: Text
    /** Counted together, where several kinds get in each other's way; else this kind alone. */
    readonly kinds?: readonly string[]
  }
  readonly steps: readonly Step<Services>[]
  /** In the transaction that marks it succeeded. */
  succeeded?(transaction: PrismaTransaction, context: StepContext<Services>): Promise<void>
  /** In the transaction that marks it failed, after the undos. */
  failed?(transaction: PrismaTransaction, context: StepContext<Services>, problem: Problem): Promise<void>
  /**
   * What its message shows now; null tells nothing. Called after every change of state, the last time just before the
   * transaction of `succeeded` or `failed`: what they write is not in the database yet. It may query as it likes.
   */
  view?(state: OperationProgress, context: StepContext<Services>): Promise<View | null>
}

export type OperationProgress = {
  readonly state: 'pending' | 'running' | 'undoing' | 'succeeded' | 'failed'
  readonly steps: readonly {
    readonly name: string
    readonly progress: string
    readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'undone'
    readonly seconds?: number
  }[]
  readonly note: Text | null
  readonly problem: Problem | null
  /** Something that was done could not be undone: the state before is not back. */
  readonly undoFailed?: boolean
}

/** What starts an operation; inserted in the same transaction as the decision. */
export type NewOperation = {
  readonly kind: string
  readonly instanceId?: string
  readonly orderId?: string
  readonly args?: JsonObject
  readonly place?: Place
  readonly requestId: string
}

/** Inserts operations and wakes the engine after the commit. A crash in between is mended by the sweep. */
export type Operations = {
  /** Throws ProblemError `operation-busy` if an exclusive one is alive on the instance. */
  start(transaction: PrismaTransaction, operation: NewOperation): Promise<{ readonly id: string }>
  /** To be called after the transaction has committed; cheap and safe to call too often. */
  wake(): void
}
