import { setTimeout as sleep } from 'node:timers/promises'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Context, MiddlewareHandler } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { z } from 'zod'
import { MESSAGES, refuse } from './errors.ts'

/** `POST /keys`: method and the beginning of the path behind /api/v1; any method and any model if none is named. */
export type FaultTarget = { readonly method?: string; readonly path: string; readonly model?: string }

export type Fault =
  | {
      readonly kind: 'error'
      readonly status: ContentfulStatusCode
      readonly message?: string
      readonly retryAfterSeconds?: number
    }
  /** The work is done, then the connection breaks without an answer. */
  | { readonly kind: 'drop-after-work' }
  /** The connection breaks before anything is done. */
  | { readonly kind: 'drop-before-work' }
  | { readonly kind: 'delay'; readonly seconds: number }

export type LoggedRequest = {
  readonly method: string
  /** Behind /api/v1, without the query. */
  readonly path: string
  readonly query: string
  readonly status: number | 'dropped'
  /** Hash of the sub-key that called, `management`, or null. */
  readonly caller: string | null
  readonly body: unknown
}

/** Enough for a test to look back; an OpenClaw turn is 60 KB, so this is bounded for a sandbox that runs for weeks. */
const LOG_REQUESTS = 200

const Model = z.object({ model: z.string() })

export function createFaults(mount: string, callerOf: (context: Context) => string | null) {
  const armed: { target: FaultTarget; fault: Fault; left: number }[] = []
  const requests: LoggedRequest[] = []

  function take(method: string, path: string, model: string | null): Fault[] {
    const hits = armed.filter(
      ({ target }) =>
        path.startsWith(target.path) &&
        (target.method === undefined || target.method === method) &&
        (target.model === undefined || target.model === model),
    )
    for (const hit of hits) hit.left--
    for (let index = armed.length - 1; index >= 0; index--) if ((armed[index]?.left ?? 0) <= 0) armed.splice(index, 1)
    return hits.map((hit) => hit.fault)
  }

  const middleware: MiddlewareHandler = async (context, next) => {
    const { method } = context.req
    const path = context.req.path.slice(mount.length)
    const body = method === 'POST' || method === 'PATCH' ? await readBody(context) : null
    const faults = take(method, path, Model.safeParse(body).data?.model ?? null)
    const record = (status: LoggedRequest['status']) => {
      const query = new URL(context.req.url).search
      requests.push({ method, path, query, status, caller: callerOf(context), body })
      if (requests.length > LOG_REQUESTS) requests.shift()
    }
    for (const fault of faults) if (fault.kind === 'delay') await sleep(fault.seconds * 1000)
    if (faults.some((fault) => fault.kind === 'drop-before-work')) {
      record('dropped')
      return drop(context)
    }
    const error = faults.find((fault) => fault.kind === 'error')
    if (error) {
      record(error.status)
      if (error.retryAfterSeconds !== undefined) context.header('retry-after', String(error.retryAfterSeconds))
      return refuse(context, error.status, error.message ?? MESSAGES[error.status] ?? 'Error')
    }
    await next()
    if (faults.some((fault) => fault.kind === 'drop-after-work')) {
      record('dropped')
      context.res = drop(context)
      return
    }
    record(context.res.status)
  }

  return {
    middleware,
    requests,
    arm: (target: FaultTarget, fault: Fault, times = 1) => {
      armed.push({ target, fault, left: times })
    },
    disarm: () => {
      armed.length = 0
    },
  }
}

/** hono keeps the parsed body, so the handler can read it again. */
async function readBody(context: Context): Promise<unknown> {
  try {
    return await context.req.json()
  } catch {
    // Not JSON: the handler answers 400 by itself.
    return null
  }
}

function drop(context: Context): Response {
  const outgoing: unknown = context.env?.outgoing
  if (typeof outgoing === 'object' && outgoing !== null && 'destroy' in outgoing && typeof outgoing.destroy === 'function') {
    outgoing.destroy()
    return RESPONSE_ALREADY_SENT
  }
  // Called without a socket (app.request in a test): what a proxy in between would say.
  return new Response(null, { status: 504 })
}
