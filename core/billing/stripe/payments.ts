import type Stripe from 'stripe'
import type { CheckoutRequest, CheckoutState, PaymentProvider } from '../payment-provider.ts'
import { createStripeClient, refusalCode, type StripeClientOptions } from './client.ts'
import { checkoutState, disputeState, type IntentState, idOf, invoiceState, refundState, subscriptionState } from './states.ts'

/** The most that one page of a list may hold. */
const PAGE = 100

export type StripePaymentsOptions = StripeClientOptions & {
  /** Stands before the plan's name on the checkout page and the card statement's receipt. */
  readonly settings: { readonly brandName: string }
}

/**
 * Stripe behind the payment port: Checkout Sessions in subscription mode with prices of our own (`price_data`), so that
 * the plans table is the only price list. Every call that changes something carries an idempotency key made of our ids.
 */
export function createStripePayments(options: StripePaymentsOptions): PaymentProvider {
  const stripe = createStripeClient(options)

  /** A subscription's session has no payment intent of its own: the payment hangs on the invoice. */
  async function intentOf(session: Stripe.Checkout.Session): Promise<IntentState> {
    const direct = idOf(session.payment_intent)
    const invoice = idOf(session.invoice)
    if (session.status !== 'complete' || (direct === null && invoice === null)) return { paymentIntentId: direct, status: null }
    const paymentIntentId =
      direct ??
      (await stripe((api) => api.invoicePayments.list({ invoice: invoice ?? '' }))).data
        .map((payment) => idOf(payment.payment.payment_intent))
        .find((id) => id !== null) ??
      null
    if (paymentIntentId === null || session.payment_status !== 'unpaid') return { paymentIntentId, status: null }
    const intent = await stripe((api) => api.paymentIntents.retrieve(paymentIntentId))
    return { paymentIntentId, status: intent.status }
  }

  const stateOf = async (session: Stripe.Checkout.Session): Promise<CheckoutState> =>
    checkoutState(session, await intentOf(session))

  async function orNull<T>(call: Promise<T>): Promise<T | null> {
    try {
      return await call
    } catch (error) {
      if (refusalCode(error) === 'resource_missing') return null
      throw error
    }
  }

  /** A payment intent does not name the subscription it paid for: its invoice does. */
  async function subscriptionOf(paymentIntentId: string | null): Promise<string | null> {
    if (paymentIntentId === null) return null
    const [paid] = (
      await stripe((api) => api.invoicePayments.list({ payment: { type: 'payment_intent', payment_intent: paymentIntentId } }))
    ).data
    const invoiceId = paid === undefined ? null : idOf(paid.invoice)
    const invoice = invoiceId === null ? null : await orNull(stripe((api) => api.invoices.retrieve(invoiceId)))
    return idOf(invoice?.parent?.subscription_details?.subscription)
  }

  return {
    name: 'stripe',

    async createCustomer({ personId, name, replaces }) {
      const after = replaces === undefined ? '' : `:after:${replaces}`
      const customer = await stripe((api) =>
        api.customers.create(
          { name, metadata: { person_id: personId } },
          { idempotencyKey: `person:${personId}:customer${after}` },
        ),
      )
      return { customerId: customer.id }
    },

    async hasCustomer(customerId) {
      const customer = await orNull(stripe((api) => api.customers.retrieve(customerId)))
      return customer !== null && customer.deleted !== true
    },

    async createCheckout(request) {
      const session = await stripe((api) =>
        api.checkout.sessions.create(sessionParameters(request, options.settings.brandName), {
          idempotencyKey: `order:${request.orderId}:checkout:${request.attempt}`,
        }),
      )
      return stateOf(session)
    },

    async findCheckout(sessionId) {
      const session = await orNull(stripe((api) => api.checkout.sessions.retrieve(sessionId)))
      return session && stateOf(session)
    },

    async expireCheckout(sessionId) {
      try {
        return await stateOf(
          await stripe((api) => api.checkout.sessions.expire(sessionId, {}, { idempotencyKey: `checkout:${sessionId}:expire` })),
        )
      } catch (error) {
        // Over already: paid, or expired by itself. The session says which.
        if (refusalCode(error) === null) throw error
        return stateOf(await stripe((api) => api.checkout.sessions.retrieve(sessionId)))
      }
    },

    async findSubscription(subscriptionId) {
      const subscription = await orNull(stripe((api) => api.subscriptions.retrieve(subscriptionId)))
      return subscription && subscriptionState(subscription)
    },

    async findSubscriptionOf(paymentIntentId) {
      const subscriptionId = await subscriptionOf(paymentIntentId)
      const subscription =
        subscriptionId === null ? null : await orNull(stripe((api) => api.subscriptions.retrieve(subscriptionId)))
      return subscription && subscriptionState(subscription)
    },

    async *listSubscriptions() {
      for (let after: string | undefined, more = true; more; ) {
        const from = after
        const page = await stripe((api) =>
          api.subscriptions.list({ limit: PAGE, ...(from !== undefined && { starting_after: from }) }),
        )
        yield* page.data.map(subscriptionState)
        after = page.data.at(-1)?.id
        more = page.has_more && after !== undefined
      }
    },

    async setRenewal({ key, subscriptionId, renews }) {
      await stripe((api) => api.subscriptions.update(subscriptionId, { cancel_at_period_end: !renews }, { idempotencyKey: key }))
    },

    async cancelSubscription(subscriptionId) {
      // Stripe answers 404 for a subscription that is over.
      await orNull(stripe((api) => api.subscriptions.cancel(subscriptionId, { prorate: false, invoice_now: false })))
    },

    async refund({ key, paymentIntentId, reason }) {
      try {
        const refund = await stripe((api) =>
          api.refunds.create(
            { payment_intent: paymentIntentId, reason: 'requested_by_customer', metadata: { reason } },
            { idempotencyKey: key },
          ),
        )
        return refundState(refund)
      } catch (error) {
        if (refusalCode(error) !== 'charge_already_refunded') throw error
        const before = (await stripe((api) => api.refunds.list({ payment_intent: paymentIntentId }))).data[0]
        if (!before) throw error
        return refundState(before)
      }
    },

    async findRefund(refundId) {
      const refund = await orNull(stripe((api) => api.refunds.retrieve(refundId)))
      return refund && refundState(refund)
    },

    async findInvoice(invoiceId) {
      const invoice = await orNull(stripe((api) => api.invoices.retrieve(invoiceId)))
      return invoice && invoiceState(invoice)
    },

    async findDispute(disputeId) {
      const dispute = await orNull(stripe((api) => api.disputes.retrieve(disputeId)))
      return dispute && disputeState(dispute, await subscriptionOf(idOf(dispute.payment_intent)))
    },
  }
}

function sessionParameters(request: CheckoutRequest, brandName: string): Stripe.Checkout.SessionCreateParams {
  const metadata = { order_id: request.orderId, attempt: String(request.attempt) }
  return {
    mode: 'subscription',
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: request.currency,
          unit_amount: request.priceCents,
          recurring: { interval: 'month' },
          product_data: { name: `${brandName} ${request.planName}`, metadata: { plan_id: request.planId } },
        },
      },
    ],
    client_reference_id: request.orderId,
    // A session's metadata does not reach its subscription: both carry the order.
    metadata,
    subscription_data: { metadata, billing_mode: { type: 'flexible' } },
    customer: request.customerId,
    locale: request.language === 'zh' ? 'zh' : 'en',
    expires_at: Math.floor(request.expiresAt.getTime() / 1000),
    success_url: request.successUrl,
    cancel_url: request.cancelUrl,
  }
}
