import type Stripe from 'stripe'
import type { CheckoutState, DisputeState, InvoiceState, RefundState, SubscriptionState } from '../payment-provider.ts'

/** Stripe's objects in the port's words. Its enums are open: a word we don't know becomes `unknown` and is kept. */

export const idOf = (reference: string | { readonly id: string } | null | undefined): string | null =>
  typeof reference === 'string' ? reference : (reference?.id ?? null)

const atSecond = (seconds: number): Date => new Date(seconds * 1000)

function known<const Word extends string>(word: string | null | undefined, words: readonly Word[]): Word | 'unknown' {
  return words.find((candidate) => candidate === word) ?? 'unknown'
}

/** How the money of a session stands, from its payment intent: Stripe says `unpaid` for both "on its way" and "failed". */
export type IntentState = { readonly paymentIntentId: string | null; readonly status: string | null }

export function checkoutState(session: Stripe.Checkout.Session, intent: IntentState): CheckoutState {
  const status = known(session.status, ['open', 'complete', 'expired'])
  const payment = paymentOf(session, intent)
  const words = [
    status === 'unknown' && `status ${session.status}`,
    payment === 'unknown' && `payment_status ${session.payment_status}, payment intent ${intent.status}`,
  ].filter((word) => word !== false)
  return {
    sessionId: session.id,
    orderId: session.client_reference_id ?? session.metadata?.order_id ?? '',
    status,
    payment,
    url: session.url,
    expiresAt: atSecond(session.expires_at),
    amountCents: session.amount_total ?? 0,
    currency: session.currency ?? '',
    customerId: idOf(session.customer),
    subscriptionId: idOf(session.subscription),
    invoiceId: idOf(session.invoice),
    paymentIntentId: intent.paymentIntentId,
    ...(words.length > 0 && { unknown: words.join('; ') }),
  }
}

function paymentOf(session: Stripe.Checkout.Session, intent: IntentState): CheckoutState['payment'] {
  switch (session.payment_status) {
    case 'paid':
    case 'no_payment_required':
      return 'paid'
    case 'unpaid':
      if (session.status !== 'complete') return 'unpaid'
      if (intent.status === 'processing' || intent.status === 'requires_action') return 'pending'
      return intent.status === 'requires_payment_method' || intent.status === 'canceled' ? 'unpaid' : 'unknown'
    default:
      return 'unknown'
  }
}

export function subscriptionState(subscription: Stripe.Subscription): SubscriptionState {
  // The period is on the items, not on the subscription. All items of ours share one.
  const item = subscription.items.data[0]
  return {
    subscriptionId: subscription.id,
    status: known(subscription.status, [
      'active',
      'trialing',
      'past_due',
      'unpaid',
      'canceled',
      'incomplete',
      'incomplete_expired',
      'paused',
    ]),
    periodStart: atSecond(item?.current_period_start ?? subscription.start_date),
    periodEnd: atSecond(item?.current_period_end ?? subscription.start_date),
    endsAt: endOf(subscription, item?.current_period_end ?? null),
    orderId: subscription.metadata.order_id ?? null,
    latestInvoiceId: idOf(subscription.latest_invoice),
  }
}

/** A date of its own counts too: it can be set in the dashboard. */
function endOf(subscription: Stripe.Subscription, periodEnd: number | null): Date | null {
  const end = subscription.cancel_at ?? (subscription.cancel_at_period_end ? periodEnd : null)
  return end === null ? null : atSecond(end)
}

export const refundState = (refund: Stripe.Refund): RefundState => ({
  refundId: refund.id,
  amountCents: refund.amount,
  // `requires_action` asks the buyer for bank details: from here it looks like waiting.
  status: refund.status === 'requires_action' ? 'pending' : known(refund.status, ['succeeded', 'pending', 'failed', 'canceled']),
})

export function invoiceState(invoice: Stripe.Invoice): InvoiceState {
  // The period paid for is on the lines; the invoice's own describes the interval before.
  const period = invoice.lines.data[0]?.period ?? { start: invoice.period_start, end: invoice.period_end }
  return {
    invoiceId: invoice.id,
    paid: invoice.status === 'paid',
    reason: invoice.billing_reason ?? 'unknown',
    subscriptionId: idOf(invoice.parent?.subscription_details?.subscription),
    amountCents: invoice.amount_paid,
    currency: invoice.currency,
    periodStart: atSecond(period.start),
    periodEnd: atSecond(period.end),
    payUrl: invoice.hosted_invoice_url ?? null,
  }
}

/** What each word says about the money. Source: docs.stripe.com/api/disputes/object. */
const DISPUTE_STATUS: Readonly<Record<string, DisputeState['status']>> = {
  warning_needs_response: 'inquiry',
  warning_under_review: 'inquiry',
  needs_response: 'open',
  under_review: 'open',
  appeal_needs_response: 'open',
  appeal_under_review: 'open',
  won: 'won',
  // Over without money having moved, or with all of it back.
  warning_closed: 'won',
  prevented: 'won',
  lost: 'lost',
}

export const disputeState = (dispute: Stripe.Dispute, subscriptionId: string | null): DisputeState => ({
  disputeId: dispute.id,
  status: Object.hasOwn(DISPUTE_STATUS, dispute.status) ? (DISPUTE_STATUS[dispute.status] ?? 'unknown') : 'unknown',
  word: dispute.status,
  reason: dispute.reason,
  amountCents: dispute.amount,
  currency: dispute.currency,
  paymentIntentId: idOf(dispute.payment_intent),
  subscriptionId,
})
