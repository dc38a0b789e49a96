import type { Step } from '../../operations/index.ts'
import type { Services } from '../../services.ts'
import { orderOf } from './order-of.ts'

/**
 * Makes the buyer known to the payment provider, once per person: their subscriptions and receipts stand together there,
 * and a declined card can be traced to their order. The provider's answer is the same for the same person (its key), so a
 * crash between the two lines makes no second customer.
 */
export const ensureCustomer: Step<Services> = {
  name: 'ensure-customer',
  deadlineSeconds: 120,

  async run({ operation, services }) {
    const { order, prisma } = await orderOf(operation, services)
    if (await prisma.billingCustomer.findUnique({ where: { personId: order.personId } })) return
    const identity = await prisma.identity.findFirst({ where: { personId: order.personId }, select: { displayName: true } })
    const { customerId } = await services.payments.createCustomer({
      personId: order.personId,
      name: identity?.displayName ?? order.personId,
    })
    await prisma.billingCustomer.createMany({ data: [{ personId: order.personId, customerId }], skipDuplicates: true })
  },
}
