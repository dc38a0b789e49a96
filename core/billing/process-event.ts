import { z } from 'zod'
import type { StripeEvent } from '../../prisma/generated/client.ts'
import type { Services } from '../services.ts'
import { raiseAlert } from './alert.ts'
import { applyCheckout } from './apply-checkout.ts'
import { applyDispute } from './apply-dispute.ts'
import { applySubscription } from './apply-subscription.ts'
import { showOrder } from './order-notice.ts'
import { lockOrder } from './order-state.ts'
import { settleRefund } from './refunds.ts'

/** A renewal that was paid: what the next credit cycle starts from. */
export type PaidInvoice = {
  readonly invoiceId: string
  readonly periodStart: Date
  readonly periodEnd: Date
}

/** Begins the credit cycle an invoice paid for, once per invoice however often it is called. */
type StartCycle = (instanceId: string, invoice: PaidInvoice) => Promise<void>

export type EventDependencies = { readonly services: Services; readonly startCycle: StartCycle }

/** What became of an event; stored with it. */
export type EventOutcome = 'applied' | 'irrelevant' | 'unknown-type' | 'unknown-object'

/** An event that keeps failing this often is something a human must see; it is tried further all the same. */
const ATTEMPTS_BEFORE_ALERT = 5

const Hint = z.object({
  data: z.object({
    object: z.looseObject({
      id: z.string(),
      customer: z.string().nullish(),
      latest_charge: z.string().nullish(),
      payment_intent: z.string().nullish(),
    }),
  }),
})
type Hint = z.infer<typeof Hint>['data']['object']

type Handler = (dependencies: EventDependencies, object: Hint, event: StripeEvent) => Promise<EventOutcome>

const irrelevant: Handler = async () => 'irrelevant'

/**
 * What each type of event makes us do. An event is a hint: every handler fetches the object it names and applies that.
 * A type that is not in the table is stored, reported and never silently dropped.
 */
const HANDLERS: Readonly<Record<string, Handler>> = {
  'checkout.session.completed': checkoutChanged,
  'checkout.session.async_payment_succeeded': checkoutChanged,
  'checkout.session.async_payment_failed': checkoutChanged,
  'checkout.session.expired': checkoutChanged,
  'payment_intent.payment_failed': cardDeclined,

  'invoice.paid': invoicePaid,
  'invoice.payment_failed': invoiceUnpaid,
  'invoice.payment_action_required': invoiceUnpaid,
  'invoice.overdue': invoiceUnpaid,
  'invoice.voided': invoiceUnpaid,
  'invoice.marked_uncollectible': invoiceUnpaid,
  'customer.subscription.deleted': subscriptionChanged,
  'customer.subscription.updated': subscriptionChanged,
  'customer.subscription.paused': subscriptionChanged,
  'customer.subscription.resumed': subscriptionChanged,

  'refund.created': refundChanged,
  'refund.updated': refundChanged,
  'refund.failed': refundChanged,
  'charge.refunded': chargeRefunded,

  'charge.dispute.created': disputeChanged,
  'charge.dispute.updated': disputeChanged,
  'charge.dispute.funds_withdrawn': disputeChanged,
  'charge.dispute.funds_reinstated': disputeChanged,
  'charge.dispute.closed': disputeChanged,
  'radar.early_fraud_warning.created': forOperators('fraud-warning'),

  // Said again by one of the above, or of no consequence here.
  'charge.succeeded': irrelevant,
  'charge.failed': irrelevant,
  'charge.pending': irrelevant,
  'charge.updated': irrelevant,
  'payment_intent.created': irrelevant,
  'payment_intent.processing': irrelevant,
  'payment_intent.requires_action': irrelevant,
  'payment_intent.succeeded': irrelevant,
  'payment_intent.canceled': irrelevant,
  'payment_method.attached': irrelevant,
  'invoice.created': irrelevant,
  'invoice.finalized': irrelevant,
  'invoice.updated': irrelevant,
  'invoice.sent': irrelevant,
  'invoice.upcoming': irrelevant,
  'invoice.payment_succeeded': irrelevant,
  'invoice_payment.paid': irrelevant,
  'customer.created': irrelevant,
  'customer.updated': irrelevant,
  'customer.subscription.created': irrelevant,
  'product.created': irrelevant,
  'price.created': irrelevant,
  'plan.created': irrelevant,
}

/** Whether a type is known to call for nothing, so that the intake need not wake anybody. */
export const isIrrelevantEvent = (type: string): boolean => Object.hasOwn(HANDLERS, type) && HANDLERS[type] === irrelevant

/**
 * Applies a stored event. Repeatable and safe at the same time elsewhere. Null if there is nothing left to do. An error
 * leaves the event unprocessed with its attempt counted: the sweep tries again.
 */
export async function processEvent(dependencies: EventDependencies, eventId: string): Promise<EventOutcome | null> {
  const { services } = dependencies
  const prisma = await services.database.prisma()
  const event = await prisma.stripeEvent.findUnique({ where: { id: eventId } })
  if (!event || event.processedAt !== null) return null
  try {
    const outcome = await handle(dependencies, event)
    await prisma.stripeEvent.updateMany({
      where: { id: eventId, processedAt: null },
      data: { processedAt: services.clock.now(), outcome, attempts: { increment: 1 } },
    })
    return outcome
  } catch (error) {
    const { attempts } = await prisma.stripeEvent.update({
      where: { id: eventId },
      data: { attempts: { increment: 1 }, outcome: error instanceof Error ? error.message.slice(0, 500) : 'unknown error' },
    })
    services.log.warn({ error, eventId, type: event.type, attempts }, 'a Stripe event could not be applied yet')
    if (attempts === ATTEMPTS_BEFORE_ALERT) {
      await raiseAlert(services.database.pool, {
        kind: 'stripe-event-stuck',
        key: `stripe-event-stuck:${eventId}`,
        detail: { eventId, type: event.type },
      })
    }
    return null
  }
}

async function handle(dependencies: EventDependencies, event: StripeEvent): Promise<EventOutcome> {
  const { pool } = dependencies.services.database
  const handler = HANDLERS[event.type]
  const hint = Hint.safeParse(event.payload)
  if (!handler || !Object.hasOwn(HANDLERS, event.type)) {
    await raiseAlert(pool, {
      kind: 'stripe-event-type',
      key: `stripe-event-type:${event.type}`,
      detail: { type: event.type, eventId: event.id },
    })
    return 'unknown-type'
  }
  const outcome = hint.success ? await handler(dependencies, hint.data.data.object, event) : 'unknown-object'
  if (outcome === 'unknown-object') {
    await raiseAlert(pool, {
      kind: 'stripe-event-object',
      key: `stripe-event-object:${event.id}`,
      detail: { type: event.type, eventId: event.id },
    })
  }
  return outcome
}

/** Work that comes of an event is followed by the event's id in the logs. */
const requestIdOf = (event: StripeEvent): string => event.id

async function checkoutChanged({ services }: EventDependencies, object: Hint, event: StripeEvent): Promise<EventOutcome> {
  const { outcome } = await applyCheckout(services, object.id, requestIdOf(event))
  if (outcome === 'no-order' || outcome === 'no-session') return 'unknown-object'
  return outcome === 'nothing' ? 'irrelevant' : 'applied'
}

/**
 * Whose card was declined: the intent's invoice names its subscription, and that its order. A renewal's is told by its invoice. The
 * intent of an open checkout may have no invoice and names only its customer: their one open order, if it is only one. Of several
 * nothing is said; the payment page has said it.
 */
async function cardDeclined({ services }: EventDependencies, object: Hint, event: StripeEvent): Promise<EventOutcome> {
  if (!object.customer) return 'irrelevant'
  const prisma = await services.database.prisma()
  const customer = await prisma.billingCustomer.findUnique({ where: { customerId: object.customer } })
  const open =
    customer &&
    (await prisma.order.findMany({
      where: { personId: customer.personId, state: 'awaiting-payment', checkoutSessionId: { not: null } },
    }))
  if (!open || open.length === 0) return 'irrelevant'
  const subscription = await services.payments.findSubscriptionOf(object.id)
  const meant = subscription
    ? open.filter(({ id, subscriptionId }) => id === subscription.orderId && subscriptionId !== subscription.subscriptionId)
    : open
  const [order] = meant
  if (meant.length !== 1 || !order?.checkoutSessionId) return 'irrelevant'
  const session = await services.payments.findCheckout(order.checkoutSessionId)
  if (session?.status !== 'open') return 'irrelevant'

  await prisma.$transaction(async (transaction) => {
    const locked = await lockOrder(transaction, order.id)
    if (locked?.state !== 'awaiting-payment' || locked.checkoutSessionId !== session.sessionId) return
    const declined = await transaction.order.update({ where: { id: order.id }, data: { reason: 'declined' } })
    await showOrder(transaction, services, declined, `declined:${object.latest_charge ?? event.id}`)
  })
  services.notices.wake()
  return 'applied'
}

function invoicePaid(dependencies: EventDependencies, object: Hint): Promise<EventOutcome> {
  return applyRenewal(dependencies, object.id)
}

/** Books a paid renewal and begins its credit cycle, once per invoice. */
export async function applyRenewal(
  { services, startCycle }: EventDependencies,
  id: string,
): Promise<'applied' | 'irrelevant' | 'unknown-object'> {
  const invoice = await services.payments.findInvoice(id)
  if (!invoice) return 'unknown-object'
  // The first invoice of a subscription is the checkout's, which is applied by its session.
  if (!invoice.paid || invoice.reason !== 'subscription_cycle') return 'irrelevant'
  const prisma = await services.database.prisma()
  const order = invoice.subscriptionId
    ? await prisma.order.findUnique({ where: { subscriptionId: invoice.subscriptionId } })
    : null
  if (!order?.instanceId) return 'unknown-object'
  await prisma.ledgerEntry.createMany({
    data: [
      {
        key: `charge:${invoice.invoiceId}`,
        kind: 'charge',
        workspaceId: order.workspaceId,
        orderId: order.id,
        instanceId: order.instanceId,
        amountCents: invoice.amountCents,
        currency: invoice.currency,
      },
    ],
    skipDuplicates: true,
  })
  const { invoiceId, periodStart, periodEnd } = invoice
  await startCycle(order.instanceId, { invoiceId, periodStart, periodEnd })
  return 'applied'
}

async function subscriptionChanged({ services }: EventDependencies, object: Hint, event: StripeEvent): Promise<EventOutcome> {
  const outcome = await applySubscription(services, object.id, requestIdOf(event))
  if (outcome !== 'no-order') return outcome === 'nothing' ? 'irrelevant' : 'applied'
  const prisma = await services.database.prisma()
  // Begun for an order that it did not stay with: given back, or replaced by a later one.
  const payment = await prisma.payment.findFirst({ where: { subscriptionId: object.id } })
  if (payment) return 'irrelevant'
  const subscription = await services.payments.findSubscription(object.id)
  // A checkout that is being applied names its subscription in a moment.
  return subscription?.status === 'active' ? 'irrelevant' : 'unknown-object'
}

/** A renewal that was not paid: its subscription says what follows. A checkout's own first invoice is told by its session. */
async function invoiceUnpaid({ services }: EventDependencies, object: Hint, event: StripeEvent): Promise<EventOutcome> {
  const invoice = await services.payments.findInvoice(object.id)
  if (!invoice) return 'unknown-object'
  if (invoice.paid || invoice.reason === 'subscription_create' || invoice.subscriptionId === null) return 'irrelevant'
  const outcome = await applySubscription(services, invoice.subscriptionId, requestIdOf(event))
  if (outcome === 'no-order') return 'unknown-object'
  return outcome === 'nothing' ? 'irrelevant' : 'applied'
}

function disputeChanged({ services }: EventDependencies, object: Hint, event: StripeEvent): Promise<EventOutcome> {
  return applyDispute(services, object.id, requestIdOf(event))
}

async function refundChanged({ services }: EventDependencies, object: Hint): Promise<EventOutcome> {
  const prisma = await services.database.prisma()
  const payment =
    (await prisma.payment.findFirst({ where: { refundId: object.id } })) ??
    (object.payment_intent ? await prisma.payment.findUnique({ where: { paymentIntentId: object.payment_intent } }) : null)
  if (!payment) return 'unknown-object'
  const byHand = async (): Promise<EventOutcome> => {
    await raiseAlert(services.database.pool, {
      kind: 'refund-by-hand',
      key: `refund-by-hand:${object.id}`,
      detail: { refundId: object.id, sessionId: payment.sessionId, orderId: payment.orderId },
    })
    return 'applied'
  }
  // Made by hand at the provider: the order goes on until an operator says otherwise.
  if (payment.refundId === null && payment.state === 'kept') return byHand()
  if (payment.state === 'refund-failed' && payment.refundId !== object.id) {
    // Made by hand after ours had failed: it takes its place. One of another amount is the operator's own business.
    const made = await services.payments.findRefund(object.id)
    if (made?.status !== 'succeeded' && made?.status !== 'pending') return 'irrelevant'
    if (made.amountCents !== payment.amountCents) return byHand()
    await prisma.payment.updateMany({
      where: { sessionId: payment.sessionId, state: 'refund-failed' },
      data: { refundId: object.id },
    })
  }
  return (await settleRefund(services, payment.sessionId)) === 'settled' ? 'applied' : 'irrelevant'
}

/** Names the charge and not the refund; the refund's own events name both. */
async function chargeRefunded(dependencies: EventDependencies, object: Hint): Promise<EventOutcome> {
  const prisma = await dependencies.services.database.prisma()
  const payment = object.payment_intent
    ? await prisma.payment.findUnique({ where: { paymentIntentId: object.payment_intent } })
    : null
  if (!payment?.refundId) return 'irrelevant'
  return (await settleRefund(dependencies.services, payment.sessionId)) === 'settled' ? 'applied' : 'irrelevant'
}

function forOperators(kind: string): Handler {
  return async ({ services }, object, event) => {
    await raiseAlert(services.database.pool, {
      kind,
      key: `${kind}:${object.id}`,
      detail: { type: event.type, objectId: object.id, eventId: event.id },
    })
    return 'applied'
  }
}
