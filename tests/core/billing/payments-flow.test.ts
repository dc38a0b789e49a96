// Long because it is one list of promises about money, told in the order a buyer meets them.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { reconcileCheckouts, refundOrder, sweepBilling } from '../../../core/billing/index.ts'
import { orderPlace } from '../../../core/billing/order-notice.ts'
import { callOff, reopenOrder } from '../../../core/billing/orders.ts'
import { settleRefund } from '../../../core/billing/refunds.ts'
import { ProblemError } from '../../../core/problem.ts'
import { type BillingWorld, startBilling } from './harness.ts'

let world: BillingWorld
beforeEach(async () => {
  world = await startBilling()
})
afterEach(() => world.close())

const DECLINED_CARD = '4000000000000002'

async function cancel(orderId: string): Promise<void> {
  await world.prisma.$transaction((transaction) => callOff(transaction, world.services, orderId, 'req_test'))
}

async function reopen(orderId: string): Promise<void> {
  const order = await world.order(orderId)
  await world.prisma.$transaction((transaction) =>
    reopenOrder(transaction, world.services, orderId, orderPlace(order), 'req_test'),
  )
}

const codeOf = async (call: Promise<unknown>): Promise<string> => {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  return error instanceof ProblemError ? error.problem.code : String(error)
}

describe('an order that is paid', () => {
  it('becomes one payment, one ledger entry, one instance and one deploy', async () => {
    const { id } = await world.place()
    expect(await world.said(`order:${id}`)).toContain('billing-button-pay')
    world.control.pay(await world.sessionOf(id))
    await world.settle()

    const order = await world.order(id)
    expect(order).toMatchObject({ state: 'active', reason: null, checkoutUrl: null })
    expect(order.subscriptionId).toMatch(/^sub_/)
    expect(world.deploy.deployed).toEqual([order.instanceId])
    const instances = await world.prisma.instance.findMany()
    expect(instances).toHaveLength(1)
    expect(instances[0]).toMatchObject({ name: 'Scout', planId: 'lite', allowanceMicros: 8_000_000n, limitMicros: 8_000_000n })
    const period = world.control.store.subscriptions.all()[0]?.items.data[0]
    expect(instances[0]?.cycleEndsAt?.getTime()).toBe((period?.current_period_end ?? 0) * 1000)
    expect(await world.ledger()).toEqual([['charge', 2900]])
    const [payment] = await world.prisma.payment.findMany()
    expect(payment).toMatchObject({ state: 'kept', orderId: id, amountCents: 2900 })
    expect(payment?.paymentIntentId).toMatch(/^pi_/)
    expect(await world.alerts()).toEqual([])
  })

  it('leaves no event of the sandbox unprocessed or unknown', async () => {
    const { id } = await world.place()
    world.control.pay(await world.sessionOf(id), DECLINED_CARD)
    world.control.pay(await world.sessionOf(id))
    await world.settle()
    const outcomes = await world.prisma.stripeEvent.groupBy({ by: ['outcome'], _count: true })
    expect(outcomes.map((row) => row.outcome).sort()).toEqual(['applied', 'irrelevant'])
  })

  it('is the same when the buyer’s "I have paid" comes before the webhook', async () => {
    const { id } = await world.place()
    world.control.webhooks.hold()
    world.control.pay(await world.sessionOf(id))
    expect(await world.apply(await world.sessionOf(id))).toMatchObject({ outcome: 'deliver', orderId: id })
    await world.control.webhooks.release()
    await world.settle()
    expect(await world.ledger()).toEqual([['charge', 2900]])
    expect(world.deploy.deployed).toHaveLength(1)
  })

  it('is applied once when ten workers apply it at the same time', async () => {
    const { id } = await world.place()
    const session = await world.sessionOf(id)
    world.control.webhooks.hold()
    world.control.pay(session)
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => world.apply(session)))
    expect(outcomes.filter(({ outcome }) => outcome === 'deliver')).toHaveLength(1)
    expect(outcomes.filter(({ outcome }) => outcome === 'nothing')).toHaveLength(9)
    await world.settle()
    expect(world.deploy.deployed).toHaveLength(1)
  })
})

describe('an order that is not paid', () => {
  it('says after a decline that nothing was charged, keeps the link, and can still be paid', async () => {
    const { id } = await world.place()
    const session = await world.sessionOf(id)
    world.control.pay(session, DECLINED_CARD)
    await world.settle()
    expect(await world.order(id)).toMatchObject({ state: 'awaiting-payment', reason: 'declined' })
    expect(await world.said(`order:${id}`)).toEqual(expect.arrayContaining(['billing-declined', 'billing-button-pay']))
    world.control.pay(session)
    await world.settle()
    expect(await world.order(id)).toMatchObject({ state: 'active', reason: null })
  })

  it('offers a new link when it expired, and is paid through that', async () => {
    const { id } = await world.place()
    const first = await world.sessionOf(id)
    world.control.advance(3_700)
    await world.settle()
    expect(await world.order(id)).toMatchObject({ state: 'expired', checkoutUrl: null })
    expect(await world.said(`order:${id}`)).toEqual(expect.arrayContaining(['billing-expired-text', 'billing-button-new-link']))

    world.control.advance(-3_700)
    await reopen(id)
    await world.settle()
    expect(await world.sessionOf(id)).not.toBe(first)
    world.control.pay(await world.sessionOf(id))
    await world.settle()
    expect(await world.order(id)).toMatchObject({ state: 'active', checkoutAttempt: 2 })
  })

  it('is found expired by the sweep when no event came', async () => {
    const { id } = await world.place()
    world.control.webhooks.hold()
    world.control.advance(3_700)
    expect(await sweepBilling(world.dependencies)).toBe(0)
    world.time.aheadSeconds = 3_700
    expect(await sweepBilling(world.dependencies)).toBe(1)
    expect(await world.order(id)).toMatchObject({ state: 'expired' })
  })

  it('waits for money that is on its way, and is delivered when it arrives', async () => {
    const { id } = await world.place()
    const session = await world.sessionOf(id)
    world.control.payLater(session)
    await world.settle()
    expect(await world.order(id)).toMatchObject({ state: 'checking' })
    expect(await world.said(`order:${id}`)).toContain('billing-checking-text')
    world.control.settle(session, true)
    await world.settle()
    expect(await world.order(id)).toMatchObject({ state: 'active' })
  })

  it('offers a new link when money on its way did not arrive', async () => {
    const { id } = await world.place()
    const session = await world.sessionOf(id)
    world.control.payLater(session)
    world.control.settle(session, false)
    await world.settle()
    expect(await world.order(id)).toMatchObject({ state: 'expired', reason: 'payment-failed' })
    expect(await world.ledger()).toEqual([])
  })
})

describe('an order that was cancelled', () => {
  it('closes its link, so that nobody pays by mistake', async () => {
    const { id } = await world.place()
    const session = await world.sessionOf(id)
    await cancel(id)
    await world.settle()
    expect(world.control.session(session).status).toBe('expired')
    expect(await world.order(id)).toMatchObject({ state: 'cancelled' })
    expect(await codeOf(cancel(id))).toBe('order-moved-on')
  })

  it('gives the money back when it was paid in that moment, and ends the subscription', async () => {
    const { id } = await world.place()
    const session = await world.sessionOf(id)
    world.control.webhooks.hold()
    world.control.pay(session)
    await cancel(id)
    await world.settle()
    await world.control.webhooks.release()
    await world.settle()

    expect(await world.order(id)).toMatchObject({ state: 'refunded', reason: 'late', instanceId: null })
    expect(await world.said(`order:${id}`)).toEqual(expect.arrayContaining(['billing-refunded-late', 'billing-refund-days']))
    expect(await world.ledger()).toEqual([
      ['charge', 2900],
      ['refund', -2900],
    ])
    expect(world.control.store.subscriptions.all()[0]?.status).toBe('canceled')
    expect(world.control.store.refunds.all()).toHaveLength(1)
    expect(await world.alerts()).toEqual([])
  })

  it('never shows a link that was made while it was being cancelled', async () => {
    const { id } = await world.place({}, 'row')
    await cancel(id)
    await world.settle()
    const order = await world.order(id)
    expect(order).toMatchObject({ state: 'cancelled', checkoutUrl: null })
    expect(world.control.store.sessions.all().every((session) => session.status !== 'open')).toBe(true)
  })
})

describe('two payments for one order', () => {
  it('keep the first and give the second back, while the order goes on', async () => {
    const { id } = await world.place()
    const first = await world.sessionOf(id)
    // The same order, opened twice at Stripe: as after a link that was lost and made anew.
    const order = await world.order(id)
    const customer = await world.prisma.billingCustomer.findUniqueOrThrow({ where: { personId: 'per_1' } })
    const second = await world.services.payments.createCheckout({
      orderId: id,
      attempt: 2,
      customerId: customer.customerId,
      planId: 'lite',
      planName: 'Lite',
      priceCents: order.priceCents,
      currency: 'usd',
      successUrl: 'https://chat.example/back',
      cancelUrl: 'https://chat.example/back',
      expiresAt: new Date(world.services.clock.now().getTime() + 3_600_000),
      language: 'en',
    })
    world.control.pay(first)
    await world.settle()
    world.control.pay(second.sessionId)
    await world.settle()

    expect(await world.order(id)).toMatchObject({ state: 'active', checkoutSessionId: first })
    expect(world.deploy.deployed).toHaveLength(1)
    expect(await world.ledger()).toEqual([
      ['charge', 2900],
      ['charge', 2900],
      ['refund', -2900],
    ])
    const payments = await world.prisma.payment.findMany({ orderBy: { createdAt: 'asc' } })
    expect(payments.map((payment) => [payment.sessionId, payment.state, payment.refundReason])).toEqual([
      [first, 'kept', null],
      [second.sessionId, 'refunded', 'double'],
    ])
    expect(world.control.store.subscriptions.all().map((subscription) => subscription.status)).toEqual(['active', 'canceled'])
    expect(await world.said(`refund:${second.sessionId}`)).toContain('billing-double-refunded')
  })
})

describe('a payment of another amount than agreed', () => {
  it('is given back and reported, and nothing is set up', async () => {
    const { id } = await world.place()
    const session = await world.sessionOf(id)
    await world.prisma.order.update({ where: { id }, data: { priceCents: 4900 } })
    world.control.pay(session)
    await world.settle()
    expect(await world.order(id)).toMatchObject({ state: 'refunded', reason: 'amount' })
    expect(world.deploy.deployed).toEqual([])
    expect(await world.alerts()).toEqual(['payment-amount'])
  })
})

describe('a deploy that fails for good', () => {
  it('gives all the money back and says so', async () => {
    world.deploy.fails = true
    const { id } = await world.place()
    world.control.pay(await world.sessionOf(id))
    await world.settle()
    expect(await world.order(id)).toMatchObject({ state: 'refunded', reason: 'deploy-failed' })
    expect(await world.said(`order:${id}`)).toContain('billing-refunded-deploy-failed')
    expect(await world.ledger()).toEqual([
      ['charge', 2900],
      ['refund', -2900],
    ])
  })

  it('gives it back once, however often it is asked for', async () => {
    world.deploy.fails = true
    const { id } = await world.place()
    world.control.pay(await world.sessionOf(id))
    await world.settle()
    const again = await world.prisma.$transaction((transaction) =>
      refundOrder(transaction, world.services, { orderId: id, reason: 'deploy-failed', detail: 'again', requestId: 'req_test' }),
    )
    expect(again).toBe(false)
    const session = await world.sessionOf(id)
    await world.prisma.operation.create({
      data: { id: 'op_again', kind: 'refund', orderId: id, args: { sessionId: session }, requestId: 'r' },
    })
    await world.settle()
    expect(await settleRefund(world.services, session)).toBe('nothing')
    expect(world.control.store.refunds.all()).toHaveLength(1)
    expect(await world.ledger()).toHaveLength(2)
  })

  it('waits for a refund that is on its way', async () => {
    world.deploy.fails = true
    world.control.refundsBecome('pending')
    const { id } = await world.place()
    world.control.pay(await world.sessionOf(id))
    await world.settle()
    expect(await world.order(id)).toMatchObject({ state: 'refunding' })
    const refund = world.control.store.refunds.all()[0]
    world.control.webhooks.hold()
    world.control.settleRefund(refund?.id ?? '', 'succeeded')
    world.time.aheadSeconds = 3_600
    // The event is lost: the sweep finds it.
    expect(await sweepBilling(world.dependencies)).toBe(1)
    expect(await world.order(id)).toMatchObject({ state: 'refunded' })
  })

  it('says honestly when the bank sent the refund back, and calls an operator', async () => {
    world.deploy.fails = true
    const { id } = await world.place()
    world.control.pay(await world.sessionOf(id))
    await world.settle()
    world.control.settleRefund(world.control.store.refunds.all()[0]?.id ?? '', 'failed')
    await world.settle()
    expect(await world.order(id)).toMatchObject({ state: 'refund-failed' })
    expect(await world.said(`order:${id}`)).toEqual(
      expect.arrayContaining(['billing-refund-failed-text', 'billing-support-label']),
    )
    expect(JSON.stringify(await world.shown(`order:${id}`))).toContain('help@clawcloud.example')
    expect(await world.alerts()).toEqual(['refund-failed'])
    // The books say that we have the money again.
    expect((await world.ledger()).reduce((sum, [, cents]) => sum + cents, 0)).toBe(2900)
  })

  it('is over when an operator gives the money back at Stripe after ours failed, and the buyer is told', async () => {
    world.deploy.fails = true
    // As for want of a balance to pay it from.
    world.control.fault({ path: '/v1/refunds', method: 'POST', times: 1, effect: { kind: 'refuse', status: 400 } })
    const { id } = await world.place()
    world.control.pay(await world.sessionOf(id))
    await world.settle()
    expect(await world.order(id)).toMatchObject({ state: 'refund-failed' })
    const { paymentIntentId } = await world.prisma.payment.findFirstOrThrow({ where: { orderId: id } })
    await world.services.payments.refund({ key: 'by-hand', paymentIntentId: paymentIntentId ?? '', reason: 'by hand' })
    await world.settle()
    expect(await world.order(id)).toMatchObject({ state: 'refunded' })
    expect(await world.said(`order:${id}`)).toContain('billing-refunded-deploy-failed')
    expect((await world.ledger()).reduce((sum, [, cents]) => sum + cents, 0)).toBe(0)
  })
})

describe('a refund while Stripe is away', () => {
  it('goes on for as long as that lasts; after an hour operators know and the buyer is told once', async () => {
    world.deploy.fails = true
    // The subscription can still be read, or the payment would not be known at all.
    world.control.fault({ path: '/v1/subscriptions', method: 'DELETE', times: 1_000, effect: { kind: 'refuse', status: 503 } })
    world.control.fault({ path: '/v1/refunds', times: 1_000, effect: { kind: 'refuse', status: 503 } })
    const { id } = await world.place()
    world.control.pay(await world.sessionOf(id))
    await world.waitFor(async () => (await refundOperation())?.data.includes('waited') === true)
    expect(await world.order(id)).toMatchObject({ state: 'refunding' })

    // A night, in leaps: what is laid aside is taken up at each.
    for (const hours of [0.5, 1.1, 5, 12]) {
      world.time.aheadSeconds = hours * 3_600
      await takeUp()
    }
    expect(await world.order(id)).toMatchObject({ state: 'refunding' })
    expect(await world.alerts()).toEqual(['refund-late'])
    expect(await world.said(`order:${id}`)).toEqual(
      expect.arrayContaining(['billing-refunding-deploy-failed', 'billing-refund-late']),
    )
    const news = await world.prisma.outbox.count({ where: { viewId: `order:${id}`, place: 'new' } })
    expect(news).toBe(1)

    world.control.clearFaults()
    await takeUp()
    await world.settle()
    expect(await world.order(id)).toMatchObject({ state: 'refunded' })
    expect(await world.ledger()).toEqual([
      ['charge', 2900],
      ['refund', -2900],
    ])
  }, 60_000)

  async function refundOperation() {
    const found = await world.prisma.operation.findFirst({ where: { kind: 'refund' } })
    return found && { id: found.id, data: JSON.stringify(found.data), tries: found.attempts, open: found.finishedAt === null }
  }

  async function takeUp(): Promise<void> {
    const before = await refundOperation()
    // A try that was under way is not the one that is meant.
    for (let tries = before?.tries; tries === before?.tries; tries = (await refundOperation())?.tries) {
      await world.pool.query(`UPDATE operations SET not_before = now() WHERE kind = 'refund'`)
      await world.engine.run(before?.id ?? '')
    }
  }
})

describe('Stripe being down', () => {
  it('is waited out while the link is made', async () => {
    world.control.fault({ path: '/v1/checkout/sessions', times: 4, effect: { kind: 'refuse', status: 503 } })
    const { id } = await world.place()
    expect(await world.order(id)).toMatchObject({ state: 'awaiting-payment', checkoutAttempt: 1 })
    expect(world.control.store.sessions.all()).toHaveLength(1)
  })

  it('makes one session and one customer when the answers were lost after the work was done', async () => {
    world.control.fault({ path: '/v1/customers', times: 3, effect: { kind: 'lose-answer' } })
    world.control.fault({ path: '/v1/checkout/sessions', times: 3, effect: { kind: 'lose-answer' } })
    await world.place()
    expect(world.control.store.customers.all()).toHaveLength(1)
    expect(world.control.store.sessions.all()).toHaveLength(1)
  })

  it('makes one refund when its answer was lost', async () => {
    world.deploy.fails = true
    world.control.fault({ path: '/v1/refunds', method: 'POST', times: 3, effect: { kind: 'lose-answer' } })
    const { id } = await world.place()
    world.control.pay(await world.sessionOf(id))
    await world.settle()
    expect(world.control.store.refunds.all()).toHaveLength(1)
    expect(await world.order(id)).toMatchObject({ state: 'refunded' })
  })

  it('keeps an event that could not be applied, and applies it later', async () => {
    const { id } = await world.place()
    world.control.fault({ path: '/v1/checkout/sessions', times: 3, effect: { kind: 'refuse', status: 500 } })
    world.control.pay(await world.sessionOf(id))
    await world.settle()
    expect(await world.order(id)).toMatchObject({ state: 'awaiting-payment' })
    const [waiting] = await world.prisma.stripeEvent.findMany({ where: { processedAt: null } })
    expect(waiting).toMatchObject({ type: 'checkout.session.completed', attempts: 1 })
    expect(await sweepBilling(world.dependencies)).toBe(0)
    world.time.aheadSeconds = 60
    expect(await sweepBilling(world.dependencies)).toBe(1)
    await world.settle()
    expect(await world.order(id)).toMatchObject({ state: 'active' })
  })

  it('refuses in words, and offers another try, when the link can’t be made', async () => {
    world.control.fault({
      path: '/v1/checkout/sessions',
      effect: { kind: 'refuse', status: 400, error: { message: 'no', code: 'account_closed' } },
    })
    const { id } = await world.place()
    expect(await world.order(id)).toMatchObject({ state: 'awaiting-payment', reason: 'checkout-unavailable' })
    expect(await world.said(`order:${id}`)).toEqual(
      expect.arrayContaining(['billing-link-failed-text', 'billing-button-new-link']),
    )
    await reopen(id)
    await world.settle()
    expect(await world.said(`order:${id}`)).toContain('billing-button-pay')
  })
})

describe('a change of the account at Stripe', () => {
  it('makes a customer of the new account, and sells as before', async () => {
    const first = await world.place()
    const before = await world.prisma.billingCustomer.findUniqueOrThrow({ where: { personId: 'per_1' } })
    await cancel(first.id)
    // As from the sandbox to real keys, or from test to live: nobody there knows the customer.
    await world.prisma.billingCustomer.update({ where: { personId: 'per_1' }, data: { customerId: 'cus_of_the_stand_in' } })
    const second = await world.place({ instanceName: 'Luna' })
    expect(await world.said(`order:${second.id}`)).toContain('billing-button-pay')
    const after = await world.prisma.billingCustomer.findUniqueOrThrow({ where: { personId: 'per_1' } })
    expect(after.customerId).not.toBe('cus_of_the_stand_in')
    expect(after.customerId).not.toBe(before.customerId)
    world.control.pay(await world.sessionOf(second.id))
    await world.settle()
    expect(await world.order(second.id)).toMatchObject({ state: 'active' })
  })

  it('replaces no customer because Stripe is down', async () => {
    const first = await world.place()
    await cancel(first.id)
    const customers = world.control.store.customers.all().length
    world.control.fault({ path: '/v1/customers', times: 4, effect: { kind: 'refuse', status: 503 } })
    await world.place({ instanceName: 'Luna' })
    expect(world.control.store.customers.all()).toHaveLength(customers)
  })
})

describe('missed webhooks', () => {
  it('are made up for by comparing our open orders with Stripe', async () => {
    const paid = await world.place()
    const open = await world.place({ instanceName: 'Luna' })
    world.control.webhooks.hold()
    world.control.pay(await world.sessionOf(paid.id))
    expect(await reconcileCheckouts(world.services, { after: null })).toEqual({ asked: 0, mended: 0, next: null })
    world.time.aheadSeconds = 600
    expect(await reconcileCheckouts(world.services, { after: null })).toEqual({ asked: 2, mended: 1, next: null })
    await world.settle()
    expect(await world.order(paid.id)).toMatchObject({ state: 'active' })
    expect(await world.order(open.id)).toMatchObject({ state: 'awaiting-payment' })
  })
})

describe('placing an order', () => {
  it('refuses before anyone pays when the hosts are full, counting open orders', async () => {
    world.places.total = 2
    await world.place()
    await world.place({ instanceName: 'Luna' })
    expect(await codeOf(world.place({ instanceName: 'Otto' }, 'row'))).toBe('host-full')
    // A gateway started ahead is what the next order gets: it does not take its place.
    world.places.total = 3
    world.places.used = 1
    await world.prisma.standby.create({
      data: { id: 'stb_1', hostProvider: 'local', hostId: 'h', runtimeVersion: '1', gatewayTokenSealed: 'x', state: 'ready' },
    })
    await world.place({ instanceName: 'Otto' }, 'row')
  })

  it('never gives the last place to two buyers', async () => {
    world.places.total = 1
    const outcomes = await Promise.all(
      ['a', 'b', 'c', 'd', 'e'].map((instanceName) =>
        world.place({ instanceName }, 'row').then(
          () => 'placed',
          () => 'refused',
        ),
      ),
    )
    expect(outcomes.filter((outcome) => outcome === 'placed')).toHaveLength(1)
  })

  it('refuses a name that an open order has, and frees it when that order is over', async () => {
    const { id } = await world.place()
    expect(await codeOf(world.place({ instanceName: 'SCOUT' }, 'row'))).toBe('name-taken')
    await cancel(id)
    await world.place({ instanceName: 'Scout' }, 'row')
  })

  it('compares names letter by letter: no sign stands for others', async () => {
    await world.place({ instanceName: 'axb' }, 'row')
    await world.place({ instanceName: 'a_b' }, 'row')
    await world.place({ instanceName: 'a\\' }, 'row')
    expect(await codeOf(world.place({ instanceName: 'A\\' }, 'row'))).toBe('name-taken')
  })

  it.each([
    ['Scout', 'scout'],
    // Its last letter has two small forms: which one is meant depends on who is asked.
    ['ΟΔΟΣ', 'οδοσ'],
  ])(
    'numbers the name %s when another instance took it as %s while the order waited for a new link',
    async (instanceName, name) => {
      const { id } = await world.place({ instanceName })
      const order = await world.order(id)
      await world.prisma.instance.create({
        data: {
          id: 'ins_other',
          workspaceId: order.workspaceId,
          ownerPersonId: order.personId,
          name,
          planId: 'lite',
          state: 'running',
          model: order.model,
          platform: 'web',
          chatId: 'chat_1',
          userId: 'user_1',
          language: 'en',
          hostProvider: 'local',
        },
      })
      world.control.pay(await world.sessionOf(id))
      await world.settle()
      const instance = await world.prisma.instance.findUnique({ where: { id: (await world.order(id)).instanceId ?? '' } })
      expect(instance?.name).toBe(`${instanceName} 2`)
    },
  )

  it('refuses a fourth unpaid order', async () => {
    for (const instanceName of ['a', 'b', 'c']) await world.place({ instanceName }, 'row')
    expect(await codeOf(world.place({ instanceName: 'd' }, 'row'))).toBe('too-many-orders')
  })
})
