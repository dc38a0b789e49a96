import type { Step } from '../../operations/index.ts'
import type { Services } from '../../services.ts'
import { orderOf } from './order-of.ts'

/**
 * Makes the buyer known to the payment provider, once per person: their subscriptions and receipts stand together there,
 * and a declined card can be traced to their order. The provider's answer is the same for the same person (its key), so a
 * crash between the two lines makes no second customer.
 *
 * A customer belongs to the account that made it: after a change of account (from the sandbox's stand-in to a real one, from
 * test to live) the one we know is confirmed gone, and a new one takes its place.
 */
export const ensureCustomer: Step<Services> = {
  name: 'ensure-customer',
  deadlineSeconds: 120,

  async run({ operation, services }) {
    const { order, prisma } = await orderOf(operation, services)
    const { personId } = order
    const known = await prisma.billingCustomer.findUnique({ where: { personId } })
    if (known && (await services.payments.hasCustomer(known.customerId))) return
    const identity = await prisma.identity.findFirst({ where: { personId }, select: { displayName: true } })
    const { customerId } = await services.payments.createCustomer({
      personId,
      name: identity?.displayName ?? personId,
      ...(known && { replaces: known.customerId }),
    })
    await prisma.billingCustomer.upsert({ where: { personId }, create: { personId, customerId }, update: { customerId } })
  },
}
