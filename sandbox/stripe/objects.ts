/**
 * Stripe's objects as API 2026-10-28.endive answers them, with every field the real one always has.
 * The period of a subscription is on its items, and an invoice points to its subscription through `parent`;
 * tests compare the keys with Stripe's own sample objects.
 */
export type Metadata = Readonly<Record<string, string>>
/** What every new object needs: its id and its birth in epoch seconds. */
export type Birth = { readonly id: string; readonly created: number }
export type Period = { readonly start: number; readonly end: number }
type Interval = 'day' | 'week' | 'month' | 'year'
export type Recurring = { readonly interval: Interval; readonly interval_count: number }

export const list = <T>(url: string, data: readonly T[], hasMore = false) => ({
  object: 'list' as const,
  url,
  has_more: hasMore,
  data,
})

export const newCustomer = (birth: Birth, given: { name: string | null; email: string | null; metadata: Metadata }) => ({
  ...birth,
  object: 'customer' as const,
  address: null,
  balance: 0,
  currency: null,
  default_source: null,
  delinquent: false,
  description: null,
  discount: null,
  email: given.email,
  invoice_prefix: birth.id.slice(-8).toUpperCase(),
  invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
  livemode: false,
  metadata: given.metadata,
  name: given.name,
  next_invoice_sequence: 1,
  phone: null,
  preferred_locales: [],
  shipping: null,
  tax_exempt: 'none' as const,
  test_clock: null,
})
export type Customer = ReturnType<typeof newCustomer>

export const newProduct = (birth: Birth, given: { name: string; description: string | null; metadata: Metadata }) => ({
  ...birth,
  object: 'product' as const,
  active: true,
  default_price: null,
  description: given.description,
  images: [],
  livemode: false,
  marketing_features: [],
  metadata: given.metadata,
  name: given.name,
  package_dimensions: null,
  shippable: null,
  statement_descriptor: null,
  tax_code: null,
  type: 'service' as const,
  unit_label: null,
  updated: birth.created,
  url: null,
})
export type Product = ReturnType<typeof newProduct>

export const newPrice = (
  birth: Birth,
  given: {
    product: string
    currency: string
    unitAmount: number
    recurring: Recurring | null
    active: boolean
    metadata: Metadata
  },
) => ({
  ...birth,
  object: 'price' as const,
  active: given.active,
  billing_scheme: 'per_unit' as const,
  currency: given.currency,
  custom_unit_amount: null,
  livemode: false,
  lookup_key: null,
  metadata: given.metadata,
  nickname: null,
  product: given.product,
  recurring: given.recurring
    ? { ...given.recurring, meter: null, trial_period_days: null, usage_type: 'licensed' as const }
    : null,
  tax_behavior: 'unspecified' as const,
  tiers_mode: null,
  transform_quantity: null,
  type: given.recurring ? ('recurring' as const) : ('one_time' as const),
  unit_amount: given.unitAmount,
  unit_amount_decimal: String(given.unitAmount),
})
export type Price = ReturnType<typeof newPrice>

export const newLineItem = (id: string, price: Price, description: string, quantity: number) => ({
  id,
  object: 'item' as const,
  amount_discount: 0,
  amount_subtotal: price.unit_amount * quantity,
  amount_tax: 0,
  amount_total: price.unit_amount * quantity,
  currency: price.currency,
  description,
  metadata: {},
  price,
  quantity,
})
export type LineItem = ReturnType<typeof newLineItem>

export type SessionStatus = 'open' | 'complete' | 'expired'
export const newSession = (
  birth: Birth,
  given: {
    mode: 'payment' | 'subscription'
    amount: number
    currency: string
    cancelUrl: string | null
    successUrl: string
    clientReferenceId: string | null
    customer: string | null
    customerEmail: string | null
    expiresAt: number
    locale: string | null
    metadata: Metadata
    url: string
  },
) => ({
  ...birth,
  object: 'checkout.session' as const,
  adaptive_pricing: { enabled: false },
  after_expiration: null,
  allow_promotion_codes: null,
  amount_subtotal: given.amount,
  amount_total: given.amount,
  automatic_tax: { enabled: false, liability: null, provider: null, status: null },
  billing_address_collection: null,
  cancel_url: given.cancelUrl,
  client_reference_id: given.clientReferenceId,
  client_secret: null,
  collected_information: null,
  consent: null,
  consent_collection: null,
  currency: given.currency,
  currency_conversion: null,
  custom_fields: [],
  custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
  customer: given.customer,
  customer_creation: given.mode === 'payment' ? ('if_required' as const) : null,
  customer_details: null,
  customer_email: given.customerEmail,
  discounts: [],
  expires_at: given.expiresAt,
  invoice: null as string | null,
  invoice_creation: null,
  livemode: false,
  locale: given.locale,
  metadata: given.metadata,
  mode: given.mode,
  origin_context: null,
  payment_intent: null as string | null,
  payment_link: null,
  payment_method_collection: given.mode === 'subscription' ? ('always' as const) : ('if_required' as const),
  payment_method_configuration_details: null,
  payment_method_options: {},
  payment_method_types: ['card'],
  payment_status: 'unpaid' as 'unpaid' | 'paid' | 'no_payment_required',
  permissions: null,
  phone_number_collection: { enabled: false },
  recovered_from: null,
  saved_payment_method_options: null,
  setup_intent: null,
  shipping_address_collection: null,
  shipping_cost: null,
  shipping_options: [],
  status: 'open' as SessionStatus,
  submit_type: null,
  subscription: null as string | null,
  success_url: given.successUrl,
  total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
  ui_mode: 'hosted_page' as const,
  url: given.url as string | null,
  wallet_options: null,
})
export type Session = ReturnType<typeof newSession>
