import { setTimeout as wait } from 'node:timers/promises'

/** Feishu takes five messages a second to a person or a group; the clocks on both ends don't tick alike. */
const MESSAGES = 5
const WINDOW_MS = 1050
/** Chats that were written to within the last second, before those that were not are looked for. */
const MANY_CHATS = 1000

/** Everything to one chat waits for its turn, and nothing else does. */
export function createPace() {
  /** When the last messages to a chat went or will go. */
  const chats = new Map<string, number[]>()

  return {
    async turn(chat: string): Promise<void> {
      const now = performance.now()
      if (chats.size > MANY_CHATS) for (const [key, times] of chats) if ((times.at(-1) ?? 0) < now - WINDOW_MS) chats.delete(key)
      const times = (chats.get(chat) ?? []).filter((time) => time > now - WINDOW_MS)
      const fifthLast = times.at(-MESSAGES)
      const at = fifthLast === undefined ? now : Math.max(now, fifthLast + WINDOW_MS)
      chats.set(chat, [...times, at])
      if (at > now) await wait(at - now)
    },
  }
}
export type Pace = ReturnType<typeof createPace>
