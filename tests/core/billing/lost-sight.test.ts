import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { endOrder, reconcileCheckouts, sweepBilling } from '../../../core/billing/index.ts'
import { orderPlace } from '../../../core/billing/order-notice.ts'
import { reopenOrder } from '../../../core/billing/orders.ts'
import { settleRefund } from '../../../core/billing/refunds.ts'
import { type BillingWorld, startBilling } from './harness.ts'

let world: BillingWorld
beforeEach(async () => {
  world = await startBilling()
})
afterEach(() => world.close())

async function active(name: string): Promise<{ readonly id: string; readonly subscriptionId: string }> {
  const { id } = await world.place({ instanceName: name })
  world.control.pay(await world.sessionOf(id))
  await world.settle()
  return { id, subscriptionId: (await world.order(id)).subscriptionId ?? '' }
}

const asked = (path: string) =>
  world.control.requests.filter((request) => request.method === 'GET' && request.path === path).length

describe('comparing checkouts with Stripe', () => {
  it('comes to every open order by turns, however many are older', async () => {
    const ids: string[] = []
    for (const name of ['Ada', 'Bob', 'Cleo']) ids.push((await world.place({ instanceName: name })).id)
    const paths = await Promise.all(ids.map(async (id) => `/v1/checkout/sessions/${await world.sessionOf(id)}`))
    world.time.aheadSeconds = 600
    let after: string | null = null
    for (let turn = 0; turn < 4; turn++) ({ next: after } = await reconcileCheckouts(world.services, { after, most: 1 }))
    expect(after).toBeNull()
    expect(paths.map(asked)).toEqual([1, 1, 1])
  })

  it('finds money that came through the open link of an assistant that was deleted meanwhile, and gives it back', async () => {
    const { id, subscriptionId } = await active('Scout')
    world.control.giveUp(subscriptionId, 'canceled')
    await world.settle()
    expect(await world.order(id)).toMatchObject({ state: 'lapsed' })
    const place = orderPlace(await world.order(id))
    await world.prisma.$transaction((transaction) => reopenOrder(transaction, world.services, id, place, 'req_test'))
    await world.settle()
    const { instanceId } = await world.order(id)
    await world.prisma.$transaction((transaction) => endOrder(transaction, instanceId ?? ''))
    expect(await world.order(id)).toMatchObject({ state: 'ended' })

    world.control.webhooks.hold()
    world.control.pay(await world.sessionOf(id))
    expect(await reconcileCheckouts(world.services, { after: null })).toMatchObject({ asked: 1, mended: 1 })
    await world.settle()
    expect(await world.order(id)).toMatchObject({ state: 'refunded', reason: 'late' })
  })
})

describe('a refund that Stripe does not know any more', () => {
  it('is reported at once, asked for ever more seldom, and after a day the buyer is told that we owe it', async () => {
    world.deploy.fails = true
    world.control.refundsBecome('pending')
    const { id } = await world.place()
    world.control.pay(await world.sessionOf(id))
    await world.settle()
    const sessionId = await world.sessionOf(id)
    await world.prisma.payment.update({ where: { sessionId }, data: { refundId: 're_of_another_account' } })
    const before = asked('/v1/refunds/re_of_another_account')
    for (let seconds = 90; seconds < 12 * 3_600; seconds += 30) {
      world.time.aheadSeconds = seconds
      await sweepBilling(world.dependencies)
    }
    expect(await world.alerts()).toEqual(['refund-missing'])
    expect(asked('/v1/refunds/re_of_another_account') - before).toBeLessThan(50)
    expect(await world.order(id)).toMatchObject({ state: 'refunding' })

    world.time.aheadSeconds = 26 * 3_600
    await sweepBilling(world.dependencies)
    expect(await world.order(id)).toMatchObject({ state: 'refund-failed' })
    expect(await world.alerts()).toEqual(['refund-missing', 'refund-failed'])
    expect(await settleRefund(world.services, sessionId)).toBe('nothing')
  }, 60_000)
})

describe('a declined card', () => {
  it('of a renewal is not told of another order that waits for the same price', async () => {
    const { id, subscriptionId } = await active('Scout')
    const other = await world.place({ instanceName: 'Luna' })
    world.control.renew(subscriptionId, false)
    await world.settle()
    expect(await world.order(id)).toMatchObject({ state: 'past-due' })
    expect(await world.order(other.id)).toMatchObject({ state: 'awaiting-payment', reason: null })
  })

  it('is told of the open order when that is the only one, and of none when it could be either', async () => {
    const first = await world.place({ instanceName: 'Scout', priceCents: 2900 })
    world.control.pay(await world.sessionOf(first.id), '4000000000000002')
    await world.settle()
    expect(await world.order(first.id)).toMatchObject({ reason: 'declined' })
    const second = await world.place({ instanceName: 'Luna' })
    const third = await world.place({ instanceName: 'Otto' })
    world.control.pay(await world.sessionOf(second.id), '4000000000000002')
    await world.settle()
    expect(await world.order(third.id)).toMatchObject({ reason: null })
  })
})
