// Long because it judges the whole stand-in call by call, in the order of its API.
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Stripe from 'stripe'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createStripeSandbox } from '../../../sandbox/stripe/index.ts'
import { type RunningSandbox, randomIds, SECRET_KEY, startStripeSandbox, systemClock, WEBHOOK_SECRET } from './harness.ts'

const samples: { resources: Record<string, object> } = JSON.parse(
  readFileSync(new URL('../../fixtures/specs/stripe-objects.json', import.meta.url), 'utf8'),
)

const nowSeconds = () => Math.floor(systemClock.now().getTime() / 1000)
const inOneHour = () => nowSeconds() + 3_600

let sandbox: RunningSandbox
let stripe: Stripe

beforeEach(async () => {
  sandbox = await startStripeSandbox()
  stripe = client(sandbox.url)
})
afterEach(() => sandbox.close())

function client(url: string, key = SECRET_KEY): Stripe {
  const { hostname, port } = new URL(url)
  return new Stripe(key, { host: hostname, port, protocol: 'http', telemetry: false, maxNetworkRetries: 0 })
}

async function newSession(more: Partial<Stripe.Checkout.SessionCreateParams> = {}, options: Stripe.RequestOptions = {}) {
  const customer = await stripe.customers.create({ name: 'Ada', metadata: { person_id: 'per_1' } })
  return stripe.checkout.sessions.create(
    {
      mode: 'subscription',
      line_items: [
        {
          quantity: 1,
          price_data: {
            currency: 'usd',
            unit_amount: 2900,
            recurring: { interval: 'month' },
            product_data: { name: 'ClawCloud Lite' },
          },
        },
      ],
      client_reference_id: 'ord_1',
      metadata: { order_id: 'ord_1' },
      subscription_data: { metadata: { order_id: 'ord_1' } },
      customer: customer.id,
      expires_at: inOneHour(),
      success_url: 'https://chat.example/back',
      cancel_url: 'https://chat.example/cancelled',
      ...more,
    },
    options,
  )
}

const press = (path: string, form: Record<string, string> = {}) =>
  fetch(`${sandbox.url}${path}`, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' })

const eventTypes = () => sandbox.control.store.events.all().map((event) => event.type)

/** Every nested key of `object` that Stripe's own sample of the same kind does not have. */
function unknownKeys(object: unknown, path = ''): string[] {
  if (Array.isArray(object)) return object.flatMap((item) => unknownKeys(item, `${path}[]`))
  if (typeof object !== 'object' || object === null) return []
  const kind: unknown = 'object' in object ? object.object : undefined
  const sample = typeof kind === 'string' ? samples.resources[kind] : undefined
  return Object.entries(object).flatMap(([key, value]) => [
    ...(sample && !(key in sample) ? [`${path}.${key}`] : []),
    ...(key === 'metadata' ? [] : unknownKeys(value, `${path}.${key}`)),
  ])
}

describe('the Stripe stand-in, used through Stripe’s own SDK', () => {
  it('sells a subscription: session, payment, subscription, invoice, payment intent', async () => {
    const session = await newSession()
    expect(session).toMatchObject({ status: 'open', payment_status: 'unpaid', amount_total: 2900, client_reference_id: 'ord_1' })
    expect(session.url).toBe(`${sandbox.url}/pay/${session.id}`)

    await press(`/pay/${session.id}`, { card_number: '4242 4242 4242 4242' })

    const paid = await stripe.checkout.sessions.retrieve(session.id, { expand: ['subscription', 'invoice', 'line_items'] })
    expect(paid).toMatchObject({ status: 'complete', payment_status: 'paid', url: null })
    const { subscription, invoice } = paid
    if (typeof subscription !== 'object' || typeof invoice !== 'object' || !subscription || !invoice)
      throw new Error('not expanded')
    expect(subscription.metadata).toEqual({ order_id: 'ord_1' })
    const period = subscription.items.data[0]
    expect(period?.current_period_end).toBeGreaterThan(nowSeconds() + 27 * 86_400)
    expect(invoice.parent?.subscription_details?.subscription).toBe(subscription.id)
    expect(invoice.lines.data[0]?.period.end).toBe(period?.current_period_end)
    expect(paid.line_items?.data[0]?.price?.unit_amount_decimal?.toString()).toBe('2900')

    const payments = await stripe.invoicePayments.list({ invoice: invoice.id })
    const intentId = payments.data[0]?.payment.payment_intent
    if (typeof intentId !== 'string') throw new Error('no payment intent')
    expect(await stripe.paymentIntents.retrieve(intentId)).toMatchObject({ status: 'succeeded', amount_received: 2900 })
  })

  it('tells of a payment by the events the real one sends, each signed', async () => {
    const session = await newSession()
    sandbox.control.pay(session.id)
    await sandbox.control.webhooks.idle()

    const events = sandbox.received.map(({ body, signature }) => stripe.webhooks.constructEvent(body, signature, WEBHOOK_SECRET))
    expect(events.map((event) => event.type)).toEqual(
      expect.arrayContaining([
        'payment_intent.succeeded',
        'customer.subscription.created',
        'invoice.paid',
        'invoice_payment.paid',
        'checkout.session.completed',
      ]),
    )
    expect(new Set(events.map((event) => event.api_version))).toEqual(new Set(['2026-10-28.endive']))
    const listed = await stripe.events.list({ type: 'checkout.session.completed' })
    expect(listed.data[0]?.id).toBe(events.find((event) => event.type === 'checkout.session.completed')?.id)
  })

  it('answers no field that Stripe’s own sample objects do not have', async () => {
    const session = await newSession()
    sandbox.control.pay(session.id, '4000000000000002')
    sandbox.control.pay(session.id)
    const { subscription, invoice } = sandbox.control.session(session.id)
    sandbox.control.renew(subscription ?? '')
    const payment = (await stripe.invoicePayments.list({ invoice: invoice ?? '' })).data[0]
    sandbox.control.dispute(String(payment?.payment.payment_intent))
    await stripe.refunds.create({ payment_intent: String(payment?.payment.payment_intent) })
    await stripe.subscriptions.cancel(subscription ?? '')

    const { store } = sandbox.control
    const tables = [
      store.customers,
      store.products,
      store.prices,
      store.sessions,
      store.subscriptions,
      store.invoices,
      store.invoicePayments,
      store.paymentIntents,
      store.charges,
      store.refunds,
      store.disputes,
      store.events,
    ]
    for (const table of tables) expect(table.all().length).toBeGreaterThan(0)
    const unknown = tables.flatMap((table) => table.all().flatMap((object) => unknownKeys(object, object.object)))
    expect([...new Set(unknown)]).toEqual([])
  })

  it('keeps the period on subscription items and not on the subscription', async () => {
    const session = await newSession()
    sandbox.control.pay(session.id)
    const subscription = await stripe.subscriptions.retrieve(sandbox.control.session(session.id).subscription ?? '')
    expect(subscription).not.toHaveProperty('current_period_end')
    expect(subscription.items.data[0]?.current_period_start).toBeLessThanOrEqual(nowSeconds())
  })

  it('renews with an invoice of its own for the next period', async () => {
    const session = await newSession()
    sandbox.control.pay(session.id)
    const id = sandbox.control.session(session.id).subscription ?? ''
    const before = (await stripe.subscriptions.retrieve(id)).items.data[0]
    const invoice = await stripe.invoices.retrieve(sandbox.control.renew(id))
    expect(invoice).toMatchObject({ billing_reason: 'subscription_cycle', status: 'paid', amount_paid: 2900 })
    expect(invoice.lines.data[0]?.period.start).toBe(before?.current_period_end)
    expect((await stripe.subscriptions.retrieve(id)).items.data[0]?.current_period_start).toBe(before?.current_period_end)
  })

  it('refunds once, and says so the second time', async () => {
    const session = await newSession()
    sandbox.control.pay(session.id)
    const payments = await stripe.invoicePayments.list({ invoice: sandbox.control.session(session.id).invoice ?? '' })
    const paymentIntent = String(payments.data[0]?.payment.payment_intent)
    const refund = await stripe.refunds.create({ payment_intent: paymentIntent, reason: 'requested_by_customer' })
    expect(refund).toMatchObject({ status: 'succeeded', amount: 2900 })
    expect(await stripe.refunds.retrieve(refund.id)).toMatchObject({ id: refund.id })
    await expect(stripe.refunds.create({ payment_intent: paymentIntent })).rejects.toMatchObject({
      code: 'charge_already_refunded',
    })
    expect(eventTypes().slice(-3)).toEqual(['refund.created', 'charge.refunded', 'refund.updated'])
  })

  it('cancels a subscription once', async () => {
    const session = await newSession()
    sandbox.control.pay(session.id)
    const id = sandbox.control.session(session.id).subscription ?? ''
    expect(await stripe.subscriptions.update(id, { cancel_at_period_end: true })).toMatchObject({ cancel_at_period_end: true })
    expect(await stripe.subscriptions.cancel(id, { prorate: false, invoice_now: false })).toMatchObject({ status: 'canceled' })
    await expect(stripe.subscriptions.cancel(id)).rejects.toMatchObject({ statusCode: 404, code: 'resource_missing' })
  })

  it('ends a subscription with its paid time when its renewal was called off, unless that is taken back', async () => {
    const [ending, going] = [await newSession(), await newSession()]
    for (const { id } of [ending, going]) sandbox.control.pay(id)
    const [endingId, goingId] = [ending, going].map(({ id }) => sandbox.control.session(id).subscription ?? '')
    const called = await stripe.subscriptions.update(endingId ?? '', { cancel_at_period_end: true })
    expect(called).toMatchObject({
      status: 'active',
      cancel_at: called.items.data[0]?.current_period_end,
      cancellation_details: { reason: 'cancellation_requested' },
    })
    expect(eventTypes().at(-1)).toBe('customer.subscription.updated')
    await stripe.subscriptions.update(goingId ?? '', { cancel_at_period_end: true })
    expect(await stripe.subscriptions.update(goingId ?? '', { cancel_at_period_end: false })).toMatchObject({
      cancel_at: null,
      canceled_at: null,
    })
    sandbox.control.advance(32 * 86_400)
    expect(await stripe.subscriptions.retrieve(endingId ?? '')).toMatchObject({ status: 'canceled', ended_at: called.cancel_at })
    expect(eventTypes().at(-1)).toBe('customer.subscription.deleted')
    expect(await stripe.subscriptions.retrieve(goingId ?? '')).toMatchObject({ status: 'active' })
    await expect(stripe.subscriptions.update(endingId ?? '', { cancel_at_period_end: false })).rejects.toMatchObject({
      statusCode: 400,
    })
  })

  it('expires an open session by request and by time, and refuses to expire a paid one', async () => {
    const [byRequest, byTime, paid] = [await newSession(), await newSession(), await newSession()]
    expect(await stripe.checkout.sessions.expire(byRequest.id)).toMatchObject({ status: 'expired', url: null })
    sandbox.control.pay(paid.id)
    sandbox.control.advance(3_700)
    expect(await stripe.checkout.sessions.retrieve(byTime.id)).toMatchObject({ status: 'expired' })
    await expect(stripe.checkout.sessions.expire(paid.id)).rejects.toMatchObject({ type: 'StripeInvalidRequestError' })
    expect(eventTypes().filter((type) => type === 'checkout.session.expired')).toHaveLength(2)
    expect((await stripe.checkout.sessions.list({ status: 'complete' })).data.map((session) => session.id)).toEqual([paid.id])
  })

  it('pages through lists, newest first', async () => {
    const names = ['a', 'b', 'c', 'd', 'e']
    for (const name of names) await stripe.customers.create({ name })
    const seen: (string | null | undefined)[] = []
    for await (const customer of stripe.customers.list({ limit: 2 })) seen.push(customer.name)
    expect(seen).toEqual([...names].reverse())
  })
})

describe('what the Stripe stand-in refuses', () => {
  it('answers a wrong key with 401, and takes basic authentication', async () => {
    await expect(client(sandbox.url, 'sk_test_other').customers.create({})).rejects.toMatchObject({ statusCode: 401 })
    const basic = `Basic ${Buffer.from(`${SECRET_KEY}:`).toString('base64')}`
    expect((await fetch(`${sandbox.url}/v1/events`, { headers: { authorization: basic } })).status).toBe(200)
  })

  it('refuses unknown parameters by name, however deep', async () => {
    const raw = await fetch(`${sandbox.url}/v1/checkout/sessions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${SECRET_KEY}` },
      body: new URLSearchParams({
        mode: 'subscription',
        success_url: 'https://x.example',
        'line_items[0][prce]': 'x',
        'line_items[0][quantity]': '1',
      }),
    })
    expect(raw.status).toBe(400)
    expect(await raw.json()).toMatchObject({
      error: { type: 'invalid_request_error', code: 'parameter_unknown', param: 'line_items[0][prce]' },
    })
  })

  it('refuses what this API version dropped, wrong enums, missing and impossible values', async () => {
    const post = async (form: Record<string, string>) => {
      const response = await fetch(`${sandbox.url}/v1/checkout/sessions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${SECRET_KEY}` },
        body: new URLSearchParams(form),
      })
      return z.object({ error: z.object({ message: z.string() }).optional() }).parse(await response.json()).error?.message
    }
    const good = {
      mode: 'payment',
      success_url: 'https://x.example',
      'line_items[0][quantity]': '1',
      'line_items[0][price_data][currency]': 'usd',
      'line_items[0][price_data][unit_amount]': '500',
      'line_items[0][price_data][product_data][name]': 'Top-up',
    }
    expect(await post(good)).toBeUndefined()
    expect(await post({ ...good, 'payment_method_types[0]': 'card' })).toContain('unknown parameter: payment_method_types')
    expect(await post({ ...good, mode: 'subscriptionx' })).toContain('Invalid mode')
    expect(await post({ ...good, mode: 'subscription' })).toContain('recurring price')
    expect(await post({ success_url: 'https://x.example' })).toContain('Missing required param: mode')
    expect(await post({ ...good, expires_at: String(nowSeconds() + 60) })).toContain('at least 30 minutes')
    expect(await post({ ...good, customer: 'cus_none' })).toContain('No such customer')
  })

  it('never runs with a live key', () => {
    expect(() =>
      createStripeSandbox({
        clock: systemClock,
        ids: randomIds,
        secretKey: 'sk_live_x',
        webhookSecret: 'whsec_x',
        webhookUrl: 'http://127.0.0.1:1',
        publicUrl: 'http://127.0.0.1:1',
      }),
    ).toThrow('live key')
  })
})

describe('an idempotency key', () => {
  it('gives the same answer for the same parameters and an error for others', async () => {
    const first = await stripe.customers.create({ name: 'Ada' }, { idempotencyKey: 'k1' })
    const again = await stripe.customers.create({ name: 'Ada' }, { idempotencyKey: 'k1' })
    expect(again.id).toBe(first.id)
    expect(again.lastResponse.headers['idempotent-replayed']).toBe('true')
    await expect(stripe.customers.create({ name: 'Bob' }, { idempotencyKey: 'k1' })).rejects.toMatchObject({
      type: 'StripeIdempotencyError',
      statusCode: 400,
    })
    expect(sandbox.control.store.customers.all()).toHaveLength(1)
  })

  it('is not used up by a request that was refused', async () => {
    await expect(newSession({ expires_at: nowSeconds() }, { idempotencyKey: 'k2' })).rejects.toMatchObject({ statusCode: 400 })
    expect((await newSession({}, { idempotencyKey: 'k2' })).status).toBe('open')
  })

  it('makes a retry safe after the answer was lost', async () => {
    sandbox.control.fault({ path: '/v1/customers', effect: { kind: 'lose-answer' } })
    const customer = await stripe.customers.create({ name: 'Ada' }, { idempotencyKey: 'k3' })
    expect(sandbox.control.store.customers.all().map((row) => row.id)).toEqual([customer.id])
    expect(sandbox.control.requests.map((entry) => [entry.status, entry.replayed])).toEqual([
      [null, false],
      [200, true],
    ])
  })
})

describe('webhook deliveries', () => {
  it('are repeated until they are answered with 2xx', async () => {
    sandbox.answers.push(500, 503)
    await stripe.checkout.sessions.expire((await newSession()).id)
    await sandbox.control.webhooks.idle()
    expect(sandbox.control.webhooks.deliveries.map((delivery) => delivery.status)).toEqual([500, 503, 200])
    expect(sandbox.control.store.events.all()[0]?.pending_webhooks).toBe(0)
  })

  it('can be held back, turned round and repeated', async () => {
    sandbox.control.webhooks.hold()
    sandbox.control.pay((await newSession()).id)
    expect(sandbox.received).toHaveLength(0)
    await sandbox.control.webhooks.release((events) => [...events, ...events].reverse())
    expect(sandbox.received.length).toBe(sandbox.control.store.events.all().length * 2)
    expect(JSON.parse(String(sandbox.received[0]?.body))).toMatchObject({ type: 'checkout.session.completed' })
  })
})

describe('a restart', () => {
  it('forgets nothing: objects, idempotency keys, undelivered events', async () => {
    const journalPath = join(mkdtempSync(join(tmpdir(), 'stripe-')), 'stripe.jsonl')
    const before = await startStripeSandbox({ journalPath, retryDelaysMs: [] })
    before.answers.push(500)
    const first = await client(before.url).customers.create({ name: 'Ada' }, { idempotencyKey: 'k' })
    const session = await client(before.url).checkout.sessions.create({
      mode: 'payment',
      success_url: 'https://x.example',
      line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 500, product_data: { name: 'Top-up' } } }],
    })
    await client(before.url).checkout.sessions.expire(session.id)
    await before.control.webhooks.idle()
    await before.close()

    const after = await startStripeSandbox({ journalPath })
    const again = await client(after.url).customers.create({ name: 'Ada' }, { idempotencyKey: 'k' })
    expect(again.id).toBe(first.id)
    expect((await client(after.url).checkout.sessions.retrieve(session.id)).status).toBe('expired')
    await after.control.webhooks.idle()
    expect(JSON.parse(String(after.received[0]?.body))).toMatchObject({ type: 'checkout.session.expired' })
    await after.close()
  })
})

describe('the checkout page', () => {
  const page = async (path: string) => {
    const response = await fetch(`${sandbox.url}${path}`)
    return { status: response.status, text: await response.text(), headers: response.headers }
  }

  it('shows what is bought and what it costs, and that no real money moves, without a script', async () => {
    const session = await newSession()
    const { text, headers } = await page(`/pay/${session.id}`)
    expect(text).toContain('Sandbox: no real money')
    expect(text).toContain('ClawCloud Lite')
    expect(text).toContain('$29.00 <small>per month</small>')
    expect(text).toContain('<label class="field">Card number')
    expect(text).not.toContain('<script')
    expect(text).not.toContain('&quot;Segoe')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect((await page(`/pay/${session.id}?card=4000000000000002`)).text).toContain('value="4000 0000 0000 0002"')
  })

  it('leads a paying buyer back to the chat', async () => {
    const session = await newSession({ success_url: 'https://chat.example/back?session={CHECKOUT_SESSION_ID}' })
    const answer = await press(`/pay/${session.id}`, { card_number: '4242424242424242' })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `/pay/${session.id}/paid`])
    const { text } = await page(`/pay/${session.id}/paid`)
    expect(text).toContain('Paid. Go back to the chat')
    expect(text).toContain(`https://chat.example/back?session=${session.id}`)
  })

  it.each([
    ['4000000000000002', 'Your card was declined.'],
    ['4000000000009995', 'Your card has insufficient funds.'],
    ['5555555555554444', 'test cards only'],
  ])('says honestly that a declined card (%s) was not charged, and lets one try again', async (card, words) => {
    const session = await newSession()
    const declined = await press(`/pay/${session.id}`, { card_number: card })
    const text = await declined.text()
    expect(declined.status).toBe(402)
    expect(text).toContain(words)
    expect(text).toContain('Nothing was charged')
    const failed = sandbox.control.store.events.all().find((event) => event.type === 'payment_intent.payment_failed')
    expect(failed?.data.object).toMatchObject({ customer: session.customer })
    expect((await press(`/pay/${session.id}`, { card_number: '4242424242424242' })).status).toBe(303)
    expect(sandbox.control.store.paymentIntents.all()).toHaveLength(1)
  })

  it('asks for confirmation where the bank wants it, and takes both answers', async () => {
    const session = await newSession()
    const asked = await press(`/pay/${session.id}`, { card_number: '4000 0025 0000 3155' })
    expect(asked.headers.get('location')).toBe(`/pay/${session.id}/confirm`)
    expect((await page(`/pay/${session.id}/confirm`)).text).toContain('Approve')
    const failed = await press(`/pay/${session.id}/confirm`, { answer: 'fail' })
    expect(await failed.text()).toContain('Nothing was charged')
    await press(`/pay/${session.id}`, { card_number: '4000002500003155' })
    const approved = await press(`/pay/${session.id}/confirm`, { answer: 'approve' })
    expect(approved.headers.get('location')).toBe(`/pay/${session.id}/paid`)
  })

  it('catches a mistyped number before it tries to pay', async () => {
    const session = await newSession()
    const answer = await press(`/pay/${session.id}`, { card_number: '4242 4242' })
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain('not a complete card number')
    expect(sandbox.control.store.paymentIntents.all()).toHaveLength(0)
  })

  it('tells honestly that an expired link charges nothing, and of a link that never was', async () => {
    const session = await newSession()
    await press(`/pay/${session.id}/expire`)
    const expired = await page(`/pay/${session.id}`)
    expect(expired.status).toBe(410)
    expect(expired.text).toContain('Nothing was charged')
    expect((await press(`/pay/${session.id}`, { card_number: '4242424242424242' })).status).toBe(410)
    expect(sandbox.control.store.charges.all()).toHaveLength(0)
    expect((await page('/pay/cs_test_none')).status).toBe(404)
  })
})
