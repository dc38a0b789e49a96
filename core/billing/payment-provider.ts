/**
 * The port to whoever takes the money. Stripe is the first adapter; Telegram Stars can be a second.
 * All calls are idempotent by the key they are given; all amounts are integer cents.
 * Transport failures throw (the operation engine retries); refusals are values.
 */
export type CheckoutRequest = {
  readonly orderId: string
  /** 1, 2, …: a new link for the same order. Part of the idempotency key. */
  readonly attempt: number
  readonly customerId: string
  readonly planId: string
  readonly planName: string
  readonly priceCents: number
  readonly currency: string
  readonly successUrl: string
  readonly cancelUrl: string
  readonly expiresAt: Date
  readonly language: string
}

export type CheckoutState = {
  readonly sessionId: string
  readonly orderId: string
  /** open: can be paid; complete; expired; `unknown` carries what the provider said and is reported. */
  readonly status: 'open' | 'complete' | 'expired' | 'unknown'
  /** `pending`: complete, but the money is still on its way (bank transfer). */
  readonly payment: 'paid' | 'pending' | 'unpaid' | 'unknown'
  readonly url: string | null
  readonly expiresAt: Date
  readonly amountCents: number
  readonly currency: string
  readonly customerId: string | null
  readonly subscriptionId: string | null
  readonly invoiceId: string | null
  readonly paymentIntentId: string | null
  /** The words of the provider that did not map. */
  readonly unknown?: string
}

export type SubscriptionState = {
  readonly subscriptionId: string
  readonly status:
    | 'active'
    | 'trialing'
    | 'past_due'
    | 'unpaid'
    | 'canceled'
    | 'incomplete'
    | 'incomplete_expired'
    | 'paused'
    | 'unknown'
  readonly periodStart: Date
  readonly periodEnd: Date
  /** When it ends by itself, because somebody called off its renewal; null if it goes on. */
  readonly endsAt: Date | null
  readonly orderId: string | null
  readonly latestInvoiceId: string | null
}

export type InvoiceState = {
  readonly invoiceId: string
  readonly paid: boolean
  readonly reason: string
  readonly subscriptionId: string | null
  readonly amountCents: number
  readonly currency: string
  readonly periodStart: Date
  readonly periodEnd: Date
  /** The provider's page on which it can be paid or read; null while there is none. */
  readonly payUrl: string | null
}

/** Money that a buyer's bank asks back from us. */
export type DisputeState = {
  readonly disputeId: string
  /** `inquiry`: a question that took no money (yet); `open`: the money is withdrawn until the bank has decided. */
  readonly status: 'inquiry' | 'open' | 'won' | 'lost' | 'unknown'
  /** The provider's own word, for operators. */
  readonly word: string
  readonly reason: string
  readonly amountCents: number
  readonly currency: string
  readonly paymentIntentId: string | null
  /** Whose invoice was paid with the disputed money; null if none was. */
  readonly subscriptionId: string | null
}

export type RefundState = {
  readonly refundId: string
  readonly amountCents: number
  readonly status: 'succeeded' | 'pending' | 'failed' | 'canceled' | 'unknown'
}

export type PaymentProvider = {
  readonly name: string
  /** `replaces`: the customer of the same person that is gone at the provider. */
  createCustomer(request: {
    readonly personId: string
    readonly name: string
    readonly replaces?: string
  }): Promise<{ readonly customerId: string }>
  /** False only when the provider confirms that this account has no such customer (any more). */
  hasCustomer(customerId: string): Promise<boolean>
  createCheckout(request: CheckoutRequest): Promise<CheckoutState>
  /** Null only on a confirmed 404. */
  findCheckout(sessionId: string): Promise<CheckoutState | null>
  /** Expires an open session so that it can't be paid any more; the state says if it was too late. */
  expireCheckout(sessionId: string): Promise<CheckoutState>
  findSubscription(subscriptionId: string): Promise<SubscriptionState | null>
  /** Whose invoice a payment was (to be) made for; null if there is none, as while a checkout is open. */
  findSubscriptionOf(paymentIntentId: string): Promise<SubscriptionState | null>
  /** Every subscription that is not over, ours or not, page by page. */
  listSubscriptions(): AsyncIterable<SubscriptionState>
  /** Whether it goes on after the paid time, or ends then. Refused for one that is over. */
  setRenewal(request: { readonly key: string; readonly subscriptionId: string; readonly renews: boolean }): Promise<void>
  /** At once, without proration. Already cancelled is success. */
  cancelSubscription(subscriptionId: string): Promise<void>
  /** The whole payment. Already refunded is success. */
  refund(request: { readonly key: string; readonly paymentIntentId: string; readonly reason: string }): Promise<RefundState>
  findRefund(refundId: string): Promise<RefundState | null>
  /** The invoice of a period, paid or not. */
  findInvoice(invoiceId: string): Promise<InvoiceState | null>
  findDispute(disputeId: string): Promise<DisputeState | null>
}
