import { createHmac } from 'node:crypto'
import type { Clock, Ids } from '../../core/clock.ts'
import { type Event, newEvent } from './payment-objects.ts'
import type { Store } from './store.ts'

export const API_VERSION = '2026-10-28.endive'

/** Real ones are spread over three days; a stand-in is restarted sooner than that. */
const RETRY_DELAYS_MS = [1_000, 5_000, 30_000, 120_000, 600_000, 3_600_000] as const
const DELIVERY_TIMEOUT_MS = 10_000
/** Deliveries remembered for looking at. */
const LOG_LENGTH = 1_000

type Delivery = {
  readonly eventId: string
  readonly type: string
  readonly status: number | null
  readonly error?: string
}

export type Webhooks = {
  /** Records the event and sends it on its way. */
  emit(type: string, object: object): Event
  /** Sends an event (again), whatever became of it before. */
  redeliver(eventId: string): Promise<Delivery>
  /** Holds events back. Those held are sent by `release`. */
  hold(): void
  /** Sends what was held, in the order given by `arrange` (default: as they happened); may repeat and leave out. */
  release(arrange?: (events: readonly Event[]) => readonly Event[]): Promise<void>
  /** How many times each event is sent (1), and how long after it happened (0). */
  readonly manner: { copies: number; delayMs: number }
  /** Every attempt, oldest first. */
  readonly deliveries: readonly Delivery[]
  /** Resolves when nothing is under way; waiting retries count as under way. */
  idle(): Promise<void>
  /** Takes up the events that a stopped process had not delivered. */
  resume(): void
  stop(): void
}

/** Signed deliveries to one endpoint: retried with back-off until it answers 2xx. */
export function createWebhooks(options: {
  readonly store: Store
  readonly clock: Clock
  /** The stand-in's own time, which may have been advanced; signatures carry the real one. */
  readonly now: () => number
  readonly ids: Ids
  readonly url: string
  readonly secret: string
  readonly retryDelaysMs?: readonly number[]
}): Webhooks {
  const { store, clock, ids } = options
  const retryDelaysMs = options.retryDelaysMs ?? RETRY_DELAYS_MS
  const underWay = new Set<Promise<void>>()
  const timers = new Map<NodeJS.Timeout, () => void>()
  const deliveries: Delivery[] = []
  const manner = { copies: 1, delayMs: 0 }
  let held: Event[] | null = null
  let stopped = false

  function emit(type: string, object: object): Event {
    const event = store.events.put(
      newEvent({ id: ids.create('evt'), created: options.now() }, { type, object, apiVersion: API_VERSION, pendingWebhooks: 1 }),
    )
    if (held) held.push(event)
    else send(event)
    return event
  }

  function send(event: Event): void {
    for (let copy = 0; copy < manner.copies; copy++) {
      const done = deliverWithRetries(event).finally(() => underWay.delete(done))
      underWay.add(done)
    }
  }

  async function deliverWithRetries(event: Event): Promise<void> {
    if (manner.delayMs > 0) await wait(manner.delayMs)
    for (let attempt = 0; !stopped; attempt++) {
      const { status } = await deliver(event)
      const delayMs = retryDelaysMs[attempt]
      if ((status !== null && status < 300) || delayMs === undefined) return
      await wait(delayMs)
    }
  }

  async function deliver(event: Event): Promise<Delivery> {
    const payload = JSON.stringify(event, null, 2)
    const timestamp = Math.floor(clock.now().getTime() / 1000)
    const signature = createHmac('sha256', options.secret).update(`${timestamp}.${payload}`).digest('hex')
    const delivery = await post(payload, `t=${timestamp},v1=${signature}`).then(
      (status): Delivery => ({ eventId: event.id, type: event.type, status }),
      (error: unknown): Delivery => ({ eventId: event.id, type: event.type, status: null, error: String(error) }),
    )
    if (delivery.status !== null && delivery.status < 300) store.events.put({ ...event, pending_webhooks: 0 })
    deliveries.push(delivery)
    if (deliveries.length > LOG_LENGTH) deliveries.shift()
    return delivery
  }

  async function post(payload: string, signature: string): Promise<number> {
    const response = await fetch(options.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature, 'user-agent': 'Stripe/1.0' },
      body: payload,
      redirect: 'manual',
      signal: AbortSignal.timeout(DELIVERY_TIMEOUT_MS),
    })
    await response.arrayBuffer()
    return response.status
  }

  function wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        timers.delete(timer)
        resolve()
      }, ms)
      timer.unref()
      timers.set(timer, resolve)
    })
  }

  return {
    emit,
    manner,
    deliveries,
    redeliver(eventId) {
      const event = store.events.get(eventId)
      if (!event) throw new Error(`there is no event ${eventId}`)
      return deliver(event)
    },
    hold() {
      held ??= []
    },
    async release(arrange = (events) => events) {
      const events = held ?? []
      held = null
      for (const event of arrange(events)) await deliver(event)
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay)
    },
    resume() {
      for (const event of store.events.all()) if (event.pending_webhooks > 0) send(event)
    },
    stop() {
      stopped = true
      for (const [timer, resolve] of timers) {
        clearTimeout(timer)
        resolve()
      }
      timers.clear()
    },
  }
}
