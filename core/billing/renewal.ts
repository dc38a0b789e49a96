import type { PrismaTransaction } from '../../prisma/database.ts'
import type { Order } from '../../prisma/generated/client.ts'
import { t } from '../chat/build.ts'
import { type ChatContext, placeOf, type Reply, reply } from '../chat/reply.ts'
import type { Text } from '../chat/view.ts'
import type { OperationProgress } from '../operations/index.ts'
import { ProblemError } from '../problem.ts'
import type { Services } from '../services.ts'
import { lockOrder } from './order-state.ts'
import { orderView, orderViewId } from './order-view.ts'

/** The operation that calls a renewal off, or on again. */
export const RENEWAL = 'renewal'

/** Whose renewal its owner can call off. One that is open already (past due) is ended by not paying it, or by deleting. */
export const hasRenewal = (order: Pick<Order, 'state' | 'subscriptionId'>): boolean =>
  order.subscriptionId !== null && order.state === 'active'

/** "Don't renew" and "Renew again": asked of the provider by an operation; the order's message says what came of it. */
export function changeRenewal(context: ChatContext, order: Order, renews: boolean): Reply {
  const { services, requestId } = context
  const remark = renewalRemark('pending', renews)
  return {
    ...reply(orderView(order, { ...services.settings, isChanging: true, ...(remark && { remark }) })),
    effects: [
      async (transaction) => {
        await claim(transaction, order.id)
        await services.operations.start(transaction, {
          kind: RENEWAL,
          orderId: order.id,
          args: { renews },
          place: placeOf(context, orderViewId(order.id)),
          requestId,
        })
      },
    ],
  }
}

/** One change at a time: two on their way could arrive the other way round. */
async function claim(transaction: PrismaTransaction, orderId: string): Promise<void> {
  const order = await lockOrder(transaction, orderId)
  const busy = await transaction.operation.count({ where: { orderId, kind: RENEWAL, finishedAt: null } })
  if (order && hasRenewal(order) && busy === 0) return
  throw new ProblemError({
    code: busy > 0 ? 'operation-busy' : 'order-moved-on',
    retryable: busy > 0,
    text: { id: busy > 0 ? 'billing-renewal-busy' : 'billing-moved-on' },
  })
}

/** What is said beside the order while its renewal is changed, or when that failed; null when the order itself says it. */
export function renewalRemark(state: OperationProgress['state'], renews: boolean): Text | null {
  if (state === 'succeeded') return null
  if (state === 'failed' || state === 'undoing') return t('billing-renewal-failed')
  return t(renews ? 'billing-renewal-resuming' : 'billing-renewal-stopping')
}

/** The order of an instance whose renewal can be called off or on again; null if there is none. */
export async function renewableOrder(services: Services, instanceId: string): Promise<Order | null> {
  const prisma = await services.database.prisma()
  const order = await prisma.order.findUnique({ where: { instanceId } })
  return order && hasRenewal(order) ? order : null
}
