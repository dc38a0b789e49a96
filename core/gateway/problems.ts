import type { Problem } from '../problem.ts'

export type GatewayProblemCode =
  | 'gateway-unreachable'
  | 'gateway-stopped'
  | 'gateway-timeout'
  | 'gateway-failed'
  /** The key's own limit is reached. */
  | 'model-credit'
  /** The account behind the key has nothing left. */
  | 'model-balance'
  /** What is left does not pay for the longest answer that was allowed. */
  | 'model-max-tokens'
  | 'model-key'
  | 'model-missing'
  /** A rule of the provider or the account refuses this request or this model. */
  | 'model-guardrail'
  | 'model-rate-limited'
  | 'model-down'
  | 'model-failed'

/** Whether the same call may succeed a moment later without anybody doing something. */
const RETRYABLE: Record<GatewayProblemCode, boolean> = {
  'gateway-unreachable': true,
  'gateway-stopped': true,
  'gateway-timeout': true,
  'gateway-failed': true,
  'model-credit': false,
  'model-balance': false,
  'model-max-tokens': false,
  'model-key': false,
  'model-missing': false,
  'model-guardrail': false,
  'model-rate-limited': true,
  'model-down': true,
  'model-failed': true,
}

/** Its text is the Fluent message of the same name. `detail` is for the log: redacted by the caller. */
export const gatewayProblem = (code: GatewayProblemCode, detail?: string): Problem => ({
  code,
  retryable: RETRYABLE[code],
  text: { id: code },
  ...(detail !== undefined && { detail }),
})

/**
 * In the order in which they are tried: what is said in words counts more than a number, which several troubles share (402 is a limit, a
 * balance or an answer too long; 403 a limit, a rule or a key). The providers' own words come from OpenClaw's log, OpenClaw's from its answer.
 */
const TURN_FAILURES: readonly (readonly [RegExp, GatewayProblemCode])[] = [
  [
    /fewer max_tokens|can only afford|max_tokens.{0,40}(too large|exceeds?|at most|maximum)|exceeds?.{0,40}max_tokens/i,
    'model-max-tokens',
  ],
  [/(exceeded|quota)[\s\S]*retry in \d/i, 'model-rate-limited'],
  [/key limit|limit exceeded \(|daily limit|monthly limit|spend(ing)? limit|budget/i, 'model-credit'],
  [/guardrail|data policy|moderation|flagged|content.?policy|usage.?polic|safety|prohibited/i, 'model-guardrail'],
  [
    /insufficient (credit|balance|quota|funds)|insufficient_quota|credit balance|account balance|billing details|credits are depleted/i,
    'model-balance',
  ],
  [/billing error|run out of credits|payment required|\b402\b/i, 'model-credit'],
  [/rate.?limit|too many requests|resource.?exhausted|\b429\b/i, 'model-rate-limited'],
  [
    /overloaded|no instances available|internal (server )?error|bad gateway|provider internal|service unavailable|provider returned error|\b5\d\d\b/i,
    'model-down',
  ],
  [
    /model was not found|model is unavailable|model_not_found|not_found_error|no endpoints found|not a valid model|does not exist|not have access|not found for api version|\b404\b/i,
    'model-missing',
  ],
  [
    /authentication failed|unauthori[sz]ed|(invalid|incorrect).{0,10}key|api.key.not.valid|secret reference was not found|SECRET_SURFACE_UNAVAILABLE|\b40[13]\b/i,
    'model-key',
  ],
]

/** What a failed turn means for the customer: the provider's own words if the log has them, else OpenClaw's. */
export function turnProblem(message: string, providerSaid: string | null = null): Problem {
  const said = [providerSaid ?? '', message].filter((words) => words !== '')
  for (const words of said) {
    const match = TURN_FAILURES.find(([pattern]) => pattern.test(words))
    if (match) return gatewayProblem(match[1], said.join(' | '))
  }
  return gatewayProblem('model-failed', said.join(' | '))
}

/** A turn that was overtaken by a hot reload, or met a worker being replaced. The same turn works a moment later. */
export const isSuperseded = (message: string) =>
  /superseded|PreparedModelCatalogConfigReplaced|read was revoked|^internal error$/i.test(message)
