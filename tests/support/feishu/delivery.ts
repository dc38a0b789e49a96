import { setTimeout as wait } from 'node:timers/promises'
import type { Channel, Envelope, Outcome } from './channel.ts'
import { hex, type World } from './world.ts'

/** Events and callbacks alike. */
export const ANSWER_WITHIN_MS = 3000
/** Feishu repeats an event after 15 s, 5 min, 1 h and 6 h, then gives up; here on a test's scale. */
const REPEATS_MS = [50, 150, 500, 1500]
/** While nobody is there an event waits: those repeats last for seven hours, longer than any test. */
const LOOK_AGAIN_MS = 20

/** What was sent, for `redeliver` and for tests that need the event's id. */
export type SentEvent = { readonly id: string; readonly type: string; readonly envelope: Envelope }

/** Brings events and callbacks to the bot: events in the order of their chat, again until acknowledged; callbacks once. */
export class Delivery {
  readonly events: SentEvent[] = []
  private readonly lanes = new Map<string, Promise<void>>()
  private closed = false

  constructor(
    private readonly world: World,
    private readonly verificationToken: string,
    private readonly channel: () => Channel,
  ) {}

  envelope(type: string, event: unknown): Envelope {
    const { appId, tenantKey } = this.world
    const header = {
      event_id: hex(16),
      token: this.verificationToken,
      // Callbacks count in microseconds.
      create_time: type.startsWith('card.') ? `${this.world.now()}000` : `${this.world.now()}`,
      event_type: type,
      tenant_key: tenantKey,
      app_id: appId,
    }
    return { schema: '2.0', header, event }
  }

  /** Sends an event; resolves when it is acknowledged or given up. Events of one lane come one after the other. */
  push(type: string, event: unknown, lane: string): Promise<void> {
    const envelope = this.envelope(type, event)
    this.events.push({ id: envelope.header.event_id, type, envelope })
    const before = this.lanes.get(lane) ?? Promise.resolve()
    const tries = before.then(() => this.begin(envelope))
    // The next one waits for the first try only: what has to be repeated is overtaken, as with Feishu.
    this.lanes.set(
      lane,
      tries.then(() => undefined),
    )
    return tries.then(({ rest }) => rest)
  }

  redeliver(eventId: string): Promise<void> {
    const sent = this.events.find(({ id }) => id === eventId)
    if (!sent) throw new Error(`no event ${eventId} was sent`)
    return this.begin(sent.envelope).then(({ rest }) => rest)
  }

  async callback(type: string, event: unknown): Promise<Outcome> {
    const envelope = this.envelope(type, event)
    this.events.push({ id: envelope.header.event_id, type, envelope })
    return this.channel().attempt(envelope, ANSWER_WITHIN_MS)
  }

  close(): void {
    this.closed = true
  }

  private async begin(envelope: Envelope): Promise<{ readonly rest: Promise<void> }> {
    return { rest: (await this.accepted(envelope)) ? Promise.resolve() : this.repeat(envelope) }
  }

  private async repeat(envelope: Envelope): Promise<void> {
    for (const pause of REPEATS_MS) {
      await wait(pause)
      if (await this.accepted(envelope)) return
    }
    const { event_type, event_id } = envelope.header
    this.world.violate(`${event_type} ${event_id} was lost: not acknowledged in ${REPEATS_MS.length + 1} tries`)
  }

  /** One try at somebody who is there. */
  private async accepted(envelope: Envelope): Promise<boolean> {
    while (!this.closed) {
      if (this.channel().isReachable()) {
        const outcome = await this.channel().attempt(envelope, ANSWER_WITHIN_MS)
        if (this.closed) return true
        if (outcome.kind === 'late') {
          this.world.violate(`${envelope.header.event_type} was not acknowledged within ${ANSWER_WITHIN_MS / 1000} s`)
        }
        if (outcome.kind !== 'unreachable') return outcome.kind === 'answered' && outcome.status === 200
      }
      await wait(LOOK_AGAIN_MS)
    }
    return true
  }
}
