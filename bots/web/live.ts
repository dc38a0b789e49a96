import { z } from 'zod'
import type { Log } from '../../core/log.ts'
import type { Database } from '../../prisma/database.ts'
import { CHANNEL } from './history.ts'

/** The end of a press, for the pages of whoever pressed: stops the button's spinner and shows the note. */
export type Acknowledged = {
  readonly chatId: string
  readonly userId: string
  readonly clientId: string
  readonly note?: string | undefined
}

export type Listener = {
  readonly chatId: string
  readonly userId: string
  /** Something may have been written: read on from where you are. */
  wake(): void
  acknowledged(event: Acknowledged): void
}

/** Time for PostgreSQL to come back before listening is tried again. */
const RETRY_MS = 2000

const Payload = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('written'), chatId: z.string() }),
  z.object({
    kind: z.literal('acknowledged'),
    chatId: z.string(),
    userId: z.string(),
    clientId: z.string(),
    note: z.string().optional(),
  }),
])

export type Live = ReturnType<typeof createLive>

/**
 * Wakes the open pages when their chat was written to, by whichever replica. A notification carries no message and needs
 * none: a page reads on from its own revision, so a notification that is lost only makes it later.
 * Listening begins with the first page.
 */
export function createLive({ database, log }: { readonly database: Pick<Database, 'pool' | 'listen'>; readonly log: Log }) {
  const listeners = new Set<Listener>()
  let listening: Promise<() => Promise<void>> | undefined
  let heard = false
  let stopped = false
  let retry: NodeJS.Timeout | undefined

  function listen(): void {
    if (listening || stopped) return
    listening = database.listen(CHANNEL, tell)
    listening.then(
      () => {
        heard = true
        wakeAll()
      },
      (error: unknown) => {
        log.warn({ error }, 'web chat can not listen to PostgreSQL; until it can, open pages learn of news by their heartbeat')
        listening = undefined
        retry = setTimeout(listen, RETRY_MS)
        retry.unref()
      },
    )
  }

  function wakeAll(): void {
    for (const listener of listeners) listener.wake()
  }

  function tell(payload: string): void {
    // Empty after a lost connection: anything may have been missed.
    if (payload === '') {
      wakeAll()
      return
    }
    const event = Payload.parse(JSON.parse(payload))
    for (const listener of listeners) {
      if (listener.chatId !== event.chatId) continue
      if (event.kind === 'written') listener.wake()
      else if (listener.userId === event.userId) listener.acknowledged(event)
    }
  }

  return {
    /** Registers a page; the returned function takes it out again. */
    open(listener: Listener): () => void {
      listeners.add(listener)
      listen()
      return () => void listeners.delete(listener)
    },

    /** Tells the presser's pages on every replica. */
    async acknowledge(event: Acknowledged): Promise<void> {
      await database.pool.query('select pg_notify($1, $2)', [CHANNEL, JSON.stringify({ kind: 'acknowledged', ...event })])
    },

    async stop(): Promise<void> {
      stopped = true
      clearTimeout(retry)
      const started = listening
      listening = undefined
      if (!started) return
      const [unlisten] = await Promise.allSettled([started])
      if (unlisten.status === 'fulfilled') await unlisten.value()
    },

    state: () => ({ pages: listeners.size, listening: heard }),
  }
}
