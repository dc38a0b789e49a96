// Long because it follows one paid order through everything that can become of its subscription.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decide } from '../../../core/billing/apply-subscription.ts'
import { cancelOrder, checkOrder, endOrder, newLink, processEvent, reconcileSubscriptions } from '../../../core/billing/index.ts'
import { ORDER_STATES, type OrderState } from '../../../core/billing/order-state.ts'
import type { Reply } from '../../../core/chat/reply.ts'
import type { Button, View } from '../../../core/chat/view.ts'
import type { Order } from '../../../prisma/generated/client.ts'
import { type RunningOpenRouter, startOpenRouter } from '../../sandbox/openrouter-server.ts'
import { subKeysOf } from '../credits/support.ts'
import { type BillingWorld, startBilling } from './harness.ts'

let openrouter: RunningOpenRouter
let world: BillingWorld
beforeEach(async () => {
  openrouter = await startOpenRouter()
  world = await startBilling({ subKeys: subKeysOf(openrouter) })
})
afterEach(async () => {
  await world.close()
  await openrouter.stop()
})

type Active = Order & { readonly subscriptionId: string; readonly instanceId: string }

/** An order whose assistant runs. */
async function active(more: Partial<Order> = {}): Promise<Active> {
  const { id } = await world.place(more)
  world.control.pay(await world.sessionOf(id))
  await world.settle()
  const order = await world.order(id)
  if (order.subscriptionId === null || order.instanceId === null) throw new Error('the order is not active')
  return { ...order, subscriptionId: order.subscriptionId, instanceId: order.instanceId }
}

const stateOf = async (order: Order) => (await world.order(order.id)).state
const instanceState = async ({ instanceId }: Active) =>
  (await world.prisma.instance.findUniqueOrThrow({ where: { id: instanceId } })).state
const buttonsOf = (view: View | null): readonly Button[] =>
  view?.blocks.flatMap((block) => (block.kind === 'buttons' ? block.buttons : [])) ?? []
const linksOf = (view: View | null) => buttonsOf(view).flatMap((button) => ('url' in button ? [button.url] : []))
/** The chat gets a message of its own, not a change weeks above. */
const places = async (order: Order) =>
  (await world.prisma.outbox.findMany({ where: { viewId: `order:${order.id}` }, orderBy: { id: 'asc' } })).map((row) => row.place)
const intentOf = async (order: Order) =>
  (await world.prisma.payment.findFirstOrThrow({ where: { orderId: order.id } })).paymentIntentId ?? ''

async function carryOut(reply: Reply): Promise<void> {
  await world.prisma.$transaction(async (transaction) => {
    for (const effect of reply.effects ?? []) await effect(transaction)
  })
  await world.settle()
}

describe('what a subscription says of its order, as a table:', () => {
  const nothing = { kind: 'nothing' }
  it.each<[OrderState, readonly object[]]>([
    // active, past_due, unpaid, canceled, not there
    [
      'active',
      [nothing, { kind: 'past-due' }, { kind: 'lapse', reason: 'unpaid' }, { kind: 'lapse', reason: null }, { kind: 'alert' }],
    ],
    [
      'past-due',
      [
        { kind: 'paid' },
        { kind: 'past-due' },
        { kind: 'lapse', reason: 'unpaid' },
        { kind: 'lapse', reason: 'unpaid' },
        { kind: 'alert' },
      ],
    ],
    [
      'disputed',
      [nothing, nothing, { kind: 'lapse', reason: 'dispute-lost' }, { kind: 'lapse', reason: 'dispute-lost' }, { kind: 'alert' }],
    ],
    ['lapsed', [{ kind: 'paid' }, nothing, { kind: 'lapse', reason: 'unpaid' }, { kind: 'lapse', reason: null }, nothing]],
  ])('%s', (state, expected) => {
    const words = ['active', 'past_due', 'unpaid', 'canceled', null] as const
    expect(words.map((status) => decide(status, state))).toEqual(expected)
    expect(decide('trialing', state)).toEqual(decide('active', state))
    // Another end than we know is taken over while it runs.
    const follows = state === 'active' || state === 'disputed' ? { kind: 'renewal' } : { kind: 'paid' }
    expect(decide('active', state, true)).toEqual(follows)
    expect(decide('incomplete_expired', state)).toEqual(decide('canceled', state))
    for (const status of ['paused', 'incomplete', 'unknown'] as const)
      expect(decide(status, state)).toEqual(state === 'lapsed' ? nothing : { kind: 'alert' })
  })

  it('an order that has no instance running or kept is left alone', () => {
    for (const state of ORDER_STATES.filter((known) => !['active', 'past-due', 'disputed', 'lapsed'].includes(known)))
      for (const status of ['active', 'past_due', 'unpaid', 'canceled', null] as const)
        expect(decide(status, state)).toEqual(nothing)
  })
})

describe('a renewal that is not paid', () => {
  it('is told in the chat with the page of its invoice, and the assistant goes on', async () => {
    const order = await active()
    const invoiceId = world.control.renew(order.subscriptionId, false)
    await world.settle()
    expect(await stateOf(order)).toBe('past-due')
    expect(await instanceState(order)).toBe('running')
    const view = await world.shown(`order:${order.id}`)
    expect(await world.said(`order:${order.id}`)).toContain('billing-past-due-text')
    expect(linksOf(view)).toEqual([world.control.store.invoices.get(invoiceId)?.hosted_invoice_url])
    expect((await places(order)).at(-1)).toBe('new')
    expect(world.cycles).toEqual([])
    expect(await world.alerts()).toEqual([])
  })

  it('is told once, however often the provider tries again', async () => {
    const order = await active()
    world.control.renew(order.subscriptionId, false)
    await world.settle()
    const before = (await places(order)).length
    for (const { id } of world.control.store.events.all().filter(({ type }) => /^invoice.payment_failed|updated$/.test(type))) {
      await world.prisma.stripeEvent.updateMany({ where: { id }, data: { processedAt: null } })
      await processEvent(world.dependencies, id)
    }
    expect(await places(order)).toHaveLength(before)
  })

  it('is over as soon as its owner has paid on that page, and begins the month’s credit', async () => {
    const order = await active()
    const invoiceId = world.control.renew(order.subscriptionId, false)
    await world.settle()
    const [page] = linksOf(await world.shown(`order:${order.id}`))
    expect(await (await fetch(page ?? '')).text()).toContain('Pay $29.00')
    await fetch(page ?? '', { method: 'POST' })
    await world.settle()
    expect(await world.order(order.id)).toMatchObject({ state: 'active', reason: null, checkoutUrl: null })
    expect(world.cycles.map(({ invoice }) => invoice.invoiceId)).toEqual([invoiceId])
    expect((await world.ledger()).map(([, cents]) => cents)).toEqual([2900, 2900])
  })

  it('answers "ask again" with what the provider says', async () => {
    const order = await active()
    const invoiceId = world.control.renew(order.subscriptionId, false)
    await world.settle()
    expect(JSON.stringify(await checkOrder(world.context(), order.id))).toContain('billing-not-paid-yet')
    world.control.webhooks.hold()
    world.control.payInvoice(invoiceId)
    expect(JSON.stringify(await checkOrder(world.context(), order.id))).toContain('billing-active-title')
    await world.control.webhooks.release()
  })
})

describe('a subscription that ended at Stripe', () => {
  it('stops the assistant, keeps everything, tells its owner, and calls an operator', async () => {
    const order = await active()
    world.control.renew(order.subscriptionId, false)
    await world.settle()
    world.control.giveUp(order.subscriptionId, 'canceled')
    await world.settle()
    expect(await world.order(order.id)).toMatchObject({ state: 'lapsed', reason: 'unpaid', checkoutUrl: null })
    expect(await world.prisma.instance.findUniqueOrThrow({ where: { id: order.instanceId } })).toMatchObject({
      state: 'suspended',
      hostId: 'oc-1',
      destroyedAt: null,
    })
    expect(await world.said(`order:${order.id}`)).toEqual(
      expect.arrayContaining(['billing-lapsed-unpaid', 'billing-lapsed-kept', 'billing-button-go-on']),
    )
    expect((await places(order)).at(-1)).toBe('new')
    expect(await world.alerts()).toEqual(['subscription-ended'])
  })

  it('says so differently when somebody cancelled it', async () => {
    const order = await active()
    world.control.giveUp(order.subscriptionId, 'canceled')
    await world.settle()
    expect(await world.order(order.id)).toMatchObject({ state: 'lapsed', reason: null })
    expect(await world.said(`order:${order.id}`)).toContain('billing-lapsed-ended')
    expect(await instanceState(order)).toBe('suspended')
  })

  it('left unpaid, goes on when its invoice is paid after all', async () => {
    const order = await active()
    const invoiceId = world.control.renew(order.subscriptionId, false)
    world.control.giveUp(order.subscriptionId, 'unpaid')
    await world.settle()
    expect(await stateOf(order)).toBe('lapsed')
    expect(linksOf(await world.shown(`order:${order.id}`))).toHaveLength(1)
    // A second subscription beside the one that can still be paid would charge twice.
    expect((await newLink(world.context(), order.id)).effects ?? []).toEqual([])
    world.control.payInvoice(invoiceId)
    await world.settle()
    expect(await world.order(order.id)).toMatchObject({ state: 'active', checkoutUrl: null })
    expect(await instanceState(order)).toBe('running')
    expect(world.cycles.map(({ invoice }) => invoice.invoiceId)).toEqual([invoiceId])
  })

  it('is gone on with by paying anew: the same assistant, a new subscription, the whole credit', async () => {
    const order = await active()
    const key = await subKeysOf(openrouter).create({ name: 'oc-x-g1', limitMicros: 8_000_000 })
    // Its paid month was over yesterday.
    const cycleEndsAt = new Date(world.services.clock.now().getTime() - 86_400_000)
    await world.prisma.instance.update({ where: { id: order.instanceId }, data: { subKeyHash: key.hash, cycleEndsAt } })
    world.control.giveUp(order.subscriptionId, 'canceled')
    await world.settle()

    await carryOut(await newLink(world.context(), order.id))
    expect(await world.said(`order:${order.id}`)).toEqual(
      expect.arrayContaining(['billing-pay-again-title', 'billing-pay-again-text', 'billing-button-pay']),
    )
    world.control.pay(await world.sessionOf(order.id))
    await world.settle()

    const after = await world.order(order.id)
    expect(after).toMatchObject({ state: 'active', instanceId: order.instanceId })
    expect(after.subscriptionId).not.toBe(order.subscriptionId)
    expect(await instanceState(order)).toBe('running')
    expect(world.deploy.deployed).toEqual([order.instanceId])
    expect(await world.prisma.instance.count()).toBe(1)
    const instance = await world.prisma.instance.findUniqueOrThrow({ where: { id: order.instanceId } })
    expect(instance.cycleEndsAt?.getTime()).toBeGreaterThan(world.services.clock.now().getTime())
    expect(await world.ledger()).toEqual([
      ['charge', 2900],
      ['charge', 2900],
      ['cycle', 0],
    ])
    expect(world.control.store.subscriptions.all().map(({ status }) => status)).toEqual(['canceled', 'active'])
  })

  it('is lapsed again when the new link is cancelled or runs out, and keeps its assistant', async () => {
    const order = await active()
    world.control.giveUp(order.subscriptionId, 'canceled')
    await world.settle()
    await carryOut(await newLink(world.context(), order.id))
    const cancelled = await cancelOrder(world.context(), order.id)
    expect(JSON.stringify(cancelled)).toContain('billing-lapsed-kept')
    await carryOut(cancelled)
    expect(await stateOf(order)).toBe('lapsed')

    await carryOut(await newLink(world.context(), order.id))
    world.control.advance(3_700)
    await world.settle()
    expect(await stateOf(order)).toBe('lapsed')
    expect(await instanceState(order)).toBe('suspended')
    expect(await world.said(`order:${order.id}`)).toContain('billing-button-go-on')
  })

  it('holds no second place on the hosts while it is paid for anew', async () => {
    const order = await active()
    world.control.giveUp(order.subscriptionId, 'canceled')
    await world.settle()
    world.places.total = 1
    world.places.used = 1
    await carryOut(await newLink(world.context(), order.id))
    expect(await stateOf(order)).toBe('awaiting-payment')
  })

  it('is over for good when its owner deletes the assistant; money that still comes is given back', async () => {
    const order = await active()
    world.control.giveUp(order.subscriptionId, 'canceled')
    await world.settle()
    await carryOut(await newLink(world.context(), order.id))
    const session = await world.sessionOf(order.id)
    await world.prisma.$transaction(async (transaction) => {
      await transaction.instance.update({
        where: { id: order.instanceId },
        data: { state: 'destroyed', destroyedAt: world.services.clock.now() },
      })
      await endOrder(transaction, order.instanceId)
    })
    expect(await stateOf(order)).toBe('ended')
    world.control.pay(session)
    await world.settle()
    expect(await world.order(order.id)).toMatchObject({ state: 'refunded', reason: 'late' })
    expect(world.control.store.subscriptions.all().every(({ status }) => status === 'canceled')).toBe(true)
  })

  it('leaves an assistant alone that is being deleted: that is how its subscription ended', async () => {
    const order = await active()
    await world.prisma.instance.update({ where: { id: order.instanceId }, data: { state: 'destroying' } })
    await world.services.payments.cancelSubscription(order.subscriptionId)
    await world.settle()
    expect(await stateOf(order)).toBe('active')
    expect(await instanceState(order)).toBe('destroying')
    expect(await world.alerts()).toEqual([])
  })

  it('waits while something else is done with the assistant, and is applied after that', async () => {
    const order = await active()
    await world.prisma.operation.create({
      data: { id: 'op_busy', kind: 'restart', instanceId: order.instanceId, requestId: 'r', notBefore: new Date('2100-01-01') },
    })
    world.control.giveUp(order.subscriptionId, 'canceled')
    await world.control.webhooks.idle()
    const [waiting] = await world.prisma.stripeEvent.findMany({ where: { type: 'customer.subscription.deleted' } })
    expect(await stateOf(order)).toBe('active')
    await world.prisma.operation.delete({ where: { id: 'op_busy' } })
    world.time.aheadSeconds = 120
    await processEvent(world.dependencies, waiting?.id ?? '')
    await world.settle()
    expect(await stateOf(order)).toBe('lapsed')
  })
})

describe('a disputed payment', () => {
  it('is told to its owner and to operators, and the assistant goes on until the bank decides', async () => {
    const order = await active()
    const dispute = world.control.dispute(await intentOf(order))
    await world.settle()
    expect(await stateOf(order)).toBe('disputed')
    expect(await instanceState(order)).toBe('running')
    expect(await world.said(`order:${order.id}`)).toEqual(
      expect.arrayContaining(['billing-disputed-text', 'billing-support-label']),
    )
    expect((await places(order)).at(-1)).toBe('new')
    const [alert] = await world.prisma.alert.findMany()
    expect(alert).toMatchObject({
      kind: 'dispute',
      key: `dispute:${dispute}`,
      detail: { orderId: order.id, status: 'needs_response' },
    })
    expect(await world.ledger()).toEqual([
      ['charge', 2900],
      ['dispute', -2900],
    ])
  })

  it('that is won puts everything as it was', async () => {
    const order = await active()
    const dispute = world.control.dispute(await intentOf(order))
    await world.settle()
    world.control.settleDispute(dispute, 'won')
    await world.settle()
    expect(await stateOf(order)).toBe('active')
    expect((await world.ledger()).reduce((sum, [, cents]) => sum + cents, 0)).toBe(2900)
  })

  it('that is lost ends the subscription, so that it is not charged and disputed again', async () => {
    const order = await active()
    const dispute = world.control.dispute(await intentOf(order))
    await world.settle()
    world.control.settleDispute(dispute, 'lost')
    await world.settle()
    expect(await world.order(order.id)).toMatchObject({ state: 'lapsed', reason: 'dispute-lost' })
    expect(await instanceState(order)).toBe('suspended')
    expect(world.control.store.subscriptions.get(order.subscriptionId)?.status).toBe('canceled')
    expect((await world.ledger()).reduce((sum, [, cents]) => sum + cents, 0)).toBe(0)
    expect(await world.said(`order:${order.id}`)).toContain('billing-lapsed-dispute-lost')
  })

  it('of a renewal is found through its invoice', async () => {
    const order = await active()
    const invoiceId = world.control.renew(order.subscriptionId)
    const payment = world.control.store.invoicePayments.all().find(({ invoice }) => invoice === invoiceId)
    world.control.dispute(payment?.payment.payment_intent ?? '')
    await world.settle()
    expect(await stateOf(order)).toBe('disputed')
  })

  it('that is only asked about changes nothing, and calls an operator', async () => {
    const order = await active()
    world.control.dispute(await intentOf(order), 'warning_needs_response')
    await world.settle()
    expect(await stateOf(order)).toBe('active')
    expect(await world.ledger()).toHaveLength(1)
    expect(await world.alerts()).toEqual(['dispute'])
  })

  it('has one effect however often and in whatever order its events come', async () => {
    const order = await active()
    world.control.webhooks.hold()
    const dispute = world.control.dispute(await intentOf(order))
    world.control.settleDispute(dispute, 'won')
    await world.control.webhooks.release((events) => [...events].reverse().flatMap((event) => [event, event]))
    await world.settle()
    expect(await stateOf(order)).toBe('active')
    expect((await world.ledger()).reduce((sum, [, cents]) => sum + cents, 0)).toBe(2900)
  })
})

describe('comparing all subscriptions with our orders', () => {
  const compare = () => reconcileSubscriptions(world.dependencies)
  const nothing = { mended: [], cancelled: [], strays: [], unpaid: [] }

  it('finds nothing to say when they agree, over as many pages as there are', async () => {
    const order = await active()
    const { subscriptions } = world.control.store
    const known = subscriptions.get(order.subscriptionId)
    if (!known) throw new Error('no subscription')
    // Somebody else's business on the same account.
    for (let number = 0; number < 230; number++) subscriptions.put({ ...known, id: `sub_other_${number}`, metadata: {} })
    expect(await compare()).toEqual({ seen: 1, ...nothing })
    const pages = world.control.requests.filter(({ method, path }) => method === 'GET' && path === '/v1/subscriptions')
    expect(pages).toHaveLength(3)
    expect(await world.alerts()).toEqual([])
  })

  it('makes up for events that never came: an unpaid renewal, an end, a paid renewal', async () => {
    const unpaid = await active()
    const ended = await active({ instanceName: 'Luna' })
    const renewed = await active({ instanceName: 'Otto' })
    world.control.webhooks.hold()
    world.control.renew(unpaid.subscriptionId, false)
    world.control.giveUp(ended.subscriptionId, 'canceled')
    const invoiceId = world.control.renew(renewed.subscriptionId)
    const report = await compare()
    expect([...report.mended].sort()).toEqual([unpaid.subscriptionId, ended.subscriptionId, renewed.subscriptionId].sort())
    await world.control.webhooks.release(() => [])
    await world.settle()
    expect(await stateOf(unpaid)).toBe('past-due')
    expect(await stateOf(ended)).toBe('lapsed')
    expect(await instanceState(ended)).toBe('suspended')
    expect(world.cycles.map(({ instanceId, invoice }) => [instanceId, invoice.invoiceId])).toEqual([
      [renewed.instanceId, invoiceId],
    ])
  })

  it('begins the first cycle of one that was paid anew, if that could not be done then', async () => {
    const order = await active()
    const cycleEndsAt = new Date(world.services.clock.now().getTime() - 86_400_000)
    await world.prisma.instance.update({ where: { id: order.instanceId }, data: { cycleEndsAt } })
    world.control.giveUp(order.subscriptionId, 'canceled')
    await world.settle()
    await carryOut(await newLink(world.context(), order.id))
    world.control.pay(await world.sessionOf(order.id))
    await world.settle()
    expect(world.cycles).toEqual([])

    const { subscriptionId } = await world.order(order.id)
    expect(await compare()).toMatchObject({ mended: [subscriptionId] })
    const { latest_invoice: invoiceId } = world.control.store.subscriptions.get(subscriptionId ?? '') ?? {}
    expect(world.cycles).toMatchObject([{ instanceId: order.instanceId, invoice: { invoiceId } }])
  })

  it('cancels one that still charges for an assistant that was deleted, and reports it', async () => {
    const order = await active()
    await world.prisma.$transaction(async (transaction) => {
      await transaction.instance.update({
        where: { id: order.instanceId },
        data: { state: 'destroyed', destroyedAt: world.services.clock.now() },
      })
      await endOrder(transaction, order.instanceId)
    })
    expect(await compare()).toMatchObject({ cancelled: [order.subscriptionId] })
    expect(world.control.store.subscriptions.get(order.subscriptionId)?.status).toBe('canceled')
    expect(await world.alerts()).toEqual(['subscription-without-instance'])
    expect(await compare()).toMatchObject({ seen: 0, ...nothing })
  })

  it('cancels a second one that was begun for an order and is older than an hour', async () => {
    const order = await active()
    const { subscriptions } = world.control.store
    const known = subscriptions.get(order.subscriptionId)
    if (!known) throw new Error('no subscription')
    subscriptions.put({ ...known, id: 'sub_second' })
    expect(await compare()).toMatchObject(nothing)
    world.time.aheadSeconds = 3_700
    expect(await compare()).toMatchObject({ cancelled: ['sub_second'] })
    expect(subscriptions.get(order.subscriptionId)?.status).toBe('active')
  })

  it('reports one with our mark and no order, and touches it not', async () => {
    const order = await active()
    const { subscriptions } = world.control.store
    const known = subscriptions.get(order.subscriptionId)
    if (!known) throw new Error('no subscription')
    subscriptions.put({ ...known, id: 'sub_elsewhere', metadata: { order_id: 'ord_of_another_installation' } })
    expect(await compare()).toMatchObject({ strays: ['sub_elsewhere'] })
    expect(subscriptions.get('sub_elsewhere')?.status).toBe('active')
    expect(await world.alerts()).toEqual(['subscription-stray'])
  })

  it('reports an assistant that runs without a subscription, and stops it not', async () => {
    const without = await active()
    const unknown = await active({ instanceName: 'Luna' })
    await world.prisma.order.update({ where: { id: without.id }, data: { subscriptionId: null } })
    await world.prisma.order.update({ where: { id: unknown.id }, data: { subscriptionId: 'sub_of_another_account' } })
    expect([...(await compare()).unpaid].sort()).toEqual([without.id, unknown.id].sort())
    expect([await instanceState(without), await instanceState(unknown)]).toEqual(['running', 'running'])
    expect(await world.alerts()).toContain('instance-without-subscription')
  })

  it('says nothing of anybody while Stripe does not answer', async () => {
    const order = await active()
    world.control.fault({ path: '/v1/subscriptions', times: 50, effect: { kind: 'refuse', status: 500 } })
    await expect(compare()).rejects.toThrow()
    expect(await stateOf(order)).toBe('active')
    expect(await world.alerts()).toEqual([])
  })
})
