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
}): Hono {
  const { secret, clock, log } = options
  const inbox = createEventInbox(options.pool)
  const isIrrelevant = options.isIrrelevant ?? (() => false)
  const observe = options.observe ?? (() => undefined)
  const app = new Hono()

  app.post('/stripe', async (context) => {
    const refuse = (outcome: WebhookOutcome, why: string, status: 400 | 413) => {
      observe(outcome)
      log.warn({ outcome, from: context.req.header('user-agent') }, 'a Stripe webhook was refused')
      return context.text(why, status)
    }
    if (Number(context.req.header('content-length') ?? 0) > MOST_BYTES)
      return refuse('unreadable', 'That is too large for an event.', 413)
    const body = Buffer.from(await context.req.arrayBuffer())
    if (body.length > MOST_BYTES) return refuse('unreadable', 'That is too large for an event.', 413)
    const receivedAt = clock.now()
    const verdict = verifySignature(body, context.req.header('stripe-signature'), secret, receivedAt)
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
      return context.text('Could not be stored; please deliver again.', 500)
    }
    observe('stored')
    if (isNew && !irrelevant) options.onStored(event.data.id)
    return context.body(null, 200)
  })
  return app
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
