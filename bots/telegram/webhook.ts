import { createHash, timingSafeEqual } from 'node:crypto'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Log } from '../../core/log.ts'

type Dependencies = {
  readonly secret: string
  /** Resolves when the update is stored. */
  readonly accept: (update: unknown) => Promise<void>
  readonly log: Log
}

export const WEBHOOK_PATH = '/telegram'
const SECRET_HEADER = 'x-telegram-bot-api-secret-token'
/** The largest real update is a long message with every entity, a few ten kilobytes. */
const BODY_MAX_BYTES = 1024 * 1024

/** The route Telegram posts updates to. It answers 200 only when the update is stored; anything else makes Telegram repeat it. */
export function webhookRoutes({ secret, accept, log }: Dependencies): Hono {
  const expected = digest(secret)
  const routes = new Hono()
  routes.post(
    WEBHOOK_PATH,
    async (c, next) => {
      // Equal lengths by digest, so that neither the time nor the length tells anything about the secret.
      if (!timingSafeEqual(digest(c.req.header(SECRET_HEADER) ?? ''), expected)) return c.text('wrong secret', 401)
      return next()
    },
    bodyLimit({ maxSize: BODY_MAX_BYTES, onError: (c) => c.text('too large', 413) }),
    async (c) => {
      const update = parse(await c.req.text())
      if (update === undefined) return c.text('not JSON', 400)
      try {
        await accept(update)
        return c.body(null, 200)
      } catch (error) {
        log.warn({ err: error }, 'A Telegram update could not be stored; Telegram will repeat it')
        return c.text('not stored, please repeat', 503)
      }
    },
  )
  return routes
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
