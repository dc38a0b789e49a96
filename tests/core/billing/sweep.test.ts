import { afterEach, beforeEach, expect, it } from 'vitest'
import { sweepBilling } from '../../../core/billing/index.ts'
import { type BillingWorld, startBilling } from './harness.ts'

let world: BillingWorld
beforeEach(async () => {
  world = await startBilling()
})
afterEach(() => world.close())

it('an order whose checkout the provider does not know expires when its time is over, and is not asked for again', async () => {
  const order = await world.place()
  await world.pool.query(`UPDATE orders SET checkout_session_id = 'cs_test_gone' WHERE id = $1`, [order.id])
  expect(await sweepBilling(world.dependencies)).toBe(0)
  world.time.aheadSeconds = 2 * 86_400
  await sweepBilling(world.dependencies)
  expect(await world.order(order.id)).toMatchObject({ state: 'expired', reason: null, checkoutUrl: null })
  expect(await world.alerts()).toEqual(['checkout-missing'])
  expect((await world.said(`order:${order.id}`)).join(' ')).toContain('expired')
  expect(await sweepBilling(world.dependencies)).toBe(0)
})

const asked = (sessionId: string) =>
  world.control.requests.filter(({ method, path }) => method === 'GET' && path === `/v1/checkout/sessions/${sessionId}`).length

it('a session of which the provider says nothing we understand is asked for ever more seldom, and reported once', async () => {
  const order = await world.place()
  const session = await world.sessionOf(order.id)
  const { sessions } = world.control.store
  const odd = JSON.parse(JSON.stringify({ ...world.control.session(session), status: 'frozen', expires_at: 4_000_000_000 }))
  sessions.put(odd)
  const before = asked(session)
  // Half a day of sweeps, every 30 seconds, from the end of the link on.
  for (let seconds = 3_640; seconds < 43_200; seconds += 30) {
    world.time.aheadSeconds = seconds
    await sweepBilling(world.dependencies)
  }
  expect(asked(session) - before).toBeLessThan(25)
  expect(asked(session) - before).toBeGreaterThan(5)
  expect(await world.alerts()).toEqual(['checkout-unknown'])
  expect(await world.order(order.id)).toMatchObject({ state: 'awaiting-payment' })
}, 60_000)

it('a session that stays open though its time is over is closed by us, reported, and never asked for again', async () => {
  const order = await world.place()
  const session = await world.sessionOf(order.id)
  world.time.aheadSeconds = 3_700
  await sweepBilling(world.dependencies)
  expect(world.control.session(session).status).toBe('expired')
  expect(await world.order(order.id)).toMatchObject({ state: 'expired' })
  expect(await world.alerts()).toEqual(['checkout-late'])
  const before = asked(session)
  world.time.aheadSeconds = 86_400
  await sweepBilling(world.dependencies)
  expect(asked(session)).toBe(before)
})
