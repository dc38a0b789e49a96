import { setTimeout as wait } from 'node:timers/promises'
import type { Incoming } from '../../core/chat/incoming.ts'
import type { Card } from './card.ts'
import type { Toast, ToastTexts } from './toasts.ts'

/** What a card callback is answered with, within Feishu's three seconds. An empty one only ends the button's spinner. */
export type PressAnswer = {
  readonly toast?: Toast
  readonly card?: { readonly type: 'raw'; readonly data: Card }
}

/** A press whose result is not there by then is answered without it, and its card changed later. */
const HOLD_MS = 1000
/** Not even stored by then: whoever pressed is told, for Feishu gives a press once only. */
const LATEST_MS = 2500
/** A note and a changed card come a moment after each other; whichever is first waits so long for the other. */
const TOGETHER_MS = 60
/** A change that is sent behind the answer must not overtake it: what came last would be undone. */
const SETTLE_MS = 200

type Held = {
  readonly messageRef: string | undefined
  /** What it came over, and its answer goes back over. */
  readonly connection: number | null
  readonly answer: Promise<PressAnswer>
  toast?: string
  card?: Card
  stored: boolean
  acknowledged: boolean
  /** Gives the answer, if it was not given before. */
  end(last?: PressAnswer): void
}

/**
 * Presses on their way through the core. Each waits a bounded time for what the core makes of it, so that the answer itself carries the
 * note and the changed card; whatever the core does, it is given in time.
 */
export function createPresses(
  toasts: Pick<ToastTexts, 'late' | 'lost'>,
  connection: () => number | null,
  /** One answer cannot overtake another, as over one connection. */
  inOrder: boolean,
) {
  const held = new Map<string, Held>()
  /** By message: ends the wait for what its last answer comes to. */
  const pressedAgain = new Map<string, () => void>()
  /** When a message was last changed by an answer. */
  const answered = new Map<string, Promise<void>>()
  let stopped = false

  function begin(id: string, messageRef: string | undefined): Held {
    let resolve: (answer: PressAnswer) => void = () => undefined
    const answer = new Promise<PressAnswer>((resolved) => {
      resolve = resolved
    })
    const timers = [
      setTimeout(() => press.stored && press.end(), HOLD_MS),
      setTimeout(() => press.end({ toast: toasts.late }), LATEST_MS),
    ]
    const press: Held = {
      messageRef,
      connection: connection(),
      answer,
      stored: false,
      acknowledged: false,
      end(last) {
        if (held.get(id) !== press) return
        held.delete(id)
        for (const timer of timers) clearTimeout(timer)
        resolve(last ?? answerOf(press))
      },
    }
    if (messageRef !== undefined) pressedAgain.get(messageRef)?.()
    held.set(id, press)
    return press
  }

  /**
   * The next press on a message shows that the connection still stands, and the next answer goes behind the last: whoever presses quickly
   * need not wait. What is sent beside the connection does (`settled`).
   */
  async function untilPressedAgain(messageRef: string, settled: Promise<void>): Promise<void> {
    if (!inOrder) return settled
    if ([...held.values()].some((one) => one.messageRef === messageRef)) return
    const again = new Promise<void>((resolve) => pressedAgain.set(messageRef, resolve))
    await Promise.race([settled, again])
    pressedAgain.delete(messageRef)
  }

  /** As soon as both are there; else when the other had its time to come. Never before the press is stored. */
  function endSoon(press: Held): void {
    if (press.card && press.acknowledged && press.stored) press.end()
    else setTimeout(() => press.stored && press.end(), TOGETHER_MS)
  }

  return {
    /**
     * The answer to a press that `store` hands to the core. The same press twice is stored twice (the core knows it by its key) and has
     * one answer.
     */
    take(incoming: Incoming, store: () => Promise<void>): Promise<PressAnswer> {
      if (stopped) return Promise.resolve({ toast: toasts.lost })
      const id = incoming.acknowledgement ?? incoming.updateKey
      const { content } = incoming
      const messageRef = content.kind === 'press' || content.kind === 'form' ? content.messageRef : undefined
      const press = held.get(id) ?? begin(id, messageRef)
      const since = performance.now()
      store().then(
        () => {
          press.stored = true
          if (performance.now() - since >= HOLD_MS) press.end()
          else if (press.card || press.acknowledged) endSoon(press)
        },
        () => press.end({ toast: toasts.lost }),
      )
      return press.answer
    },

    /** The note for whoever pressed; none if it is too late for one. */
    acknowledge(id: string, note: string | undefined): void {
      const press = held.get(id)
      if (!press) return
      press.acknowledged = true
      if (note !== undefined) press.toast = note
      endSoon(press)
    },

    /**
     * Puts a message's new look into the answer to a press on it. False if it has to be sent: no press on it waits any more, or the
     * connection broke under the answer.
     */
    async offer(messageRef: string, card: Card, answers: string | undefined): Promise<boolean> {
      const asked = answers === undefined ? undefined : held.get(answers)
      const press = asked?.messageRef === messageRef ? asked : [...held.values()].findLast((one) => one.messageRef === messageRef)
      if (!press || press.card) return false
      press.card = card
      endSoon(press)
      const given = await press.answer
      const settled = wait(SETTLE_MS)
      answered.set(messageRef, settled)
      void settled.then(() => answered.get(messageRef) === settled && answered.delete(messageRef))
      await untilPressedAgain(messageRef, settled)
      return given.card?.data === card && press.connection !== null && press.connection === connection()
    },

    /** Resolves when nothing that was answered can still be on its way to a message. */
    settled: (messageRef: string): Promise<void> => answered.get(messageRef) ?? Promise.resolve(),

    stop(): void {
      stopped = true
      for (const press of [...held.values()]) press.end()
    },
  }
}
export type Presses = ReturnType<typeof createPresses>

const answerOf = ({ toast, card }: Held): PressAnswer => ({
  ...(toast !== undefined && { toast: { type: 'info', content: toast } }),
  ...(card && { card: { type: 'raw', data: card } }),
})
