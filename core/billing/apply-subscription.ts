import type { PrismaTransaction } from '../../prisma/database.ts'
import type { Order } from '../../prisma/generated/client.ts'
import type { Services } from '../services.ts'
import { raiseAlert, raiseAlertIn } from './alert.ts'
import { showOrder, tell } from './order-notice.ts'
import { lockOrder, moveOrder, type OrderReason, type OrderState, orderStateOf } from './order-state.ts'
import { orderView } from './order-view.ts'
import type { InvoiceState, SubscriptionState } from './payment-provider.ts'
import { suspendInstance, wakeInstance } from './stop-and-start.ts'

/**
 * What a subscription means for its order. It is fetched, never believed from an event, and applied under the order's lock.
 *
 *   subscription says             order is                      we do
 *   ────────────────────────────  ────────────────────────────  ──────────────────────────────────────────────────────────
 *   active, trialing, another     active, disputed              the new end; the order's message says until when it runs
 *   end than before (or none)
 *   active, trialing              past-due                      active
 *   active, trialing              lapsed                        active; its instance is started again
 *   past_due                      active, past-due              past-due, with the page of the open invoice; tell once an invoice.
 *                                                               The instance goes on while the provider tries again
 *   unpaid                        active, past-due, disputed,   lapsed, with the page of the open invoice; stop the instance,
 *                                 lapsed                        keep everything; tell; alert
 *   canceled, incomplete_expired  active, past-due, disputed,   lapsed: a new subscription is offered; stop the instance,
 *                                 lapsed                        keep everything; tell; alert, unless its end was known
 *   paused, incomplete, a word    active, past-due, disputed    alert
 *   we don't know, not there
 *   anything else                                               nothing
 *
 * Not there says that the account was changed, not that the customer stopped paying: nobody is stopped for it.
 */
export type SubscriptionDecision =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'alert' }
  | { readonly kind: 'paid' }
  | { readonly kind: 'renewal' }
  | { readonly kind: 'past-due' }
  | { readonly kind: 'lapse'; readonly reason: OrderReason | null }

/** The table above, pure. Null: the provider does not know the subscription. `endsOtherwise`: its end is another than the order's. */
export function decide(
  status: SubscriptionState['status'] | null,
  state: OrderState,
  endsOtherwise = false,
): SubscriptionDecision {
  const subscribed = state === 'active' || state === 'past-due' || state === 'disputed'
  if (!subscribed && state !== 'lapsed') return { kind: 'nothing' }
  switch (status) {
    case 'active':
    case 'trialing':
      if (state === 'past-due' || state === 'lapsed') return { kind: 'paid' }
      return { kind: endsOtherwise ? 'renewal' : 'nothing' }
    case 'past_due':
      return { kind: state === 'active' || state === 'past-due' ? 'past-due' : 'nothing' }
    case 'unpaid':
    case 'canceled':
    case 'incomplete_expired':
      return { kind: 'lapse', reason: state === 'disputed' ? 'dispute-lost' : endedUnpaid(status, state) ? 'unpaid' : null }
    default:
      return { kind: subscribed ? 'alert' : 'nothing' }
  }
}

/** To the second, as the provider counts. */
export const endsOtherwise = (known: Date | null, said: Date | null): boolean =>
  Math.floor((known?.getTime() ?? 0) / 1000) !== Math.floor((said?.getTime() ?? 0) / 1000)

/** Cancelled while a renewal was open: the provider gave up on the card. Cancelled while all was paid: somebody wanted it so. */
const endedUnpaid = (status: SubscriptionState['status'], state: OrderState) => status === 'unpaid' || state === 'past-due'

/** Fetches a subscription and applies it by the table above. Throws when the provider can't be asked: try again later. */
export async function applySubscription(
  services: Services,
  subscriptionId: string,
  requestId: string,
): Promise<SubscriptionDecision['kind'] | 'no-order'> {
  const subscription = await services.payments.findSubscription(subscriptionId)
  // Fetched before the transaction: nothing outside is waited for while a row is locked.
  const open =
    subscription?.latestInvoiceId != null && (subscription.status === 'past_due' || subscription.status === 'unpaid')
      ? await services.payments.findInvoice(subscription.latestInvoiceId)
      : null

  const prisma = await services.database.prisma()
  const outcome = await prisma.$transaction(async (transaction) => {
    const found = await transaction.order.findUnique({ where: { subscriptionId }, select: { id: true } })
    const order = found && (await lockOrder(transaction, found.id))
    if (order?.subscriptionId !== subscriptionId) return 'no-order' as const
    if (await isBeingDestroyed(transaction, order)) return 'nothing' as const
    const endsAt = subscription?.endsAt ?? null
    const decision = decide(subscription?.status ?? null, orderStateOf(order), endsOtherwise(order.endsAt, endsAt))
    const changed = await carryOut(transaction, services, { order, subscriptionId, decision, open, endsAt, requestId })
    return changed ? decision.kind : 'nothing'
  })
  if (outcome === 'alert') {
    await raiseAlert(services.database.pool, {
      kind: 'subscription-unclear',
      key: `subscription:${subscriptionId}:${subscription?.status ?? 'missing'}`,
      detail: { subscriptionId, status: subscription?.status ?? 'not known to the provider' },
    })
  } else if (outcome !== 'nothing' && outcome !== 'no-order') {
    services.log.info({ requestId, subscriptionId, outcome }, 'a subscription was applied')
    services.operations.wake()
    services.notices.wake()
  }
  return outcome
}

type Case = {
  readonly order: Order
  readonly subscriptionId: string
  readonly decision: SubscriptionDecision
  readonly open: InvoiceState | null
  readonly endsAt: Date | null
  readonly requestId: string
}

/** False if nothing is different from before. */
async function carryOut(transaction: PrismaTransaction, services: Services, found: Case): Promise<boolean> {
  const { order, subscriptionId, decision, open, endsAt, requestId } = found
  const payUrl = open === null || open.paid ? null : open.payUrl
  switch (decision.kind) {
    case 'nothing':
      return false
    case 'alert':
      return true
    case 'paid': {
      const active = await moveOrder(transaction, order, 'active', { reason: null, checkoutUrl: null, endsAt })
      await wakeInstance(transaction, services, active, requestId)
      await showOrder(transaction, services, active)
      return true
    }
    case 'renewal': {
      await showOrder(transaction, services, await transaction.order.update({ where: { id: order.id }, data: { endsAt } }))
      return true
    }
    case 'past-due': {
      if (order.state === 'past-due' && order.checkoutUrl === payUrl) return false
      const data = { reason: null, checkoutUrl: payUrl }
      const due =
        order.state === 'past-due'
          ? await transaction.order.update({ where: { id: order.id }, data })
          : await moveOrder(transaction, order, 'past-due', data)
      await announce(transaction, services, due, `past-due:${open?.invoiceId ?? subscriptionId}`)
      return true
    }
    case 'lapse': {
      if (order.state === 'lapsed') {
        if (order.checkoutUrl === payUrl) return false
        const changed = await transaction.order.update({ where: { id: order.id }, data: { checkoutUrl: payUrl } })
        await showOrder(transaction, services, changed)
        return true
      }
      const lapsed = await moveOrder(transaction, order, 'lapsed', { reason: decision.reason, checkoutUrl: payUrl, endsAt: null })
      await suspendInstance(transaction, services, lapsed, requestId)
      await announce(transaction, services, lapsed, `lapsed:${subscriptionId}`)
      // Told before, and wanted so: nothing for operators.
      if (order.endsAt !== null && decision.reason === null) return true
      await raiseAlertIn(transaction, {
        kind: 'subscription-ended',
        key: `subscription-ended:${subscriptionId}`,
        detail: { subscriptionId, orderId: order.id, instanceId: order.instanceId, reason: decision.reason },
      })
      return true
    }
  }
}

/** The order's message anew at the end of the chat: the old one may be weeks above. */
async function announce(transaction: PrismaTransaction, services: Services, order: Order, event: string): Promise<void> {
  await tell(transaction, services, order, orderView(order, services.settings), 'new', `order:${order.id}:${event}`)
}

/** Destroying an instance ends its subscription: that is how it should be. */
async function isBeingDestroyed(transaction: PrismaTransaction, { instanceId }: Order): Promise<boolean> {
  if (instanceId === null) return false
  const instance = await transaction.instance.findUnique({ where: { id: instanceId }, select: { state: true } })
  return instance?.state === 'destroying' || instance?.state === 'destroyed'
}
