import type { PrismaTransaction } from '../../prisma/database.ts'
import type { Order, Prisma } from '../../prisma/generated/client.ts'

/**
 * Every order is in exactly one of these states, and each has one next action for its buyer:
 *
 *   state             the next action        goes to
 *   ────────────────  ─────────────────────  ───────────────────────────────────────────────────────────
 *   awaiting-payment  pay through the link   checking, paid, expired, cancelled, refunding
 *   checking          wait (ask again)       paid, expired (money did not come), cancelled, refunding
 *   paid              wait (being set up)    active, refunding
 *   active            use it                 ended, refunding (an operator gives the money back)
 *   ended             order again            refunding
 *   expired           ask for a new link     awaiting-payment, refunding (money that came late)
 *   cancelled         order again            refunding (money that came late)
 *   refunding         wait                   refunded, refund-failed
 *   refunded          order again            refund-failed (the bank sent the refund back)
 *   refund-failed     write to us            refunded
 */
export const ORDER_STATES = [
  'awaiting-payment',
  'checking',
  'paid',
  'active',
  'ended',
  'expired',
  'cancelled',
  'refunding',
  'refunded',
  'refund-failed',
] as const
export type OrderState = (typeof ORDER_STATES)[number]

export const ORDER_TRANSITIONS: Readonly<Record<OrderState, readonly OrderState[]>> = {
  'awaiting-payment': ['checking', 'paid', 'expired', 'cancelled', 'refunding'],
  checking: ['paid', 'expired', 'cancelled', 'refunding'],
  paid: ['active', 'refunding'],
  active: ['ended', 'refunding'],
  ended: ['refunding'],
  expired: ['awaiting-payment', 'refunding'],
  cancelled: ['refunding'],
  refunding: ['refunded', 'refund-failed'],
  refunded: ['refund-failed'],
  'refund-failed': ['refunded'],
}

/** Waiting for its buyer or for the money: it holds a place on the hosts and its name. */
export const OPEN_ORDER_STATES = ['awaiting-payment', 'checking'] as const satisfies readonly OrderState[]

/** Why an order is not on the happy way. */
export type OrderReason =
  /** The last card was declined; the link still works. */
  | 'declined'
  /** The payment page could not be opened at the provider. */
  | 'checkout-unavailable'
  /** Money on its way did not arrive. */
  | 'payment-failed'
  /** Paid after the order was over. */
  | 'late'
  /** Another amount or currency was paid than agreed. */
  | 'amount'
  | 'deploy-failed'

/** The state of a row; a word of another build is a bug here, not a state. */
export function orderStateOf(order: Pick<Order, 'id' | 'state'>): OrderState {
  const state = ORDER_STATES.find((candidate) => candidate === order.state)
  if (!state) throw new Error(`order ${order.id} is in the state ${order.state}, which this version does not know`)
  return state
}

/** The order with its row locked until the transaction ends; null if there is none. */
export async function lockOrder(transaction: PrismaTransaction, orderId: string): Promise<Order | null> {
  await transaction.$queryRaw`SELECT id FROM orders WHERE id = ${orderId} FOR UPDATE`
  return transaction.order.findUnique({ where: { id: orderId } })
}

/** Moves a locked order. A transition that the table does not have is a bug and throws. */
export async function moveOrder(
  transaction: PrismaTransaction,
  order: Order,
  to: OrderState,
  changes: Prisma.OrderUncheckedUpdateInput & { readonly reason: OrderReason | null },
): Promise<Order> {
  const from = orderStateOf(order)
  if (!ORDER_TRANSITIONS[from].includes(to)) throw new Error(`order ${order.id} can't go from ${from} to ${to}`)
  return transaction.order.update({ where: { id: order.id }, data: { ...changes, state: to } })
}
