import { z } from 'zod'
import type { Services } from '../services.ts'
import { applyCheckout } from './apply-checkout.ts'

/** Younger links are still being paid, and their events on the way. */
const OLDER_THAN_MINUTES = 5
const MOST_AT_ONCE = 200

/**
 *  our order             the provider's session    we do
 *  ────────────────────  ────────────────────────  ──────────────────────────────────
 *  awaiting-payment      paid (event was missed)   apply it, as the event would have
 *  awaiting-payment      expired                   apply it
 *  awaiting-payment      open                      nothing
 *  awaiting-payment      no answer                 nothing; the next run asks again
 *  cancelled (recently)  paid                      apply it: late, refund
 */
export async function reconcileCheckouts(
  services: Services,
  olderThanMinutes = OLDER_THAN_MINUTES,
): Promise<{ readonly asked: number; readonly mended: number }> {
  const { rows } = await services.database.pool.query({
    name: 'billing_reconcile',
    text: `SELECT checkout_session_id AS id FROM orders
           WHERE checkout_session_id IS NOT NULL
             AND (state = 'awaiting-payment' AND created_at < $1::timestamptz - make_interval(mins => $2)
               OR state = 'cancelled' AND updated_at > $1::timestamptz - interval '2 hours')
           ORDER BY updated_at LIMIT $3`,
    values: [services.clock.now(), olderThanMinutes, MOST_AT_ONCE],
  })
  const sessions = z.array(z.object({ id: z.string() })).parse(rows)
  let mended = 0
  for (const { id } of sessions) {
    try {
      const { outcome } = await applyCheckout(services, id, services.ids.create('req'))
      if (outcome !== 'nothing') mended += 1
    } catch (error) {
      services.log.warn({ error, sessionId: id }, 'a checkout could not be compared with the provider')
    }
  }
  if (mended > 0) services.log.warn({ asked: sessions.length, mended }, 'checkouts were mended: webhooks may be missing')
  return { asked: sessions.length, mended }
}
