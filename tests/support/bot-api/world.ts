import { badRequest, Fault, forbidden, tooMany } from './fault.ts'
import type { Entity } from './formatting.ts'
import type { Upload } from './multipart.ts'

export type User = {
  readonly id: number
  readonly is_bot: boolean
  readonly first_name: string
  readonly last_name?: string
  readonly username?: string
  readonly language_code?: string
}
export type KeyboardButton = {
  readonly text: string
  readonly callback_data?: string | undefined
  readonly url?: string | undefined
  readonly style?: string | undefined
}
export type Keyboard = readonly (readonly KeyboardButton[])[]

export type Chat = {
  readonly id: number
  readonly type: 'private' | 'group' | 'supergroup'
  readonly title?: string
  readonly isForum?: boolean
  /** Where a group went that became a supergroup. */
  movedTo?: number
  /** In a private chat: whether the person ever wrote, and whether they blocked the bot since. */
  started: boolean
  blocked: boolean
  /** Times (ms) of the bot's last messages, for the rate rule. */
  readonly sentAt: number[]
}

export type Message = {
  readonly id: number
  readonly chatId: number
  readonly threadId: number | undefined
  readonly from: User
  readonly date: number
  readonly replyTo: Message | undefined
  text: string
  entities: readonly Entity[]
  keyboard: Keyboard
  photo: Upload | null
  document: Upload | null
  /** What else a person sent: sticker, voice, … as the Bot API shows it. */
  readonly extra: Readonly<Record<string, unknown>>
  deleted: boolean
  edits: number
}

/** Rules for how many messages one chat takes; as many as the bot wants by default. */
export type RateRule = { readonly messages: number; readonly perSeconds: number }

export type Press = {
  readonly id: string
  readonly userId: number
  answer: { readonly text: string; readonly alert: boolean } | null
  expired: boolean
}

/** The state behind the fake server: chats, messages as they look now, presses and commands. */
export class World {
  readonly bot: User
  readonly chats = new Map<number, Chat>()
  readonly messages = new Map<number, Message[]>()
  readonly presses = new Map<string, Press>()
  readonly commands = new Map<string, readonly { readonly command: string; readonly description: string }[]>()
  rate: RateRule | null = null
  private nextMessageId = 1
  private readonly listeners = new Set<() => void>()

  constructor(bot: User) {
    this.bot = bot
  }

  /** Tells everybody who waits that something happened. */
  changed(): void {
    for (const listener of [...this.listeners]) listener()
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  addMessage(fields: Pick<Message, 'chatId' | 'from'> & Partial<Omit<Message, 'id' | 'chatId' | 'from'>>): Message {
    const message: Message = {
      id: this.nextMessageId++,
      threadId: undefined,
      date: Math.floor(Date.now() / 1000),
      replyTo: undefined,
      text: '',
      entities: [],
      keyboard: [],
      photo: null,
      document: null,
      extra: {},
      deleted: false,
      edits: 0,
      ...fields,
    }
    const list = this.messages.get(message.chatId)
    if (list) list.push(message)
    else this.messages.set(message.chatId, [message])
    this.changed()
    return message
  }

  /** The chat the bot may write to now, or Telegram's reason why not. */
  writableChat(chatId: number): Chat {
    const chat = this.chats.get(chatId)
    if (!chat) throw badRequest('chat not found')
    if (chat.movedTo !== undefined) {
      throw new Fault(400, 'Bad Request: group chat was upgraded to a supergroup chat', { migrate_to_chat_id: chat.movedTo })
    }
    if (!chat.started) throw forbidden("bot can't initiate conversation with a user")
    if (chat.blocked) throw forbidden('bot was blocked by the user')
    return chat
  }

  /** Counts a message against the rate rule. */
  countMessage(chat: Chat): void {
    if (!this.rate) return
    const now = performance.now()
    const { messages, perSeconds } = this.rate
    while (chat.sentAt[0] !== undefined && now - chat.sentAt[0] > perSeconds * 1000) chat.sentAt.shift()
    if (chat.sentAt.length >= messages) throw tooMany(Math.ceil(perSeconds - (now - (chat.sentAt[0] ?? now)) / 1000))
    chat.sentAt.push(now)
  }

  find(chatId: number, messageId: number): Message | undefined {
    return this.messages.get(chatId)?.findLast((message) => message.id === messageId && !message.deleted)
  }

  /** The message as the Bot API shows it. */
  native(message: Message, depth = 0): Record<string, unknown> {
    const words = message.text === '' ? {} : this.isMedia(message) ? { caption: message.text } : { text: message.text }
    const formatted = this.isMedia(message) ? { caption_entities: message.entities } : { entities: message.entities }
    return {
      message_id: message.id,
      from: message.from,
      date: message.date,
      chat: this.nativeChat(message.chatId),
      ...(message.threadId !== undefined && { message_thread_id: message.threadId, is_topic_message: true }),
      ...(message.replyTo && depth === 0 && { reply_to_message: this.native(message.replyTo, 1) }),
      ...words,
      ...(message.entities.length > 0 && formatted),
      ...(message.photo && { photo: [{ ...fileOf('photo', message.photo), width: 1000, height: 600 }] }),
      ...(message.document && { document: { ...fileOf('document', message.document), file_name: message.document.name } }),
      ...message.extra,
      ...(message.edits > 0 && { edit_date: message.date }),
      ...(message.keyboard.length > 0 && { reply_markup: { inline_keyboard: message.keyboard } }),
    }
  }

  private isMedia(message: Message): boolean {
    return message.photo !== null || message.document !== null || Object.keys(message.extra).length > 0
  }

  nativeChat(chatId: number): Record<string, unknown> {
    const chat = this.chats.get(chatId)
    if (!chat) throw new Error(`no chat ${chatId}`)
    const name = chat.type === 'private' ? this.firstName(chatId) : chat.title
    return {
      id: chat.id,
      type: chat.type,
      ...(chat.type === 'private' ? { first_name: name } : { title: name }),
      ...(chat.isForum && { is_forum: true }),
    }
  }

  private readonly people = new Map<number, User>()
  addPerson(user: User): void {
    this.people.set(user.id, user)
  }
  private firstName(userId: number): string {
    return this.people.get(userId)?.first_name ?? ''
  }
}

const fileOf = (kind: string, { bytes }: Upload) => ({
  file_id: `${kind}-${bytes.length}`,
  file_unique_id: `${kind}-${bytes.length}-unique`,
  file_size: bytes.length,
})
