import { type Action, buttonsOf, pressAction, selectAction, selectsOf, submitAction } from './actions.ts'
import type { CardReaction } from './callbacks.ts'
import type { Card } from './card.ts'
import type { Delivery } from './delivery.ts'
import { look, type SeenMessage } from './look.ts'
import { type ChatRecord, hex, type Locale, type MessageRecord, type PersonRecord, type World } from './world.ts'

/** Cards of JSON 2.0 can be used as long as they can be changed. */
const USABLE_DAYS = 14
const DAY_MS = 86_400_000

export type FeishuGroup = {
  readonly id: string
  readonly name: string
  /** Its owner takes the bot out. */
  removesBot(): void
  disbands(): void
}

export type FeishuChatView = {
  readonly id: string
  /** Oldest first, without recalled ones. */
  messages(): readonly SeenMessage[]
  /** The newest message of the bot. */
  last(): SeenMessage | null
}

/** Which card is meant: of which message, in which chat. Else the newest one in the private chat that has what is pressed. */
export type Where = { readonly messageId?: string; readonly group?: FeishuGroup }

/** What a person can do. What they can't do at all (a button that is not there) throws at once. */
export type FeishuPerson = {
  readonly openId: string
  readonly unionId: string
  readonly name: string
  /** The private chat with the bot. */
  chat(): FeishuChatView
  /** What they see in a group, ephemeral cards for them included. */
  in(group: FeishuGroup): FeishuChatView
  /** Writes; in a group to the bot, unless `mention` is false: that it does not get to know. Resolves with the message's id once it is on its way. */
  says(text: string, group?: FeishuGroup, options?: { readonly mention?: boolean }): Promise<string>
  /** Sends what is no text. In a group only a post can mention the bot. */
  sends(kind: 'image' | 'file' | 'sticker' | 'post', group?: FeishuGroup): Promise<string>
  /** Presses a button, and confirms if asked; the submit button of a form too. */
  presses(label: string, options?: Where): Promise<CardReaction>
  selects(optionLabel: string, options?: Where): Promise<CardReaction>
  /** Fills in the newest form, by a field's name or label, and submits it. */
  submits(values: Readonly<Record<string, string>>, options?: Where): Promise<CardReaction>
  /** An entry of the bot's menu. */
  menu(eventKey: string): Promise<void>
  /** Takes a message back; one of the bot's as a group's owner or manager, else as the company's administrator. */
  recalls(messageId: string): Promise<void>
  /** From now on the bot reaches them no more. */
  blocks(): void
  isAdmin(group: FeishuGroup, yes: boolean): void
  /** Every short note they were shown in answer to a press. */
  toasts(): readonly string[]
}

type Press = (person: PersonRecord, message: MessageRecord, action: object) => Promise<CardReaction>

/** The people of the fake Feishu: what they do becomes events and callbacks, what the bot does they see. */
export function createPeople(world: World, delivery: Delivery, press: Press) {
  function viewOf(person: PersonRecord, chat: ChatRecord): FeishuChatView {
    const messages = () => world.seenBy(person.openId, chat.id).map((message) => look(message, world))
    return { id: chat.id, messages, last: () => messages().findLast(({ fromBot }) => fromBot) ?? null }
  }

  function newChat(kind: ChatRecord['kind'], name: string, ownerId: string | null, memberId: string): ChatRecord {
    const chat: ChatRecord = {
      id: `oc_${hex(16)}`,
      kind,
      name,
      ownerId,
      managerIds: new Set(),
      memberIds: new Set([memberId]),
      botInside: true,
      disbanded: false,
    }
    world.chats.set(chat.id, chat)
    return chat
  }

  const ids = ({ openId, unionId, userId }: PersonRecord) => ({ open_id: openId, union_id: unionId, user_id: userId })

  /** Tells the bot about a message, if it may know. */
  function tell(person: PersonRecord, chat: ChatRecord, message: MessageRecord, content: object, mentions: boolean): void {
    if (!chat.botInside || chat.disbanded || (chat.kind === 'group' && !mentions)) return
    const mention = {
      key: '@_user_1',
      id: { open_id: world.bot.openId, union_id: world.bot.unionId, user_id: '' },
      mentioned_type: 'bot',
      name: world.bot.name,
      tenant_key: world.tenantKey,
    }
    const event = {
      sender: { sender_id: ids(person), sender_type: 'user', tenant_key: world.tenantKey },
      message: {
        message_id: message.id,
        create_time: `${message.sentAt}`,
        update_time: `${message.sentAt}`,
        chat_id: chat.id,
        chat_type: chat.kind,
        message_type: message.type,
        content: JSON.stringify(content),
        ...(mentions && { mentions: [mention] }),
        user_agent: `Mozilla/5.0 (Macintosh) Lark/7.50.1 LarkLocale/${person.locale === 'zh_cn' ? 'zh_CN' : 'en_US'} SDK-Version/7.50.1`,
      },
    }
    void delivery.push('im.message.receive_v1', event, chat.id)
  }

  function chatEvent(type: string, chat: ChatRecord, extra: object = {}): void {
    const owner = world.people.get(chat.ownerId ?? '')
    const operator = owner ? { operator_id: ids(owner) } : {}
    const about = { chat_id: chat.id, external: false, operator_tenant_key: world.tenantKey, name: chat.name, i18n_names: {} }
    void delivery.push(type, { ...about, ...operator, ...extra }, chat.id)
  }

  function person({ name, locale = 'zh_cn' }: { readonly name: string; readonly locale?: Locale }): FeishuPerson {
    const openId = `ou_${hex(16)}`
    const own = newChat('p2p', name, null, openId)
    const record: PersonRecord = {
      openId,
      unionId: `on_${hex(16)}`,
      userId: hex(4),
      name,
      locale,
      chatId: own.id,
      toasts: [],
      blocked: false,
    }
    world.people.set(openId, record)

    const chatOf = (group?: FeishuGroup) => {
      if (!group) return own
      const chat = world.chat(group.id)
      chat.memberIds.add(openId)
      return chat
    }

    /** The newest card they see that has it. */
    function act(where: Where, what: string, find: (card: Card) => Action | null, labels: (card: Card) => readonly string[]) {
      const chat = chatOf(where.group)
      const seen = world.seenBy(openId, chat.id).filter(({ id }) => where.messageId === undefined || id === where.messageId)
      for (const message of seen.toReversed()) {
        const action = message.card && find(message.card)
        if (!action) continue
        if (world.now() - message.sentAt > USABLE_DAYS * DAY_MS) throw new Error(`${name} can't use ${what}: the card is too old`)
        if (typeof action === 'string') throw new Error(`${name} can't use ${what}: ${action}`)
        return press(record, message, action)
      }
      const all = seen.flatMap(({ card }) => (card ? labels(card) : []))
      throw new Error(`${name} sees no ${what} to use; there are: ${all.join(' | ') || 'none'}`)
    }

    const formOrNull = (card: Card, values: Readonly<Record<string, string>>) =>
      card.nodes.some(({ element }) => element.tag === 'form') ? submitAction(card, values) : null

    return {
      openId,
      unionId: record.unionId,
      name,
      chat: () => viewOf(record, own),
      in: (group) => viewOf(record, chatOf(group)),
      toasts: () => [...record.toasts],

      says(text, group, { mention = true } = {}) {
        const chat = chatOf(group)
        const mentions = mention && chat.kind === 'group'
        const words = mentions ? `@${world.bot.name} ${text}` : text
        const message = world.addMessage({ chatId: chat.id, senderId: openId, type: 'text', words })
        tell(record, chat, message, { text: mentions ? `@_user_1 ${text}` : text }, mentions)
        return Promise.resolve(message.id)
      },

      sends(kind, group) {
        const chat = chatOf(group)
        const mentions = kind === 'post' && chat.kind === 'group'
        const at = mentions ? [{ tag: 'at', user_id: '@_user_1', user_name: world.bot.name, style: [] }] : []
        const contents = {
          image: { image_key: `img_v3_${hex(16)}` },
          file: { file_key: `file_v3_${hex(16)}`, file_name: 'report.pdf' },
          sticker: { file_key: hex(16) },
          post: { title: 'A post', content: [[...at, { tag: 'text', text: 'with words', style: ['bold'] }]] },
        }
        const message = world.addMessage({
          chatId: chat.id,
          senderId: openId,
          type: kind,
          words: kind === 'post' ? 'A post\nwith words' : '',
        })
        tell(record, chat, message, contents[kind], mentions)
        return Promise.resolve(message.id)
      },

      presses: (label, where = {}) =>
        act(
          where,
          `button "${label}"`,
          (card) => pressAction(card, label),
          (card) => buttonsOf(card).map(({ text }) => text.content),
        ),
      selects: (label, where = {}) =>
        act(
          where,
          `option "${label}"`,
          (card) => selectAction(card, label),
          (card) => selectsOf(card).flatMap(({ options }) => options.map(({ text }) => text.content)),
        ),
      submits: (values, where = {}) =>
        act(
          where,
          'form',
          (card) => formOrNull(card, values),
          () => [],
        ),

      menu(eventKey) {
        const event = {
          operator: { operator_name: name, operator_id: ids(record) },
          event_key: eventKey,
          timestamp: Math.floor(world.now() / 1000),
        }
        void delivery.push('application.bot.menu_v6', event, own.id)
        return Promise.resolve()
      },

      recalls(messageId) {
        const message = world.messages.get(messageId)
        if (!message || message.recalled) throw new Error(`${name} sees no message ${messageId} to recall`)
        const chat = world.chat(message.chatId)
        message.recalled = true
        world.changed()
        const by =
          message.senderId === openId
            ? 'message_owner'
            : chat.ownerId === openId
              ? 'group_owner'
              : chat.managerIds.has(openId)
                ? 'group_manager'
                : 'enterprise_manager'
        const event = { message_id: messageId, chat_id: chat.id, recall_time: `${world.now()}`, recall_type: by }
        if (chat.botInside) void delivery.push('im.message.recalled_v1', event, chat.id)
        return Promise.resolve()
      },

      blocks() {
        record.blocked = true
      },
      isAdmin(group, yes) {
        const { managerIds } = world.chat(group.id)
        if (yes) managerIds.add(chatOf(group) && openId)
        else managerIds.delete(openId)
      },
    }
  }

  function group({ name = 'The team', owner }: { readonly name?: string; readonly owner?: FeishuPerson } = {}): FeishuGroup {
    const ownerId = owner?.openId ?? person({ name: 'The owner' }).openId
    const chat = newChat('group', name, ownerId, ownerId)
    chatEvent('im.chat.member.bot.added_v1', chat)
    return {
      id: chat.id,
      name,
      removesBot() {
        chat.botInside = false
        chatEvent('im.chat.member.bot.deleted_v1', chat)
      },
      disbands() {
        chat.disbanded = true
        chatEvent('im.chat.disbanded_v1', chat)
      },
    }
  }

  return { person, group }
}
