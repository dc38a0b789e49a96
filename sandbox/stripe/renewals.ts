import type { z } from 'zod'
import { invalid, missing } from './failure.ts'
import type { parameters } from './parameters.ts'
import type { Store } from './store.ts'
import type { Subscription } from './subscription-objects.ts'
import type { Webhooks } from './webhooks.ts'

/** Subscriptions whose renewal is called off, and their end when the paid time is over. */
export function createRenewals(options: {
  readonly store: Store
  readonly webhooks: Webhooks
  /** Epoch seconds. */
  readonly now: () => number
}) {
  const { store, webhooks, now } = options

  const periodEnd = (subscription: Subscription): number => subscription.items.data[0]?.current_period_end ?? 0

  function update(id: string, given: z.infer<typeof parameters.subscriptionUpdate>): Subscription {
    const found = store.subscriptions.get(id)
    if (!found) throw missing('subscription', id)
    if (found.status === 'canceled' && given.cancel_at_period_end !== undefined)
      throw invalid('A canceled subscription can only update its cancellation_details and metadata.')
    const ends = given.cancel_at_period_end ?? found.cancel_at_period_end
    const changed = store.subscriptions.put({
      ...found,
      ...(ends !== found.cancel_at_period_end && {
        cancel_at_period_end: ends,
        cancel_at: ends ? periodEnd(found) : null,
        canceled_at: ends ? now() : null,
        cancellation_details: { ...found.cancellation_details, reason: ends ? 'cancellation_requested' : null },
      }),
      metadata: { ...found.metadata, ...given.metadata },
    })
    webhooks.emit('customer.subscription.updated', changed)
    return changed
  }

  function endDue(): void {
    for (const found of store.subscriptions.all()) {
      if (!found.cancel_at_period_end || found.status === 'canceled' || periodEnd(found) > now()) continue
      const over = store.subscriptions.put({ ...found, status: 'canceled', ended_at: periodEnd(found) })
      webhooks.emit('customer.subscription.deleted', over)
    }
  }

  return { update, endDue }
}
export type Renewals = ReturnType<typeof createRenewals>
