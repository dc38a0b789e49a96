import { randomBytes } from 'node:crypto'
import type { Card } from './card.ts'
import { fault } from './fault.ts'

export type Locale = 'zh_cn' | 'en_us'

export type PersonRecord = {
  readonly openId: string
  readonly unionId: string
  readonly userId: string
  readonly name: string
  readonly locale: Locale
  /** Their chat with the bot; there from the start, as Feishu makes it at the first message of either. */
  readonly chatId: string
  readonly toasts: string[]
  blocked: boolean
}

export type ChatRecord = {
  readonly id: string
  readonly kind: 'p2p' | 'group'
  readonly name: string
  readonly ownerId: string | null
  readonly managerIds: Set<string>
  readonly memberIds: Set<string>
  botInside: boolean
  disbanded: boolean
}

/** A message as it looks now. Exactly one of `words`, `card`, `imageKey` and `file` says what it is. */
export type MessageRecord = {
  readonly id: string
  readonly chatId: string
  /** Null for the bot. */
  readonly senderId: string | null
  readonly type: string
  /** Only this person sees it. */
  readonly onlyFor: string | null
  readonly sentAt: number
  words: string | null
  card: Card | null
  imageKey: string | null
  file: { readonly name: string; readonly key: string } | null
  recalled: boolean
  edited: boolean
  /** Presses on it that were not answered yet: until then Feishu lets nobody change the card. */
  openPresses: number
}

/** What a press lets the bot do later: change the pressed card twice within 30 minutes. */
export type UpdateToken = { readonly messageId: string; readonly issuedAt: number; answered: boolean; uses: number }

export const hex = (bytes: number): string => randomBytes(bytes).toString('hex')

/** The state behind the fake platform: people, chats and messages as they look now. */
export class World {
  readonly appId = `cli_${hex(8)}`
  readonly tenantKey = hex(8)
  readonly bot = { openId: `ou_${hex(16)}`, unionId: `on_${hex(16)}`, name: 'ClawCloud' }
  readonly people = new Map<string, PersonRecord>()
  readonly chats = new Map<string, ChatRecord>()
  readonly messages = new Map<string, MessageRecord>()
  readonly images = new Map<string, Buffer>()
  readonly files = new Map<string, { readonly name: string; readonly bytes: Buffer }>()
  readonly updateTokens = new Map<string, UpdateToken>()
  readonly violations: string[] = []
  contactsPermitted = true
  private aheadMs = 0
  private readonly listeners = new Set<() => void>()

  /** Milliseconds; runs ahead of the machine's clock by what `advance` was told. */
  now(): number {
    return Date.now() + this.aheadMs
  }
  advance(seconds: number): void {
    this.aheadMs += seconds * 1000
  }

  /** Tells everybody who waits that something happened. */
  changed(): void {
    for (const listener of [...this.listeners]) listener()
  }
  onChange(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  violate(rule: string): void {
    this.violations.push(rule)
    this.changed()
  }

  addMessage(
    fields: Pick<MessageRecord, 'chatId' | 'senderId' | 'type'> &
      Partial<Omit<MessageRecord, 'id' | 'chatId' | 'senderId' | 'type'>>,
  ): MessageRecord {
    const message: MessageRecord = {
      id: `om_${hex(16)}`,
      onlyFor: null,
      sentAt: this.now(),
      words: null,
      card: null,
      imageKey: null,
      file: null,
      recalled: false,
      edited: false,
      openPresses: 0,
      ...fields,
    }
    this.messages.set(message.id, message)
    this.changed()
    return message
  }

  name(openId: string): string | undefined {
    return openId === this.bot.openId ? this.bot.name : this.people.get(openId)?.name
  }

  chat(chatId: string): ChatRecord {
    const chat = this.chats.get(chatId)
    if (!chat) throw new Error(`no chat ${chatId}`)
    return chat
  }

  /** The chat the bot may write to now, or Feishu's reason why not. */
  writable(chat: ChatRecord): ChatRecord {
    if (chat.disbanded) throw fault(232009, 'Your request specifies a chat which has already been dissolved.')
    if (!chat.botInside) throw fault(230002, 'The bot can not be outside the group.')
    const [only] = chat.memberIds
    if (chat.kind === 'p2p' && this.people.get(only ?? '')?.blocked) {
      throw fault(230013, 'Bot has NO availability to this user.')
    }
    return chat
  }

  /** What one person sees in a chat, oldest first. */
  seenBy(openId: string, chatId: string): readonly MessageRecord[] {
    return [...this.messages.values()].filter(
      (message) => message.chatId === chatId && !message.recalled && (message.onlyFor === null || message.onlyFor === openId),
    )
  }
}
