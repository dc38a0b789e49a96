import type { PrismaTransaction } from '../../prisma/database.ts'
import type { Order } from '../../prisma/generated/client.ts'
import type { Services } from '../services.ts'
import { orderPlace } from './order-notice.ts'

/** States of an instance whose gateway runs or is about to. */
const AWAKE = ['running', 'degraded', 'restarting']

/** Stops the instance of an order that is no longer paid for. Everything of it is kept. */
export async function suspendInstance(
  transaction: PrismaTransaction,
  services: Services,
  order: Order,
  requestId: string,
): Promise<void> {
  const instance = await instanceOf(transaction, order)
  if (!instance || !AWAKE.includes(instance.state)) return
  await services.operations.start(transaction, { kind: 'suspend', instanceId: instance.id, orderId: order.id, requestId })
}

/** Starts the instance of an order again that is paid for again, and tells how far that is. */
export async function wakeInstance(
  transaction: PrismaTransaction,
  services: Services,
  order: Order,
  requestId: string,
): Promise<void> {
  const instance = await instanceOf(transaction, order)
  if (instance?.state !== 'suspended') return
  await services.operations.start(transaction, {
    kind: 'restart',
    instanceId: instance.id,
    orderId: order.id,
    place: { ...orderPlace(order), viewId: `restart:${instance.id}` },
    requestId,
  })
}

async function instanceOf(transaction: PrismaTransaction, order: Order) {
  return order.instanceId === null ? null : transaction.instance.findUnique({ where: { id: order.instanceId } })
}
