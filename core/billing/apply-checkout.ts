import type { PrismaTransaction } from '../../prisma/database.ts'
import type { Order, Payment } from '../../prisma/generated/client.ts'
import type { Services } from '../services.ts'
import { raiseAlert, raiseAlertIn } from './alert.ts'
import { orderPlace, showOrder, tell } from './order-notice.ts'
import { lockOrder, moveOrder, type OrderState, orderStateOf } from './order-state.ts'
import { doublePaymentView } from './order-view.ts'
import { freeName, unpaidState } from './orders.ts'
import type { CheckoutState, SubscriptionState } from './payment-provider.ts'
import { isPaidInFull, priceOf } from './price.ts'
import { type RefundReason, startRefund } from './refunds.ts'
import { wakeInstance } from './stop-and-start.ts'

/**
 * What a checkout session means for its order. The session is fetched, never believed from an event; one transaction holds
 * the order's row, so that any number of events, in any order, at the same time, have one effect.
 *
 *   session says          order is                      we do
 *   ────────────────────  ────────────────────────────  ──────────────────────────────────────────────────────
 *   paid                  this payment is recorded      nothing
 *   paid, wrong amount    any                           record; refund (amount); alert; an open order: refunding
 *   paid                  awaiting-payment, checking    record; paid; instance; deploy
 *   paid                  the same with an instance,    record; active; the instance is started again, a credit cycle begins
 *                         lapsed
 *   paid                  cancelled, expired, ended     record; refund (late); refunding
 *   paid                  anything later                record; refund (double); the order goes on as it is
 *   complete, pending     awaiting-payment              checking
 *   complete, not paid    awaiting-payment, checking    expired (payment-failed): a new link is offered
 *   expired               awaiting-payment, checking    expired, if it is the order's present session
 *                         (with an instance, both: lapsed)
 *   anything unknown      any                           alert; nothing is concluded from it
 *   anything else                                       nothing
 */
export type CheckoutDecision =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'deliver' }
  | { readonly kind: 'refund'; readonly reason: Exclude<RefundReason, 'deploy-failed'> }
  | { readonly kind: 'wait' }
  | { readonly kind: 'expire'; readonly reason: 'payment-failed' | null }

/** Money for such an order came too late. */
const OVER: readonly OrderState[] = ['cancelled', 'expired', 'ended']

/** The table above, pure. `recorded`: this session's payment is known already. */
export function decide(
  session: Pick<CheckoutState, 'sessionId' | 'status' | 'payment' | 'amountCents' | 'currency'>,
  order: Pick<Order, 'id' | 'state' | 'checkoutSessionId' | 'priceCents' | 'currency' | 'creditMicros'>,
  recorded: boolean,
): CheckoutDecision {
  const state = orderStateOf(order)
  const open = state === 'awaiting-payment' || state === 'checking'
  const present = order.checkoutSessionId === null || order.checkoutSessionId === session.sessionId

  if (session.status === 'complete' && session.payment === 'paid') {
    if (recorded) return { kind: 'nothing' }
    if (!isPaidInFull(priceOf(order), session)) return { kind: 'refund', reason: 'amount' }
    if (open || state === 'lapsed') return { kind: 'deliver' }
    return { kind: 'refund', reason: OVER.includes(state) ? 'late' : 'double' }
  }
  if (!open || !present) return { kind: 'nothing' }
  if (session.status === 'complete' && session.payment === 'pending') return { kind: state === 'checking' ? 'nothing' : 'wait' }
  if (session.status === 'complete' && session.payment === 'unpaid') return { kind: 'expire', reason: 'payment-failed' }
  if (session.status === 'expired') return { kind: 'expire', reason: null }
  return { kind: 'nothing' }
}

export type Applied = {
  readonly outcome: CheckoutDecision['kind'] | 'unknown' | 'no-session' | 'no-order'
  readonly orderId: string | null
}

/** Fetches a session and applies it by the table above. Throws when the provider can't be asked: try again later. */
export async function applyCheckout(services: Services, sessionId: string, requestId: string): Promise<Applied> {
  const session = await services.payments.findCheckout(sessionId)
  if (!session) return { outcome: 'no-session', orderId: null }
  if (session.status === 'unknown' || session.payment === 'unknown') {
    await raiseAlert(services.database.pool, {
      kind: 'checkout-unknown',
      key: `checkout-unknown:${sessionId}`,
      detail: { sessionId, orderId: session.orderId, words: session.unknown ?? '' },
    })
    return { outcome: 'unknown', orderId: session.orderId }
  }
  // Fetched before the transaction: nothing outside is waited for while a row is locked.
  const subscription =
    session.payment === 'paid' && session.subscriptionId !== null
      ? await services.payments.findSubscription(session.subscriptionId)
      : null

  const prisma = await services.database.prisma()
  const outcome = await prisma.$transaction(async (transaction) => {
    const order = await lockOrder(transaction, session.orderId)
    if (!order) return 'no-order' as const
    const recorded = await transaction.payment.findUnique({ where: { sessionId } })
    const decision = decide(session, order, recorded !== null)
    await carryOut(transaction, services, { order, session, subscription, decision, requestId })
    return decision.kind
  })
  if (outcome === 'no-order') {
    if (session.payment === 'paid') {
      await raiseAlert(services.database.pool, {
        kind: 'payment-without-order',
        key: `payment-without-order:${sessionId}`,
        detail: { sessionId, orderId: session.orderId, amountCents: session.amountCents },
      })
    }
  } else if (outcome !== 'nothing') {
    services.log.info({ requestId, orderId: session.orderId, sessionId, outcome }, 'a checkout was applied')
    services.operations.wake()
    services.notices.wake()
  }
  return { outcome, orderId: session.orderId }
}

type Case = {
  readonly order: Order
  readonly session: CheckoutState
  readonly subscription: SubscriptionState | null
  readonly decision: CheckoutDecision
  readonly requestId: string
}

async function carryOut(transaction: PrismaTransaction, services: Services, found: Case): Promise<void> {
  const { order, session, decision } = found
  switch (decision.kind) {
    case 'nothing':
      return
    case 'deliver':
      await recordPayment(transaction, order, session)
      return order.instanceId === null
        ? deliver(transaction, services, found)
        : goOn(transaction, services, found, order.instanceId)
    case 'refund':
      return giveBack(transaction, services, found, decision.reason)
    case 'wait':
      return showOrder(transaction, services, await moveOrder(transaction, order, 'checking', { reason: null }))
    case 'expire':
      return showOrder(
        transaction,
        services,
        await moveOrder(transaction, order, unpaidState(order, 'expired'), { reason: decision.reason, checkoutUrl: null }),
      )
  }
}

async function recordPayment(transaction: PrismaTransaction, order: Order, session: CheckoutState): Promise<Payment> {
  await transaction.ledgerEntry.create({
    data: {
      key: `charge:${session.sessionId}`,
      kind: 'charge',
      workspaceId: order.workspaceId,
      orderId: order.id,
      amountCents: session.amountCents,
      currency: session.currency,
    },
  })
  return transaction.payment.create({
    data: {
      sessionId: session.sessionId,
      orderId: order.id,
      paymentIntentId: session.paymentIntentId,
      subscriptionId: session.subscriptionId,
      invoiceId: session.invoiceId,
      amountCents: session.amountCents,
      currency: session.currency,
      state: 'kept',
    },
  })
}

async function deliver(transaction: PrismaTransaction, services: Services, found: Case): Promise<void> {
  const { order, session, subscription, requestId } = found
  const now = services.clock.now()
  const instanceId = services.ids.create('ins')
  const price = priceOf(order)
  await transaction.instance.create({
    data: {
      id: instanceId,
      workspaceId: order.workspaceId,
      ownerPersonId: order.personId,
      name: await freeName(transaction, order),
      planId: order.planId,
      state: 'provisioning',
      source: order.source,
      model: order.model,
      platform: order.platform,
      chatId: order.chatId,
      userId: order.userId,
      language: order.language,
      hostProvider: services.hosts.name,
      allowanceMicros: price.creditMicros,
      limitMicros: price.creditMicros,
      cycleStartedAt: subscription?.periodStart ?? now,
      cycleEndsAt: subscription?.periodEnd ?? null,
      createdAt: now,
    },
  })
  if (order.providerKeyId !== null)
    await transaction.providerKey.updateMany({
      where: { id: order.providerKeyId, workspaceId: order.workspaceId, instanceId: null },
      data: { instanceId },
    })
  const paid = await moveOrder(transaction, order, 'paid', {
    reason: null,
    paidAt: now,
    instanceId,
    subscriptionId: session.subscriptionId,
    checkoutSessionId: session.sessionId,
    checkoutUrl: null,
  })
  await services.operations.start(transaction, {
    kind: 'deploy',
    instanceId,
    orderId: order.id,
    args: {},
    place: orderPlace(order),
    requestId,
  })
  await showOrder(transaction, services, paid)
}

/** A lapsed order was paid for anew: the same instance with everything it had, under a new subscription. */
async function goOn(transaction: PrismaTransaction, services: Services, found: Case, instanceId: string): Promise<void> {
  const { order, session, requestId } = found
  const active = await moveOrder(transaction, order, 'active', {
    reason: null,
    paidAt: services.clock.now(),
    subscriptionId: session.subscriptionId,
    checkoutSessionId: session.sessionId,
    checkoutUrl: null,
    endsAt: null,
  })
  await wakeInstance(transaction, services, active, requestId)
  if (session.invoiceId !== null) {
    await services.operations.start(transaction, {
      kind: 'start-cycle',
      orderId: order.id,
      args: { instanceId, invoiceId: session.invoiceId },
      requestId,
    })
  }
  await showOrder(transaction, services, active)
}

const REFUNDABLE_STATES: readonly OrderState[] = ['awaiting-payment', 'checking', 'expired', 'cancelled', 'ended']

async function giveBack(
  transaction: PrismaTransaction,
  services: Services,
  { order, session, requestId }: Case,
  reason: Exclude<RefundReason, 'deploy-failed'>,
): Promise<void> {
  const payment = await recordPayment(transaction, order, session)
  await startRefund(transaction, services, payment, reason, requestId)
  if (reason === 'amount') {
    await raiseAlertIn(transaction, {
      kind: 'payment-amount',
      key: `payment-amount:${session.sessionId}`,
      detail: { orderId: order.id, agreedCents: order.priceCents, paidCents: session.amountCents, currency: session.currency },
    })
  }
  const goesOn = order.instanceId !== null && order.state !== 'ended'
  if (reason !== 'double' && !goesOn && REFUNDABLE_STATES.includes(orderStateOf(order))) {
    const moved = await moveOrder(transaction, order, 'refunding', { reason, checkoutUrl: null })
    await showOrder(transaction, services, moved)
    return
  }
  const view = doublePaymentView(
    order,
    { ...payment, refundReason: reason, state: 'refund-due' },
    services.settings.supportContact,
  )
  await tell(transaction, services, order, view, 'new', `refund:${session.sessionId}:due`)
}
