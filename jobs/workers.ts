import { z } from 'zod'
import { type EventDependencies, processEvent } from '../core/billing/index.ts'
import type { Log } from '../core/log.ts'
import type { QueueJob, Queues } from './queue.ts'

/** Operations wait for other systems most of the time; this many at once keep two cores and the pool busy. */
const OPERATIONS_AT_ONCE = 16
/** Those that do nothing but wait for the payment or credit provider, which may be away for long. Never in the way of a deploy. */
const BILLING_AT_ONCE = 16
const BILLING_KINDS: readonly string[] = ['open-checkout', 'close-checkout', 'refund', 'start-cycle', 'renewal']
const EVENTS_AT_ONCE = 4
/** A question waits up to four minutes for an assistant and does nothing meanwhile. Never in the way of a deploy or a refund. */
const QUESTIONS_AT_ONCE = 32

const OperationJob = z.object({ operationId: z.string() })
const EventJob = z.object({ eventId: z.string() })

const queueOf = (kind: string) => (kind === 'ask' ? 'questions' : BILLING_KINDS.includes(kind) ? 'billing' : 'operations')

/** The queues' names, and how to put something in. A job holds ids only: its row is the truth. */
export function enqueuers(queues: Queues) {
  return {
    /**
     * `attempts`: of its row. A process that died leaves a job behind which the queue counts as running for half a minute more, and drops
     * a second one of the same name; the next attempt is therefore a job of another name.
     */
    operation: (operationId: string, requestId: string, kind: string, attempts: number) =>
      queues.add(queueOf(kind), `${operationId}-${attempts}`, { operationId, requestId }),
    stripeEvent: (eventId: string) => queues.add('stripe-events', eventId, { eventId, requestId: eventId }),
  }
}

/** Takes jobs and calls the core. A job that fails leaves its row, and the next sweep brings it again. */
export async function startWorkers(dependencies: {
  readonly queues: Queues
  readonly runOperation: (operationId: string) => Promise<void>
  readonly billing: EventDependencies
  readonly log: Log
}): Promise<void> {
  const { queues, billing } = dependencies
  const runOperation = (job: QueueJob) => dependencies.runOperation(OperationJob.parse(job.data).operationId)
  await queues.work('operations', runOperation, { concurrency: OPERATIONS_AT_ONCE })
  await queues.work('billing', runOperation, { concurrency: BILLING_AT_ONCE })
  await queues.work('questions', runOperation, { concurrency: QUESTIONS_AT_ONCE })
  await queues.work('stripe-events', (job) => processEvent(billing, EventJob.parse(job.data).eventId).then(() => undefined), {
    concurrency: EVENTS_AT_ONCE,
  })
}
