import type { Hono } from 'hono'
import type { ChatPlatform, CommandMenu, Draw, Receive } from '../../core/chat/platform.ts'
import type { Clock, Ids } from '../../core/clock.ts'
import type { Localiser } from '../../core/i18n/index.ts'
import type { Log } from '../../core/log.ts'
import type { Database } from '../../prisma/database.ts'
import { capabilities, TOAST_MAX } from './capabilities.ts'
import { createHistory } from './history.ts'
import { createLive } from './live.ts'
import { createRoutes } from './routes.ts'
import { isWebChat, privateChatOf } from './session.ts'

/** Wait before a message is tried again that the database did not take. */
const DATABASE_RETRY_SECONDS = 2

export type WebOptions = {
  readonly database: Pick<Database, 'pool' | 'listen'>
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly draw: Draw
  readonly localiser: Localiser
  readonly brandName: string
  /** The address the world sees: only it and loopback are served then, and its https makes the cookies `Secure`. */
  readonly publicUrl?: string
}

/** The chat in a browser, on a page of our own. `routes` serves everything below /chat. */
export function createWeb(options: WebOptions): ChatPlatform & { readonly routes: Hono } {
  const { database, log } = options
  const history = createHistory(database.pool)
  const live = createLive({ database, log })
  const closing = new AbortController()
  let receiver: Receive | undefined
  let menus: readonly CommandMenu[] = []

  return {
    name: 'web',
    capabilities,

    routes: createRoutes({
      ...options,
      history,
      live,
      closing: closing.signal,
      receiver: () => receiver,
      commands: (language) => (menus.find((menu) => menu.language === language) ?? menus[0])?.commands ?? [],
    }),

    async start(receive) {
      receiver = receive
    },

    async stop() {
      receiver = undefined
      closing.abort()
      await live.stop()
    },

    async deliver({ chatId, tone, message, edit, onlyFor }) {
      if (!isWebChat(chatId)) return { kind: 'chat-gone', reason: `"${chatId}" is no chat of the web page` }
      const stored = { tone, message, ...(onlyFor === undefined ? {} : { onlyFor }) }
      try {
        if (edit === undefined) return { kind: 'delivered', ref: await history.append(chatId, stored) }
        const found = /^[0-9]{1,18}$/.test(edit) && (await history.replace(chatId, edit, stored))
        return found ? { kind: 'delivered', ref: edit } : { kind: 'message-gone' }
      } catch (error) {
        log.warn({ error, chatId }, 'web chat could not store a message of the service; it is tried again')
        return {
          kind: 'retry-later',
          afterSeconds: DATABASE_RETRY_SECONDS,
          reason: error instanceof Error ? error.message : String(error),
        }
      }
    },

    async acknowledge(incoming, note) {
      if (incoming.acknowledgement === undefined) return
      const event = { chatId: incoming.chat.id, userId: incoming.sender.id, clientId: incoming.acknowledgement }
      try {
        await live.acknowledge(note === undefined ? event : { ...event, note: note.slice(0, TOAST_MAX) })
      } catch (error) {
        log.warn({ error }, 'web chat could not acknowledge a press')
      }
    },

    async removeIncoming(incoming) {
      if (incoming.messageRef === undefined || incoming.content.kind === 'press' || incoming.content.kind === 'form') return false
      return history.removePerson(incoming.chat.id, incoming.messageRef)
    },

    privateChat: async (userId) => privateChatOf(userId),

    // The page keeps its chat by a cookie; there is nothing to say in an address.
    link: () => (options.publicUrl === undefined ? null : `${options.publicUrl}/chat`),

    async publishCommands(published) {
      menus = published
    },

    health() {
      const { pages, listening } = live.state()
      if (!receiver) return { ok: false, detail: 'not started' }
      const heard = pages === 0 || listening
      return {
        ok: true,
        detail: `${pages} open page${pages === 1 ? '' : 's'}${heard ? '' : ', not listening to PostgreSQL: they update every 15 s'}`,
      }
    },
  }
}
