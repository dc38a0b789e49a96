import { createHmac, timingSafeEqual } from 'node:crypto'

/** How old a signed delivery may be, either way, against replays. Source: Stripe's own default. */
const TOLERANCE_SECONDS = 300

/** Two while a secret is being rolled; more means somebody is trying many. */
const MOST_SIGNATURES = 10

export type Verdict = 'genuine' | 'unsigned' | 'too-old' | 'forged'

/**
 * Checks `Stripe-Signature: t=…,v1=…[,v1=…]` over the raw bytes, in constant time.
 * Written here and not taken from the SDK, which would be loaded with the web server.
 */
export function verifySignature(body: Buffer, header: string | undefined, secret: string, now: Date): Verdict {
  const fields = (header ?? '').split(',').map((field) => field.split('=', 2))
  const timestamp = fields.find(([name]) => name?.trim() === 't')?.[1] ?? ''
  const signatures = fields.flatMap(([name, value]) => (name?.trim() === 'v1' && value ? [value] : [])).slice(0, MOST_SIGNATURES)
  if (!/^\d{1,12}$/.test(timestamp) || signatures.length === 0) return 'unsigned'

  const expected = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest()
  const genuine = signatures.some((signature) => {
    const given = Buffer.from(signature, 'hex')
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
  if (!genuine) return 'forged'
  return Math.abs(now.getTime() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS ? 'too-old' : 'genuine'
}
