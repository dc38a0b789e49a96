import type { Birth, Metadata } from './objects.ts'

/** The objects that money moves through: payment intents, charges, refunds, and the events that tell of them. */
export type PaymentIntentStatus = 'requires_payment_method' | 'requires_action' | 'processing' | 'succeeded' | 'canceled'

export type CardError = { readonly code: string; readonly decline_code: string | null; readonly message: string }

export const newPaymentIntent = (
  birth: Birth,
  given: { amount: number; currency: string; customer: string | null; metadata: Metadata; status: PaymentIntentStatus },
) => ({
  ...birth,
  object: 'payment_intent' as const,
  amount: given.amount,
  amount_capturable: 0,
  amount_details: { tip: {} },
  amount_received: given.status === 'succeeded' ? given.amount : 0,
  application: null,
  application_fee_amount: null,
  automatic_payment_methods: null,
  canceled_at: null,
  cancellation_reason: null,
  capture_method: 'automatic' as const,
  client_secret: `${birth.id}_secret_sandbox`,
  confirmation_method: 'automatic' as const,
  currency: given.currency,
  customer: given.customer,
  description: null,
  excluded_payment_method_types: null,
  last_payment_error: null as (CardError & { readonly type: 'card_error' }) | null,
  latest_charge: null as string | null,
  livemode: false,
  metadata: given.metadata,
  next_action: null,
  on_behalf_of: null,
  payment_method: null,
  payment_method_configuration_details: null,
  payment_method_options: {},
  payment_method_types: ['card'],
  processing: null,
  receipt_email: null,
  review: null,
  setup_future_usage: null,
  shipping: null,
  statement_descriptor: null,
  statement_descriptor_suffix: null,
  status: given.status,
  transfer_data: null,
  transfer_group: null,
})
export type PaymentIntent = ReturnType<typeof newPaymentIntent>

export const newCharge = (
  birth: Birth,
  given: { intent: PaymentIntent; status: 'succeeded' | 'failed' | 'pending'; last4: string; error: CardError | null },
) => ({
  ...birth,
  object: 'charge' as const,
  amount: given.intent.amount,
  amount_captured: given.status === 'succeeded' ? given.intent.amount : 0,
  amount_refunded: 0,
  application: null,
  application_fee: null,
  application_fee_amount: null,
  balance_transaction: null,
  billing_details: { address: null, email: null, name: null, phone: null, tax_id: null },
  calculated_statement_descriptor: null,
  captured: given.status === 'succeeded',
  currency: given.intent.currency,
  customer: given.intent.customer,
  description: null,
  disputed: false,
  failure_balance_transaction: null,
  failure_code: given.error?.code ?? null,
  failure_message: given.error?.message ?? null,
  fraud_details: {},
  livemode: false,
  metadata: given.intent.metadata,
  on_behalf_of: null,
  outcome: null,
  paid: given.status === 'succeeded',
  payment_intent: given.intent.id,
  payment_method: null,
  payment_method_details: { type: 'card' as const, card: { brand: 'visa', country: 'US', last4: given.last4, network: 'visa' } },
  receipt_email: null,
  receipt_number: null,
  receipt_url: null,
  refunded: false,
  review: null,
  shipping: null,
  source_transfer: null,
  statement_descriptor: null,
  statement_descriptor_suffix: null,
  status: given.status,
  transfer_data: null,
  transfer_group: null,
})
export type Charge = ReturnType<typeof newCharge>

export const newInvoicePayment = (birth: Birth, given: { invoice: string; intent: PaymentIntent; status: 'open' | 'paid' }) => ({
  ...birth,
  object: 'invoice_payment' as const,
  amount_paid: given.status === 'paid' ? given.intent.amount : null,
  amount_requested: given.intent.amount,
  currency: given.intent.currency,
  invoice: given.invoice,
  is_default: true,
  livemode: false,
  payment: { type: 'payment_intent' as const, payment_intent: given.intent.id },
  status: given.status,
  status_transitions: { canceled_at: null, paid_at: given.status === 'paid' ? birth.created : null },
})
export type InvoicePayment = ReturnType<typeof newInvoicePayment>

export type RefundStatus = 'succeeded' | 'pending' | 'failed' | 'canceled'
export const newRefund = (
  birth: Birth,
  given: { amount: number; charge: Charge; reason: string | null; metadata: Metadata; status: RefundStatus },
) => ({
  ...birth,
  object: 'refund' as const,
  amount: given.amount,
  balance_transaction: null,
  charge: given.charge.id,
  currency: given.charge.currency,
  customer: given.charge.customer,
  destination_details: { type: 'card' as const, card: { type: 'refund' as const } },
  metadata: given.metadata,
  payment_intent: given.charge.payment_intent,
  payment_method: null,
  reason: given.reason,
  receipt_number: null,
  source_transfer_reversal: null,
  status: given.status,
  transfer_reversal: null,
})
export type Refund = ReturnType<typeof newRefund>

export type DisputeStatus = 'warning_needs_response' | 'needs_response' | 'under_review' | 'won' | 'lost'
export const newDispute = (birth: Birth, given: { charge: Charge; status: DisputeStatus; dueBy: number }) => ({
  ...birth,
  object: 'dispute' as const,
  amount: given.charge.amount,
  balance_transactions: [],
  charge: given.charge.id,
  currency: given.charge.currency,
  enhanced_eligibility_types: [],
  evidence: {},
  evidence_details: {
    due_by: given.dueBy,
    enhanced_eligibility: {},
    has_evidence: false,
    past_due: false,
    submission_count: 0,
  },
  is_charge_refundable: given.status === 'warning_needs_response',
  livemode: false,
  metadata: {},
  payment_intent: given.charge.payment_intent,
  payment_method_details: {
    type: 'card' as const,
    card: { brand: 'visa', case_type: 'chargeback', network: 'visa', network_reason_code: '10.4' },
  },
  reason: 'fraudulent',
  status: given.status,
})
export type Dispute = ReturnType<typeof newDispute>

export const newEvent = (birth: Birth, given: { type: string; object: object; apiVersion: string; pendingWebhooks: number }) => ({
  ...birth,
  object: 'event' as const,
  api_version: given.apiVersion,
  data: { object: given.object },
  livemode: false,
  pending_webhooks: given.pendingWebhooks,
  request: { id: null, idempotency_key: null },
  type: given.type,
})
export type Event = ReturnType<typeof newEvent>
