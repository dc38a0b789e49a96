export { createStripePayments, type StripePaymentsOptions } from './payments.ts'
export { createStripeIntake, type WebhookOutcome } from './webhook.ts'
