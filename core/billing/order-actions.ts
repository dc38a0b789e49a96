import type { Order } from '../../prisma/generated/client.ts'
import { note, t, view } from '../chat/build.ts'
import { type ChatContext, placeOf, type Reply, reply } from '../chat/reply.ts'
import type { JsonObject, Text, View } from '../chat/view.ts'
import type { Source } from '../models/index.ts'
import { ProblemError } from '../problem.ts'
import { applyCheckout } from './apply-checkout.ts'
import { applySubscription } from './apply-subscription.ts'
import { orderView, orderViewId } from './order-view.ts'
import { callOff, canReopen, insertOrder, isOpen, reopenOrder, unpaidState } from './orders.ts'
import type { Plan } from './plans.ts'
import { changeRenewal, hasRenewal } from './renewal.ts'

/** What people do with orders in a chat. The effects run in the transaction of the reply. */

/** The end of the deploy flow: an order, and a message that gets its payment link in a moment. */
export function placeOrder(
  context: ChatContext,
  wanted: {
    readonly plan: Plan
    readonly source: Source
    readonly providerKeyId: string | null
    readonly model: string
    readonly instanceName: string
  },
): Reply {
  const { services, incoming, now } = context
  const { plan } = wanted
  const id = services.ids.create('ord')
  const order: Order = {
    id,
    workspaceId: context.workspace.id,
    personId: context.personId,
    platform: incoming.platform,
    chatId: incoming.chat.id,
    userId: incoming.sender.id,
    language: context.language,
    planId: plan.id,
    instanceName: wanted.instanceName,
    source: wanted.source,
    providerKeyId: wanted.providerKeyId,
    model: wanted.model,
    priceCents: plan.priceCents,
    currency: plan.currency,
    creditMicros: BigInt(plan.creditMicros),
    state: 'awaiting-payment',
    reason: null,
    checkoutAttempt: 1,
    checkoutSessionId: null,
    checkoutUrl: null,
    checkoutExpiresAt: null,
    subscriptionId: null,
    endsAt: null,
    instanceId: null,
    createdAt: now,
    paidAt: null,
    updatedAt: now,
  }
  return {
    ...reply(orderView(order, services.settings)),
    effects: [(transaction) => insertOrder(transaction, services, order, placeOf(context, orderViewId(id)), context.requestId)],
  }
}

/** The order's message as it now is; null if it is not this workspace's. Asks the provider first if it is unpaid here. */
export async function orderCard(context: ChatContext, orderId: string): Promise<View | null> {
  const order = await findOrder(context, orderId)
  if (!order) return null
  const asked = await ask(context, order)
  return orderView(asked.order, { ...context.services.settings, ...('remark' in asked && { remark: asked.remark }) })
}

/** "I have paid": what the provider says now. */
export async function checkOrder(context: ChatContext, orderId: string): Promise<Reply> {
  const card = await orderCard(context, orderId)
  return card ? reply(card) : reply(noSuchOrder())
}

export async function cancelOrder(context: ChatContext, orderId: string): Promise<Reply> {
  const order = await findOrder(context, orderId)
  if (!order) return reply(noSuchOrder())
  if (!isOpen(order)) return reply(orderView(order, context.services.settings))
  return {
    ...reply(
      orderView({ ...order, state: unpaidState(order, 'cancelled'), reason: null, checkoutUrl: null }, context.services.settings),
    ),
    effects: [(transaction) => callOff(transaction, context.services, orderId, context.requestId)],
  }
}

/** A new payment link for the same order. */
export async function newLink(context: ChatContext, orderId: string): Promise<Reply> {
  const order = await findOrder(context, orderId)
  if (!order) return reply(noSuchOrder())
  if (!canReopen(order)) return reply(orderView(order, context.services.settings))
  const opening = { ...order, state: 'awaiting-payment', reason: null, checkoutUrl: null }
  return {
    ...reply(orderView(opening, context.services.settings)),
    effects: [
      (transaction) =>
        reopenOrder(transaction, context.services, orderId, placeOf(context, orderViewId(orderId)), context.requestId),
    ],
  }
}

type OrderAction = {
  readonly needs: 'viewer' | 'admin'
  run(context: ChatContext, args: JsonObject): Promise<Reply>
  redraw(context: ChatContext, args: JsonObject): Promise<Reply>
}

const action = (needs: OrderAction['needs'], run: (context: ChatContext, orderId: string) => Promise<Reply>): OrderAction => ({
  needs,
  run: (context, args) => run(context, String(args.orderId)),
  redraw: (context, args) => redraw(context, String(args.orderId)),
})

/** The buttons of an order's message, for a command named `order`. */
export const orderActions = {
  check: action('viewer', checkOrder),
  cancel: action('admin', cancelOrder),
  link: action('admin', newLink),
  stop: action('admin', (context, orderId) => renewal(context, orderId, false)),
  renew: action('admin', (context, orderId) => renewal(context, orderId, true)),
} as const

async function renewal(context: ChatContext, orderId: string, renews: boolean): Promise<Reply> {
  const order = await findOrder(context, orderId)
  if (!order) return reply(noSuchOrder())
  return hasRenewal(order) ? changeRenewal(context, order, renews) : reply(orderView(order, context.services.settings))
}

/** A late or second press of a one-time button shows how things are and does nothing. */
async function redraw(context: ChatContext, orderId: string): Promise<Reply> {
  const order = await findOrder(context, orderId)
  return reply(order ? orderView(order, context.services.settings) : noSuchOrder())
}

/** What the provider says by now, of an order that waits for money. */
async function ask(context: ChatContext, order: Order): Promise<{ readonly order: Order; readonly remark?: Text }> {
  const apply = applicationOf(context, order)
  if (!apply) return { order }
  try {
    await apply()
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    context.log.warn({ error, orderId: order.id }, 'the payment provider could not be asked')
    return { order, remark: t('billing-cannot-ask') }
  }
  const after = (await findOrder(context, order.id)) ?? order
  const unpaid = after.state === 'awaiting-payment' || (after.state === order.state && after.checkoutUrl !== null)
  return unpaid ? { order: after, remark: t('billing-not-paid-yet') } : { order: after }
}

function applicationOf({ services, requestId }: ChatContext, order: Order): (() => Promise<unknown>) | null {
  const { checkoutSessionId, subscriptionId } = order
  if (isOpen(order)) {
    return checkoutSessionId === null ? null : () => applyCheckout(services, checkoutSessionId, requestId)
  }
  const mayBePaidAgain = order.state === 'past-due' || order.state === 'lapsed'
  return mayBePaidAgain && subscriptionId !== null ? () => applySubscription(services, subscriptionId, requestId) : null
}

/** Only an order of the workspace that asks: ids in links can be guessed at. */
async function findOrder(context: ChatContext, orderId: string): Promise<Order | null> {
  const prisma = await context.services.database.prisma()
  return prisma.order.findFirst({ where: { id: orderId, workspaceId: context.workspace.id } })
}

const noSuchOrder = (): View => view('no-order', [note(t('billing-no-order'))], { tone: 'warning' })
