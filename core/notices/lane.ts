import type { Capabilities } from '../chat/capabilities.ts'
import type { Clock } from '../clock.ts'
import { isProgress, type Letter } from './letter.ts'

/** Sits out so many milliseconds, or fewer when the signal ends it. */
export type Wait = (ms: number, signal?: AbortSignal) => Promise<void>

/** What is known of one chat while something is on its way there: its letters, its pace, its quiet. */
export type Lane = ReturnType<typeof createLane>

export function createLane(key: string, clock: Clock, wait: Wait) {
  /** Letters not delivered yet, in order of arrival. */
  const letters = new Set<Letter>()
  /** The newest edit of each view that is on its way: an older one need not be shown any more. */
  const newestEdit = new Map<string, bigint>()
  /** Until when the platform told us to leave the chat alone (epoch ms). */
  let quietUntilMs = 0
  /** Times of the last paced messages, for the burst, and when the last of them stops to matter. */
  let recent: number[] = []
  let recentUntilMs = 0
  /** The letter whose turn is waited for. */
  let paused: { readonly letter: Letter; readonly over: AbortController } | null = null

  const now = () => clock.now().getTime()
  const isSuperseded = (letter: Letter) => isProgress(letter) && (newestEdit.get(letter.view.id) ?? 0n) > BigInt(letter.id)

  return {
    key,
    letters,

    add(letter: Letter): void {
      letters.add(letter)
      const id = BigInt(letter.id)
      if (isProgress(letter) && (newestEdit.get(letter.view.id) ?? 0n) < id) newestEdit.set(letter.view.id, id)
      if (paused && isSuperseded(paused.letter)) paused.over.abort()
    },

    remove(letter: Letter): void {
      letters.delete(letter)
      if (newestEdit.get(letter.view.id) === BigInt(letter.id)) newestEdit.delete(letter.view.id)
    },

    isSuperseded,

    beQuiet(seconds: number): void {
      quietUntilMs = now() + seconds * 1000
    },

    /** Seconds the platform still wants to be left alone. */
    quietSeconds: () => Math.max(0, (quietUntilMs - now()) / 1000),

    /**
     * Unasked messages share a chat's allowance: a burst at once, then one every so many seconds. What becomes outdated while it
     * waits does not use any of it up, nor hold up what is behind it.
     */
    async keepPace(letter: Letter, { pace }: Capabilities): Promise<void> {
      if (isSuperseded(letter)) return
      const windowMs = pace.secondsPerMessage * pace.burst * 1000
      const from = now()
      recent = recent.filter((time) => time > from - windowMs)
      const oldest = recent[recent.length - pace.burst]
      if (oldest !== undefined) {
        paused = { letter, over: new AbortController() }
        await wait(oldest + windowMs - from, paused.over.signal)
        paused = null
        if (isSuperseded(letter)) return
      }
      recent.push(now())
      recentUntilMs = now() + windowMs
    },

    /** Nothing is on its way and nothing is remembered that would matter. */
    isIdle: () => letters.size === 0 && quietUntilMs <= now() && recentUntilMs <= now(),
  }
}
