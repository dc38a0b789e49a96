import type { IncomingMessage } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Hono } from 'hono'
import type { Pool } from 'pg'
import { z } from 'zod'
import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'
import { createEventInbox } from './event-inbox.ts'
import { type Verdict, verifySignature } from './signature.ts'

/** Stripe's largest events are some 100 KB. */
const MOST_BYTES = 1_048_576

const Arriving = z.object({ id: z.string().min(1).max(255), type: z.string().min(1).max(255) })

export type WebhookOutcome = 'stored' | Exclude<Verdict, 'genuine'> | 'unreadable' | 'not-stored'

const REFUSALS: Readonly<Record<Exclude<Verdict, 'genuine'>, string>> = {
  unsigned: 'No usable Stripe-Signature header: this address takes signed Stripe events only.',
  forged: 'The signature does not match. If you are the operator: is STRIPE_WEBHOOK_SECRET the secret of this endpoint?',
  'too-old': 'The signature is older than five minutes. If you are the operator: is the clock of this server right?',
}

/**
 * `POST /stripe`: verifies the raw bytes, stores the event, answers 200 after the commit, and does nothing else; applying
 * is somebody else's work (`onStored` wakes it). A forgery gets 400 and leaves a log line and a count, but no row.
 * Reads and answers Node's own request: the Request that Hono makes of it costs more than all the rest. Needs a Node server, and
 * nothing before it that reads the body.
 */
export function createStripeIntake(options: {
  readonly pool: Pool
  readonly secret: string
  readonly clock: Clock
  readonly log: Log
  /** Types that call for nothing: stored, but nobody is woken for them. */
  readonly isIrrelevant?: (type: string) => boolean
  /** Told of each other event once, after the commit. */
  readonly onStored: (eventId: string) => void
  readonly observe?: (outcome: WebhookOutcome) => void
}): Hono<{ Bindings: HttpBindings }> {
  const { secret, clock, log } = options
  const inbox = createEventInbox(options.pool)
  const isIrrelevant = options.isIrrelevant ?? (() => false)
  const observe = options.observe ?? (() => undefined)
  const app = new Hono<{ Bindings: HttpBindings }>()

  app.post('/stripe', async ({ env: { incoming, outgoing } }) => {
    const answer = (status: number, text = '') => {
      const length = { 'content-length': Buffer.byteLength(text) }
      outgoing.writeHead(status, text === '' ? length : { ...length, 'content-type': 'text/plain; charset=UTF-8' }).end(text)
      return RESPONSE_ALREADY_SENT
    }
    const refuse = (outcome: WebhookOutcome, why: string, status: 400 | 413) => {
      observe(outcome)
      log.warn({ outcome, from: incoming.headers['user-agent'] }, 'a Stripe webhook was refused')
      return answer(status, why)
    }
    const body = await bodyOf(incoming)
    if (!body) return refuse('unreadable', 'That is too large for an event.', 413)
    const receivedAt = clock.now()
    const verdict = verifySignature(body, incoming.headers['stripe-signature']?.toString(), secret, receivedAt)
    if (verdict !== 'genuine') return refuse(verdict, REFUSALS[verdict], 400)

    const payload = body.toString('utf8')
    const event = Arriving.safeParse(parsed(payload))
    if (!event.success) return refuse('unreadable', 'Signed, but not an event with an id and a type.', 400)
    const irrelevant = isIrrelevant(event.data.type)
    let isNew: boolean
    try {
      isNew = await inbox.store({ ...event.data, payload, receivedAt, irrelevant })
    } catch (error) {
      // Stripe delivers again until it is answered with 2xx: nothing is lost.
      observe('not-stored')
      log.error({ error, eventId: event.data.id }, 'a Stripe event could not be stored')
      return answer(500, 'Could not be stored; please deliver again.')
    }
    observe('stored')
    if (isNew && !irrelevant) options.onStored(event.data.id)
    return answer(200)
  })
  return app
}

/** Null if it is larger than `MOST_BYTES`, which is noticed while it arrives; the server deals with the rest. */
function bodyOf(incoming: IncomingMessage): Promise<Buffer | null> {
  if (Number(incoming.headers['content-length'] ?? 0) > MOST_BYTES) return Promise.resolve(null)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const take = (chunk: Buffer) => {
      bytes += chunk.length
      chunks.push(chunk)
      if (bytes <= MOST_BYTES) return
      incoming.off('data', take).pause()
      resolve(null)
    }
    incoming
      .on('data', take)
      .once('end', () => resolve(Buffer.concat(chunks, bytes)))
      .once('error', reject)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
