import type { Step } from '../../operations/index.ts'
import type { Services } from '../../services.ts'
import { applyCheckout } from '../apply-checkout.ts'

/** Closes the link of a cancelled order. If it was paid in that moment, the rules for late money apply. */
export const closeCheckout: Step<Services> = {
  name: 'close-checkout',
  // Longer than a link lives: after that it is closed by itself.
  deadlineSeconds: 3_900,

  async run({ operation, services }) {
    const sessionId = String(operation.args.sessionId)
    const state = await services.payments.expireCheckout(sessionId)
    if (state.status !== 'expired') await applyCheckout(services, sessionId, operation.requestId)
  },
}
