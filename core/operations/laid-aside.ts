import { z } from 'zod'
import type { JsonObject } from '../chat/view.ts'
import { ProblemError } from '../problem.ts'
import type { Patience } from './operation.ts'

/** Thrown by a patient step's failed try: the operation is let go and taken up again after this long. */
export class LaidAside extends Error {
  override readonly name = 'LaidAside'
  constructor(readonly seconds: number) {
    super(`the operation is laid aside for ${seconds} seconds`)
  }
}

/** Under this name in an operation's data. */
export const WAITED = 'waited'

const Waited = z.object({
  since: z.iso.datetime(),
  step: z.string(),
  /** Tries of that step that failed. */
  tries: z.int(),
  /** The operation's attempts by then: more since are starts that ended without a word. */
  attempts: z.int(),
  told: z.boolean(),
})
type Waited = z.infer<typeof Waited>

/** What is known of earlier failed tries; null before the first. */
export const waitedOf = (data: JsonObject): Waited | null => Waited.safeParse(data[WAITED]).data ?? null

/** One failed try more: how long it has waited by now, and for how long it is laid aside. */
export function wait<Services>(
  before: Waited | null,
  step: string,
  patience: Patience<Services>,
  now: Date,
  attempts: number,
): { readonly waited: Waited; readonly seconds: number; readonly isLate: boolean } {
  const since = before?.since ?? now.toISOString()
  const tries = (before?.step === step ? before.tries : 0) + 1
  const isLate = before?.told !== true && now.getTime() - Date.parse(since) >= patience.lateAfterSeconds * 1000
  return {
    waited: { since, step, tries, attempts, told: before?.told === true || isLate },
    seconds: Math.min(patience.longestSeconds, patience.firstSeconds * 2 ** Math.min(tries - 1, 20)),
    isLate,
  }
}

/** Whether time can mend it: everything but a refusal. */
export const canWait = (error: unknown): boolean => !(error instanceof ProblemError) || error.problem.retryable
