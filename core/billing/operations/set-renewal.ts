import type { Step } from '../../operations/index.ts'
import { ProblemError } from '../../problem.ts'
import type { Services } from '../../services.ts'
import { applySubscription } from '../apply-subscription.ts'
import { orderOf } from './order-of.ts'

/** Calls the renewal off, or on again, where it is decided: at the provider. What it says then is what the order shows. */
export const setRenewal: Step<Services> = {
  name: 'set-renewal',
  deadlineSeconds: 120,

  async run({ operation, services }) {
    const { order } = await orderOf(operation, services)
    const { subscriptionId } = order
    if (subscriptionId === null) return
    const renews = operation.args.renews === true
    const key = `operation:${operation.id}:renewal`
    try {
      await services.payments.setRenewal({ key, subscriptionId, renews })
    } catch (error) {
      // Refused because it is over by now: then that is what is to be shown.
      if (error instanceof ProblemError && !error.problem.retryable)
        await applySubscription(services, subscriptionId, operation.requestId)
      throw error
    }
    await applySubscription(services, subscriptionId, operation.requestId)
  },
}
