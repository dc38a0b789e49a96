import type { Payment, PrismaClient } from '../../../prisma/generated/client.ts'
import type { OperationView } from '../../operations/index.ts'
import type { Services } from '../../services.ts'

/** The payment a refund is about, by its checkout session. That it has none is a bug. */
export async function paymentOf(
  operation: OperationView,
  services: Services,
): Promise<{ readonly payment: Payment; readonly prisma: PrismaClient }> {
  const prisma = await services.database.prisma()
  const payment = await prisma.payment.findUnique({ where: { sessionId: String(operation.args.sessionId) } })
  if (!payment) throw new Error(`operation ${operation.id} (${operation.kind}) has no payment`)
  return { payment, prisma }
}
