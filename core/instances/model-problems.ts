import { isOwnKey, type Source, sourceOf } from '../models/index.ts'
import { type Problem, ProblemError } from '../problem.ts'
import type { Services } from '../services.ts'

/** Troubles that are ours where we sell the AI, and the customer's own where the key is theirs. */
const OF_THE_KEY: Readonly<Record<string, string>> = {
  'model-credit': 'model-credit-own',
  'model-balance': 'model-balance-own',
  'model-key': 'model-key-own',
}
/** Nobody but an operator can do something about these. */
const OPERATORS: Readonly<Record<string, string>> = { 'model-balance': 'model-balance', 'model-key': 'model-key-refused' }

/**
 * A turn's failure as its owner should read it, thrown. What only operators can mend, and what we don't know, is reported to them with
 * the provider's own words.
 */
export function throwModelProblem(
  { report }: Pick<Services, 'report'>,
  instance: { readonly id: string; readonly source: string },
  problem: Problem,
): never {
  const source = sourceOf(instance.source)
  const detail = { instanceId: instance.id, source, detail: problem.detail ?? '' }
  const kind = isOwnKey(source) ? undefined : OPERATORS[problem.code]
  if (kind) report(kind, kind === 'model-balance' ? kind : `${kind}:${instance.id}`, detail)
  if (problem.code === 'model-failed') report('model-error-unknown', `model-error-unknown:${statusOf(problem)}`, detail)
  throw new ProblemError(ownText(problem, source))
}

function ownText(problem: Problem, source: Source): Problem {
  if (!isOwnKey(source) || OF_THE_KEY[problem.code] === undefined) return problem
  return {
    ...problem,
    text: { id: OF_THE_KEY[problem.code] ?? problem.code, args: { provider: { text: { id: `model-source-${source}` } } } },
  }
}

/** One alert per kind of error, however often it comes. */
const statusOf = ({ detail = '' }: Problem) => /\b[45]\d\d\b/.exec(detail)?.[0] ?? 'other'
