import type Stripe from 'stripe'
import { ProblemError } from '../../problem.ts'

const STRIPE_API_VERSION = '2026-10-28.endive'

/** Stripe answers in well under a second; a step that waits longer is better tried again. */
const TIMEOUT_MS = 20_000
/** The SDK's own retries: closed connections, 409 and 5xx, with the same idempotency key. */
const NETWORK_RETRIES = 2
/** The SDK does not retry 429. Stripe's limit is counted per second, so these waits pass it. */
const RATE_LIMIT_WAITS_MS = [500, 1_000, 2_000, 4_000] as const

export type StripeClientOptions = {
  readonly secretKey: string
  /** `http://127.0.0.1:4010`; Stripe itself if left out. */
  readonly apiRoot?: string
  /** Waits between tries after 429, in milliseconds. */
  readonly rateLimitWaitsMs?: readonly number[]
  /** Told of every answer's HTTP status, the SDK's own retries included. */
  readonly observe?: (status: number | 'no-answer') => void
}

export type CallStripe = <T>(call: (stripe: Stripe) => Promise<T>) => Promise<T>

/**
 * The SDK, loaded at the first call. Whatever goes wrong becomes a ProblemError: retryable for what time can mend
 * (connection, 5xx, 429, a key in use), final for what it can't. Refusals a caller expects are caught by `refusalCode`.
 */
export function createStripeClient(options: StripeClientOptions): CallStripe {
  const waitsMs = options.rateLimitWaitsMs ?? RATE_LIMIT_WAITS_MS
  let loading: Promise<Stripe> | null = null

  return async (call) => {
    loading ??= load(options).catch((error: unknown) => {
      loading = null
      throw error
    })
    const stripe = await loading
    for (const waitMs of [...waitsMs, null]) {
      try {
        return await call(stripe)
      } catch (error) {
        const told = stripeError(error)
        if (told && told.statusCode === undefined) options.observe?.('no-answer')
        if (waitMs === null || !isRateLimit(error)) throw asProblem(error)
        await new Promise((resolve) => setTimeout(resolve, waitMs))
      }
    }
    throw new Error('unreachable: the last try either returns or throws')
  }
}

async function load({ secretKey, apiRoot, observe }: StripeClientOptions): Promise<Stripe> {
  const { default: StripeSdk } = await import('stripe')
  const root = apiRoot === undefined ? null : new URL(apiRoot)
  const stripe = new StripeSdk(secretKey, {
    apiVersion: STRIPE_API_VERSION,
    maxNetworkRetries: NETWORK_RETRIES,
    timeout: TIMEOUT_MS,
    telemetry: false,
    ...(root && {
      host: root.hostname,
      port: root.port || (root.protocol === 'http:' ? '80' : '443'),
      protocol: root.protocol === 'http:' ? 'http' : 'https',
    }),
  })
  if (observe) stripe.on('response', ({ status }: Stripe.ResponseEvent) => observe(status))
  return stripe
}

/** A refusal, still with Stripe's own code, for the callers that know what it means. */
class StripeProblem extends ProblemError {
  readonly refusal: string | null
  constructor(problem: ConstructorParameters<typeof ProblemError>[0], refusal: string | null, cause: unknown) {
    super(problem)
    this.refusal = refusal
    this.cause = cause
  }
}

/** Stripe's error code (`resource_missing`, `charge_already_refunded`, …) if it answered and refused; else null. */
export const refusalCode = (error: unknown): string | null => (error instanceof StripeProblem ? error.refusal : null)

type StripeError = { readonly type: string; readonly statusCode?: number; readonly code?: string; readonly message: string }

/** Told by its fields: the SDK's classes would load it. */
function stripeError(error: unknown): StripeError | null {
  if (!(error instanceof Error) || !('type' in error) || typeof error.type !== 'string') return null
  return {
    type: error.type,
    message: error.message,
    ...('statusCode' in error && typeof error.statusCode === 'number' && { statusCode: error.statusCode }),
    ...('code' in error && typeof error.code === 'string' && { code: error.code }),
  }
}

const isRateLimit = (error: unknown): boolean => stripeError(error)?.statusCode === 429

function asProblem(error: unknown): unknown {
  const told = stripeError(error)
  if (!told) return error
  const status = told.statusCode ?? null
  const retryable = status === null || status >= 500 || status === 429 || status === 409
  const code = retryable ? 'payment-provider-unavailable' : 'payment-provider-refused'
  return new StripeProblem(
    {
      code,
      retryable,
      text: { id: retryable ? 'billing-provider-unavailable' : 'billing-provider-refused' },
      detail: `Stripe ${status ?? 'gave no answer'}: ${told.code ?? told.type}: ${told.message}`,
    },
    retryable ? null : (told.code ?? (status === 404 ? 'resource_missing' : told.type)),
    error,
  )
}
