import { createServer, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { getRequestListener } from '@hono/node-server'
import { Stripe } from 'stripe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createStripeIntake } from '../../../../core/billing/stripe/index.ts'
import { listen } from '../../../sandbox/stripe/harness.ts'
import { createTestDatabase } from '../../../support/database.ts'
import { quietLog, systemClock } from '../../../support/services.ts'

const SECRET = 'whsec_intake'
const LIMIT = 1_048_576

let database: Awaited<ReturnType<typeof createTestDatabase>>
let url: string
const outcomes: string[] = []
const woken: string[] = []
const server = createServer((incoming, outgoing) => void listener(incoming, outgoing))
let listener: ReturnType<typeof getRequestListener>

beforeAll(async () => {
  database = await createTestDatabase()
  const intake = createStripeIntake({
    pool: database.database.pool,
    secret: SECRET,
    clock: systemClock,
    log: quietLog,
    onStored: (id) => void woken.push(id),
    observe: (outcome) => void outcomes.push(outcome),
  })
  listener = getRequestListener(intake.fetch)
  url = `${await listen(server)}/stripe`
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await database.close()
})

const { webhooks } = new Stripe('sk_test_x')

/** In pieces of no announced length, as a proxy may send it on. */
function send(pieces: readonly string[], headers: Record<string, string> = {}): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, agent: false })
    sent.once('error', reject)
    sent.once('response', async (response) => {
      const answer = { status: response.statusCode ?? 0, text: await text(response) }
      sent.destroy()
      resolve(answer)
    })
    for (const piece of pieces) sent.write(piece)
    sent.end()
  })
}
const signed = (payload: string) => ({ 'stripe-signature': webhooks.generateTestHeaderString({ payload, secret: SECRET }) })

describe('the Stripe intake', () => {
  it('takes an event that comes in pieces, and answers with nothing', async () => {
    const payload = JSON.stringify({ id: 'evt_pieces', type: 'invoice.paid', data: { object: { name: 'Zoë 🎈' } } })
    const bytes = [payload.slice(0, 10), payload.slice(10, 40), payload.slice(40)]
    expect(await send(bytes, signed(payload))).toEqual({ status: 200, text: '' })
    expect(woken).toEqual(['evt_pieces'])
    expect(outcomes.splice(0)).toEqual(['stored'])
    const { rows } = await database.database.pool.query(`SELECT payload FROM stripe_events WHERE id = 'evt_pieces'`)
    expect(rows).toEqual([{ payload: JSON.parse(payload) }])
  })

  it('says in plain text why it refuses', async () => {
    const answer = await fetch(url, { method: 'POST', body: '{}' })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'text/plain; charset=UTF-8'])
    expect(await answer.text()).toContain('No usable Stripe-Signature header')
    expect(outcomes.splice(0)).toEqual(['unsigned'])
  })

  it.each([
    ['announced', { 'content-length': String(LIMIT + 1) }],
    ['not announced', {}],
  ])('refuses what is too large for an event, %s, and goes on serving', async (_, headers) => {
    const body = 'x'.repeat(LIMIT + 1)
    expect(await send([body], headers)).toEqual({ status: 413, text: 'That is too large for an event.' })
    expect(outcomes.splice(0)).toEqual(['unreadable'])
    expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(400)
    outcomes.length = 0
  })

  it('takes what is exactly as large as allowed for unsigned, not for too large', async () => {
    expect((await send(['x'.repeat(LIMIT)])).status).toBe(400)
    expect(outcomes.splice(0)).toEqual(['unsigned'])
  })

  it('asks for another delivery when the event cannot be stored', async () => {
    await database.database.pool.query('ALTER TABLE stripe_events RENAME TO stripe_events_away')
    const payload = JSON.stringify({ id: 'evt_unstored', type: 'invoice.paid' })
    const answer = await send([payload], signed(payload))
    await database.database.pool.query('ALTER TABLE stripe_events_away RENAME TO stripe_events')
    expect(answer).toEqual({ status: 500, text: 'Could not be stored; please deliver again.' })
    expect(outcomes.splice(0)).toEqual(['not-stored'])
  })
})
