import { setTimeout as sleep } from 'node:timers/promises'

/**
 * One JSON request to a vendor's API that did not end well. The message is for logs: it holds no secret.
 * `status` is null when no answer arrived: the vendor may or may not have done the work.
 */
export class HttpJsonError extends Error {
  override readonly name = 'HttpJsonError'
  constructor(
    message: string,
    readonly status: number | null,
    readonly retryable: boolean,
    readonly retryAfterSeconds: number | null,
  ) {
    super(message)
  }
}

export type HttpJsonRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Behind the root, with its leading slash; values in it already encoded. */
  readonly path: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly timeoutSeconds?: number
  /** Whether a failed attempt is repeated. Default: everything but POST, which may have done its work. */
  readonly repeat?: boolean
}

/** Resolves to the parsed body (null when it is empty). Throws HttpJsonError for everything else. */
export type HttpJson = (request: HttpJsonRequest) => Promise<unknown>

export type HttpJsonOptions = {
  /** With the version prefix and without a slash at the end: `https://openrouter.ai/api/v1`. */
  readonly root: string
  /** Sent as a bearer token and cut out of every error. */
  readonly bearer?: string
  readonly timeoutSeconds?: number
  readonly fetch?: typeof fetch
  /** Waits between attempts; tests pass their own. */
  readonly wait?: (seconds: number) => Promise<unknown>
  /** Told of every attempt's HTTP status. */
  readonly observe?: (status: number | 'no-answer') => void
}

/** A chat answer waits behind most of these calls; ten seconds is what a person bears. */
const TIMEOUT_SECONDS = 10
const ATTEMPTS = 3
/** Doubled with each attempt. */
const FIRST_WAIT_SECONDS = 0.3
/** A vendor that asks for a longer pause is told to the caller instead, who has a queue to wait in. */
const LONGEST_WAIT_SECONDS = 5
/** Enough of a vendor's own words to understand a failure, too little to flood a log. */
const DETAIL_CHARACTERS = 300

export function createHttpJson(options: HttpJsonOptions): HttpJson {
  const { root, bearer, fetch: send = fetch, wait = (seconds) => sleep(seconds * 1000) } = options

  async function attempt(request: HttpJsonRequest): Promise<unknown> {
    const seconds = request.timeoutSeconds ?? options.timeoutSeconds ?? TIMEOUT_SECONDS
    const what = `${request.method} ${request.path}`
    let status: number
    let headers: Headers
    let text: string
    try {
      const response = await send(root + request.path, {
        method: request.method,
        headers: {
          accept: 'application/json',
          ...(bearer && { authorization: `Bearer ${bearer}` }),
          ...(request.body !== undefined && { 'content-type': 'application/json' }),
          ...request.headers,
        },
        ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
        signal: AbortSignal.timeout(seconds * 1000),
      })
      status = response.status
      headers = response.headers
      text = await response.text()
    } catch (error) {
      options.observe?.('no-answer')
      throw new HttpJsonError(redact(`${what}: no answer (${causeOf(error, seconds)})`, bearer), null, true, null)
    }

    options.observe?.(status)
    if (status >= 200 && status < 300) {
      if (text === '') return null
      try {
        return JSON.parse(text)
      } catch {
        // Most likely a proxy's page in front of the vendor; asking again can bring the real answer.
        throw new HttpJsonError(`${what}: ${status} with a body that is not JSON`, status, true, null)
      }
    }
    const retryable = status === 408 || status === 429 || status >= 500
    const detail = redact(text, bearer).slice(0, DETAIL_CHARACTERS)
    throw new HttpJsonError(`${what}: ${status} ${detail}`, status, retryable, retryAfterSeconds(headers))
  }

  return async (request) => {
    const attempts = (request.repeat ?? request.method !== 'POST') ? ATTEMPTS : 1
    for (let turn = 1; ; turn++) {
      try {
        return await attempt(request)
      } catch (error) {
        if (!(error instanceof HttpJsonError) || !error.retryable || turn >= attempts) throw error
        const seconds = error.retryAfterSeconds ?? FIRST_WAIT_SECONDS * 2 ** (turn - 1)
        if (seconds > LONGEST_WAIT_SECONDS) throw error
        await wait(seconds)
      }
    }
  }
}

/** Seconds, or a date, which is measured against the answer's own Date: the vendor's clock and ours may differ. */
function retryAfterSeconds(headers: Headers): number | null {
  const value = headers.get('retry-after')
  if (!value) return null
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value)
  const seconds = (Date.parse(value) - Date.parse(headers.get('date') ?? '')) / 1000
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null
}

function causeOf(error: unknown, seconds: number): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `none within ${seconds} s`
  return error.cause instanceof Error ? error.cause.message : error.message
}

/** Cuts out our own bearer, and anything that looks like a vendor key that an answer may quote. */
function redact(text: string, bearer: string | undefined): string {
  const known = bearer ? text.replaceAll(bearer, '[redacted]') : text
  return known.replace(/\bsk-[A-Za-z0-9_-]{12,}/g, '[redacted]')
}
