// Posts signed Stripe events, each with an id of its own, over 50 connections for a while, and prints what came of it.
import { createHmac } from 'node:crypto'
import autocannon from 'autocannon'

const [url, secret, seconds, connections] = process.argv.slice(2)
const type = 'payment_method.attached' // one that changes nothing for us, so that only the intake is measured
let made = 0

function signedEvent() {
  const now = Math.floor(Date.now() / 1000)
  const id = `evt_bench_${process.pid}_${++made}`
  const body = JSON.stringify({
    id,
    object: 'event',
    api_version: '2026-09-30.endive',
    created: now,
    type,
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    data: { object: { id: `pm_${made}`, object: 'payment_method', filler: 'x'.repeat(650) } },
  })
  const signature = createHmac('sha256', secret).update(`${now}.${body}`).digest('hex')
  return { body, header: `t=${now},v1=${signature}` }
}

// Signed before the clock starts: on a small machine the generator's own work is the servers' loss.
const MOST_PER_SECOND = 15_000
const ready = Array.from({ length: Number(seconds) * MOST_PER_SECOND }, signedEvent)

const result = await autocannon({
  url,
  connections: Number(connections),
  duration: Number(seconds),
  requests: [
    {
      method: 'POST',
      setupRequest(request) {
        const { body, header } = ready.pop() ?? signedEvent()
        return { ...request, body, headers: { 'content-type': 'application/json', 'stripe-signature': header } }
      },
    },
  ],
})
process.stdout.write(
  `${JSON.stringify({
    perSecond: result.requests.average,
    p50: result.latency.p50,
    p99: result.latency.p99,
    answered: result['2xx'],
    refused: result.non2xx + result.errors,
  })}\n`,
)
