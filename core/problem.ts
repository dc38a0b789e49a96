import type { Text } from './chat/view.ts'

/**
 * An expected failure, as a value. `text` is what the customer reads: what happened, why, what to do.
 * `detail` is for the log only and holds no secret.
 */
export type Problem = {
  readonly code: string
  readonly retryable: boolean
  readonly text: Text
  readonly detail?: string
}

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem }

export const ok = <T>(value: T): Result<T> => ({ ok: true, value })
export const failed = (problem: Problem): { readonly ok: false; readonly problem: Problem } => ({ ok: false, problem })

/** Carries a Problem through code that can only throw (a step, a job). */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  constructor(readonly problem: Problem) {
    super(problem.detail ? `${problem.code}: ${problem.detail}` : problem.code)
  }
}
