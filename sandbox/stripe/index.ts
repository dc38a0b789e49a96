import { Hono } from 'hono'
import type { Clock, Ids } from '../../core/clock.ts'
import { createApi, type RequestEntry } from './api.ts'
import { endpoints } from './endpoints.ts'
import { createFaults, type Fault } from './faults.ts'
import { createInvoicePages } from './invoice-pages.ts'
import type { Session } from './objects.ts'
import { createPayPages } from './pay-pages.ts'
import type { DisputeStatus, RefundStatus } from './payment-objects.ts'
import { createRenewals } from './renewals.ts'
import { openStore, type Store } from './store.ts'
import { createTill, type PayOutcome } from './till.ts'
import { createTrouble } from './trouble.ts'
import { createWebhooks, type Webhooks } from './webhooks.ts'

export type StripeSandboxOptions = {
  readonly clock: Clock
  readonly ids: Ids
  /** File that keeps everything over a restart; in memory only without it. */
  readonly journalPath?: string
  /** `sk_test_…`; a live key is refused. */
  readonly secretKey: string
  readonly webhookSecret: string
  readonly webhookUrl: string
  /** Where this app is reached, without a slash at the end: checkout links begin with it. */
  readonly publicUrl: string
  /** Waits between deliveries that were not answered with 2xx. */
  readonly retryDelaysMs?: readonly number[]
  readonly sellerName?: string
}

/** What tests and operators of a sandbox do that the API can't: pay, renew, break things, pass time. */
export type StripeSandboxControl = {
  readonly store: Store
  readonly webhooks: Webhooks
  /** Every API request, oldest first. */
  readonly requests: readonly RequestEntry[]
  fault(fault: Fault): void
  clearFaults(): void
  /** Moves the stand-in's clock and expires what is due. */
  advance(seconds: number): void
  pay(sessionId: string, card?: string): PayOutcome
  /** The buyer is done, the money is on its way; `settle` says what became of it. */
  payLater(sessionId: string): void
  settle(sessionId: string, arrives: boolean): void
  renew(subscriptionId: string, cardWorks?: boolean): string
  /** The owner pays an open invoice on its page. */
  payInvoice(invoiceId: string): void
  /** The last try to collect a renewal failed. */
  giveUp(subscriptionId: string, becomes: 'canceled' | 'unpaid'): void
  /** The buyer's bank asks the money back; the id of the dispute. */
  dispute(paymentIntentId: string, status?: DisputeStatus): string
  settleDispute(disputeId: string, status: 'won' | 'lost'): void
  /** What the next refunds are: succeeded (default), pending, failed. */
  refundsBecome(status: RefundStatus): void
  settleRefund(refundId: string, status: 'succeeded' | 'failed'): void
  session(id: string): Session
  stop(): void
}

/** How often sessions whose time is up are looked for; the real one too tells of it minutes later. */
const EXPIRY_CHECK_MS = 5_000

/**
 * A stand-in for Stripe that speaks its HTTP (API 2026-10-28.endive) as far as ClawCloud uses it, with a checkout page and
 * signed webhooks. Mount `app` at the root of an HTTP server: it answers /v1/* and /pay/*.
 */
export function createStripeSandbox(options: StripeSandboxOptions): {
  readonly app: Hono
  readonly control: StripeSandboxControl
} {
  if (!options.secretKey.startsWith('sk_test_')) {
    throw new Error('The Stripe stand-in was given a key that does not begin with sk_test_: it never runs beside a live key.')
  }
  const { clock, ids, publicUrl } = options
  let aheadSeconds = 0
  const now = () => Math.floor(clock.now().getTime() / 1000) + aheadSeconds

  const store = openStore(options.journalPath)
  const webhooks = createWebhooks({
    store,
    clock,
    now,
    ids,
    url: options.webhookUrl,
    secret: options.webhookSecret,
    ...(options.retryDelaysMs && { retryDelaysMs: options.retryDelaysMs }),
  })
  const manner: { refundStatus: RefundStatus } = { refundStatus: 'succeeded' }
  const till = createTill({ store, webhooks, ids, now, publicUrl, manner })
  const trouble = createTrouble({ store, webhooks, till, now })
  const sellerName = options.sellerName ?? 'ClawCloud'
  const renewals = createRenewals({ store, webhooks, now })
  const expireDue = () => {
    till.expireDue()
    renewals.endDue()
  }
  const faults = createFaults()
  const api = createApi({
    store,
    endpoints: endpoints({ store, till, renewals, ids, now, publicUrl }),
    faults,
    ids,
    secretKey: options.secretKey,
  })

  const app = new Hono()
  app.route('/pay/invoice', createInvoicePages({ trouble, sellerName }))
  app.route('/pay', createPayPages({ store, till, now, sellerName }))
  app.route('/', api.app)

  const expiryTimer = setInterval(expireDue, EXPIRY_CHECK_MS).unref()
  webhooks.resume()

  return {
    app,
    control: {
      store,
      webhooks,
      requests: api.requests,
      fault: faults.add,
      clearFaults: faults.clear,
      advance(seconds) {
        aheadSeconds += seconds
        expireDue()
      },
      pay: (sessionId, card = '4242424242424242') => till.pay(sessionId, card),
      payLater: till.payLater,
      settle: till.settle,
      renew: (subscriptionId, cardWorks) => till.renew(subscriptionId, cardWorks).id,
      payInvoice: (invoiceId) => void trouble.payInvoice(invoiceId),
      giveUp: (subscriptionId, becomes) => void trouble.giveUp(subscriptionId, becomes),
      dispute: (paymentIntentId, status) => trouble.dispute(paymentIntentId, status).id,
      settleDispute: (disputeId, status) => void trouble.settleDispute(disputeId, status),
      refundsBecome(status) {
        manner.refundStatus = status
      },
      settleRefund: till.settleRefund,
      session: till.session,
      stop() {
        clearInterval(expiryTimer)
        webhooks.stop()
      },
    },
  }
}
