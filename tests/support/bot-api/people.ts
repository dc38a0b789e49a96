import type { Entity } from './formatting.ts'
import type { Chat, KeyboardButton, Message, Press, User, World } from './world.ts'

/** A message as a person sees it now, after all edits. */
export type SeenMessage = {
  readonly id: number
  readonly fromBot: boolean
  readonly text: string
  readonly entities: readonly Entity[]
  readonly rows: readonly (readonly KeyboardButton[])[]
  readonly buttons: readonly KeyboardButton[]
  readonly photo: Buffer | null
  readonly document: { readonly name: string; readonly bytes: Buffer } | null
  readonly edits: number
  readonly threadId: number | undefined
}

/** Where a person acts: a chat they are in, and in a forum the topic. */
export type Where = { readonly in?: ChatView; readonly threadId?: number; readonly replyTo?: number }

export type ChatView = {
  readonly id: number
  /** Oldest first, without deleted ones; of one topic if asked. */
  messages(threadId?: number): readonly SeenMessage[]
  /** The newest message of the bot. */
  last(threadId?: number): SeenMessage | undefined
}

export type Person = {
  readonly user: User
  /** Their private chat with the bot. */
  readonly chat: ChatView
  /** Types and sends; returns the message's id. */
  sends(text: string, where?: Where): number
  /** Sends what is no text: `sticker`, `photo`, `voice`. */
  sendsMedia(kind: 'sticker' | 'photo' | 'voice', where?: Where): number
  edits(messageId: number, text: string): void
  /** Presses the newest button with this label, or that of one message. */
  presses(label: string, where?: Pick<Where, 'in'> & { readonly messageId?: number }): Press
  /** Every short note the bot answered this person's presses with. */
  toasts(): readonly string[]
  deletes(messageId: number, where?: Pick<Where, 'in'>): void
  blocks(): void
  unblocks(): void
}

const STICKER = {
  file_id: 'sticker-1',
  file_unique_id: 'sticker-unique-1',
  type: 'regular',
  width: 512,
  height: 512,
  is_animated: false,
  is_video: false,
}
const MEDIA: Readonly<Record<string, unknown>> = {
  sticker: STICKER,
  photo: [{ file_id: 'photo-1', file_unique_id: 'photo-unique-1', width: 90, height: 60 }],
  voice: { file_id: 'voice-1', file_unique_id: 'voice-unique-1', duration: 3 },
}

/** Makes the people of the fake Telegram: what they do becomes updates, what the bot does they see. */
export function createPeople(world: World, push: (kind: string, content: unknown) => void) {
  let nextPress = 1

  function viewOf(chat: Chat): ChatView {
    const messages = (threadId?: number) =>
      (world.messages.get(chat.id) ?? [])
        .filter((message) => !message.deleted && (threadId === undefined || message.threadId === threadId))
        .map((message) => seen(message, world.bot))
    return { id: chat.id, messages, last: (threadId) => messages(threadId).findLast(({ fromBot }) => fromBot) }
  }

  function person(user: User): Person {
    const chat: Chat = { id: user.id, type: 'private', started: false, blocked: false, sentAt: [] }
    world.addPerson(user)
    world.chats.set(chat.id, chat)
    const own = viewOf(chat)

    function write(fields: Partial<Message>, where: Where): number {
      const chatId = where.in?.id ?? chat.id
      if (chatId === chat.id) chat.started = true
      const replyTo = where.replyTo === undefined ? undefined : world.find(chatId, where.replyTo)
      const message = world.addMessage({ chatId, from: user, threadId: where.threadId, replyTo, ...fields })
      push('message', world.native(message))
      return message.id
    }

    function memberUpdate(from: string, to: string): void {
      const member = (status: string) => ({ user: world.bot, status, ...(status === 'kicked' && { until_date: 0 }) })
      push('my_chat_member', {
        chat: world.nativeChat(chat.id),
        from: user,
        date: Math.floor(Date.now() / 1000),
        old_chat_member: member(from),
        new_chat_member: member(to),
      })
    }

    return {
      user,
      chat: own,
      sends: (text, where = {}) => write({ text, entities: entitiesOf(text) }, where),
      sendsMedia: (kind, where = {}) => write({ extra: { [kind]: MEDIA[kind] } }, where),

      edits(messageId, text) {
        const message = world.find(chat.id, messageId)
        if (!message) throw new Error(`no message ${messageId} to edit`)
        message.text = text
        message.edits += 1
        push('edited_message', world.native(message))
      },

      presses(label, where = {}) {
        const chatView = where.in ?? own
        const has = (message: SeenMessage) => message.buttons.some(({ text }) => text === label)
        const target = chatView
          .messages()
          .findLast((message) => (where.messageId === undefined ? has(message) : message.id === where.messageId && has(message)))
        const button = target?.buttons.find(({ text }) => text === label)
        if (!target || button?.callback_data === undefined) {
          const labels = chatView.messages().flatMap(({ buttons }) => buttons.map(({ text }) => text))
          throw new Error(`${user.first_name} sees no button "${label}" to press; there are: ${labels.join(' | ') || 'none'}`)
        }
        const press: Press = { id: `press-${nextPress++}`, userId: user.id, answer: null, expired: false }
        world.presses.set(press.id, press)
        const message = world.find(chatView.id, target.id)
        push('callback_query', {
          id: press.id,
          from: user,
          ...(message && { message: world.native(message) }),
          chat_instance: `${chatView.id}`,
          data: button.callback_data,
        })
        return press
      },

      toasts: () =>
        [...world.presses.values()].filter(({ userId }) => userId === user.id).flatMap(({ answer }) => answer?.text || []),

      deletes(messageId, where = {}) {
        const message = world.find(where.in?.id ?? chat.id, messageId)
        if (message) message.deleted = true
        world.changed()
      },
      blocks() {
        chat.blocked = true
        memberUpdate('member', 'kicked')
      },
      unblocks() {
        chat.blocked = false
        memberUpdate('kicked', 'member')
      },
    }
  }

  return { person, viewOf }
}

function seen(message: Message, bot: User): SeenMessage {
  return {
    id: message.id,
    fromBot: message.from.id === bot.id,
    text: message.text,
    entities: message.entities,
    rows: message.keyboard,
    buttons: message.keyboard.flat(),
    photo: message.photo?.bytes ?? null,
    document: message.document,
    edits: message.edits,
    threadId: message.threadId,
  }
}

/** What Telegram's server finds in a person's text by itself. */
function entitiesOf(text: string): Entity[] {
  const found: Entity[] = []
  for (const { index, 0: match } of text.matchAll(/(?<=^|\s)\/\w{1,32}(@\w+)?/g)) {
    found.push({ type: 'bot_command', offset: index, length: match.length })
  }
  for (const { index, 0: match } of text.matchAll(/(?<=^|\s)@\w{3,32}/g)) {
    found.push({ type: 'mention', offset: index, length: match.length })
  }
  return found
}
