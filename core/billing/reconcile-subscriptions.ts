import { z } from 'zod'
import { raiseAlert } from './alert.ts'
import { applySubscription, decide, endsOtherwise } from './apply-subscription.ts'
import { ORDER_STATES, SUBSCRIBED_ORDER_STATES } from './order-state.ts'
import type { SubscriptionState } from './payment-provider.ts'
import { applyRenewal, type EventDependencies } from './process-event.ts'

/** Between a payment and its order's row lie seconds, minutes when an operation has to wait for another system. */
const YOUNG_MINUTES = 60

const Row = z.object({
  id: z.string(),
  state: z.enum(ORDER_STATES),
  subscription_id: z.string().nullable(),
  instance_id: z.string().nullable(),
  instance_state: z.string().nullable(),
  ends_at: z.date().nullable(),
  cycle_ends_at: z.date().nullable(),
})
type Row = z.infer<typeof Row>

export type SubscriptionsReport = {
  /** Seen at the provider, ours and alive. */
  readonly seen: number
  /** Whose order or credit was brought up to date: an event was missed. */
  readonly mended: readonly string[]
  /** Charged for an instance that is gone: cancelled now. */
  readonly cancelled: readonly string[]
  /** Alive with our mark and without an order here: another installation's, or lost. Nothing is done to them. */
  readonly strays: readonly string[]
  /** Orders whose instance runs though the provider knows no subscription for it. */
  readonly unpaid: readonly string[]
}

/**
 * Compares the subscriptions at the provider with our orders. Money is only ever stopped here, never taken.
 *
 *  at the provider             our order                          we do
 *  ──────────────────────────  ─────────────────────────────────  ───────────────────────────────────────────────────────
 *  alive                       says the same                      nothing
 *  alive, of another state or   active, past-due, disputed, lapsed apply it, as the missed event would have
 *  with another end
 *  alive, a later period       active                             begin the credit cycle of its invoice, if that is paid: a
 *                                                                 renewal's, or the first of one that goes on with a lapsed order
 *  alive                       its instance is gone, or it is     cancel it; report
 *                              over (ended, given back)
 *  alive, began for our order  has another subscription           older than an hour: cancel it; report
 *  alive, began for our order  is still being paid                nothing: its checkout is applied by others
 *  alive, with our mark        none by that id                    report
 *  alive, without our mark     –                                  nothing: it is not ours
 *  over                        active, past-due, disputed         apply it
 *  not there                   active, past-due, disputed         report (another account?); nobody is stopped
 *  none                        active, its instance runs          report
 *
 * Throws when the provider's list can't be had; a single one that can't be compared does not keep the others from it.
 */
export async function reconcileSubscriptions(dependencies: EventDependencies): Promise<SubscriptionsReport> {
  const { services } = dependencies
  const { payments, log, clock, database } = services
  const report = {
    seen: 0,
    mended: [] as string[],
    cancelled: [] as string[],
    strays: [] as string[],
    unpaid: [] as string[],
  }
  const young = clock.now().getTime() - YOUNG_MINUTES * 60_000

  // A page at a time: there may be more than fit in memory, and each is compared with one indexed look.
  const seen = new Set<string>()
  for await (const subscription of payments.listSubscriptions()) {
    if (subscription.orderId === null) continue
    seen.add(subscription.subscriptionId)
    report.seen += 1
    await apart(subscription.subscriptionId, () => compare(subscription))
  }
  for (const row of await subscribed()) {
    const { subscription_id: subscriptionId } = row
    if (subscriptionId === null) await unpaid(row)
    else if (!seen.has(subscriptionId)) await apart(subscriptionId, () => missing(row, subscriptionId))
  }
  const changed = report.mended.length + report.cancelled.length + report.strays.length + report.unpaid.length
  if (changed > 0) log.warn({ ...report }, 'subscriptions and orders did not agree')
  return report

  async function compare(subscription: SubscriptionState): Promise<void> {
    const { subscriptionId, orderId } = subscription
    const row = (await rows('o.subscription_id = $1', subscriptionId))[0]
    if (row) return compareWith(row, subscription)
    const begunFor = (await rows('o.id = $1', orderId))[0]
    if (!begunFor) {
      report.strays.push(subscriptionId)
      return alert('subscription-stray', subscriptionId, { orderId })
    }
    // Open and on its way: whoever applies its checkout decides. Being given back: the refund cancels it.
    if (['awaiting-payment', 'checking', 'refunding'].includes(begunFor.state)) return
    if (subscription.periodStart.getTime() < young) await cancel(subscriptionId, begunFor)
  }

  async function compareWith(row: Row, subscription: SubscriptionState): Promise<void> {
    const { subscriptionId, status } = subscription
    const over = !['paid', 'refunding', ...SUBSCRIBED_ORDER_STATES, 'lapsed', 'awaiting-payment', 'checking'].includes(row.state)
    const gone = row.instance_state === 'destroyed' || row.instance_state === 'failed'
    if (over || (gone && row.state !== 'refunding')) return cancel(subscriptionId, row)
    if (decide(status, row.state, endsOtherwise(row.ends_at, subscription.endsAt)).kind !== 'nothing') {
      const outcome = await applySubscription(services, subscriptionId, services.ids.create('req'))
      if (outcome !== 'nothing' && outcome !== 'no-order' && outcome !== 'alert') report.mended.push(subscriptionId)
    }
    const later = row.cycle_ends_at !== null && subscription.periodEnd > row.cycle_ends_at
    if (later && status === 'active' && subscription.latestInvoiceId !== null) {
      const outcome = await applyRenewal(dependencies, subscription.latestInvoiceId)
      if (outcome === 'applied' || (outcome === 'irrelevant' && (await beginFirstCycle(row, subscription.latestInvoiceId))))
        report.mended.push(subscriptionId)
    }
  }

  /** What the operation of its payment could not do, because the credit provider was away for too long. */
  async function beginFirstCycle(row: Row, invoiceId: string): Promise<boolean> {
    const invoice = await payments.findInvoice(invoiceId)
    if (row.instance_id === null || !invoice?.paid || invoice.reason !== 'subscription_create') return false
    await dependencies.startCycle(row.instance_id, invoice)
    return true
  }

  async function cancel(subscriptionId: string, row: Row): Promise<void> {
    await payments.cancelSubscription(subscriptionId)
    report.cancelled.push(subscriptionId)
    await alert('subscription-without-instance', subscriptionId, { orderId: row.id, state: row.state })
  }

  async function missing(row: Row, subscriptionId: string): Promise<void> {
    const outcome = await applySubscription(services, subscriptionId, services.ids.create('req'))
    if (outcome === 'lapse' || outcome === 'paid' || outcome === 'past-due') report.mended.push(subscriptionId)
    if (outcome === 'alert') await unpaid(row)
  }

  async function unpaid(row: Row): Promise<void> {
    if (row.instance_state !== 'running' && row.instance_state !== 'degraded') return
    report.unpaid.push(row.id)
    await alert('instance-without-subscription', row.id, { orderId: row.id, instanceId: row.instance_id })
  }

  async function subscribed(): Promise<Row[]> {
    return rows('o.state = ANY ($1)', SUBSCRIBED_ORDER_STATES)
  }

  async function rows(condition: string, value: unknown): Promise<Row[]> {
    const found = await database.pool.query(
      `SELECT o.id, o.state, o.subscription_id, o.ends_at, o.instance_id, i.state AS instance_state, i.cycle_ends_at
       FROM orders o LEFT JOIN instances i ON i.id = o.instance_id WHERE ${condition}`,
      [value],
    )
    return z.array(Row).parse(found.rows)
  }

  async function alert(kind: string, subject: string, detail: Record<string, string | null>): Promise<void> {
    await raiseAlert(database.pool, { kind, key: `${kind}:${subject}`, detail })
  }

  /** Ends only this comparison when it fails. */
  async function apart(subscriptionId: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      log.warn({ error, subscriptionId }, 'a subscription could not be compared; the next run tries again')
    }
  }
}
