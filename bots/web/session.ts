import { createHash } from 'node:crypto'

/**
 * Who is at the other end. One browser is one person: an unguessable id in a cookie that no script can read.
 * Everything else (rows, rooms, logs) knows only its hash, so that none of them is worth stealing.
 */
export type Visitor = { readonly userId: string; readonly name: string; readonly locale?: string }

export const SESSION_COOKIE = 'clawcloud_chat'
export const NAME_COOKIE = 'clawcloud_chat_name'
/** Browsers keep a cookie at most 400 days (RFC 6265bis, section 5.5). */
export const COOKIE_SECONDS = 400 * 24 * 3600
export const NAME_MAX = 40
const ROOM_MAX = 40

const PRIVATE = 'person:'
const ROOM = 'room:'

export const userIdOf = (session: string): string => `w${createHash('sha256').update(session).digest('hex').slice(0, 24)}`

export const privateChatOf = (userId: string): string => `${PRIVATE}${userId}`

/** The group chat a `?room=` names, or null without one: letters and digits of any script, in lower case. */
export function roomName(query: string | undefined): string | null {
  const name = (query ?? '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
  return Array.from(name).slice(0, ROOM_MAX).join('') || null
}

export type WebChat = { readonly id: string; readonly kind: 'private' | 'group'; readonly title?: string }

export function chatOf(visitor: Visitor, room: string | null): WebChat {
  return room ? { id: `${ROOM}${room}`, kind: 'group', title: room } : { id: privateChatOf(visitor.userId), kind: 'private' }
}

export const isWebChat = (chatId: string): boolean => chatId.startsWith(PRIVATE) || chatId.startsWith(ROOM)

const COLOURS = ['Amber', 'Coral', 'Indigo', 'Jade', 'Lilac', 'Olive', 'Pearl', 'Ruby', 'Sandy', 'Silver', 'Teal', 'Violet']
const ANIMALS = ['Badger', 'Crane', 'Dolphin', 'Falcon', 'Heron', 'Koala', 'Lynx', 'Otter', 'Panda', 'Robin', 'Seal', 'Tapir']

/** A friendly name for somebody who gave none; the same browser always gets the same one. */
export function randomName(userId: string): string {
  const digest = createHash('sha256').update(`name ${userId}`).digest()
  return `${COLOURS[(digest[0] ?? 0) % COLOURS.length]} ${ANIMALS[(digest[1] ?? 0) % ANIMALS.length]}`
}

/** A typed display name in presentable form, without what would turn the text around it; null if nothing is left. */
export function cleanName(typed: string): string | null {
  const name = typed
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069\p{Surrogate}]/gu, '')
    .replace(/[\p{Control}\s]+/gu, ' ')
    .trim()
  return Array.from(name).slice(0, NAME_MAX).join('') || null
}

/** The browser's preferred language (first of Accept-Language), as BCP 47. */
export function preferredLocale(acceptLanguage: string | undefined): string | undefined {
  const first = acceptLanguage?.split(',')[0]?.split(';')[0]?.trim()
  return first && /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/.test(first) ? first : undefined
}
