import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  cancelOrder,
  checkOrder,
  createPlans,
  newLink,
  orderActions,
  orderCard,
  placeOrder,
} from '../../../core/billing/index.ts'
import type { Reply } from '../../../core/chat/reply.ts'
import { type BillingWorld, startBilling } from './harness.ts'

let world: BillingWorld
beforeAll(async () => {
  world = await startBilling()
})
afterAll(() => world.close())

async function carryOut(reply: Reply): Promise<void> {
  await world.prisma.$transaction(async (transaction) => {
    for (const effect of reply.effects ?? []) await effect(transaction)
  })
  await world.settle()
}
const words = (reply: Reply) => JSON.stringify(reply.views)

async function placed(instanceName: string): Promise<string> {
  const [plan] = await createPlans({ pool: world.pool, clock: world.services.clock })()
  if (!plan) throw new Error('no plan')
  const reply = placeOrder(world.context(), {
    source: 'managed',
    providerKeyId: null,
    plan,
    model: 'anthropic/claude-sonnet-4.6',
    instanceName,
  })
  expect(words(reply)).toContain('billing-link-preparing-title')
  await carryOut(reply)
  return reply.views[0]?.view.id.replace('order:', '') ?? ''
}

describe('orders in a chat', () => {
  it('are placed with the price of the plan, and get their link', async () => {
    const id = await placed('Scout')
    expect(await world.order(id)).toMatchObject({
      priceCents: 2900,
      creditMicros: 8_000_000n,
      personId: 'per_1',
      chatId: 'chat_1',
      state: 'awaiting-payment',
    })
    expect(await world.said(`order:${id}`)).toContain('billing-button-pay')
  })

  it('say on "I have paid" what the provider says, not what the buyer says', async () => {
    const id = await placed('Luna')
    expect(words(await checkOrder(world.context(), id))).toContain('billing-not-paid-yet')
    world.control.webhooks.hold()
    world.control.pay(await world.sessionOf(id))
    const reply = await orderActions.check.run(world.context(), { orderId: id })
    expect(words(reply)).toContain('billing-paid-title')
    await world.control.webhooks.release()
    await world.settle()
    expect((await world.order(id)).state).toBe('active')
  })

  it('say so when the provider can’t be asked', async () => {
    const id = await placed('Otto')
    world.control.fault({ path: '/v1/checkout/sessions', times: 3, effect: { kind: 'refuse', status: 500 } })
    expect(words(await checkOrder(world.context(), id))).toContain('billing-cannot-ask')
    await carryOut(await cancelOrder(world.context(), id))
  })

  it('are cancelled once; a second press shows how things are', async () => {
    const id = await placed('Maya')
    const cancelled = await cancelOrder(world.context(), id)
    await carryOut(cancelled)
    expect(words(cancelled)).toContain('billing-cancelled-text')
    const again = await cancelOrder(world.context(), id)
    expect(again.effects).toBeUndefined()
    expect(words(await orderActions.cancel.redraw(world.context(), { orderId: id }))).toContain('billing-cancelled-text')
  })

  it('get a new link on the platform where they are taken up again', async () => {
    const id = await placed('Juno')
    await world.services.payments.expireCheckout(await world.sessionOf(id))
    await world.settle()
    const here = world.context()
    const elsewhere = world.context({
      incoming: {
        ...here.incoming,
        platform: 'telegram',
        chat: { id: 'tg_1', kind: 'private' },
        sender: { id: 'tg_user', name: 'Ada' },
      },
      language: 'zh',
    })
    await carryOut(await newLink(elsewhere, id))
    expect(await world.order(id)).toMatchObject({
      state: 'awaiting-payment',
      platform: 'telegram',
      chatId: 'tg_1',
      language: 'zh',
      checkoutAttempt: 2,
    })
    expect(world.control.store.sessions.all().at(-1)?.locale).toBe('zh')
    expect((await newLink(elsewhere, id)).effects).toBeUndefined()
    await carryOut(await cancelOrder(world.context(), id))
  })

  it('whose key is not kept any more get no new link: nobody pays for what could not answer', async () => {
    const id = await placed('Kira')
    await world.services.payments.expireCheckout(await world.sessionOf(id))
    await world.settle()
    await world.prisma.order.update({ where: { id }, data: { source: 'anthropic', providerKeyId: 'key_gone' } })
    await expect(carryOut(await newLink(world.context(), id))).rejects.toMatchObject({ problem: { code: 'order-key-gone' } })
    expect(await world.order(id)).toMatchObject({ state: 'expired', checkoutAttempt: 1 })
  })

  it('are nobody else’s', async () => {
    const id = await placed('Felix')
    const stranger = world.context({
      workspace: {
        id: 'wsp_other',
        kind: 'personal',
        ownerPersonId: 'per_other',
        language: null,
        adminRoleId: null,
        grant: null,
      },
    })
    expect(await orderCard(stranger, id)).toBeNull()
    for (const action of [checkOrder, cancelOrder, newLink]) {
      const reply = await action(stranger, id)
      expect(reply.effects).toBeUndefined()
      expect(words(reply)).toContain('billing-no-order')
    }
  })
})

describe('the plans', () => {
  it('are the rows on sale, and stay known while the database is away', async () => {
    let now = 0
    let broken = false
    const pool = Object.assign(Object.create(world.pool), {
      query: (...given: Parameters<typeof world.pool.query>) =>
        broken ? Promise.reject(new Error('away')) : world.pool.query(...given),
    })
    const plans = createPlans({ pool, clock: { now: () => new Date(now) } })
    expect((await plans()).map((plan) => [plan.id, plan.priceCents, plan.creditMicros])).toEqual([
      ['lite', 2900, 8_000_000],
      ['pro', 4900, 25_000_000],
      ['max', 10900, 60_000_000],
    ])
    broken = true
    now = 120_000
    expect(await plans()).toHaveLength(3)
  })
})
