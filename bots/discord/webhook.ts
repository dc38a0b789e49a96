import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Clock } from '../../core/clock.ts'
import { createVerifier } from './signature.ts'

const INTERACTIONS_PATH = '/discord'
/** The largest real interaction is a long modal and the message it hangs on, some ten kilobytes. */
const BODY_MAX_BYTES = 1024 * 1024

/** 202: the answer goes another way. 400: we can't read it. 409: we had it before. 503: we are starting or stopping. */
export type HttpAnswer = { readonly status: 200; readonly json: unknown } | { readonly status: 202 | 400 | 409 | 503 }

type Dependencies = {
  readonly publicKeyHex: string
  readonly clock: Clock
  /** Resolves well within three seconds. */
  readonly accept: (interaction: unknown) => Promise<HttpAnswer>
}

/** The route Discord posts interactions to. The first answer is the response itself. */
export function interactionRoutes({ publicKeyHex, clock, accept }: Dependencies): Hono {
  const isDiscords = createVerifier(publicKeyHex)
  const routes = new Hono()
  routes.post(INTERACTIONS_PATH, bodyLimit({ maxSize: BODY_MAX_BYTES, onError: (c) => c.text('too large', 413) }), async (c) => {
    const body = Buffer.from(await c.req.arrayBuffer())
    const timestamp = c.req.header('x-signature-timestamp') ?? ''
    const signature = c.req.header('x-signature-ed25519') ?? ''
    if (!isDiscords({ timestamp, signature, body }, clock.now().getTime())) return c.text('wrong signature', 401)
    const interaction = parse(body.toString('utf8'))
    if (interaction === undefined) return c.text('not JSON', 400)
    const answer = await accept(interaction)
    return answer.status === 200 ? c.json(Object(answer.json)) : c.body(null, answer.status)
  })
  return routes
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
