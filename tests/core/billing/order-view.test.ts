import { describe, expect, it } from 'vitest'
import { ORDER_STATES } from '../../../core/billing/order-state.ts'
import { doublePaymentView, orderView } from '../../../core/billing/order-view.ts'
import { literal } from '../../../core/chat/build.ts'
import { localise } from '../../../core/chat/localise.ts'
import type { View } from '../../../core/chat/view.ts'
import { createLocaliser, type Language } from '../../../core/i18n/index.ts'

const localiser = createLocaliser()

const order = {
  id: 'ord_1',
  state: 'awaiting-payment',
  reason: null as string | null,
  instanceName: 'Scout',
  planId: 'lite',
  priceCents: 2900,
  currency: 'usd',
  creditMicros: 8_000_000n,
  checkoutUrl: null as string | null,
  checkoutExpiresAt: new Date('2026-11-22T12:00:00Z'),
  subscriptionId: 'sub_1',
  endsAt: null,
  instanceId: 'ins_1' as string | null,
}
const support = { supportContact: 'help@clawcloud.example' }

const says = (view: View, language: Language = 'en'): string =>
  JSON.stringify(localise(view, localiser, language)).replace(/[\u2066-\u2069]/g, '')
const buttonsOf = (view: View) => view.blocks.flatMap((block) => (block.kind === 'buttons' ? block.buttons : []))
const primary = (view: View) => buttonsOf(view).filter((button) => button.style === 'primary')

const REASONS = [
  null,
  'declined',
  'checkout-unavailable',
  'payment-failed',
  'late',
  'amount',
  'deploy-failed',
  'unpaid',
  'dispute-lost',
]

describe('the message of an order', () => {
  it('has words in both languages for every state and reason, and at most one main button', () => {
    for (const state of ORDER_STATES) {
      for (const reason of REASONS) {
        for (const checkoutUrl of [null, 'https://pay.example/x']) {
          const view = orderView({ ...order, state, reason, checkoutUrl }, { ...support, remark: literal('x') })
          expect(view.id).toBe('order:ord_1')
          for (const language of ['en', 'zh'] as const) expect(says(view, language)).not.toContain('billing-')
          expect(primary(view).length, state).toBeLessThanOrEqual(1)
        }
      }
    }
  })

  it('offers to pay, to say so, and to cancel', () => {
    const view = orderView({ ...order, checkoutUrl: 'https://pay.example/x' }, support)
    expect(says(view)).toContain('Pay $29')
    expect(buttonsOf(view)).toMatchObject([
      { url: 'https://pay.example/x' },
      { press: { action: 'order.check' } },
      { press: { action: 'order.cancel', once: true } },
    ])
  })

  it('always says that nothing was charged when nothing was', () => {
    const unpaid = [
      { state: 'awaiting-payment', reason: 'declined', checkoutUrl: 'https://pay.example/x' },
      { state: 'awaiting-payment', reason: 'checkout-unavailable' },
      { state: 'expired' },
      { state: 'expired', reason: 'payment-failed' },
      { state: 'cancelled' },
    ]
    for (const change of unpaid)
      expect(says(orderView({ ...order, ...change }, support)).toLowerCase(), change.state).toContain('nothing was charged')
  })

  it('says where all the money is when it was charged and not kept', () => {
    for (const reason of ['late', 'amount', 'deploy-failed']) {
      expect(says(orderView({ ...order, state: 'refunding', reason }, support))).toMatch(/all of (it|your money) back/)
      expect(says(orderView({ ...order, state: 'refunded', reason }, support))).toContain('given back in full')
    }
  })

  it('gives a human to write to when a refund failed, and does not leave one without', () => {
    expect(says(orderView({ ...order, state: 'refund-failed' }, support))).toContain('help@clawcloud.example')
    expect(says(orderView({ ...order, state: 'refund-failed' }, { supportContact: null }))).toContain('You need not do anything')
  })

  it('tells of a second payment in a message of its own', () => {
    for (const state of ['refund-due', 'refunded', 'refund-failed'] as const) {
      const view = doublePaymentView(
        order,
        { sessionId: 'cs_2', state, amountCents: 2900, currency: 'usd', refundReason: 'double' },
        'help@clawcloud.example',
      )
      expect(view.id).toBe('refund:cs_2')
      expect(says(view)).toContain('$29')
      says(view, 'zh')
    }
  })
})
