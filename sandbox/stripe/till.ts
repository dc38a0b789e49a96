import type { Ids } from '../../core/clock.ts'
import { AUTHENTICATION_FAILED, cardOutcome } from './cards.ts'
import { invalid, missing, StripeFailure } from './failure.ts'
import type { Period, Session } from './objects.ts'
import {
  type CardError,
  type Charge,
  newCharge,
  newInvoicePayment,
  newPaymentIntent,
  newRefund,
  type PaymentIntent,
  type Refund,
  type RefundStatus,
} from './payment-objects.ts'
import type { Checkout, Store } from './store.ts'
import { type BillingReason, type Invoice, newInvoice, newSubscription, type Subscription } from './subscription-objects.ts'
import type { Webhooks } from './webhooks.ts'

/** What a bank says of a card that worked a month ago. */
const RENEWAL_DECLINED: CardError = {
  code: 'card_declined',
  decline_code: 'insufficient_funds',
  message: 'Your card has insufficient funds.',
}

export type PayOutcome =
  | { readonly kind: 'paid' }
  | { readonly kind: 'confirm' }
  | { readonly kind: 'declined'; readonly message: string }
  | { readonly kind: 'not-a-card' }
  /** The session was over before the card was tried. */
  | { readonly kind: 'over'; readonly session: Session }

export type Till = ReturnType<typeof createTill>

/** What moves money and states, and tells of it by the same events, in the same order, as the real one. */
export function createTill(options: {
  readonly store: Store
  readonly webhooks: Webhooks
  readonly ids: Ids
  /** Epoch seconds. */
  readonly now: () => number
  readonly publicUrl: string
  /** What becomes of a new refund. */
  readonly manner: { refundStatus: RefundStatus }
}) {
  const { store, webhooks, ids, now, manner } = options
  const birth = (prefix: string) => ({ id: ids.create(prefix), created: now() })

  function need<T>(found: T | undefined, kind: string, id: string): T {
    if (found === undefined) throw missing(kind, id)
    return found
  }

  /** The session, expired first if its time is up. */
  function session(id: string): Session {
    const found = need(store.sessions.get(id), 'checkout.session', id)
    return found.status === 'open' && found.expires_at <= now() ? expired(found) : found
  }

  function expired(open: Session): Session {
    const over = store.sessions.put({ ...open, status: 'expired', url: null })
    webhooks.emit('checkout.session.expired', over)
    return over
  }

  function expire(id: string): Session {
    const found = session(id)
    if (found.status !== 'open') {
      throw invalid(
        `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of ${found.status}.`,
      )
    }
    return expired(found)
  }

  function expireDue(): void {
    for (const found of store.sessions.all()) if (found.status === 'open') session(found.id)
  }

  /** One press on Pay. Attempts share a payment intent, as on the real page. */
  function pay(sessionId: string, cardNumber: string): PayOutcome {
    const open = session(sessionId)
    if (open.status !== 'open') return { kind: 'over', session: open }
    const outcome = cardOutcome(cardNumber)
    if (!outcome) return { kind: 'not-a-card' }

    const { intent, checkout } = intentOf(open, cardNumber.slice(-4))
    switch (outcome.kind) {
      case 'approved':
        complete(open, checkout, intent, 'paid')
        return { kind: 'paid' }
      case 'confirm':
        webhooks.emit('payment_intent.requires_action', store.paymentIntents.put({ ...intent, status: 'requires_action' }))
        return { kind: 'confirm' }
      case 'declined':
        decline(intent, checkout.last4, outcome.error)
        return { kind: 'declined', message: outcome.error.message }
    }
  }

  /** The buyer's answer on the bank's page. */
  function confirm(sessionId: string, approved: boolean): PayOutcome {
    const open = session(sessionId)
    if (open.status !== 'open') return { kind: 'over', session: open }
    const checkout = checkoutOf(open)
    const intent = checkout.paymentIntent === null ? undefined : store.paymentIntents.get(checkout.paymentIntent)
    if (intent?.status !== 'requires_action') return { kind: 'declined', message: 'There is no payment to confirm any more.' }
    if (approved) {
      complete(open, checkout, intent, 'paid')
      return { kind: 'paid' }
    }
    decline(intent, checkout.last4, AUTHENTICATION_FAILED)
    return { kind: 'declined', message: AUTHENTICATION_FAILED.message }
  }

  const checkoutOf = (of: Session): Checkout => need(store.checkouts.get(of.id), 'checkout.session', of.id)

  function intentOf(of: Session, last4: string): { intent: PaymentIntent; checkout: Checkout } {
    const known = checkoutOf(of)
    const existing = known.paymentIntent === null ? undefined : store.paymentIntents.get(known.paymentIntent)
    const intent =
      existing ??
      store.paymentIntents.put(
        newPaymentIntent(birth('pi'), {
          amount: of.amount_total,
          currency: of.currency,
          customer: of.customer,
          metadata: {},
          status: 'requires_payment_method',
        }),
      )
    if (!existing) webhooks.emit('payment_intent.created', intent)
    return { intent, checkout: store.checkouts.put({ ...known, paymentIntent: intent.id, last4 }) }
  }

  function decline(intent: PaymentIntent, last4: string, error: CardError): void {
    const charge = store.charges.put(newCharge(birth('ch'), { intent, status: 'failed', last4, error }))
    const failed = store.paymentIntents.put({
      ...intent,
      status: 'requires_payment_method',
      latest_charge: charge.id,
      last_payment_error: { ...error, type: 'card_error' },
    })
    webhooks.emit('charge.failed', charge)
    webhooks.emit('payment_intent.payment_failed', failed)
  }

  /** `pending`: the buyer is done, the bank is not (a direct debit, say). */
  function complete(open: Session, checkout: Checkout, intent: PaymentIntent, money: 'paid' | 'pending'): void {
    const paid = money === 'paid'
    const settled = paid ? succeed(intent, checkout.last4) : store.paymentIntents.put({ ...intent, status: 'processing' })
    const subscription = open.mode === 'subscription' ? subscribe(open, checkout, settled, paid) : null
    const done = store.sessions.put({
      ...open,
      status: 'complete',
      url: null,
      payment_status: paid ? 'paid' : 'unpaid',
      subscription: subscription?.id ?? null,
      invoice: subscription?.latest_invoice ?? null,
      payment_intent: open.mode === 'payment' ? settled.id : null,
    })
    webhooks.emit('checkout.session.completed', done)
  }

  function succeed(intent: PaymentIntent, last4: string): PaymentIntent {
    const charge = store.charges.put(newCharge(birth('ch'), { intent, status: 'succeeded', last4, error: null }))
    const succeeded = store.paymentIntents.put({
      ...intent,
      status: 'succeeded',
      amount_received: intent.amount,
      latest_charge: charge.id,
      last_payment_error: null,
    })
    webhooks.emit('charge.succeeded', charge)
    webhooks.emit('payment_intent.succeeded', succeeded)
    return succeeded
  }

  function subscribe(open: Session, checkout: Checkout, intent: PaymentIntent, paid: boolean): Subscription {
    const line = need(
      checkout.lines.find((candidate) => candidate.price.recurring),
      'price',
      open.id,
    )
    const customer = need(open.customer ?? undefined, 'customer', '')
    const start = now()
    const invoiceId = ids.create('in')
    const subscription = store.subscriptions.put(
      newSubscription(birth('sub'), {
        customer,
        price: line.price,
        quantity: line.quantity,
        itemId: ids.create('si'),
        metadata: checkout.subscriptionMetadata,
        period: { start, end: addInterval(start, line.price.recurring) },
        invoice: invoiceId,
        billingMode: checkout.billingMode,
      }),
    )
    webhooks.emit('customer.subscription.created', subscription)
    bill(subscription, { id: invoiceId, reason: 'subscription_create', intent, paid })
    return subscription
  }

  function bill(
    subscription: Subscription,
    given: { id: string; reason: BillingReason; intent: PaymentIntent; paid: boolean },
  ): Invoice {
    const item = need(subscription.items.data[0], 'subscription_item', subscription.id)
    const invoice = store.invoices.put(
      newInvoice(
        { id: given.id, created: now() },
        {
          customer: subscription.customer,
          customerName: store.customers.get(subscription.customer)?.name ?? null,
          subscription: subscription.id,
          subscriptionItem: item.id,
          metadata: subscription.metadata,
          lineId: ids.create('il'),
          description: `1 × ${store.products.get(item.price.product)?.name ?? 'Subscription'}`,
          price: item.price,
          quantity: item.quantity,
          period: { start: item.current_period_start, end: item.current_period_end },
          reason: given.reason,
          number: `SANDBOX-${String(store.invoices.all().length + 1).padStart(4, '0')}`,
          paid: given.paid,
          url: `${options.publicUrl}/pay/invoice/${given.id}`,
        },
      ),
    )
    const payment = store.invoicePayments.put(
      newInvoicePayment(birth('inpay'), { invoice: invoice.id, intent: given.intent, status: given.paid ? 'paid' : 'open' }),
    )
    webhooks.emit('invoice.created', { ...invoice, status: 'draft' })
    webhooks.emit('invoice.finalized', { ...invoice, status: 'open' })
    if (given.paid) {
      webhooks.emit('invoice.paid', invoice)
      webhooks.emit('invoice.payment_succeeded', invoice)
      webhooks.emit('invoice_payment.paid', payment)
    }
    return invoice
  }

  /** Completes a session with money that is still on its way. */
  function payLater(sessionId: string): void {
    const open = session(sessionId)
    if (open.status !== 'open') throw invalid(`This Checkout Session is ${open.status}.`)
    const { intent, checkout } = intentOf(open, '0000')
    complete(open, checkout, intent, 'pending')
  }

  /** The money of `payLater` arrives, or does not. */
  function settle(sessionId: string, arrives: boolean): void {
    const waiting = session(sessionId)
    const checkout = checkoutOf(waiting)
    const intent = need(store.paymentIntents.get(checkout.paymentIntent ?? ''), 'payment_intent', checkout.paymentIntent ?? '')
    if (intent.status !== 'processing') throw invalid('This payment is not on its way.')
    const invoice = store.invoices.get(waiting.invoice ?? '')
    if (arrives) {
      const succeeded = succeed(intent, checkout.last4)
      if (invoice) {
        const paid = store.invoices.put({ ...invoice, status: 'paid', amount_paid: invoice.amount_due, amount_remaining: 0 })
        const payment = store.invoicePayments.all().find((candidate) => candidate.payment.payment_intent === succeeded.id)
        if (payment) store.invoicePayments.put({ ...payment, status: 'paid', amount_paid: succeeded.amount })
        webhooks.emit('invoice.paid', paid)
      }
      webhooks.emit('checkout.session.async_payment_succeeded', store.sessions.put({ ...waiting, payment_status: 'paid' }))
    } else {
      decline(intent, checkout.last4, { code: 'payment_failed', decline_code: null, message: 'The bank did not send the money.' })
      if (waiting.subscription) cancelSubscription(waiting.subscription)
      webhooks.emit('checkout.session.async_payment_failed', waiting)
    }
  }

  /** The next period begins: one more invoice, paid with the card on file or refused by it. */
  function renew(subscriptionId: string, cardWorks = true): Invoice {
    const before = need(store.subscriptions.get(subscriptionId), 'subscription', subscriptionId)
    if (before.status === 'canceled' || before.cancel_at_period_end) throw invalid('A cancelled subscription does not renew.')
    const item = need(before.items.data[0], 'subscription_item', subscriptionId)
    const period: Period = {
      start: item.current_period_end,
      end: addInterval(item.current_period_end, item.price.recurring),
    }
    const invoiceId = ids.create('in')
    const subscription = store.subscriptions.put({
      ...before,
      status: cardWorks ? 'active' : 'past_due',
      latest_invoice: invoiceId,
      items: {
        ...before.items,
        data: [{ ...item, current_period_start: period.start, current_period_end: period.end }],
      },
    })
    const asked = store.paymentIntents.put(
      newPaymentIntent(birth('pi'), {
        amount: item.price.unit_amount * item.quantity,
        currency: subscription.currency,
        customer: subscription.customer,
        metadata: {},
        status: 'requires_payment_method',
      }),
    )
    const intent = cardWorks ? succeed(asked, '4242') : asked
    const invoice = bill(subscription, { id: invoiceId, reason: 'subscription_cycle', intent, paid: cardWorks })
    if (!cardWorks) {
      decline(asked, '4242', RENEWAL_DECLINED)
      webhooks.emit('invoice.payment_failed', invoice)
    }
    webhooks.emit('customer.subscription.updated', subscription)
    return invoice
  }

  function cancelSubscription(id: string): Subscription {
    const found = need(store.subscriptions.get(id), 'subscription', id)
    // The real one answers 404 for a subscription that is already over.
    if (found.status === 'canceled') throw missing('subscription', id)
    const over = store.subscriptions.put({
      ...found,
      status: 'canceled',
      canceled_at: now(),
      ended_at: now(),
      cancellation_details: { ...found.cancellation_details, reason: 'cancellation_requested' },
    })
    webhooks.emit('customer.subscription.deleted', over)
    return over
  }

  function refund(given: {
    charge: Charge | undefined
    amount: number | undefined
    reason: string | null
    metadata: Readonly<Record<string, string>>
  }): Refund {
    const charge = given.charge
    if (charge?.status !== 'succeeded') throw invalid('This PaymentIntent does not have a successful charge to refund.')
    const left = charge.amount - charge.amount_refunded
    if (left === 0) {
      throw new StripeFailure(400, {
        type: 'invalid_request_error',
        code: 'charge_already_refunded',
        message: `Charge ${charge.id} has already been refunded.`,
      })
    }
    const amount = given.amount ?? left
    if (amount > left)
      throw invalid(`Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`, { param: 'amount' })
    const made = store.refunds.put(
      newRefund(birth('re'), { amount, charge, reason: given.reason, metadata: given.metadata, status: manner.refundStatus }),
    )
    const refundedCents = charge.amount_refunded + amount
    const after = store.charges.put({ ...charge, amount_refunded: refundedCents, refunded: refundedCents === charge.amount })
    webhooks.emit('refund.created', made)
    webhooks.emit('charge.refunded', after)
    webhooks.emit('refund.updated', made)
    return made
  }

  /** A pending refund reaches the buyer, or comes back. */
  function settleRefund(id: string, status: 'succeeded' | 'failed'): void {
    const settled = store.refunds.put({ ...need(store.refunds.get(id), 'refund', id), status })
    if (status === 'failed') webhooks.emit('refund.failed', settled)
    webhooks.emit('refund.updated', settled)
  }

  return {
    session,
    expire,
    expireDue,
    pay,
    confirm,
    payLater,
    settle,
    renew,
    cancelSubscription,
    refund,
    settleRefund,
    succeed,
    need,
    birth,
  }
}

/** The same day of the next month, or its last day if it has no such day; other intervals likewise in UTC. */
function addInterval(start: number, recurring: { readonly interval: string; readonly interval_count: number } | null): number {
  const { interval, interval_count: count } = recurring ?? { interval: 'month', interval_count: 1 }
  const daySeconds = 86_400
  if (interval === 'day') return start + count * daySeconds
  if (interval === 'week') return start + count * 7 * daySeconds
  const from = new Date(start * 1000)
  const months = interval === 'year' ? count * 12 : count
  const lastDay = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + months + 1, 0)).getUTCDate()
  const to = new Date(from)
  to.setUTCDate(1)
  to.setUTCMonth(from.getUTCMonth() + months)
  to.setUTCDate(Math.min(from.getUTCDate(), lastDay))
  return Math.floor(to.getTime() / 1000)
}
