import { type Birth, list, type Metadata, type Period, type Price } from './objects.ts'

/** A subscription and its invoices. The period is on the subscription's items; an invoice's is on its lines. */
export type SubscriptionStatus = 'active' | 'past_due' | 'unpaid' | 'canceled'
export const newSubscription = (
  birth: Birth,
  given: {
    customer: string
    price: Price
    quantity: number
    itemId: string
    metadata: Metadata
    period: Period
    invoice: string
    billingMode: 'classic' | 'flexible'
  },
) => ({
  ...birth,
  object: 'subscription' as const,
  application: null,
  application_fee_percent: null,
  automatic_tax: { disabled_reason: null, enabled: false, liability: null },
  billing_cycle_anchor: given.period.start,
  billing_cycle_anchor_config: null,
  billing_mode: { type: given.billingMode, flexible: given.billingMode === 'flexible' ? {} : null },
  billing_thresholds: null,
  cancel_at: null as number | null,
  cancel_at_period_end: false,
  canceled_at: null as number | null,
  cancellation_details: { comment: null, feedback: null, reason: null as string | null },
  collection_method: 'charge_automatically' as const,
  currency: given.price.currency,
  customer: given.customer,
  days_until_due: null,
  default_payment_method: null,
  default_source: null,
  default_tax_rates: [],
  description: null,
  discounts: [],
  ended_at: null as number | null,
  invoice_settings: { account_tax_ids: null, issuer: { type: 'self' as const } },
  items: list(`/v1/subscription_items?subscription=${birth.id}`, [
    {
      id: given.itemId,
      object: 'subscription_item' as const,
      billing_thresholds: null,
      created: birth.created,
      current_period_end: given.period.end,
      current_period_start: given.period.start,
      discounts: [],
      metadata: {},
      price: given.price,
      quantity: given.quantity,
      subscription: birth.id,
      tax_rates: [],
    },
  ]),
  latest_invoice: given.invoice as string | null,
  livemode: false,
  metadata: given.metadata,
  next_pending_invoice_item_invoice: null,
  on_behalf_of: null,
  pause_collection: null,
  payment_settings: { payment_method_options: null, payment_method_types: null, save_default_payment_method: 'off' as const },
  pending_invoice_item_interval: null,
  pending_setup_intent: null,
  pending_update: null,
  schedule: null,
  start_date: birth.created,
  status: 'active' as SubscriptionStatus,
  test_clock: null,
  transfer_data: null,
  trial_end: null,
  trial_settings: { end_behavior: { missing_payment_method: 'create_invoice' as const } },
  trial_start: null,
})
export type Subscription = ReturnType<typeof newSubscription>

export type BillingReason = 'subscription_create' | 'subscription_cycle'
export const newInvoice = (
  birth: Birth,
  given: {
    customer: string
    customerName: string | null
    subscription: string
    subscriptionItem: string
    metadata: Metadata
    lineId: string
    description: string
    price: Price
    quantity: number
    period: Period
    reason: BillingReason
    number: string
    paid: boolean
    url: string
  },
) => {
  const amount = given.price.unit_amount * given.quantity
  return {
    ...birth,
    object: 'invoice' as const,
    account_country: 'US',
    account_name: 'Sandbox',
    account_tax_ids: null,
    amount_due: amount,
    amount_overpaid: 0,
    amount_paid: given.paid ? amount : 0,
    amount_remaining: given.paid ? 0 : amount,
    amount_shipping: 0,
    application: null,
    attempt_count: 1,
    attempted: true,
    auto_advance: false,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
    automatically_finalizes_at: null,
    billing_reason: given.reason,
    collection_method: 'charge_automatically' as const,
    currency: given.price.currency,
    custom_fields: null,
    customer: given.customer,
    customer_address: null,
    customer_email: null,
    customer_name: given.customerName,
    customer_phone: null,
    customer_shipping: null,
    customer_tax_exempt: 'none' as const,
    customer_tax_ids: [],
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    due_date: null,
    effective_at: birth.created,
    ending_balance: 0,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: given.url,
    invoice_pdf: null,
    issuer: { type: 'self' as const },
    last_finalization_error: null,
    latest_revision: null,
    lines: list(`/v1/invoices/${birth.id}/lines`, [
      {
        id: given.lineId,
        object: 'line_item' as const,
        amount,
        currency: given.price.currency,
        description: given.description,
        discount_amounts: [],
        discountable: true,
        discounts: [],
        invoice: birth.id,
        livemode: false,
        metadata: given.metadata,
        parent: {
          type: 'subscription_item_details' as const,
          invoice_item_details: null,
          subscription_item_details: {
            invoice_item: null,
            proration: false,
            proration_details: { credited_items: null },
            subscription: given.subscription,
            subscription_item: given.subscriptionItem,
          },
        },
        period: given.period,
        pretax_credit_amounts: [],
        pricing: {
          type: 'price_details' as const,
          price_details: { price: given.price.id, product: given.price.product },
          unit_amount_decimal: given.price.unit_amount_decimal,
        },
        quantity: given.quantity,
        subtotal: amount,
        taxes: [],
      },
    ]),
    livemode: false,
    metadata: {},
    next_payment_attempt: null as number | null,
    number: given.number,
    on_behalf_of: null,
    parent: {
      type: 'subscription_details' as const,
      quote_details: null,
      subscription_details: { metadata: given.metadata, subscription: given.subscription },
    },
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    // Of a subscription's invoice this is the interval before, not the one it pays for (that is on the lines).
    period_end: given.period.start,
    period_start: given.period.start,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: 0,
    statement_descriptor: null,
    status: given.paid ? ('paid' as const) : ('open' as const),
    status_transitions: {
      finalized_at: birth.created,
      marked_uncollectible_at: null,
      paid_at: given.paid ? birth.created : null,
      voided_at: null,
    },
    subtotal: amount,
    subtotal_excluding_tax: amount,
    test_clock: null,
    total: amount,
    total_discount_amounts: [],
    total_excluding_tax: amount,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: null,
  }
}
export type Invoice = ReturnType<typeof newInvoice>
