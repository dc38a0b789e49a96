import type { PrismaTransaction } from '../../prisma/database.ts'
import type { Order, Prisma } from '../../prisma/generated/client.ts'

/**
 * Every order is in exactly one of these states, and each has one next action for its buyer:
 *
 *   state             the next action        goes to
 *   ────────────────  ─────────────────────  ───────────────────────────────────────────────────────────
 *   awaiting-payment  pay through the link   checking, paid, expired, cancelled, refunding; to go on with a lapsed one: active, lapsed, ended
 *   checking          wait (ask again)       the same without itself
 *   paid              wait (being set up)    active, refunding
 *   active            use it                 past-due, disputed, lapsed, ended, refunding (an operator gives the money back)
 *   past-due          pay the open invoice   active, disputed, lapsed, ended, refunding
 *   disputed          write to us            active (the bank decided for us), lapsed, ended, refunding
 *   lapsed            pay to go on           active, awaiting-payment, ended, refunding
 *   ended             order again            refunding
 *   expired           ask for a new link     awaiting-payment, refunding (money that came late)
 *   cancelled         order again            refunding (money that came late)
 *   refunding         wait                   refunded, refund-failed
 *   refunded          order again            refund-failed (the bank sent the refund back)
 *   refund-failed     write to us            refunded
 *
 * A lapsed order's subscription is over; its instance is stopped and everything of it kept. It is gone on with in the same order,
 * which then awaits its payment once more with its instance at hand, and falls back to lapsed if that comes to nothing.
 */
export const ORDER_STATES = [
  'awaiting-payment',
  'checking',
  'paid',
  'active',
  'past-due',
  'disputed',
  'lapsed',
  'ended',
  'expired',
  'cancelled',
  'refunding',
  'refunded',
  'refund-failed',
] as const
export type OrderState = (typeof ORDER_STATES)[number]

export const ORDER_TRANSITIONS: Readonly<Record<OrderState, readonly OrderState[]>> = {
  'awaiting-payment': ['checking', 'paid', 'expired', 'cancelled', 'refunding', 'active', 'lapsed', 'ended'],
  checking: ['paid', 'expired', 'cancelled', 'refunding', 'active', 'lapsed', 'ended'],
  paid: ['active', 'refunding'],
  active: ['past-due', 'disputed', 'lapsed', 'ended', 'refunding'],
  'past-due': ['active', 'disputed', 'lapsed', 'ended', 'refunding'],
  disputed: ['active', 'lapsed', 'ended', 'refunding'],
  lapsed: ['active', 'awaiting-payment', 'ended', 'refunding'],
  ended: ['refunding'],
  expired: ['awaiting-payment', 'refunding'],
  cancelled: ['refunding'],
  refunding: ['refunded', 'refund-failed'],
  refunded: ['refund-failed'],
  'refund-failed': ['refunded'],
}

/** Waiting for its buyer or for the money: it holds a place on the hosts and its name. */
export const OPEN_ORDER_STATES = ['awaiting-payment', 'checking'] as const satisfies readonly OrderState[]

/** Its instance belongs to a subscription that still charges, or should. */
export const SUBSCRIBED_ORDER_STATES = ['active', 'past-due', 'disputed'] as const satisfies readonly OrderState[]

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
  /** Lapsed: a renewal stayed unpaid until the provider gave up. */
  | 'unpaid'
  /** Lapsed: the buyer's bank took the money back for good. */
  | 'dispute-lost'

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
