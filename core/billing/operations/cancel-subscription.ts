import type { Step } from '../../operations/index.ts'
import type { Services } from '../../services.ts'
import { paymentOf } from './payment-of.ts'
import { REFUND_TRY_SECONDS, refundPatience } from './refund-patience.ts'

/** Ends what the payment began: a refund alone would leave the subscription to charge again next month. */
export const cancelSubscription: Step<Services> = {
  name: 'cancel-subscription',
  deadlineSeconds: REFUND_TRY_SECONDS,
  patience: refundPatience,

  async run({ operation, services }) {
    const { payment } = await paymentOf(operation, services)
    if (payment.subscriptionId !== null) await services.payments.cancelSubscription(payment.subscriptionId)
  },
}
