import type { Step } from '../../operations/index.ts'
import type { Services } from '../../services.ts'
import { applyCheckout } from '../apply-checkout.ts'
import { priceOf } from '../price.ts'
import { orderOf } from './order-of.ts'

/** Long enough to fetch a card, above the half hour that Stripe wants at least. */
const CHECKOUT_SECONDS = 3_600

/** Where the payment page leads back to. */
export type ReturnUrls = (order: { readonly id: string; readonly platform: string; readonly chatId: string }) => {
  readonly success: string
  readonly cancel: string
}

/**
 * Creates the checkout of one attempt and gives its link to the order.
 *
 * The expiry is saved before the call: the same idempotency key must come with the same parameters, or the provider
 * refuses the retry. If the order was cancelled meanwhile, the link is closed before anybody saw it.
 */
export const createCheckout = (returnUrls: ReturnUrls): Step<Services> => ({
  name: 'create-checkout',
  deadlineSeconds: 120,

  async run({ operation, services, save }) {
    const { order, prisma } = await orderOf(operation, services)
    const attempt = Number(operation.args.attempt)
    if (order.state !== 'awaiting-payment' || order.checkoutAttempt !== attempt || order.checkoutSessionId !== null) return

    const expiresAt =
      typeof operation.data.expiresAt === 'string'
        ? new Date(operation.data.expiresAt)
        : new Date(services.clock.now().getTime() + CHECKOUT_SECONDS * 1_000)
    await save({ expiresAt: expiresAt.toISOString() })

    const [customer, plan] = await Promise.all([
      prisma.billingCustomer.findUniqueOrThrow({ where: { personId: order.personId } }),
      prisma.plan.findUniqueOrThrow({ where: { id: order.planId } }),
    ])
    const price = priceOf(order)
    const urls = returnUrls(order)
    const session = await services.payments.createCheckout({
      orderId: order.id,
      attempt,
      customerId: customer.customerId,
      planId: plan.id,
      planName: plan.name,
      priceCents: price.amountCents,
      currency: price.currency,
      successUrl: urls.success,
      cancelUrl: urls.cancel,
      expiresAt,
      language: order.language,
    })

    const given = await prisma.order.updateMany({
      where: { id: order.id, state: 'awaiting-payment', checkoutAttempt: attempt },
      data: {
        checkoutSessionId: session.sessionId,
        checkoutUrl: session.url,
        checkoutExpiresAt: session.expiresAt,
        reason: null,
      },
    })
    if (given.count > 0) return
    await services.payments.expireCheckout(session.sessionId)
    await applyCheckout(services, session.sessionId, operation.requestId)
  },
})
