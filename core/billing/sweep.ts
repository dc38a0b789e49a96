import { z } from 'zod'
import type { Services } from '../services.ts'
import { raiseAlertIn } from './alert.ts'
import { applyCheckout } from './apply-checkout.ts'
import { showOrder } from './order-notice.ts'
import { lockOrder, moveOrder, OPEN_ORDER_STATES } from './order-state.ts'
import { type EventDependencies, processEvent } from './process-event.ts'
import { settleRefund } from './refunds.ts'

/** A fresh event is left to whoever stored it. */
const EVENT_HEAD_START_SECONDS = 10
/** A session that ran out is applied by its event; without one we look after this. */
const EXPIRY_GRACE_SECONDS = 30
/** How often money on its way is asked for. */
const CHECKING_SECONDS = 120
const REFUND_SECONDS = 60
/** One sweep's share; the next takes the rest. */
const MOST_AT_ONCE = 100

/**
 * An event that failed waits 5, 15, 35, … seconds from its arrival, up to an hour between tries: a sum, because the
 * arrival is the only time on its row.
 */
const DUE = {
  name: 'billing_due',
  text: `(SELECT 'event' AS what, id FROM stripe_events
           WHERE processed_at IS NULL
             AND received_at < $1::timestamptz - make_interval(secs =>
               $2 + 5 * (power(2, least(attempts, 10)) - 1) + 3600 * greatest(attempts - 10, 0)) ORDER BY received_at LIMIT $6)
         UNION ALL
         (SELECT 'checkout', checkout_session_id FROM orders
           WHERE state = 'awaiting-payment' AND checkout_session_id IS NOT NULL
             AND checkout_expires_at < $1::timestamptz - make_interval(secs => $3) LIMIT $6)
         UNION ALL
         (SELECT 'checkout', checkout_session_id FROM orders
           WHERE state = 'checking' AND checkout_session_id IS NOT NULL
             AND updated_at < $1::timestamptz - make_interval(secs => $4) LIMIT $6)
         UNION ALL
         (SELECT 'refund', session_id FROM payments
           WHERE state = 'refund-due' AND refund_id IS NOT NULL
             AND updated_at < $1::timestamptz - make_interval(secs => $5) LIMIT $6)`,
}

const Due = z.object({ what: z.enum(['event', 'checkout', 'refund']), id: z.string() })

/**
 * Picks up everything in billing that waits and that nobody told us of: one statement when there is nothing to do.
 * One that fails does not stop the others. Says how many were tried.
 */
export async function sweepBilling(dependencies: EventDependencies): Promise<number> {
  const { services } = dependencies
  const { rows } = await services.database.pool.query({
    ...DUE,
    values: [
      services.clock.now(),
      EVENT_HEAD_START_SECONDS,
      EXPIRY_GRACE_SECONDS,
      CHECKING_SECONDS,
      REFUND_SECONDS,
      MOST_AT_ONCE,
    ],
  })
  const due = z.array(Due).parse(rows)
  for (const { what, id } of due) {
    try {
      if (what === 'event') await processEvent(dependencies, id)
      if (what === 'checkout') await checkOnce(services, id)
      if (what === 'refund') await settleRefund(services, id)
    } catch (error) {
      services.log.warn({ error, what, id }, 'the billing sweep could not finish one; it is tried again')
    }
  }
  return due.length
}

async function checkOnce(services: Services, sessionId: string): Promise<void> {
  const { outcome } = await applyCheckout(services, sessionId, services.ids.create('req'))
  if (outcome === 'no-session' && (await expireWithoutSession(services, sessionId))) return
  if (outcome !== 'nothing' && outcome !== 'no-session') return
  // Asked and nothing new: not again before the next turn.
  await services.database.pool.query(`UPDATE orders SET updated_at = $2 WHERE checkout_session_id = $1`, [
    sessionId,
    services.clock.now(),
  ])
}

/**
 * A session the provider does not know can't be paid any more (its account or key was changed): when its time is over, so is
 * the order's turn, and the buyer is offered a new link. False if it is not over yet or somebody else moved the order.
 */
async function expireWithoutSession(services: Services, sessionId: string): Promise<boolean> {
  const prisma = await services.database.prisma()
  const expired = await prisma.$transaction(async (transaction) => {
    const found = await transaction.order.findFirst({ where: { checkoutSessionId: sessionId }, select: { id: true } })
    const order = found && (await lockOrder(transaction, found.id))
    if (!order || order.checkoutSessionId !== sessionId) return false
    const state = OPEN_ORDER_STATES.find((open) => open === order.state)
    if (!state || order.checkoutExpiresAt === null || order.checkoutExpiresAt > services.clock.now()) return false
    await raiseAlertIn(transaction, {
      kind: 'checkout-missing',
      key: `checkout-missing:${sessionId}`,
      detail: { sessionId, orderId: order.id, state },
    })
    const reason = state === 'checking' ? 'payment-failed' : null
    await showOrder(transaction, services, await moveOrder(transaction, order, 'expired', { reason, checkoutUrl: null }))
    return true
  })
  if (expired) services.notices.wake()
  return expired
}
