import Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { verifySignature } from '../../../../core/billing/stripe/signature.ts'

const SECRET = 'whsec_test'
const NOW = new Date('2026-11-22T12:00:00Z')
const NOW_SECONDS = NOW.getTime() / 1000
const payload = JSON.stringify({ id: 'evt_1', type: 'invoice.paid', note: 'Grüße, 你好' })
const body = Buffer.from(payload)

const { webhooks } = new Stripe('sk_test_x')
const signed = (timestamp = NOW_SECONDS, secret = SECRET) => webhooks.generateTestHeaderString({ payload, secret, timestamp })

describe('a webhook signature', () => {
  it('is accepted as Stripe’s SDK writes it', () => {
    expect(verifySignature(body, signed(), SECRET, NOW)).toBe('genuine')
  })

  it('is accepted when one of several is right, as while a secret is rolled', () => {
    const other = signed(NOW_SECONDS, 'whsec_old').split(',')[1]
    expect(verifySignature(body, `t=${NOW_SECONDS},${other},${signed().split(',')[1]}`, SECRET, NOW)).toBe('genuine')
  })

  it.each([
    ['another secret', body, signed(NOW_SECONDS, 'whsec_other')],
    ['a changed byte', Buffer.from(payload.replace('evt_1', 'evt_2')), signed()],
    ['another time than was signed', body, signed().replace(`t=${NOW_SECONDS}`, `t=${NOW_SECONDS + 1}`)],
    ['a cut signature', body, signed().slice(0, -2)],
    ['a signature that is not hex', body, `t=${NOW_SECONDS},v1=zz`],
  ])('is refused with %s', (_, bytes, header) => {
    expect(verifySignature(bytes, header, SECRET, NOW)).toBe('forged')
  })

  it('is refused when it is missing or of another scheme', () => {
    for (const header of [undefined, '', 'v1=abc', `t=${NOW_SECONDS}`, `t=x,v1=abc`, signed().replace('v1=', 'v0=')]) {
      expect(verifySignature(body, header, SECRET, NOW)).toBe('unsigned')
    }
  })

  it('is refused when it is older or newer than five minutes', () => {
    expect(verifySignature(body, signed(NOW_SECONDS - 299), SECRET, NOW)).toBe('genuine')
    expect(verifySignature(body, signed(NOW_SECONDS - 301), SECRET, NOW)).toBe('too-old')
    expect(verifySignature(body, signed(NOW_SECONDS + 301), SECRET, NOW)).toBe('too-old')
  })
})
