import { z } from 'zod'
import type { Incoming } from '../../core/chat/incoming.ts'
import { chatKey } from './chat-key.ts'

/** Who we are at Telegram, from getMe. */
export type Me = { readonly id: number; readonly username: string }

/** What an update is to us: something a person did, or nothing, with the reason for the log. */
export type Received =
  | { readonly kind: 'incoming'; readonly incoming: Incoming }
  | { readonly kind: 'ignored'; readonly reason: string }

/** The only updates we use; Telegram sends no others. */
export const ALLOWED_UPDATES = ['message', 'callback_query', 'managed_bot'] as const

/** Kinds of message a person sends and we can't use. Anything else without text is a service message ("joined", "pinned"). */
const UNSUPPORTED = [
  'sticker',
  'photo',
  'voice',
  'video',
  'video_note',
  'audio',
  'animation',
  'document',
  'location',
  'venue',
  'contact',
  'poll',
  'dice',
  'story',
  'checklist',
  'paid_media',
  'live_photo',
  'rich_message',
  'game',
] as const

const User = z.object({
  id: z.number(),
  is_bot: z.boolean(),
  first_name: z.string(),
  last_name: z.string().optional(),
  username: z.string().optional(),
  language_code: z.string().optional(),
})
const Chat = z.object({ id: z.number(), type: z.string(), title: z.string().optional() })
const Message = z.looseObject({
  message_id: z.number(),
  message_thread_id: z.number().optional(),
  is_topic_message: z.boolean().optional(),
  date: z.number(),
  chat: Chat,
  from: User.optional(),
  sender_chat: z.object({ id: z.number() }).optional(),
  text: z.string().optional(),
  reply_to_message: z
    .object({ from: z.object({ id: z.number() }).optional(), forum_topic_created: z.unknown().optional() })
    .optional(),
})
const CallbackQuery = z.object({
  id: z.string(),
  from: User,
  message: Message.optional(),
  data: z.string().optional(),
})
const Update = z.looseObject({
  update_id: z.number(),
  message: Message.optional(),
  callback_query: CallbackQuery.optional(),
  /** A bot that somebody made through us, or whose token or owner changed. */
  managed_bot: z.object({ user: User, bot: User }).optional(),
})

type User = z.infer<typeof User>
type Message = z.infer<typeof Message>
type Content = Incoming['content']

const ignored = (reason: string): Received => ({ kind: 'ignored', reason })

/**
 * Makes an Incoming of a native update. Pure, and never throws, whatever the update looks like.
 * `receivedAt` (epoch milliseconds) stands in where Telegram gives no time, which is for presses.
 */
export function receive(update: unknown, me: Me, receivedAt: number): Received {
  const parsed = Update.safeParse(update)
  if (!parsed.success) return ignored(`not an update we understand: ${parsed.error.issues[0]?.path.join('.') || 'no object'}`)
  const { update_id, message, callback_query: query, managed_bot: made } = parsed.data
  // The bot's id is part of the key because another bot's updates are numbered anew, and a token may be exchanged.
  const common = { platform: 'telegram', updateKey: `${me.id}:${update_id}` }

  if (query) {
    if (query.data === undefined || !query.message) return ignored('a press without our data or outside a chat')
    if (query.message.chat.type === 'channel') return ignored('a press in a channel')
    return {
      kind: 'incoming',
      incoming: {
        ...common,
        chat: chatOf(query.message),
        sender: senderOf(query.from),
        at: receivedAt,
        content: { kind: 'press', token: clean(query.data), messageRef: `${query.message.message_id}` },
        acknowledgement: query.id,
      },
    }
  }

  if (made) {
    const { user, bot } = made
    return {
      kind: 'incoming',
      incoming: {
        ...common,
        // It happens in no chat; the private one with its maker is where it concerns somebody.
        chat: { id: chatKey(user.id, undefined), kind: 'private' },
        sender: senderOf(user),
        at: receivedAt,
        content: { kind: 'bot-made', botId: `${bot.id}`, username: bot.username ?? '', name: bot.first_name },
      },
    }
  }

  if (!message)
    return ignored(`an update we don't use: ${Object.keys(parsed.data).find((key) => key !== 'update_id') ?? 'empty'}`)
  if (message.chat.type === 'channel') return ignored('a message in a channel')
  if (!message.from) return ignored('a message without a sender')
  // An anonymous administrator or a linked channel writes under a bot's name: there is no person to answer.
  if (message.from.is_bot || message.sender_chat) return ignored('a message of a bot or an anonymous sender')
  const content = contentOf(message, me)
  if (typeof content === 'string') return ignored(content)
  return {
    kind: 'incoming',
    incoming: {
      ...common,
      chat: chatOf(message),
      sender: senderOf(message.from),
      at: message.date * 1000,
      content,
      messageRef: `${message.message_id}`,
    },
  }
}

/** The content of a message that is meant for us, or the reason why it is not. */
function contentOf(message: Message, me: Me): Content | string {
  const isPrivate = message.chat.type === 'private'
  if (message.text === undefined) {
    const what = UNSUPPORTED.find((kind) => kind in message)
    if (!what) return 'a service message'
    return isPrivate || isReplyToUs(message, me) ? { kind: 'unsupported', what } : `a ${what} in a group, not meant for us`
  }

  const command = commandOf(clean(message.text), me)
  if (command) return command
  if (isPrivate || isReplyToUs(message, me)) return { kind: 'text', text: clean(message.text) }

  const rest = withoutMention(message.text, me)
  if (rest === null) return 'group talk, not meant for us'
  // Somebody who only calls our name wants to know what we can do.
  if (rest === '') return { kind: 'command', name: 'help', argument: '' }
  return commandOf(clean(rest), me) ?? { kind: 'text', text: clean(rest) }
}

/** `/name@Bot argument`; a string says that it is another bot's; null that it is no command. */
function commandOf(text: string, me: Me): Content | string | null {
  const match = /^\/([\p{L}\p{N}_]{1,32})(?:@([A-Za-z0-9_]+))?(?:\s+([\s\S]*))?$/u.exec(text)
  if (!match?.[1]) return null
  if (match[2] !== undefined && match[2].toLowerCase() !== me.username.toLowerCase()) return 'a command for another bot'
  return { kind: 'command', name: match[1].toLowerCase(), argument: (match[3] ?? '').trim() }
}

/** In a forum every message replies to the one that opened its topic, which says nothing about whom it is meant for. */
function isReplyToUs({ reply_to_message: original }: Message, me: Me): boolean {
  return original?.from?.id === me.id && original.forum_topic_created === undefined
}

/** The text without our @name, or null if it isn't there. */
function withoutMention(text: string, me: Me): string | null {
  const mention = new RegExp(`(?<![\\w@])@${me.username}(?!\\w)`, 'i')
  return mention.test(text) ? text.replace(mention, '').trim() : null
}

function chatOf(message: Message): Incoming['chat'] {
  const kind = message.chat.type === 'private' ? 'private' : 'group'
  const thread = message.is_topic_message ? message.message_thread_id : undefined
  return {
    id: chatKey(message.chat.id, thread),
    kind,
    ...(thread !== undefined && kind === 'group' && { groupId: `${message.chat.id}` }),
    ...(message.chat.title !== undefined && { title: clean(message.chat.title) }),
  }
}

function senderOf(user: User): Incoming['sender'] {
  return {
    id: `${user.id}`,
    name: clean([user.first_name, user.last_name].filter(Boolean).join(' ')),
    ...(user.username !== undefined && { username: user.username }),
    ...(user.language_code !== undefined && { locale: user.language_code }),
  }
}

/** PostgreSQL stores neither NUL nor half a surrogate pair, in text or in JSON: one such message would never be accepted. */
function clean(text: string): string {
  return text.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\uFFFD')
}
