import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'
import type { Clock } from '../../core/clock.ts'
import type { Log } from '../../core/log.ts'
import { Envelope } from './envelope.ts'
import type { PressAnswer } from './presses.ts'
import { decrypt, isSame, signatureProblem } from './signature.ts'

type Dependencies = {
  readonly encryptKey: string
  readonly verificationToken: string
  /** Resolves when an event is stored, with nothing; or with what a press is answered with. Rejects for what shall be given again. */
  readonly handle: (body: unknown) => Promise<PressAnswer | undefined>
  readonly clock: Clock
  readonly log: Log
}

const WEBHOOK_PATH = '/feishu'
/** The largest real event is a long message, some 150 KB, half as much again by encryption. */
const BODY_MAX_BYTES = 1024 * 1024
/** A request with the same signature within the time it is valid is the same request. As many as a busy service gets in that time. */
const MOST_REMEMBERED = 20_000

const Encrypted = z.object({ encrypt: z.string() })
const Challenge = z.object({ type: z.literal('url_verification'), challenge: z.string().max(1000), token: z.string() })

/**
 * The route Feishu posts events and presses to. The SDK's own check would not do: it looks at the body written anew, at no time and at no
 * token. Anything but 200 makes Feishu repeat an event, so it comes only when the event is stored.
 */
export function webhookRoutes({ encryptKey, verificationToken, handle, clock, log }: Dependencies): Hono {
  const handled = createHandled()
  const routes = new Hono()
  routes.post(WEBHOOK_PATH, bodyLimit({ maxSize: BODY_MAX_BYTES, onError: (c) => c.json({}, 413) }), async (c) => {
    const body = Buffer.from(await c.req.arrayBuffer())
    const headers = {
      signature: c.req.header('x-lark-signature'),
      timestamp: c.req.header('x-lark-request-timestamp'),
      nonce: c.req.header('x-lark-request-nonce'),
    }
    const encrypted = Encrypted.safeParse(json(body.toString('utf8')))
    // With an encrypt key everything is encrypted: what is not, Feishu did not send.
    const plain = encrypted.success ? json(decrypt(encrypted.data.encrypt, encryptKey) ?? '') : undefined
    if (plain === undefined) return c.json({ message: 'not encrypted with our key' }, 401)

    const challenge = Challenge.safeParse(plain)
    if (challenge.success) {
      // Asked once, when the address is entered, and maybe unsigned: whoever knows both key and token may have it.
      if (!isSame(challenge.data.token, verificationToken)) return c.json({ message: 'wrong token' }, 401)
      return c.json({ challenge: challenge.data.challenge })
    }

    const nowSeconds = clock.now().getTime() / 1000
    const problem = signatureProblem(headers, body, { encryptKey, nowSeconds })
    if (problem !== null) return c.json({ message: problem }, 401)
    const envelope = Envelope.safeParse(plain)
    if (!envelope.success) {
      log.debug({}, 'A Feishu event of an old kind was ignored: subscribe to version 2.0 of it')
      return c.json({})
    }
    if (!isSame(envelope.data.header.token ?? '', verificationToken)) return c.json({ message: 'wrong token' }, 401)
    if (handled.has(headers.signature)) return c.json({})
    try {
      const answer = await handle(plain)
      handled.add(headers.signature)
      return c.json(answer ?? {})
    } catch (error) {
      log.warn({ err: error }, 'A Feishu event could not be stored; Feishu will repeat it')
      return c.json({ message: 'not stored, please repeat' }, 503)
    }
  })
  return routes
}

/** Signatures of what was stored: a replay of it is answered, and goes no further. */
function createHandled() {
  const signatures = new Set<string>()
  return {
    has: (signature: string | undefined): boolean => signature !== undefined && signatures.has(signature),
    add(signature: string | undefined): void {
      if (signature === undefined) return
      signatures.add(signature)
      const oldest = signatures.values().next()
      if (signatures.size > MOST_REMEMBERED && !oldest.done) signatures.delete(oldest.value)
    },
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
