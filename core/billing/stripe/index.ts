export { createStripePayments } from './payments.ts'
export { createStripeIntake } from './webhook.ts'
