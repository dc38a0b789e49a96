import type { PrismaTransaction } from '../../prisma/database.ts'
import type { Order } from '../../prisma/generated/client.ts'
import type { View } from '../chat/view.ts'
import type { Place } from '../operations/index.ts'
import type { Services } from '../services.ts'
import { orderView, orderViewId } from './order-view.ts'

/** Where an order's one message is. */
export const orderPlace = (order: Order): Place => ({
  platform: order.platform,
  chatId: order.chatId,
  userId: order.userId,
  viewId: orderViewId(order.id),
  language: order.language,
})

/** Redraws the order's message as its state now is. */
export async function showOrder(
  transaction: PrismaTransaction,
  services: Services,
  order: Order,
  /** The business event, if it may happen more than once for one change of state. */
  event?: string,
): Promise<void> {
  await tell(transaction, services, order, orderView(order, services.settings), 'edit', event && `order:${order.id}:${event}`)
}

/** Says something beside the order's message, in the same chat. */
export async function tell(
  transaction: PrismaTransaction,
  services: Services,
  order: Order,
  view: View,
  place: 'new' | 'edit',
  dedupeKey?: string,
): Promise<void> {
  await services.notices.post(transaction, {
    platform: order.platform,
    chatId: order.chatId,
    userId: order.userId,
    language: order.language,
    view,
    place,
    ...(dedupeKey && { dedupeKey }),
  })
}
