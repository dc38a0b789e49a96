import { describe, expect, it } from 'vitest'
import { type CheckoutDecision, decide } from '../../../core/billing/apply-checkout.ts'
import { ORDER_STATES, ORDER_TRANSITIONS, type OrderState } from '../../../core/billing/order-state.ts'
import type { CheckoutState } from '../../../core/billing/payment-provider.ts'

const order = (state: OrderState, checkoutSessionId: string | null = 'cs_1') => ({
  id: 'ord_1',
  state,
  checkoutSessionId,
  priceCents: 2900,
  currency: 'usd',
  creditMicros: 8_000_000n,
})
const session = (status: CheckoutState['status'], payment: CheckoutState['payment'], amountCents = 2900) => ({
  sessionId: 'cs_1',
  status,
  payment,
  amountCents,
  currency: 'usd',
})

const paid = session('complete', 'paid')
const [nothing, deliver, wait] = [{ kind: 'nothing' }, { kind: 'deliver' }, { kind: 'wait' }] as const
const refund = (reason: 'late' | 'double' | 'amount'): CheckoutDecision => ({ kind: 'refund', reason })
const expire = (reason: 'payment-failed' | null): CheckoutDecision => ({ kind: 'expire', reason })

describe('what a paid session does to its order', () => {
  it.each<[OrderState, CheckoutDecision]>([
    ['awaiting-payment', deliver],
    ['checking', deliver],
    ['expired', refund('late')],
    ['cancelled', refund('late')],
    ['paid', refund('double')],
    ['active', refund('double')],
    ['past-due', refund('double')],
    ['disputed', refund('double')],
    ['lapsed', deliver],
    ['ended', refund('late')],
    ['refunding', refund('double')],
    ['refunded', refund('double')],
    ['refund-failed', refund('double')],
  ])('%s', (state, expected) => {
    expect(decide(paid, order(state), false)).toEqual(expected)
    expect(decide(paid, order(state), true)).toEqual(nothing)
    expect(decide(session('complete', 'paid', 2800), order(state), false)).toEqual(refund('amount'))
    expect(decide({ ...paid, currency: 'eur' }, order(state), false)).toEqual(refund('amount'))
    expect(decide({ ...paid, currency: 'USD' }, order(state), false)).toEqual(expected)
  })
})

describe('what an unpaid session does to its order', () => {
  it('opens, waits and expires only an order that is open', () => {
    const sessions = [
      session('open', 'unpaid'),
      session('complete', 'pending'),
      session('complete', 'unpaid'),
      session('expired', 'unpaid'),
    ]
    const decisions = (state: OrderState) => sessions.map((one) => decide(one, order(state), false))
    expect(decisions('awaiting-payment')).toEqual([nothing, wait, expire('payment-failed'), expire(null)])
    expect(decisions('checking')).toEqual([nothing, nothing, expire('payment-failed'), expire(null)])
    for (const state of ORDER_STATES.filter((known) => known !== 'awaiting-payment' && known !== 'checking')) {
      expect(decisions(state)).toEqual([nothing, nothing, nothing, nothing])
    }
  })

  it('leaves alone an order that has a newer link', () => {
    expect(decide(session('expired', 'unpaid'), order('awaiting-payment', 'cs_2'), false)).toEqual(nothing)
    expect(decide(paid, order('awaiting-payment', 'cs_2'), false)).toEqual(deliver)
  })
})

describe('the states of an order', () => {
  it('can all be reached and all lead somewhere', () => {
    const reachable = new Set(Object.values(ORDER_TRANSITIONS).flat())
    for (const state of ORDER_STATES) {
      expect(reachable.has(state), state).toBe(true)
      expect(ORDER_TRANSITIONS[state].length, state).toBeGreaterThan(0)
    }
  })
})
