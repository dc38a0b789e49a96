/** A place to write to: a chat, and in forums the topic. Topics are chats of their own to us, so that they don't disturb each other. */
export type Place = { readonly chatId: number; readonly threadId?: number }

/** `-100123` for a chat, `-100123:7` for topic 7 of a forum. */
export function chatKey(chatId: number, threadId: number | undefined): string {
  return threadId === undefined ? `${chatId}` : `${chatId}:${threadId}`
}

/** The reverse; null for what is no Telegram chat. */
export function placeOf(key: string): Place | null {
  const match = /^(-?\d{1,16})(?::(\d{1,16}))?$/.exec(key)
  if (!match) return null
  const chatId = Number(match[1])
  return match[2] === undefined ? { chatId } : { chatId, threadId: Number(match[2]) }
}
