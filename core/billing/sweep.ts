import { z } from 'zod'
import type { Services } from '../services.ts'
import { raiseAlert, raiseAlertIn } from './alert.ts'
import { applyCheckout } from './apply-checkout.ts'
import { showOrder } from './order-notice.ts'
import { lockOrder, moveOrder, OPEN_ORDER_STATES } from './order-state.ts'
import { unpaidState } from './orders.ts'
import { type EventDependencies, processEvent } from './process-event.ts'
import { settleRefund } from './refunds.ts'

/** A fresh event is left to whoever stored it. */
const EVENT_HEAD_START_SECONDS = 10
/** A session that ran out is applied by its event; without one we look after this. */
const EXPIRY_GRACE_SECONDS = 30
/** How often money on its way, and a session whose time is over, are asked for. */
const CHECKING_SECONDS = 120
const REFUND_SECONDS = 60
/** One sweep's share; the next takes the rest. */
const MOST_AT_ONCE = 100

/**
 * A session whose time is over but of which the provider says nothing final is asked for ever more seldom, and so is a refund on its way. An event that failed waits 5, 15, 35, … seconds from its arrival, up to an hour between tries: a sum, because the
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
             AND checkout_expires_at < $1::timestamptz - make_interval(secs => $3)
             AND updated_at < $1::timestamptz - greatest(make_interval(secs => $4), ($1::timestamptz - checkout_expires_at) / 4) LIMIT $6)
         UNION ALL
         (SELECT 'checkout', checkout_session_id FROM orders
           WHERE state = 'checking' AND checkout_session_id IS NOT NULL
             AND updated_at < $1::timestamptz - make_interval(secs => $4) LIMIT $6)
         UNION ALL
         (SELECT 'refund', session_id FROM payments
           WHERE state = 'refund-due' AND refund_id IS NOT NULL
             AND updated_at < $1::timestamptz - least(greatest(make_interval(secs => $5), ($1::timestamptz - created_at) / 8), interval '1 hour')
           ORDER BY updated_at LIMIT $6)`,
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

/**
 * Asks for a session once. What comes of it or not, it is not asked for again before the next turn. One that is open though its
 * time is over (the provider's clock, or its expiry, is late) is closed by us: then it says for good what became of it.
 */
async function checkOnce(services: Services, sessionId: string): Promise<void> {
  const { clock, database, ids, payments } = services
  const { rows } = await database.pool.query<{ late: boolean }>(
    `UPDATE orders SET updated_at = $2::timestamptz WHERE checkout_session_id = $1 AND state IN ('awaiting-payment', 'checking')
     RETURNING state = 'awaiting-payment' AND checkout_expires_at < $2::timestamptz - make_interval(secs => $3) AS late`,
    [sessionId, clock.now(), EXPIRY_GRACE_SECONDS],
  )
  const { outcome } = await applyCheckout(services, sessionId, ids.create('req'))
  if (outcome === 'no-session') await expireWithoutSession(services, sessionId)
  if (outcome !== 'nothing' || rows[0]?.late !== true) return
  await raiseAlert(database.pool, { kind: 'checkout-late', key: `checkout-late:${sessionId}`, detail: { sessionId } })
  await payments.expireCheckout(sessionId)
  await applyCheckout(services, sessionId, ids.create('req'))
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
    await showOrder(
      transaction,
      services,
      await moveOrder(transaction, order, unpaidState(order, 'expired'), { reason, checkoutUrl: null }),
    )
    return true
  })
  if (expired) services.notices.wake()
  return expired
}
