import fc from 'fast-check'
import Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { processEvent, sweepBilling } from '../../../core/billing/index.ts'
import { callOff } from '../../../core/billing/orders.ts'
import { WEBHOOK_SECRET } from '../../sandbox/stripe/harness.ts'
import { type BillingWorld, startBilling } from './harness.ts'

let world: BillingWorld
beforeAll(async () => {
  world = await startBilling()
  world.places.total = 100_000
})
afterAll(() => world.close())

const { webhooks } = new Stripe('sk_test_x')

async function post(event: object | string, secret = WEBHOOK_SECRET): Promise<{ status: number; text: string }> {
  const payload = typeof event === 'string' ? event : JSON.stringify(event)
  const response = await fetch(world.webhookUrl, {
    method: 'POST',
    body: payload,
    headers: { 'stripe-signature': webhooks.generateTestHeaderString({ payload, secret }) },
  })
  return { status: response.status, text: await response.text() }
}

const event = (id: string, type: string, object: object = { id: 'x_1' }) => ({ id, object: 'event', type, data: { object } })
const outcomeOf = async (id: string) => (await world.prisma.stripeEvent.findUnique({ where: { id } }))?.outcome
const alertOf = async (key: string) => world.prisma.alert.findUnique({ where: { key } })

/** Each case is a workspace of its own, so that unpaid leftovers of one do not stop the next. */
let cases = 0
async function placeAlone(): Promise<string> {
  const id = `case_${++cases}`
  await world.prisma.person.create({ data: { id, workspaces: { create: { id, kind: 'personal' } } } })
  return (await world.place({ workspaceId: id, personId: id, instanceName: id })).id
}

describe('events of one payment', () => {
  it('have one effect in whatever order, number and company they arrive', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          declinesFirst: fc.boolean(),
          cancels: fc.boolean(),
          order: fc.array(fc.nat(30), { minLength: 8, maxLength: 24 }),
          width: fc.integer({ min: 1, max: 6 }),
        }),
        async ({ declinesFirst, cancels, order, width }) => {
          const id = await placeAlone()
          const session = await world.sessionOf(id)
          const known = new Set(world.control.store.events.all().map((row) => row.id))
          world.control.webhooks.hold()
          if (declinesFirst) world.control.pay(session, '4000000000000002')
          world.control.pay(session)
          const events = world.control.store.events.all().filter((row) => !known.has(row.id))
          if (cancels) {
            await world.prisma.$transaction((transaction) => callOff(transaction, world.services, id, 'req_test'))
          }
          // Some come often, some first, some never (then a whole round makes up for them), several at once.
          const chosen = order.map((index) => events[index % events.length]).filter((row) => row !== undefined)
          const arrivals = [...chosen, ...events]
          for (let start = 0; start < arrivals.length; start += width) {
            const together = arrivals.slice(start, start + width)
            expect((await Promise.all(together.map((row) => post(row)))).every(({ status }) => status === 200)).toBe(true)
            await Promise.all(together.map((row) => processEvent(world.dependencies, row.id)))
          }
          await world.control.webhooks.release(() => [])
          await world.settle()

          const payments = await world.prisma.payment.findMany({ where: { orderId: id } })
          const ledger = await world.prisma.ledgerEntry.findMany({ where: { orderId: id } })
          const deploys = await world.prisma.operation.count({ where: { orderId: id, kind: 'deploy' } })
          const refunds = world.control.store.refunds.all().filter((row) => row.payment_intent === payments[0]?.paymentIntentId)
          expect(payments).toHaveLength(1)
          expect((await world.order(id)).state).toBe(cancels ? 'refunded' : 'active')
          expect([deploys, refunds.length]).toEqual(cancels ? [0, 1] : [1, 0])
          expect(ledger.reduce((sum, entry) => sum + entry.amountCents, 0)).toBe(cancels ? 0 : 2900)
          expect(ledger).toHaveLength(cancels ? 2 : 1)
        },
      ),
      { numRuns: 12 },
    )
  }, 120_000)
})

describe('a webhook', () => {
  it('that is forged is refused with a reason, and stored nowhere', async () => {
    const before = await world.prisma.stripeEvent.count()
    const forged = await post(event('evt_forged', 'checkout.session.completed'), 'whsec_other')
    expect(forged.status).toBe(400)
    expect(forged.text).toContain('signature does not match')
    expect((await fetch(world.webhookUrl, { method: 'POST', body: '{}' })).status).toBe(400)
    expect((await post('not json')).status).toBe(400)
    expect((await post({ id: 'evt_without_type' })).status).toBe(400)
    expect(await world.prisma.stripeEvent.count()).toBe(before)
    expect(world.refusedWebhooks).toEqual(['forged', 'unsigned', 'unreadable', 'unreadable'])
  })

  it('that is too large is refused', async () => {
    expect((await post(event('evt_large', 'x', { id: 'x', text: 'y'.repeat(1_100_000) }))).status).toBe(413)
  })

  it('of an unknown type is stored, reported once with a count, and not applied', async () => {
    await post(event('evt_new_1', 'warp_drive.engaged'))
    await post(event('evt_new_2', 'warp_drive.engaged'))
    await post(event('evt_new_2', 'warp_drive.engaged'))
    await world.settle()
    expect(await outcomeOf('evt_new_1')).toBe('unknown-type')
    expect(await alertOf('stripe-event-type:warp_drive.engaged')).toMatchObject({ kind: 'stripe-event-type', count: 2 })
  })

  it('named like something every object has is an unknown type, not a crash', async () => {
    await post(event('evt_proto', 'constructor'))
    await world.settle()
    expect(await outcomeOf('evt_proto')).toBe('unknown-type')
  })

  it('about an object that is not ours is reported', async () => {
    await post(event('evt_other', 'checkout.session.completed', { id: 'cs_test_other' }))
    await post(event('evt_shapeless', 'invoice.paid', { no: 'id' }))
    await world.settle()
    expect(await outcomeOf('evt_other')).toBe('unknown-object')
    expect(await outcomeOf('evt_shapeless')).toBe('unknown-object')
    expect(await alertOf('stripe-event-object:evt_other')).not.toBeNull()
  })

  it('that the database refuses is asked for again, and takes no other with it', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        post(event(`evt_batch_${index}`, 'plan.created', { id: 'x', text: index === 7 ? '\u0000' : '' })),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(answers.map((_, index) => (index === 7 ? 500 : 200)))
    expect(await world.prisma.stripeEvent.count({ where: { id: { startsWith: 'evt_batch_' } } })).toBe(19)
    expect(await outcomeOf('evt_batch_1')).toBe('irrelevant')
  })

  it('that warns of fraud calls an operator', async () => {
    await post(event('evt_fraud', 'radar.early_fraud_warning.created', { id: 'issfr_1' }))
    await world.settle()
    expect(await alertOf('fraud-warning:issfr_1')).toMatchObject({ kind: 'fraud-warning' })
  })

  it('that keeps failing is kept, tried ever more seldom, and reported', async () => {
    await world.control.webhooks.idle()
    world.control.fault({ path: '/v1/invoices', times: 1_000, effect: { kind: 'refuse', status: 500 } })
    await post(event('evt_stuck', 'invoice.paid', { id: 'in_1' }))
    await world.settle()
    for (let attempt = 1; attempt < 5; attempt++) await processEvent(world.dependencies, 'evt_stuck')
    expect(await alertOf('stripe-event-stuck:evt_stuck')).not.toBeNull()
    world.time.aheadSeconds = 60
    expect(await sweepBilling(world.dependencies)).toBe(0)
    world.time.aheadSeconds = 240
    expect(await sweepBilling(world.dependencies)).toBe(1)
    world.time.aheadSeconds = 0
    world.control.clearFaults()
    await processEvent(world.dependencies, 'evt_stuck')
    expect(await outcomeOf('evt_stuck')).toBe('unknown-object')
  })
})

describe('a renewal', () => {
  it('starts the credit cycle its invoice paid for, and the first invoice none', async () => {
    const id = await placeAlone()
    world.control.pay(await world.sessionOf(id))
    await world.settle()
    expect(world.cycles).toEqual([])
    const { subscriptionId, instanceId } = await world.order(id)
    const invoiceId = world.control.renew(subscriptionId ?? '')
    await world.settle()
    const item = world.control.store.subscriptions.get(subscriptionId ?? '')?.items.data[0]
    expect(world.cycles).toEqual([
      {
        instanceId,
        invoice: {
          invoiceId,
          periodStart: new Date((item?.current_period_start ?? 0) * 1000),
          periodEnd: new Date((item?.current_period_end ?? 0) * 1000),
        },
      },
    ])
    expect(await world.prisma.ledgerEntry.findUnique({ where: { key: `charge:${invoiceId}` } })).toMatchObject({
      amountCents: 2900,
      instanceId,
    })
  })
})

describe('a refund made by hand at Stripe', () => {
  it('is reported, and the order goes on until an operator says otherwise', async () => {
    const id = await placeAlone()
    world.control.pay(await world.sessionOf(id))
    await world.settle()
    const payment = await world.prisma.payment.findFirstOrThrow({ where: { orderId: id } })
    const { refundId } = await world.services.payments.refund({
      key: 'by-hand',
      paymentIntentId: payment.paymentIntentId ?? '',
      reason: 'goodwill',
    })
    await world.settle()
    expect(await alertOf(`refund-by-hand:${refundId}`)).toMatchObject({ kind: 'refund-by-hand' })
    expect((await world.order(id)).state).toBe('active')
  })
})

describe('the sweep', () => {
  it('costs one statement when there is nothing to do', async () => {
    await world.settle()
    world.time.aheadSeconds = 0
    await sweepBilling(world.dependencies)
    const queries: unknown[] = []
    const services = {
      ...world.services,
      clock: world.services.clock,
      database: { ...world.services.database, pool: world.pool, prisma: () => Promise.reject(new Error('Prisma was loaded')) },
    }
    const query = world.pool.query.bind(world.pool)
    const counted = Object.assign(Object.create(world.pool), {
      query: (...given: Parameters<typeof query>) => {
        queries.push(given)
        return query(...given)
      },
    })
    await world.prisma.stripeEvent.updateMany({ where: { processedAt: null }, data: { processedAt: new Date() } })
    expect(
      await sweepBilling({ ...world.dependencies, services: { ...services, database: { ...services.database, pool: counted } } }),
    ).toBe(0)
    expect(queries).toHaveLength(1)
  })
})
