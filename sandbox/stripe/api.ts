import { createHash, timingSafeEqual } from 'node:crypto'
import { IncomingMessage } from 'node:http'
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { Ids } from '../../core/clock.ts'
import type { Endpoint } from './endpoints.ts'
import { expanded } from './expand.ts'
import { StripeFailure } from './failure.ts'
import type { Fault, Faults } from './faults.ts'
import { type FormValue, parseForm } from './form.ts'
import type { Store } from './store.ts'
import { API_VERSION } from './webhooks.ts'

export type RequestEntry = {
  readonly method: string
  readonly path: string
  readonly parameters: { readonly [key: string]: FormValue }
  readonly idempotencyKey: string | null
  /** Null when the connection was closed instead. */
  readonly status: number | null
  readonly replayed: boolean
}

/** Requests remembered for looking at. */
const LOG_LENGTH = 1_000

type Answer = { readonly status: number; readonly body: string; readonly replayed: boolean }

/** The HTTP around the endpoints: keys, parameters, idempotency, error answers, ordered trouble. */
export function createApi(options: {
  readonly store: Store
  readonly endpoints: readonly Endpoint[]
  readonly faults: Faults
  readonly ids: Ids
  readonly secretKey: string
}): { readonly app: Hono; readonly requests: readonly RequestEntry[] } {
  const { store, faults, ids } = options
  const requests: RequestEntry[] = []
  const app = new Hono()

  for (const endpoint of options.endpoints) {
    app.on(endpoint.method.toUpperCase(), endpoint.path, async (context) => {
      const requestId = ids.create('req')
      const method = context.req.method
      const path = new URL(context.req.url).pathname
      const idempotencyKey = context.req.header('idempotency-key') ?? null
      const text = method === 'POST' ? await context.req.text() : new URL(context.req.url).search.slice(1)
      const parameters = readParameters(text)
      const entry = { method, path, parameters: parameters ?? {}, idempotencyKey }

      const fault = faults.take(method, path)
      const answer = fault && refusesBeforeWork(fault) ? refusal(fault) : (authorised(context) ?? work(endpoint, context, entry))
      if (fault?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.ms))
      const closed = fault?.kind === 'break' || fault?.kind === 'lose-answer'
      remember({ ...entry, status: closed ? null : answer.status, replayed: answer.replayed })
      if (closed) return closeConnection(context)
      return new Response(answer.body, {
        status: answer.status,
        headers: {
          'content-type': 'application/json',
          'request-id': requestId,
          'stripe-version': API_VERSION,
          ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
          ...(answer.replayed && { 'idempotent-replayed': 'true' }),
        },
      })
    })
  }
  app.all('/v1/*', (context) =>
    context.json(
      {
        error: {
          type: 'invalid_request_error',
          message: `Unrecognized request URL (${context.req.method}: ${context.req.path}).`,
        },
      },
      404,
    ),
  )

  function authorised(context: Context): Answer | null {
    const given = givenKey(context.req.header('authorization') ?? '')
    if (sameText(given, options.secretKey)) return null
    const message = given
      ? `Invalid API Key provided: ${given.slice(0, 8)}****`
      : 'You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth.'
    return failureAnswer(new StripeFailure(401, { type: 'invalid_request_error', message }))
  }

  function work(endpoint: Endpoint, context: Context, entry: Omit<RequestEntry, 'status' | 'replayed'>): Answer {
    const key = entry.method === 'POST' ? entry.idempotencyKey : null
    const fingerprint = createHash('sha256')
      .update(JSON.stringify([entry.path, entry.parameters]))
      .digest('hex')
    const before = key === null ? undefined : store.answers.get(key)
    if (before && before.fingerprint !== fingerprint) {
      return failureAnswer(
        new StripeFailure(400, {
          type: 'idempotency_error',
          message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
        }),
      )
    }
    if (before) return { status: before.status, body: before.body, replayed: true }

    const answer = attempt(endpoint, context.req.param('id') ?? '', entry.parameters)
    // The real one keeps no answer of a request that failed validation: the same key may be used once it is mended.
    if (key !== null && answer.status < 400) {
      store.answers.put({ id: key, object: 'sandbox.answer', fingerprint, status: answer.status, body: answer.body })
    }
    return answer
  }

  function attempt(endpoint: Endpoint, id: string, parameters: { readonly [key: string]: FormValue }): Answer {
    try {
      const object = endpoint.run(parameters, id)
      const { expand } = parameters
      const paths = Array.isArray(expand) ? expand.filter((path) => typeof path === 'string') : []
      return { status: 200, body: JSON.stringify(expanded(store, object, paths), null, 2), replayed: false }
    } catch (error) {
      if (error instanceof StripeFailure) return failureAnswer(error)
      throw error
    }
  }

  function remember(entry: RequestEntry): void {
    requests.push(entry)
    if (requests.length > LOG_LENGTH) requests.shift()
  }

  return { app, requests }
}

const failureAnswer = (failure: StripeFailure): Answer => ({
  status: failure.status,
  body: JSON.stringify({ error: failure.body }, null, 2),
  replayed: false,
})

const refusesBeforeWork = (fault: Fault['effect']): boolean => fault.kind === 'refuse' || fault.kind === 'break'

function refusal(fault: Fault['effect']): Answer {
  if (fault.kind !== 'refuse') return { status: 0, body: '', replayed: false }
  const type = fault.status >= 500 ? 'api_error' : 'invalid_request_error'
  return failureAnswer(new StripeFailure(fault.status, { type, message: 'Ordered by the test.', ...fault.error }))
}

/** What @hono/node-server gives beside the request. */
const NodeBindings = z.object({ incoming: z.instanceof(IncomingMessage) })

/** Without a socket (a request made in memory) the nearest thing to silence is a gateway timeout. */
function closeConnection(context: Context): Response {
  const bindings = NodeBindings.safeParse(context.env)
  if (bindings.success) bindings.data.incoming.socket.destroy()
  return new Response(null, { status: 504 })
}

function readParameters(text: string): { readonly [key: string]: FormValue } | null {
  try {
    return parseForm(text)
  } catch {
    return null
  }
}

/** `Bearer key`, or basic authentication with the key as user. */
function givenKey(header: string): string {
  const [scheme, value = ''] = header.split(' ')
  if (scheme?.toLowerCase() === 'bearer') return value
  if (scheme?.toLowerCase() === 'basic') return Buffer.from(value, 'base64').toString('utf8').split(':')[0] ?? ''
  return ''
}

function sameText(left: string, right: string): boolean {
  const [a, b] = [left, right].map((text) => createHash('sha256').update(text).digest())
  return a !== undefined && b !== undefined && timingSafeEqual(a, b)
}
