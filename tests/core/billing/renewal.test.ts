import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPlans, newLink, reconcileSubscriptions } from '../../../core/billing/index.ts'
import type { ChatContext, Reply } from '../../../core/chat/reply.ts'
import type { InstanceSummary } from '../../../core/chat/store.ts'
import { destroyFlow } from '../../../core/commands/destroy.ts'
import { status } from '../../../core/commands/instances.ts'
import { order as orderCommand } from '../../../core/commands/order.ts'
import { sourceOf } from '../../../core/models/index.ts'
import { type BillingWorld, startBilling } from './harness.ts'

let world: BillingWorld
beforeEach(async () => {
  world = await startBilling()
})
afterEach(() => world.close())

const MONTH_SECONDS = 32 * 86_400

/** A paid assistant that runs, and until when it is paid. */
async function active(instanceName = 'Scout') {
  const { id } = await world.place({ instanceName })
  world.control.pay(await world.sessionOf(id))
  await world.settle()
  const { subscriptionId, instanceId } = await world.order(id)
  const instance = await world.prisma.instance.findUniqueOrThrow({ where: { id: instanceId ?? '' } })
  return { id, subscriptionId: subscriptionId ?? '', instanceId: instance.id, paidUntil: instance.cycleEndsAt }
}

async function carryOut(reply: Reply): Promise<Reply> {
  await world.prisma.$transaction(async (transaction) => {
    for (const effect of reply.effects ?? []) await effect(transaction)
  })
  await world.settle()
  return reply
}
const words = (reply: Reply) => JSON.stringify(reply.views)
const stop = (orderId: string) => orderCommand.actions.stop.run(world.context(), { orderId })
const renew = (orderId: string) => orderCommand.actions.renew.run(world.context(), { orderId })
const subscription = (id: string) => world.control.store.subscriptions.get(id)

async function contextWith(instanceId: string): Promise<ChatContext & { readonly instance: InstanceSummary }> {
  const row = await world.prisma.instance.findUniqueOrThrow({ where: { id: instanceId } })
  const order = await world.prisma.order.findUnique({ where: { instanceId } })
  const renews = order?.state === 'active' && order.subscriptionId !== null
  const instance: InstanceSummary = {
    ...row,
    source: sourceOf(row.source),
    renewal: renews ? { orderId: order.id, endsAt: order.endsAt } : null,
    allowanceMicros: Number(row.allowanceMicros),
    baselineMicros: Number(row.baselineMicros),
    usageMicros: Number(row.usageMicros),
  }
  const context = world.context({ instances: [instance] })
  return {
    ...context,
    instance,
    services: { ...world.services, plans: createPlans({ pool: world.pool, clock: world.services.clock }) },
  }
}

describe('calling a renewal off', () => {
  it('is done at Stripe, says until when it runs, and can be taken back until then', async () => {
    const { id, subscriptionId, instanceId, paidUntil } = await active()
    expect(words(await carryOut(await stop(id)))).toContain('billing-renewal-stopping')
    expect(subscription(subscriptionId)).toMatchObject({ cancel_at_period_end: true, status: 'active' })
    expect(await world.order(id)).toMatchObject({ state: 'active', endsAt: paidUntil })
    expect(await world.said(`order:${id}`)).toEqual(
      expect.arrayContaining(['billing-ending-title', 'billing-ending-text', 'billing-button-renew-again']),
    )
    const shown = words(await status.run(await contextWith(instanceId)))
    expect(shown).toContain('status-ends')
    expect(shown).toContain('order.renew')
    expect(shown).not.toContain('status-resets')

    await carryOut(await renew(id))
    expect(subscription(subscriptionId)).toMatchObject({ cancel_at_period_end: false, cancel_at: null })
    expect(await world.order(id)).toMatchObject({ state: 'active', endsAt: null })
    expect(await world.said(`order:${id}`)).toEqual(
      expect.arrayContaining(['billing-active-title', 'billing-button-stop-renewal']),
    )
    expect(words(await status.run(await contextWith(instanceId)))).toContain('status-resets')
    world.control.renew(subscriptionId)
    await world.settle()
    expect(world.cycles).toHaveLength(1)
    const written = await world.prisma.auditEntry.findMany({ orderBy: { id: 'asc' } })
    expect(written.map(({ action }) => action)).toEqual(['renewal-off', 'renewal-on'])
  })

  it('keeps the assistant until the paid time is over; then it is stopped, kept, and can be paid for again', async () => {
    const { id, subscriptionId, instanceId } = await active()
    await carryOut(await stop(id))
    const instance = () => world.prisma.instance.findUniqueOrThrow({ where: { id: instanceId } })
    expect(await instance()).toMatchObject({ state: 'running' })
    world.control.advance(MONTH_SECONDS)
    await world.settle()
    expect(subscription(subscriptionId)).toMatchObject({ status: 'canceled' })
    expect(await world.order(id)).toMatchObject({ state: 'lapsed', reason: null, endsAt: null })
    expect(await instance()).toMatchObject({ state: 'suspended' })
    expect(await world.said(`order:${id}`)).toEqual(expect.arrayContaining(['billing-lapsed-ended', 'billing-lapsed-kept']))
    // It was wanted so: nothing for an operator to look at, nothing charged.
    expect(await world.alerts()).toEqual([])
    expect(await world.ledger()).toEqual([['charge', 2900]])

    world.time.aheadSeconds = MONTH_SECONDS
    await carryOut(await newLink(world.context(), id))
    world.control.pay(await world.sessionOf(id))
    await world.apply(await world.sessionOf(id))
    await world.settle()
    expect(await world.order(id)).toMatchObject({ state: 'active', endsAt: null })
    expect(await instance()).toMatchObject({ state: 'running' })
  })

  it('made in Stripe’s dashboard is shown too, by its event or, if that is missed, by the comparison', async () => {
    const first = await active()
    await world.services.payments.setRenewal({ key: 'dashboard:1', subscriptionId: first.subscriptionId, renews: false })
    await world.settle()
    expect(await world.order(first.id)).toMatchObject({ endsAt: first.paidUntil })
    await world.control.webhooks.hold()
    await world.services.payments.setRenewal({ key: 'dashboard:2', subscriptionId: first.subscriptionId, renews: true })
    expect(await reconcileSubscriptions(world.dependencies)).toMatchObject({ mended: [first.subscriptionId] })
    expect(await world.order(first.id)).toMatchObject({ endsAt: null })
    expect(await reconcileSubscriptions(world.dependencies)).toMatchObject({ mended: [] })
  })

  it('that Stripe refuses changes nothing and says so, with the button still there', async () => {
    const { id } = await active()
    world.control.fault({ path: '/v1/subscriptions', method: 'POST', times: 1, effect: { kind: 'refuse', status: 400 } })
    await carryOut(await stop(id))
    expect(await world.order(id)).toMatchObject({ state: 'active', endsAt: null })
    expect(await world.said(`order:${id}`)).toEqual(
      expect.arrayContaining(['billing-renewal-failed', 'billing-button-stop-renewal']),
    )
  })

  it('is one change at a time, and none for an order that is not paid for', async () => {
    const { id } = await active()
    const [first, second] = [await stop(id), await renew(id)]
    await world.prisma.$transaction(async (transaction) => {
      for (const effect of first.effects ?? []) await effect(transaction)
    })
    await expect(carryOut(second)).rejects.toMatchObject({ problem: { code: 'operation-busy' } })
    await world.settle()
    expect((await world.order(id)).endsAt).not.toBeNull()
    const late = await active('Otto')
    world.control.renew(late.subscriptionId, false)
    await world.settle()
    expect((await stop(late.id)).effects ?? []).toEqual([])
    expect(words(await status.run(await contextWith(late.instanceId)))).not.toContain('order.stop')
    const unpaid = await world.place({ instanceName: 'Luna' })
    expect((await stop(unpaid.id)).effects ?? []).toEqual([])
    expect(words(await stop('ord_of_another'))).toContain('billing-no-order')
  })
})

describe('deleting an assistant', () => {
  it('offers first to use up what is paid for, and that ends the questions', async () => {
    const { id, instanceId, subscriptionId } = await active()
    const { conversation, ...context } = await contextWith(instanceId)
    const answers = { path: [], given: { instanceId } }
    const at = {
      ...context,
      conversation: { ...conversation, flow: 'destroy', version: 1, step: 'confirm', answers, viewId: 'destroy:1' },
    }
    const asked = words(await destroyFlow.redraw(at))
    expect(asked.indexOf('destroy-button-instead')).toBeGreaterThan(0)
    expect(asked.indexOf('destroy-button-instead')).toBeLessThan(asked.indexOf('destroy-submit'))

    const kept = await carryOut(await destroyFlow.answer(at, { kind: 'press', args: { instead: true } }))
    expect(kept.flow).toBeNull()
    expect(subscription(subscriptionId)).toMatchObject({ cancel_at_period_end: true })
    expect(await world.said(`order:${id}`)).toContain('billing-ending-title')
    // Decided: not offered again.
    expect(words(await destroyFlow.redraw(at))).not.toContain('destroy-button-instead')
  })
})
