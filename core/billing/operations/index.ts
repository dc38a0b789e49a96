import type { OperationKind } from '../../operations/index.ts'
import type { Services } from '../../services.ts'
import { lockOrder } from '../order-state.ts'
import { orderView } from '../order-view.ts'
import { failRefund } from '../refunds.ts'
import { RENEWAL, renewalRemark } from '../renewal.ts'
import { cancelSubscription } from './cancel-subscription.ts'
import { closeCheckout } from './close-checkout.ts'
import { createCheckout, type ReturnUrls } from './create-checkout.ts'
import { ensureCustomer } from './ensure-customer.ts'
import { orderOf } from './order-of.ts'
import { refundPayment } from './refund-payment.ts'
import { setRenewal } from './set-renewal.ts'
import { startFirstCycle } from './start-cycle.ts'

export type { ReturnUrls } from './create-checkout.ts'

/** The operations of billing, for the engine. */
export function billingKinds({ returnUrls }: { readonly returnUrls: ReturnUrls }): readonly OperationKind<Services>[] {
  return [openCheckoutKind(returnUrls), closeCheckoutKind, refundKind, startCycleKind, renewalKind]
}

const openCheckoutKind = (returnUrls: ReturnUrls): OperationKind<Services> => ({
  kind: 'open-checkout',
  exclusive: false,
  steps: [ensureCustomer, createCheckout(returnUrls)],

  async failed(transaction, { operation }) {
    await transaction.order.updateMany({
      where: {
        id: operation.orderId ?? '',
        state: 'awaiting-payment',
        checkoutAttempt: Number(operation.args.attempt),
        checkoutSessionId: null,
      },
      data: { reason: 'checkout-unavailable' },
    })
  },

  async view(progress, { operation, services }) {
    const { order } = await orderOf(operation, services)
    // Drawn before the transaction of `failed` is seen from outside it.
    const failed = progress.state === 'failed' && order.state === 'awaiting-payment' && order.checkoutUrl === null
    return orderView(failed ? { ...order, reason: 'checkout-unavailable' } : order, services.settings)
  },
})

const closeCheckoutKind: OperationKind<Services> = { kind: 'close-checkout', exclusive: false, steps: [closeCheckout] }

const startCycleKind: OperationKind<Services> = { kind: 'start-cycle', exclusive: false, steps: [startFirstCycle] }

const renewalKind: OperationKind<Services> = {
  kind: RENEWAL,
  exclusive: false,
  steps: [setRenewal],

  async view(progress, { operation, services }) {
    const { order } = await orderOf(operation, services)
    const remark = renewalRemark(progress.state, operation.args.renews === true)
    return orderView(order, { ...services.settings, ...(remark && { remark, isChanging: progress.state !== 'failed' }) })
  },
}

const refundKind: OperationKind<Services> = {
  kind: 'refund',
  exclusive: false,
  steps: [cancelSubscription, refundPayment],

  async failed(transaction, { operation, services }, problem) {
    const order = await lockOrder(transaction, operation.orderId ?? '')
    const payment = await transaction.payment.findUnique({ where: { sessionId: String(operation.args.sessionId) } })
    if (!order || payment?.state !== 'refund-due') return
    await failRefund(transaction, services, order, payment, problem.detail ?? problem.code)
  },
}
