import { createRedactor } from '../secrets/index.ts'
import type { Verdict } from './key-api.ts'

export type ProviderCall = (request: {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: object
}) => Promise<
  { readonly ok: true; readonly body: unknown } | { readonly ok: false; readonly status: number | null; readonly text: string }
>

/** A person waits for the answer; a provider that needs longer is asked again later. */
const TIMEOUT_SECONDS = 10
/** Of an answer: an error's own words are in its beginning, a list of models may be long. */
const DETAIL_CHARACTERS = 300

/** One call, without repetition: a refusal is the answer that is wanted, and silence counts as one too. */
export function createProviderCall(root: string, options: { fetch?: typeof fetch; timeoutSeconds?: number } = {}): ProviderCall {
  const { fetch: send = fetch, timeoutSeconds = TIMEOUT_SECONDS } = options
  return async ({ method, path, headers, body }) => {
    try {
      const response = await send(root + path, {
        method,
        headers: { accept: 'application/json', ...(body && { 'content-type': 'application/json' }), ...headers },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeoutSeconds * 1000),
      })
      const text = await response.text()
      if (!response.ok) return { ok: false, status: response.status, text: redacted(text) }
      return { ok: true, body: JSON.parse(text) }
    } catch (error) {
      // No answer, or a proxy's page in place of one.
      return { ok: false, status: null, text: redacted(reason(error)) }
    }
  }
}

/** fetch says "fetch failed", and why in its cause. */
const reason = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}

const redact = createRedactor()
const redacted = (text: string): string => redact(text).slice(0, DETAIL_CHARACTERS)

type Words = {
  /** What each reason is called there; the first that fits counts. */
  readonly says: readonly (readonly [RegExp, Verdict['state']])[]
}

/** What a refusal means: by the provider's own words first, as one status stands for several things, then by its status. */
export function verdictOf({ status, text }: { readonly status: number | null; readonly text: string }, words: Words): Verdict {
  const told = words.says.find(([pattern]) => pattern.test(text))?.[1]
  return { state: told ?? byStatus(status), detail: `${status ?? 'no answer'} ${text}`.trim() }
}

function byStatus(status: number | null): Verdict['state'] {
  switch (status) {
    case 401:
      return 'wrong-key'
    case 402:
      return 'no-credit'
    case 403:
    case 404:
      return 'no-access'
    case 429:
      return 'rate-limited'
    // What we can't read is no judgement on the key.
    default:
      return 'unreachable'
  }
}
