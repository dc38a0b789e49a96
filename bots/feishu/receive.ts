import type { z } from 'zod'
import type { Incoming } from '../../core/chat/incoming.ts'
import { ButtonValue, OpenId, threadKey } from './chat-key.ts'
import { CardActionEvent, Envelope, LeftEvent, MenuEvent, MessageEvent, PostContent, TextContent } from './envelope.ts'

/** Who we are at Feishu, from bot/v3/info. */
export type Me = { readonly openId: string }

/** What an event is to us. */
export type Received =
  /** Something a person did. What the event does not tell of them is asked for beside (people.ts). */
  | { readonly kind: 'incoming'; readonly incoming: Incoming; readonly person: AskedFor }
  /** We were taken out of a group, or the group is no more. */
  | { readonly kind: 'left'; readonly groupId: string }
  /** A press on something that no card of ours of this version has. */
  | { readonly kind: 'unknown-press'; readonly reason: string }
  | { readonly kind: 'ignored'; readonly reason: string }

export type AskedFor = {
  readonly openId: string
  /** False if the event told it. */
  readonly nameless: boolean
  /** Null in a private chat. */
  readonly groupId: string | null
  /** Of our own organisation, where that is known; the others are guests in a group. */
  readonly tenant: { readonly key: string; readonly isTheirs: boolean } | null
}

const CARD_ACTION = 'card.action.trigger'

const ignored = (reason: string): Received => ({ kind: 'ignored', reason })

/**
 * Makes an Incoming of an event. Pure, and never throws, whatever the event looks like.
 * `receivedAt` (epoch milliseconds) stands in where Feishu gives no time.
 */
export function receive(body: unknown, me: Me, receivedAt: number): Received {
  const envelope = Envelope.safeParse(body)
  if (!envelope.success) return ignored(`not an event we understand: ${where(envelope.error)}`)
  const { header, event } = envelope.data
  switch (header.event_type) {
    case 'im.message.receive_v1':
      return parsed(MessageEvent, event, (message) => receiveMessage(message, envelope.data, me, receivedAt))
    case CARD_ACTION: {
      const action = CardActionEvent.safeParse(event)
      if (action.success) return receivePress(action.data, envelope.data, receivedAt)
      return { kind: 'unknown-press', reason: `not a press we understand: ${where(action.error)}` }
    }
    case 'application.bot.menu_v6':
      return parsed(MenuEvent, event, (menu) => receiveMenu(menu, envelope.data, receivedAt))
    case 'im.chat.member.bot.deleted_v1':
    case 'im.chat.disbanded_v1':
      return parsed(LeftEvent, event, ({ chat_id }) => ({ kind: 'left', groupId: chat_id }))
    default:
      return ignored(`an event we don't use: ${header.event_type}`)
  }
}

const where = (error: z.ZodError): string => error.issues[0]?.path.join('.') || 'no object'

function parsed<T>(schema: z.ZodType<T>, event: unknown, use: (event: T) => Received): Received {
  const result = schema.safeParse(event)
  return result.success ? use(result.data) : ignored(`an event of another shape: ${where(result.error)}`)
}

function receiveMessage({ sender, message }: MessageEvent, { header }: Envelope, me: Me, receivedAt: number): Received {
  const openId = OpenId.safeParse(sender.sender_id?.open_id)
  if (sender.sender_type !== 'user' || !openId.success) return ignored('a message of a bot or an anonymous sender')
  const isPrivate = message.chat_type === 'p2p'
  const content = contentOf(message, isPrivate, me)
  if (typeof content === 'string') return ignored(content)
  const locale = localeOf(message.user_agent)
  return incoming({
    // Feishu may give one message two event ids, and says to tell repeated ones by the message's.
    updateKey: message.message_id,
    chat: isPrivate ? privateChat(openId.data) : groupChat(message.chat_id, rootOf(message)),
    openId: openId.data,
    tenant: tenantOf(header.tenant_key, sender.tenant_key),
    ...(locale !== null && { locale }),
    at: message.create_time ?? receivedAt,
    content,
    messageRef: message.message_id,
  })
}

function receivePress({ operator, action, context }: CardActionEvent, { header }: Envelope, receivedAt: number): Received {
  const value = ButtonValue.safeParse(action.value)
  if (!value.success) return { kind: 'unknown-press', reason: 'a press without our data' }
  const messageRef = context.open_message_id
  const token = clean(action.tag === 'select_static' ? (action.option ?? '') : value.data.token)
  return incoming({
    updateKey: header.event_id,
    chat: value.data.in === 'private' ? privateChat(operator.open_id) : groupChat(context.open_chat_id, value.data.thread),
    openId: operator.open_id,
    tenant: tenantOf(header.tenant_key, operator.tenant_key),
    at: receivedAt,
    content: action.form_value
      ? { kind: 'form', token, values: wordsOf(action.form_value), messageRef }
      : { kind: 'press', token, messageRef },
    acknowledgement: header.event_id,
  })
}

function receiveMenu({ operator, event_key, timestamp }: MenuEvent, { header }: Envelope, receivedAt: number): Received {
  const openId = operator.operator_id.open_id
  const content = commandOf(`/${clean(event_key).replace(/^[/／]/, '')}`)
  if (!content) return ignored('a menu entry that is no command')
  return incoming({
    updateKey: header.event_id,
    chat: privateChat(openId),
    openId,
    ...(operator.operator_name !== undefined && { name: operator.operator_name }),
    tenant: null,
    at: timestamp === undefined ? receivedAt : timestamp * 1000,
    content,
  })
}

type Content = Incoming['content']

function incoming(known: {
  readonly updateKey: string
  readonly chat: Incoming['chat']
  readonly openId: string
  readonly name?: string
  readonly locale?: string
  readonly tenant: AskedFor['tenant']
  readonly at: number
  readonly content: Content
  readonly messageRef?: string
  readonly acknowledgement?: string
}): Received {
  const { openId, tenant, name, locale, ...rest } = known
  const told = clean(name ?? '').trim()
  return {
    kind: 'incoming',
    incoming: {
      platform: 'feishu',
      ...rest,
      sender: {
        id: openId,
        name: told === '' ? nameless(openId) : told,
        privateChatId: openId,
        ...(locale !== undefined && { locale }),
      },
    },
    person: {
      openId,
      nameless: told === '',
      groupId: known.chat.kind === 'group' ? (known.chat.groupId ?? known.chat.id) : null,
      tenant,
    },
  }
}

/** Until the name is known: enough to tell people apart by. */
const nameless = (openId: string): string => `…${openId.slice(-6)}`

const privateChat = (openId: string): Incoming['chat'] => ({ id: openId, kind: 'private' })

function groupChat(chatId: string, rootId: string | undefined): Incoming['chat'] {
  if (rootId === undefined) return { id: chatId, kind: 'group' }
  return { id: threadKey(chatId, rootId), kind: 'group', groupId: chatId }
}

/** The message that began the thread this one belongs to; a message that begins a thread is its own. */
function rootOf({ thread_id, root_id, message_id }: MessageEvent['message']): string | undefined {
  return thread_id === undefined ? undefined : (root_id ?? message_id)
}

const tenantOf = (ours: string | undefined, theirs: string | undefined): AskedFor['tenant'] =>
  ours === undefined ? null : { key: ours, isTheirs: theirs === undefined || theirs === ours }

/** `… LarkLocale/en_US …`, where the app may see it. */
function localeOf(userAgent: string | undefined): string | null {
  return /\bLarkLocale\/([a-z]{2}_[A-Z]{2})\b/.exec(userAgent ?? '')?.[1]?.replace('_', '-') ?? null
}

/** The content of a message that is meant for us, or the reason why it is not. */
function contentOf(message: MessageEvent['message'], isPrivate: boolean, me: Me): Content | string {
  const text = textOf(message)
  if (text === null) {
    const what = clean(message.message_type).slice(0, 50)
    return isPrivate ? { kind: 'unsupported', what } : `a ${what} in a group, not meant for us`
  }
  const mentions = message.mentions ?? []
  const ours = mentions.find(({ id }) => id?.open_id === me.openId)
  if (!isPrivate && !ours) return 'group talk, not meant for us'
  const words = clean(
    text.replaceAll(/@_user_\d+/g, (key) => {
      if (key === ours?.key) return ''
      const name = mentions.find((mention) => mention.key === key)?.name
      return name === undefined ? key : `@${name}`
    }),
  ).trim()
  // Somebody who only calls our name wants to know what we can do.
  if (words === '') return isPrivate ? 'an empty message' : { kind: 'command', name: 'help', argument: '' }
  return commandOf(words) ?? { kind: 'text', text: words }
}

/** What a message says in words; null if it is something else (a picture, a sticker). */
function textOf({ message_type, content }: MessageEvent['message']): string | null {
  const body = json(content)
  if (message_type === 'text') return TextContent.safeParse(body).data?.text ?? null
  if (message_type !== 'post') return null
  const post = PostContent.safeParse(body)
  if (!post.success) return null
  const lines = post.data.content.map((line) =>
    line.map((piece) => piece.text ?? (piece.tag === 'at' ? piece.user_id : '') ?? '').join(''),
  )
  const text = [post.data.title ?? '', ...lines].join('\n').trim()
  // A post of pictures alone.
  return text === '' ? null : text
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** `/用量 Scout`; the slash may be full-width, as a Chinese keyboard writes it, and spaces of any width stand where people put them. */
function commandOf(text: string): Extract<Content, { kind: 'command' }> | null {
  const match = /^[/／]\s*([\p{L}\p{N}_]{1,32})(?:\s+([\s\S]*))?$/u.exec(text)
  if (!match?.[1]) return null
  return { kind: 'command', name: match[1].normalize('NFKC').toLowerCase(), argument: (match[2] ?? '').trim() }
}

const wordsOf = (values: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (typeof value === 'string' ? [[clean(name), clean(value)]] : [])),
  )

/** PostgreSQL stores neither NUL nor half a surrogate pair, in text or in JSON: one such message would never be accepted. */
function clean(text: string): string {
  return text.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\uFFFD')
}
