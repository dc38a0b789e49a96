import type { Problem } from '../problem.ts'

export type GatewayProblemCode =
  | 'gateway-unreachable'
  | 'gateway-stopped'
  | 'gateway-timeout'
  | 'gateway-failed'
  | 'model-credit'
  | 'model-key'
  | 'model-missing'
  | 'model-rate-limited'
  | 'model-failed'

/** Whether the same call may succeed a moment later without anybody doing something. */
const RETRYABLE: Record<GatewayProblemCode, boolean> = {
  'gateway-unreachable': true,
  'gateway-stopped': true,
  'gateway-timeout': true,
  'gateway-failed': true,
  'model-credit': false,
  'model-key': false,
  'model-missing': false,
  'model-rate-limited': true,
  'model-failed': true,
}

/** Its text is the Fluent message of the same name. `detail` is for the log: redacted by the caller. */
export const gatewayProblem = (code: GatewayProblemCode, detail?: string): Problem => ({
  code,
  retryable: RETRYABLE[code],
  text: { id: code },
  ...(detail !== undefined && { detail }),
})

/** In the order in which they are tried: a message about credit may mention the key. OpenClaw 2026.9.6 says it in these words. */
const TURN_FAILURES: readonly (readonly [RegExp, GatewayProblemCode])[] = [
  [
    /billing error|run out of credits|insufficient (credit|balance|quota|funds)|key limit|payment required|\b402\b/i,
    'model-credit',
  ],
  [/rate.?limit|too many requests|\b429\b/i, 'model-rate-limited'],
  [/model was not found|model is unavailable|model_not_found|no endpoints found|not a valid model|\b404\b/i, 'model-missing'],
  [
    /authentication failed|unauthori[sz]ed|invalid.{0,10}key|secret reference was not found|SECRET_SURFACE_UNAVAILABLE|\b40[13]\b/i,
    'model-key',
  ],
]

/** What a failed turn's message means for the customer. */
export function turnProblem(message: string): Problem {
  const match = TURN_FAILURES.find(([pattern]) => pattern.test(message))
  return gatewayProblem(match ? match[1] : 'model-failed', message)
}

/** A turn that was overtaken by a hot reload, or met a worker being replaced. The same turn works a moment later. */
export const isSuperseded = (message: string) =>
  /superseded|PreparedModelCatalogConfigReplaced|read was revoked|^internal error$/i.test(message)
