import type { Clock } from '../clock.ts'
import type { Incoming } from './incoming.ts'
import { buttonsOf, splitToken } from './screen.ts'
import type { Commit, Conversation, Post, Screen, Surroundings } from './store.ts'

/** The last people and screens of a busy service; some 4 KB and 1 KB each. Who is not among them costs one round trip more. */
const MOST_CONVERSATIONS = 5000
const MOST_SCREENS = 10_000

/** Platforms repeat an update within seconds or after a reconnect. */
const MOST_UPDATES = 2000

/** As in chat_post. */
const SCREEN_DAYS = 30

type Known = {
  readonly surroundings: Omit<Surroundings, 'screen'>
  readonly sender: Incoming['sender']
  readonly groupId: string | undefined
}

/** One person in one chat: their updates are handled one after the other. */
export const conversationKey = ({ platform, chat, sender }: Incoming) => `${platform}\n${chat.id}\n${sender.id}`

/**
 * What this process read or wrote last, so that the next update of a conversation is decided without reading. It is never trusted: the
 * commit compares stamp and revision with what is true then, and an update that was decided from yesterday's news is decided again.
 */
export function createMemory(clock: Clock) {
  const conversations = createRecent<Known>(MOST_CONVERSATIONS)
  const screens = createRecent<Screen>(MOST_SCREENS)
  const updates = createRecent<true>(MOST_UPDATES)

  const screenKey = (platform: string, chatId: string, screenId: string) => `${platform}\n${chatId}\n${screenId}`
  const updateKey = (incoming: Incoming) => `${incoming.platform}\n${incoming.updateKey}`

  /** The screen a press belongs to: null if it needs none, undefined if it has to be read. */
  function screenOf({ platform, chat, content }: Incoming): Screen | null | undefined {
    if (content.kind !== 'press' && content.kind !== 'form') return null
    const token = splitToken(content.token)
    return token && screens.get(screenKey(platform, chat.id, token.screenId))
  }

  function keepScreen(post: Post): void {
    const buttons = buttonsOf(post.view)
    if (Object.keys(buttons).length === 0) return
    screens.set(screenKey(post.platform, post.chatId, post.screenId), {
      id: post.screenId,
      viewId: post.view.id,
      conversationId: post.conversationId ?? null,
      workspaceId: post.workspaceId ?? null,
      revision: post.revision ?? null,
      userId: post.userId ?? null,
      buttons,
      usedKeys: [],
      expiresAt: new Date(clock.now().getTime() + SCREEN_DAYS * 86_400_000),
    })
  }

  return {
    /** What an update's handler needs; null if it has to be read, or if the update may be a repeated one. */
    recall(incoming: Incoming): Surroundings | null {
      const known = conversations.get(conversationKey(incoming))
      const screen = screenOf(incoming)
      if (!known || screen === undefined || updates.get(updateKey(incoming))) return null
      const { sender, chat } = incoming
      if (known.sender.name !== sender.name || known.sender.username !== sender.username || known.groupId !== chat.groupId)
        return null
      return { ...known.surroundings, screen }
    },

    keep(incoming: Incoming, { screen, ...surroundings }: Surroundings): void {
      conversations.set(conversationKey(incoming), { surroundings, sender: incoming.sender, groupId: incoming.chat.groupId })
      if (screen) screens.set(screenKey(incoming.platform, incoming.chat.id, screen.id), screen)
    },

    /** Somebody else was quicker, or effects changed what was read. */
    forget(incoming: Incoming): void {
      conversations.delete(conversationKey(incoming))
      const { content } = incoming
      const token = content.kind === 'press' || content.kind === 'form' ? splitToken(content.token) : null
      if (token) screens.delete(screenKey(incoming.platform, incoming.chat.id, token.screenId))
    },

    /** Follows a commit that was done without effects. */
    follow({ incoming, conversation: { patch }, press, posts }: Commit, written: readonly boolean[]): void {
      updates.set(updateKey(incoming), true)
      const key = conversationKey(incoming)
      const known = conversations.get(key)
      if (known && patch) {
        const { id, revision } = known.surroundings.conversation
        const conversation: Conversation = { ...patch, id, revision: revision + 1 }
        conversations.set(key, { ...known, surroundings: { ...known.surroundings, conversation } })
      }
      for (const [position, post] of posts.entries()) if (written[position]) keepScreen(post)
      const pressed = press && screenKey(incoming.platform, incoming.chat.id, press.screenId)
      const screen = pressed && screens.get(pressed)
      if (screen) screens.set(pressed, { ...screen, usedKeys: [...screen.usedKeys, press.key] })
    },
  }
}

/** A map that forgets what was not used for longest. */
function createRecent<T>(most: number) {
  const entries = new Map<string, T>()
  return {
    get(key: string): T | undefined {
      const value = entries.get(key)
      if (value === undefined) return undefined
      entries.delete(key)
      entries.set(key, value)
      return value
    },
    set(key: string, value: T): void {
      entries.delete(key)
      entries.set(key, value)
      if (entries.size <= most) return
      const oldest = entries.keys().next()
      if (!oldest.done) entries.delete(oldest.value)
    },
    delete: (key: string) => void entries.delete(key),
  }
}
