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
