import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CheckoutRequest, PaymentProvider } from '../../../../core/billing/payment-provider.ts'
import { createStripePayments } from '../../../../core/billing/stripe/index.ts'
import { ProblemError } from '../../../../core/problem.ts'
import type { FormValue } from '../../../../sandbox/stripe/form.ts'
import { type RunningSandbox, SECRET_KEY, startStripeSandbox, systemClock } from '../../../sandbox/stripe/harness.ts'

const specification: { operations: Record<string, string>; components: object } = JSON.parse(
  readFileSync(new URL('../../../fixtures/specs/stripe-requests.json', import.meta.url), 'utf8'),
)

let sandbox: RunningSandbox
let payments: PaymentProvider

beforeEach(async () => {
  sandbox = await startStripeSandbox()
  payments = createStripePayments({
    secretKey: SECRET_KEY,
    apiRoot: sandbox.url,
    settings: { brandName: 'ClawCloud' },
    rateLimitWaitsMs: [5, 10],
  })
})
afterEach(() => sandbox.close())

async function checkout(more: Partial<CheckoutRequest> = {}) {
  const { customerId } = await payments.createCustomer({ personId: 'per_1', name: 'Ada' })
  return payments.createCheckout({
    orderId: 'ord_1',
    attempt: 1,
    customerId,
    planId: 'lite',
    planName: 'Lite',
    priceCents: 2900,
    currency: 'usd',
    successUrl: 'https://chat.example/back',
    cancelUrl: 'https://chat.example/cancelled',
    expiresAt: new Date(systemClock.now().getTime() + 3_600_000),
    language: 'zh',
    ...more,
  })
}

const problemOf = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ProblemError)) throw new Error(`no problem but ${String(error)}`)
  return error.problem
}

describe('a checkout at Stripe', () => {
  it('carries the order everywhere it must be found again', async () => {
    const state = await checkout()
    expect(state).toMatchObject({ orderId: 'ord_1', status: 'open', payment: 'unpaid', amountCents: 2900, currency: 'usd' })
    expect(state.url).toContain('/pay/')
    sandbox.control.pay(state.sessionId)
    const paid = await payments.findCheckout(state.sessionId)
    expect(paid).toMatchObject({ status: 'complete', payment: 'paid', url: null })
    expect(paid?.paymentIntentId).toMatch(/^pi_/)
    const subscription = await payments.findSubscription(paid?.subscriptionId ?? '')
    expect(subscription).toMatchObject({ status: 'active', orderId: 'ord_1', endsAt: null })
    expect(subscription?.periodEnd.getTime()).toBeGreaterThan(subscription?.periodStart.getTime() ?? Number.POSITIVE_INFINITY)
  })

  it('is the same for the same order and attempt, also after an answer that was lost', async () => {
    const expiresAt = new Date(systemClock.now().getTime() + 3_600_000)
    sandbox.control.fault({ path: '/v1/checkout/sessions', effect: { kind: 'lose-answer' } })
    const first = await checkout({ expiresAt })
    const second = await checkout({ expiresAt })
    expect(second.sessionId).toBe(first.sessionId)
    expect((await checkout({ expiresAt, attempt: 2 })).sessionId).not.toBe(first.sessionId)
    expect(sandbox.control.store.sessions.all()).toHaveLength(2)
  })

  it('can be closed, and says when it was too late', async () => {
    const open = await checkout()
    expect(await payments.expireCheckout(open.sessionId)).toMatchObject({ status: 'expired' })
    const paid = await checkout({ attempt: 2 })
    sandbox.control.pay(paid.sessionId)
    expect(await payments.expireCheckout(paid.sessionId)).toMatchObject({ status: 'complete', payment: 'paid' })
  })

  it('tells money on its way from money that did not come', async () => {
    const { sessionId } = await checkout()
    sandbox.control.payLater(sessionId)
    expect(await payments.findCheckout(sessionId)).toMatchObject({ status: 'complete', payment: 'pending' })
    sandbox.control.settle(sessionId, false)
    expect(await payments.findCheckout(sessionId)).toMatchObject({ status: 'complete', payment: 'unpaid' })
  })

  it('is null only when Stripe confirms that there is none', async () => {
    expect(await payments.findCheckout('cs_test_none')).toBeNull()
    expect(await payments.findSubscription('sub_none')).toBeNull()
    expect(await payments.findInvoice('in_none')).toBeNull()
    expect(await payments.findRefund('re_none')).toBeNull()
    sandbox.control.fault({ path: '/v1/checkout/sessions', times: 3, effect: { kind: 'refuse', status: 500 } })
    expect(await problemOf(payments.findCheckout('cs_test_none'))).toMatchObject({ retryable: true })
  })
})

describe('words of Stripe that we do not know', () => {
  it('become unknown, and are kept', async () => {
    const { sessionId } = await checkout()
    const { store } = sandbox.control
    const odd = JSON.parse(
      JSON.stringify({ ...sandbox.control.session(sessionId), status: 'frozen', payment_status: 'in_escrow' }),
    )
    store.sessions.put(odd)
    expect(await payments.findCheckout(sessionId)).toMatchObject({
      status: 'unknown',
      payment: 'unknown',
      unknown: 'status frozen; payment_status in_escrow, payment intent null',
    })
  })
})

describe('subscriptions, refunds and invoices', () => {
  async function paidCheckout() {
    const { sessionId } = await checkout()
    sandbox.control.pay(sessionId)
    const state = await payments.findCheckout(sessionId)
    if (!state?.subscriptionId || !state.paymentIntentId || !state.invoiceId) throw new Error('not paid')
    return { subscriptionId: state.subscriptionId, paymentIntentId: state.paymentIntentId, invoiceId: state.invoiceId }
  }

  it('cancels at once, and takes "cancelled already" for success', async () => {
    const { subscriptionId } = await paidCheckout()
    await payments.cancelSubscription(subscriptionId)
    await payments.cancelSubscription(subscriptionId)
    expect(await payments.findSubscription(subscriptionId)).toMatchObject({ status: 'canceled' })
  })

  it('refunds once, however often and under whatever key it is asked', async () => {
    const { paymentIntentId } = await paidCheckout()
    const first = await payments.refund({ key: 'a', paymentIntentId, reason: 'double' })
    const again = await payments.refund({ key: 'a', paymentIntentId, reason: 'double' })
    const otherKey = await payments.refund({ key: 'b', paymentIntentId, reason: 'double' })
    expect(new Set([first.refundId, again.refundId, otherKey.refundId]).size).toBe(1)
    expect(sandbox.control.store.refunds.all()).toHaveLength(1)
    expect(await payments.findRefund(first.refundId)).toMatchObject({ refundId: first.refundId, status: 'succeeded' })
  })

  it('says whether this account knows a customer, and never no when it can not tell', async () => {
    const { customerId } = await payments.createCustomer({ personId: 'per_1', name: 'Ada' })
    expect(await payments.hasCustomer(customerId)).toBe(true)
    expect(await payments.hasCustomer('cus_of_another_account')).toBe(false)
    const other = await payments.createCustomer({ personId: 'per_1', name: 'Ada', replaces: customerId })
    expect(other.customerId).not.toBe(customerId)
    expect(await payments.createCustomer({ personId: 'per_1', name: 'Ada', replaces: customerId })).toEqual(other)
    sandbox.control.fault({ path: '/v1/customers', times: 3, effect: { kind: 'refuse', status: 500 } })
    expect(await problemOf(payments.hasCustomer(customerId))).toMatchObject({ retryable: true })
  })

  it('lists what is alive, and names the page of an open invoice', async () => {
    const { subscriptionId } = await paidCheckout()
    const invoiceId = sandbox.control.renew(subscriptionId, false)
    const listed = []
    for await (const subscription of payments.listSubscriptions()) listed.push(subscription)
    expect(listed).toMatchObject([{ subscriptionId, orderId: 'ord_1', status: 'past_due', latestInvoiceId: invoiceId }])
    expect((await payments.findInvoice(invoiceId))?.payUrl).toContain('/pay/invoice/')
    await payments.cancelSubscription(subscriptionId)
    for await (const subscription of payments.listSubscriptions()) expect(subscription).toBeUndefined()
  })

  it('names the payment and the subscription that a dispute is about', async () => {
    const { subscriptionId, paymentIntentId } = await paidCheckout()
    const disputeId = sandbox.control.dispute(paymentIntentId)
    expect(await payments.findDispute(disputeId)).toMatchObject({
      status: 'open',
      word: 'needs_response',
      amountCents: 2900,
      paymentIntentId,
      subscriptionId,
    })
    sandbox.control.settleDispute(disputeId, 'lost')
    expect(await payments.findDispute(disputeId)).toMatchObject({ status: 'lost' })
    expect(await payments.findDispute('du_none')).toBeNull()
  })

  it('reads the period an invoice paid for from its lines', async () => {
    const { subscriptionId, invoiceId } = await paidCheckout()
    const first = await payments.findInvoice(invoiceId)
    const second = await payments.findInvoice(sandbox.control.renew(subscriptionId))
    expect(first).toMatchObject({ reason: 'subscription_create', paid: true, subscriptionId, amountCents: 2900 })
    expect(second).toMatchObject({ reason: 'subscription_cycle', paid: true, periodStart: first?.periodEnd })
  })
})

describe('trouble at Stripe', () => {
  it('is waited out when it is a rate limit', async () => {
    sandbox.control.fault({ path: '/v1/customers', times: 2, effect: { kind: 'refuse', status: 429 } })
    expect((await payments.createCustomer({ personId: 'per_1', name: 'Ada' })).customerId).toMatch(/^cus_/)
    sandbox.control.fault({ path: '/v1/customers', times: 9, effect: { kind: 'refuse', status: 429 } })
    expect(await problemOf(payments.createCustomer({ personId: 'per_1', name: 'Ada' }))).toMatchObject({ retryable: true })
  })

  it('is worth another try when the server is down, and not when it refuses', async () => {
    sandbox.control.fault({ path: '/v1/checkout', times: 3, effect: { kind: 'refuse', status: 503 } })
    expect(await problemOf(checkout())).toMatchObject({ code: 'payment-provider-unavailable', retryable: true })
    const refused = await problemOf(checkout({ expiresAt: systemClock.now() }))
    expect(refused).toMatchObject({ code: 'payment-provider-refused', retryable: false })
    expect(refused.detail).toContain('at least 30 minutes')
    expect(refused.detail).not.toContain(SECRET_KEY)
  })
})

describe('every request that changes something', () => {
  it('fits Stripe’s own parameter types and carries a key of ours', async () => {
    const { sessionId } = await checkout()
    sandbox.control.pay(sessionId)
    const state = await payments.findCheckout(sessionId)
    await payments.refund({ key: 'session:x:refund', paymentIntentId: state?.paymentIntentId ?? '', reason: 'late' })
    await payments.setRenewal({ key: 'operation:x:renewal', subscriptionId: state?.subscriptionId ?? '', renews: false })
    await payments.cancelSubscription(state?.subscriptionId ?? '')
    await payments.expireCheckout((await checkout({ attempt: 2 })).sessionId)

    const changing = sandbox.control.requests.filter((entry) => entry.method !== 'GET' && !entry.path.endsWith('/expire'))
    const ajv = new Ajv({ strict: false, coerceTypes: true })
    ajv.addSchema({ $id: 'stripe', components: specification.components })
    expect(changing.length).toBeGreaterThanOrEqual(5)
    for (const entry of changing) {
      const path = entry.path.replace(/^\/v1\/subscriptions\/.*/, '/v1/subscriptions/{id}')
      const schema = specification.operations[`${entry.method} ${path}`]
      if (!schema) throw new Error(`no specification for ${entry.method} ${path}`)
      const validate = ajv.compile({ $ref: `stripe#/components/schemas/${schema}` })
      validate(structuredClone(entry.parameters))
      expect(validate.errors ?? [], `${entry.method} ${path}`).toEqual([])
    }
    expect(fitsAs('PostCheckoutSessions', { mode: 'subscriptionx' })).toBe(false)

    const posts = sandbox.control.requests.filter((entry) => entry.method === 'POST')
    expect(posts.map((entry) => entry.idempotencyKey?.split(':')[0])).toEqual(
      posts.map(() => expect.stringMatching(/^(person|order|session|checkout|operation)$/)),
    )

    function fitsAs(schema: string, parameters: { readonly [key: string]: FormValue }): boolean {
      return ajv.compile({ $ref: `stripe#/components/schemas/${schema}` })(parameters)
    }
  })
})
