import { invalid } from './failure.ts'
import { type Dispute, type DisputeStatus, newDispute } from './payment-objects.ts'
import type { Store } from './store.ts'
import type { Invoice, Subscription } from './subscription-objects.ts'
import type { Till } from './till.ts'
import type { Webhooks } from './webhooks.ts'

/** A bank gives about this long to answer. */
const DISPUTE_DAYS = 7

/** What goes wrong after a sale, and how it ends: renewals that stay open, subscriptions given up, disputes. */
export function createTrouble(options: {
  readonly store: Store
  readonly webhooks: Webhooks
  readonly till: Till
  readonly now: () => number
}) {
  const { store, webhooks, till, now } = options

  const invoice = (id: string): Invoice => till.need(store.invoices.get(id), 'invoice', id)

  /** The owner pays an open invoice on its page. Its subscription is active again, unless it is over. */
  function payInvoice(id: string): Invoice {
    const open = invoice(id)
    if (open.status === 'paid') throw invalid('Invoice is already paid')
    const payment = till.need(
      store.invoicePayments.all().find((row) => row.invoice === id),
      'invoice_payment',
      id,
    )
    const intent = till.need(
      store.paymentIntents.get(payment.payment.payment_intent),
      'payment_intent',
      payment.payment.payment_intent,
    )
    till.succeed(intent, '4242')
    const paid = store.invoices.put({
      ...open,
      status: 'paid',
      amount_paid: open.amount_due,
      amount_remaining: 0,
      next_payment_attempt: null,
      status_transitions: { ...open.status_transitions, paid_at: now() },
    })
    const settled = store.invoicePayments.put({ ...payment, status: 'paid', amount_paid: intent.amount })
    webhooks.emit('invoice.paid', paid)
    webhooks.emit('invoice_payment.paid', settled)
    const subscription = store.subscriptions.get(open.parent.subscription_details.subscription)
    if (subscription && subscription.status !== 'canceled' && subscription.latest_invoice === id) {
      webhooks.emit('customer.subscription.updated', store.subscriptions.put({ ...subscription, status: 'active' }))
    }
    return paid
  }

  /** The last try failed: what the account's settings say then. */
  function giveUp(subscriptionId: string, becomes: 'canceled' | 'unpaid'): Subscription {
    if (becomes === 'canceled') return till.cancelSubscription(subscriptionId)
    const found = till.need(store.subscriptions.get(subscriptionId), 'subscription', subscriptionId)
    const unpaid = store.subscriptions.put({ ...found, status: 'unpaid' })
    webhooks.emit('customer.subscription.updated', unpaid)
    return unpaid
  }

  /** The buyer's bank asks the money of a payment back (or, first, only asks). */
  function dispute(paymentIntentId: string, status: DisputeStatus = 'needs_response'): Dispute {
    const intent = till.need(store.paymentIntents.get(paymentIntentId), 'payment_intent', paymentIntentId)
    const charge = till.need(store.charges.get(intent.latest_charge ?? ''), 'charge', intent.latest_charge ?? '')
    store.charges.put({ ...charge, disputed: true })
    const opened = store.disputes.put(newDispute(till.birth('du'), { charge, status, dueBy: now() + DISPUTE_DAYS * 86_400 }))
    webhooks.emit('charge.dispute.created', opened)
    if (status === 'needs_response') webhooks.emit('charge.dispute.funds_withdrawn', opened)
    return opened
  }

  function settleDispute(id: string, status: 'won' | 'lost'): Dispute {
    const settled = store.disputes.put({ ...till.need(store.disputes.get(id), 'dispute', id), status })
    if (status === 'won') webhooks.emit('charge.dispute.funds_reinstated', settled)
    webhooks.emit('charge.dispute.closed', settled)
    return settled
  }

  return { invoice, payInvoice, giveUp, dispute, settleDispute }
}
