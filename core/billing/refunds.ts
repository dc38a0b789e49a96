import type { PrismaTransaction } from '../../prisma/database.ts'
import type { Order, Payment } from '../../prisma/generated/client.ts'
import { t } from '../chat/build.ts'
import type { Services } from '../services.ts'
import { raiseAlert, raiseAlertIn } from './alert.ts'
import { showOrder, tell } from './order-notice.ts'
import { lockOrder, moveOrder, orderStateOf } from './order-state.ts'
import { doublePaymentView, orderView } from './order-view.ts'

/** Long enough for an operator to put the right key back. */
const MISSING_HOURS = 24

export type RefundReason = 'late' | 'double' | 'amount' | 'deploy-failed'

/** Marks a payment to be given back and starts the operation that does it, in the transaction of the decision. */
export async function startRefund(
  transaction: PrismaTransaction,
  services: Services,
  payment: Pick<Payment, 'sessionId' | 'orderId'>,
  reason: RefundReason,
  requestId: string,
): Promise<void> {
  await transaction.payment.update({
    where: { sessionId: payment.sessionId },
    data: { state: 'refund-due', refundReason: reason },
  })
  await services.operations.start(transaction, {
    kind: 'refund',
    orderId: payment.orderId,
    args: { sessionId: payment.sessionId },
    requestId,
  })
}

/**
 * Gives back what an order was paid with, because its deploy failed for good (`detail`: what ended it, for the log).
 * Repeatable: false if there is nothing to give back (any more). Wake operations and notices after the commit.
 */
export async function refundOrder(
  transaction: PrismaTransaction,
  services: Services,
  request: { readonly orderId: string; readonly reason: 'deploy-failed'; readonly detail: string; readonly requestId: string },
): Promise<boolean> {
  const { orderId, reason, requestId } = request
  const order = await lockOrder(transaction, orderId)
  const payment = order && (await transaction.payment.findFirst({ where: { orderId, state: 'kept' } }))
  if (!order || !payment) return false
  const moved = await moveOrder(transaction, order, 'refunding', { reason })
  await startRefund(transaction, services, payment, reason, requestId)
  await showOrder(transaction, services, moved)
  services.log.warn({ requestId, orderId, reason, detail: request.detail }, 'a paid order is given back')
  return true
}

/**
 * Fetches a refund and applies what became of it: refunded, come back, or still on its way (then nothing changes).
 * Safe to call at any time and number: the ledger's key is the refund's id.
 */
export async function settleRefund(services: Services, sessionId: string): Promise<'settled' | 'waiting' | 'nothing'> {
  const prisma = await services.database.prisma()
  const known = await prisma.payment.findUnique({ where: { sessionId } })
  if (!known?.refundId || known.state === 'kept') return 'nothing'
  const { refundId } = known
  const refund = await services.payments.findRefund(refundId)
  const isOpen =
    refund === null ? known.state === 'refund-due' && !(await isGivenUp(services, known)) : refund.status === 'pending'
  if (isOpen) {
    await prisma.payment.update({ where: { sessionId }, data: { updatedAt: services.clock.now() } })
    return 'waiting'
  }

  const settled = await prisma.$transaction(async (transaction) => {
    const order = await lockOrder(transaction, known.orderId)
    const payment = await transaction.payment.findUnique({ where: { sessionId } })
    if (!order || !payment || payment.refundId !== refundId) return false
    if (refund === null) {
      if (payment.state !== 'refund-due') return false
      await failRefund(transaction, services, order, payment, `the provider does not know the refund ${refundId} (any more)`)
      return true
    }
    switch (refund.status) {
      case 'succeeded':
        if (payment.state === 'refunded') return false
        await recordRefund(transaction, order, payment, {
          key: `refund:${refundId}`,
          kind: 'refund',
          cents: -payment.amountCents,
        })
        await finish(transaction, services, order, payment, 'refunded')
        return true
      case 'failed':
      case 'canceled':
        if (payment.state === 'refund-failed') return false
        // A bank can send a refund back after it had succeeded: then the ledger takes it back too.
        if (payment.state === 'refunded') {
          await recordRefund(transaction, order, payment, {
            key: `refund-returned:${refundId}`,
            kind: 'refund-returned',
            cents: payment.amountCents,
          })
        }
        await failRefund(transaction, services, order, payment, `the provider says ${refund.status}`)
        return true
      default:
        await raiseAlertIn(transaction, {
          kind: 'refund-unknown',
          key: `refund-unknown:${refundId}`,
          detail: { refundId, status: refund.status },
        })
        return false
    }
  })
  if (settled) services.notices.wake()
  return settled ? 'settled' : 'nothing'
}

/**
 * A refund that the provider had made and does not know: mostly a key of another account. Operators are told at once; when it has been
 * so for a day, so is the buyer. Should it be found later, its event settles it.
 */
async function isGivenUp(services: Services, { sessionId, orderId, refundId }: Payment): Promise<boolean> {
  const { clock, database } = services
  const key = `refund-missing:${sessionId}`
  await raiseAlert(database.pool, { kind: 'refund-missing', key, detail: { orderId, sessionId, refundId } })
  const prisma = await database.prisma()
  const { createdAt } = await prisma.alert.findUniqueOrThrow({ where: { key }, select: { createdAt: true } })
  return clock.now().getTime() - createdAt.getTime() > MISSING_HOURS * 3_600_000
}

async function recordRefund(
  transaction: PrismaTransaction,
  order: Order,
  payment: Payment,
  entry: { readonly key: string; readonly kind: string; readonly cents: number },
): Promise<void> {
  await transaction.ledgerEntry.createMany({
    data: [
      {
        key: entry.key,
        kind: entry.kind,
        workspaceId: order.workspaceId,
        orderId: order.id,
        instanceId: order.instanceId,
        amountCents: entry.cents,
        currency: payment.currency,
      },
    ],
    skipDuplicates: true,
  })
}

/** The refund can't be made: an operator must, and the buyer is told so. */
export async function failRefund(
  transaction: PrismaTransaction,
  services: Services,
  order: Order,
  payment: Payment,
  why: string,
): Promise<void> {
  await raiseAlertIn(transaction, {
    kind: 'refund-failed',
    key: `refund-failed:${payment.sessionId}`,
    detail: {
      orderId: order.id,
      sessionId: payment.sessionId,
      refundId: payment.refundId,
      amountCents: payment.amountCents,
      why,
    },
  })
  await finish(transaction, services, order, payment, 'refund-failed')
}

/** The provider has been away for so long that operators should know, and the buyer that nobody has forgotten them. */
export async function tellRefundIsLate(
  transaction: PrismaTransaction,
  services: Services,
  sessionId: string,
  why: string,
): Promise<void> {
  const payment = await transaction.payment.findUnique({ where: { sessionId } })
  const order = payment && (await lockOrder(transaction, payment.orderId))
  if (!order || payment.state !== 'refund-due') return
  await raiseAlertIn(transaction, {
    kind: 'refund-late',
    key: `refund-late:${sessionId}`,
    detail: { orderId: order.id, sessionId, amountCents: payment.amountCents, why },
  })
  const remark = t('billing-refund-late')
  const view =
    orderStateOf(order) === 'refunding'
      ? orderView(order, { ...services.settings, remark })
      : doublePaymentView(order, { ...payment, state: 'refund-due' }, services.settings.supportContact, remark)
  await tell(transaction, services, order, view, 'new', `refund:${sessionId}:late`)
}

async function finish(
  transaction: PrismaTransaction,
  services: Services,
  order: Order,
  payment: Payment,
  state: 'refunded' | 'refund-failed',
): Promise<void> {
  await transaction.payment.update({ where: { sessionId: payment.sessionId }, data: { state } })
  const from = orderStateOf(order)
  const concernsOrder =
    payment.refundReason !== 'double' && (from === 'refunding' || from === 'refunded' || from === 'refund-failed')
  if (!concernsOrder) {
    const view = doublePaymentView(order, { ...payment, state }, services.settings.supportContact)
    await tell(transaction, services, order, view, 'edit', `refund:${payment.sessionId}:${state}`)
    return
  }
  if (from === state) return
  const moved = await moveOrder(transaction, order, state, { reason: asReason(payment.refundReason) })
  await showOrder(transaction, services, moved, state)
}

const asReason = (reason: string | null) =>
  (['late', 'amount', 'deploy-failed'] as const).find((known) => known === reason) ?? null
