import type { Step } from '../../operations/index.ts'
import { ProblemError } from '../../problem.ts'
import type { Services } from '../../services.ts'
import { settleRefund } from '../refunds.ts'
import { paymentOf } from './payment-of.ts'
import { REFUND_TRY_SECONDS, refundPatience } from './refund-patience.ts'

/**
 * Gives a whole payment back, keyed by its checkout session: asked any number of times, the money moves once. The refund's
 * id is saved before anything is concluded from it. One that is still on its way is left to the provider's event and the
 * sweep, which may take days.
 */
export const refundPayment: Step<Services> = {
  name: 'refund-payment',
  deadlineSeconds: REFUND_TRY_SECONDS,
  patience: refundPatience,

  async run({ operation, services }) {
    const { payment, prisma } = await paymentOf(operation, services)
    if (payment.state === 'refunded') return
    if (payment.refundId === null) {
      // The intent may not have been known yet when the payment was recorded.
      const paymentIntentId =
        payment.paymentIntentId ?? (await services.payments.findCheckout(payment.sessionId))?.paymentIntentId ?? null
      if (paymentIntentId === null) {
        throw new ProblemError({
          code: 'payment-not-found',
          retryable: true,
          text: { id: 'billing-provider-unavailable' },
          detail: `session ${payment.sessionId} names no payment intent`,
        })
      }
      const refund = await services.payments.refund({
        key: `session:${payment.sessionId}:refund`,
        paymentIntentId,
        reason: payment.refundReason ?? 'requested',
      })
      await prisma.payment.update({
        where: { sessionId: payment.sessionId },
        data: { refundId: refund.refundId, paymentIntentId },
      })
    }
    await settleRefund(services, payment.sessionId)
  },
}
