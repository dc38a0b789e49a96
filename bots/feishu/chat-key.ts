import { z } from 'zod'

/**
 * A place to write to, as `Incoming.chat.id`:
 *
 *   ou_…           the private chat with a person, by the person: menu events name no chat, and we may write first
 *   oc_…           a group
 *   oc_…:om_…      a thread of a group, by the message that began it
 */
export type Place =
  | { readonly kind: 'private'; readonly openId: string }
  | { readonly kind: 'group'; readonly chatId: string }
  | { readonly kind: 'thread'; readonly chatId: string; readonly rootId: string }

const OPEN_ID = /^ou_[\w-]{1,64}$/
const CHAT_ID = /^oc_[\w-]{1,64}$/
const MESSAGE_ID = /^om_[\w-]{1,64}$/

export const OpenId = z.string().regex(OPEN_ID)
export const ChatId = z.string().regex(CHAT_ID)
export const MessageId = z.string().regex(MESSAGE_ID)

export const isMessageId = (text: string): boolean => MESSAGE_ID.test(text)

export const threadKey = (chatId: string, rootId: string): string => `${chatId}:${rootId}`

/** Null for what is no Feishu chat. */
export function placeOf(key: string): Place | null {
  if (OPEN_ID.test(key)) return { kind: 'private', openId: key }
  const [chatId = '', rootId, ...rest] = key.split(':')
  if (!CHAT_ID.test(chatId) || rest.length > 0) return null
  if (rootId === undefined) return { kind: 'group', chatId }
  return MESSAGE_ID.test(rootId) ? { kind: 'thread', chatId, rootId } : null
}

/**
 * What a button of ours carries. The press tells the chat it hangs in, but not what kind of chat that is: so the button does. Feishu
 * hands it back as we wrote it, and forwarded cards don't work.
 */
export const ButtonValue = z.object({
  token: z.string(),
  in: z.literal('private').optional(),
  thread: MessageId.optional(),
})
export type ButtonValue = z.infer<typeof ButtonValue>

export function buttonValue(token: string, place: Place): ButtonValue {
  if (place.kind === 'private') return { token, in: 'private' }
  return place.kind === 'thread' ? { token, thread: place.rootId } : { token }
}
