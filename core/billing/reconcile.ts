import { z } from 'zod'
import type { Services } from '../services.ts'
import { applyCheckout } from './apply-checkout.ts'

/** Younger links are still being paid, and their events on the way. */
const OLDER_THAN_MINUTES = 5
const MOST_AT_ONCE = 200

export type Turn = {
  /** The order after which this turn begins, as the one before said; null: from the first. */
  readonly after: string | null
  readonly olderThanMinutes?: number
  readonly most?: number
}

/**
 *  our order                      the provider's session    we do
 *  ─────────────────────────────  ────────────────────────  ──────────────────────────────────
 *  awaiting-payment               paid (event was missed)   apply it, as the event would have
 *  awaiting-payment               expired                   apply it
 *  awaiting-payment               open                      nothing
 *  awaiting-payment               no answer                 nothing; a later turn asks again
 *  over, its link was open until  paid                      apply it: late, refund
 *  two hours ago at most
 *  lapsed, the same               paid                      apply it: the instance goes on
 *
 * By turns: each takes the orders after those of the one before, and says with `next` where it stopped. However many there are, all of
 * them are asked for.
 */
export async function reconcileCheckouts(
  services: Services,
  { after, olderThanMinutes = OLDER_THAN_MINUTES, most = MOST_AT_ONCE }: Turn,
): Promise<{ readonly asked: number; readonly mended: number; readonly next: string | null }> {
  const { rows } = await services.database.pool.query({
    name: 'billing_reconcile',
    text: `SELECT id, checkout_session_id AS session FROM orders
           WHERE checkout_session_id IS NOT NULL AND id > $4
             AND (state = 'awaiting-payment' AND created_at < $1::timestamptz - make_interval(mins => $2)
               OR state IN ('cancelled', 'ended', 'lapsed') AND checkout_expires_at > $1::timestamptz - interval '2 hours')
           ORDER BY id LIMIT $3`,
    values: [services.clock.now(), olderThanMinutes, most, after ?? ''],
  })
  const orders = z.array(z.object({ id: z.string(), session: z.string() })).parse(rows)
  let mended = 0
  for (const { session } of orders) {
    try {
      const { outcome } = await applyCheckout(services, session, services.ids.create('req'))
      if (outcome !== 'nothing') mended += 1
    } catch (error) {
      services.log.warn({ error, sessionId: session }, 'a checkout could not be compared with the provider')
    }
  }
  if (mended > 0) services.log.warn({ asked: orders.length, mended }, 'checkouts were mended: webhooks may be missing')
  return { asked: orders.length, mended, next: orders.length < most ? null : (orders.at(-1)?.id ?? null) }
}
