import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Clock } from '../../core/clock.ts'
import { createVerifier } from './signature.ts'

export const INTERACTIONS_PATH = '/discord'
/** The largest real interaction is a long modal and the message it hangs on, some ten kilobytes. */
const BODY_MAX_BYTES = 1024 * 1024

/** What the request is answered with; null: the answer goes another way. */
export type HttpAnswer = { readonly json: unknown } | null

type Dependencies = {
  readonly publicKeyHex: string
  readonly clock: Clock
  /** Resolves with the answer within three seconds; rejects for what can't be answered. */
  readonly accept: (interaction: unknown) => Promise<HttpAnswer>
}

/** The route Discord posts interactions to. The first answer is the response itself. */
export function interactionRoutes({ publicKeyHex, clock, accept }: Dependencies): Hono {
  const isDiscords = createVerifier(publicKeyHex)
  const routes = new Hono()
  routes.post(
    INTERACTIONS_PATH,
    bodyLimit({ maxSize: BODY_MAX_BYTES, onError: (c) => c.text('too large', 413) }),
    async (c) => {
      const body = Buffer.from(await c.req.arrayBuffer())
      const signed = {
        timestamp: c.req.header('x-signature-timestamp') ?? '',
        signature: c.req.header('x-signature-ed25519') ?? '',
        body,
      }
      if (!isDiscords(signed, clock.now().getTime())) return c.text('wrong signature', 401)
      const interaction = parse(body.toString('utf8'))
      if (interaction === undefined) return c.text('not JSON', 400)
      const answer = await accept(interaction).catch(() => undefined)
      if (answer === undefined) return c.text('no answer', 400)
      return answer === null ? c.body(null, 202) : c.json(Object(answer.json))
    },
  )
  return routes
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
