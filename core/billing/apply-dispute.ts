import type { PrismaTransaction } from '../../prisma/database.ts'
import type { Order } from '../../prisma/generated/client.ts'
import type { Services } from '../services.ts'
import { raiseAlert } from './alert.ts'
import { applySubscription } from './apply-subscription.ts'
import { tell } from './order-notice.ts'
import { lockOrder, moveOrder, orderStateOf } from './order-state.ts'
import { orderView } from './order-view.ts'
import type { DisputeState } from './payment-provider.ts'

/**
 * What a dispute means for the order whose money it is about. Fetched, applied under the order's lock; the ledger's keys are the
 * dispute's. Operators are told of each in any case: the answer to the bank is theirs, and has a deadline.
 *
 *   dispute says   order is             we do
 *   ─────────────  ───────────────────  ─────────────────────────────────────────────────────────────────────────
 *   inquiry        any                  alert
 *   open           active, past-due     ledger: the money is gone; disputed; tell. The instance goes on
 *   open           any other            ledger
 *   won            disputed             ledger: the money is back; active, or what its subscription says by now
 *   won            any other            ledger
 *   lost           any                  ledger; the subscription is cancelled, which makes the order lapsed and stops the instance
 *   unknown        any                  alert
 */
export async function applyDispute(
  services: Services,
  disputeId: string,
  requestId: string,
): Promise<'applied' | 'unknown-object'> {
  const dispute = await services.payments.findDispute(disputeId)
  const orderId = dispute && (await orderOf(services, dispute))
  if (!dispute || orderId === null) return 'unknown-object'
  await raiseAlert(services.database.pool, {
    kind: 'dispute',
    key: `dispute:${disputeId}`,
    detail: { disputeId, orderId, status: dispute.word, reason: dispute.reason, amountCents: dispute.amountCents },
  })
  if (dispute.status === 'inquiry' || dispute.status === 'unknown') return 'applied'

  const prisma = await services.database.prisma()
  const order = await prisma.$transaction(async (transaction) => {
    const locked = await lockOrder(transaction, orderId)
    if (!locked) return null
    await record(transaction, locked, dispute)
    return dispute.status === 'lost' ? locked : move(transaction, services, locked, dispute)
  })
  services.notices.wake()
  if (order?.subscriptionId == null || dispute.status === 'open') return 'applied'
  // Or it would charge, and be disputed, again. Twice is once.
  if (dispute.status === 'lost') await services.payments.cancelSubscription(order.subscriptionId)
  await applySubscription(services, order.subscriptionId, requestId)
  return 'applied'
}

async function move(transaction: PrismaTransaction, services: Services, order: Order, dispute: DisputeState): Promise<Order> {
  const from = orderStateOf(order)
  const opens = dispute.status === 'open' && (from === 'active' || from === 'past-due')
  const closes = dispute.status === 'won' && from === 'disputed'
  if (!opens && !closes) return order
  const moved = await moveOrder(transaction, order, opens ? 'disputed' : 'active', { reason: null, checkoutUrl: null })
  const event = `order:${order.id}:dispute:${dispute.disputeId}:${dispute.status}`
  await tell(transaction, services, moved, orderView(moved, services.settings), opens ? 'new' : 'edit', event)
  return moved
}

/** The money goes when a dispute opens and comes back when it is won; one that was lost without our seeing it open went too. */
async function record(transaction: PrismaTransaction, order: Order, dispute: DisputeState): Promise<void> {
  const gone = `dispute:${dispute.disputeId}`
  if (dispute.status === 'won' && !(await transaction.ledgerEntry.findUnique({ where: { key: gone } }))) return
  const won = dispute.status === 'won'
  await transaction.ledgerEntry.createMany({
    data: [
      {
        key: won ? `dispute-won:${dispute.disputeId}` : gone,
        kind: won ? 'dispute-won' : 'dispute',
        workspaceId: order.workspaceId,
        orderId: order.id,
        instanceId: order.instanceId,
        amountCents: won ? dispute.amountCents : -dispute.amountCents,
        currency: dispute.currency,
      },
    ],
    skipDuplicates: true,
  })
}

/** By the payment of a checkout, or by the subscription whose renewal it was. */
async function orderOf(services: Services, dispute: DisputeState): Promise<string | null> {
  const prisma = await services.database.prisma()
  const payment =
    dispute.paymentIntentId === null
      ? null
      : await prisma.payment.findUnique({ where: { paymentIntentId: dispute.paymentIntentId } })
  if (payment) return payment.orderId
  const { subscriptionId } = dispute
  const order =
    subscriptionId === null ? null : await prisma.order.findUnique({ where: { subscriptionId }, select: { id: true } })
  return order?.id ?? null
}
