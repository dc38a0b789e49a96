import type { Order, PrismaClient } from '../../../prisma/generated/client.ts'
import type { OperationView } from '../../operations/index.ts'
import type { Services } from '../../services.ts'

/** The order an operation is about. That it has none is a bug. */
export async function orderOf(
  operation: OperationView,
  services: Services,
): Promise<{ readonly order: Order; readonly prisma: PrismaClient }> {
  const prisma = await services.database.prisma()
  const order = await prisma.order.findUnique({ where: { id: operation.orderId ?? '' } })
  if (!order) throw new Error(`operation ${operation.id} (${operation.kind}) has no order`)
  return { order, prisma }
}
