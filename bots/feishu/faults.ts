import type { Delivery } from '../../core/chat/platform.ts'

/** An answer of Feishu's that is a refusal: `code` and `msg` of its body, or the status alone where there is no such body. */
export class FeishuError extends Error {
  override readonly name = 'FeishuError'
  constructor(
    readonly status: number,
    /** 0 where the answer had none. */
    readonly code: number,
    readonly msg: string,
    /** `x-ogw-ratelimit-reset`: seconds until the same call may succeed. */
    readonly resetSeconds: number | null = null,
  ) {
    super(code === 0 ? `Feishu answered ${status}` : `Feishu answered ${code}: ${msg}`)
  }
}

/** How long we wait when Feishu is down or unreachable, or limits us and names no time itself. */
const OUTAGE_SECONDS = 5
/** Five messages a second to a chat: a second later there is room again. */
const CHAT_LIMIT_SECONDS = 1
/** How long we wait for the owner to mend the app's settings; messages are kept meanwhile. */
const SETTINGS_SECONDS = 60

// Codes are those of the pages on im/v1 messages and of the general list at open.feishu.cn.
const CHAT_LIMIT = 230020
const RATE_LIMITS = new Set([CHAT_LIMIT, 11232, 11233, 11247, 99991400])
/** The message with this uuid is on its way at this very moment. */
const BEING_SENT = 230049
/** A tenant token that is unknown, expired or of another app. */
const STALE_TOKEN = new Set([99991661, 99991663, 99991664, 99991668, 99991671])
/** Wrong credentials, permissions that were not granted, a bot that was not switched on or an address that is not allowed. */
const SETTINGS = new Set([10003, 10014, 10015, 230006, 230027, 99991401, 99991672, 99991673, 99991679])
/** Recalled, deleted, older than 14 days, not ours, or of a kind that can't be changed. */
const MESSAGE_GONE = new Set([230011, 230017, 230031, 230050, 230054, 230110])
/** "Operator can NOT be out of the chat." */
export const OUTSIDE = 232011
/** We were taken out, the group was disbanded, nobody may write there, or the person left, blocks us or may not use the app. */
const CHAT_GONE = new Set([230002, 230013, 230018, 230019, 230029, 230034, 230035, 230038, 230053, 232006, 232009, OUTSIDE])
/** Somebody presses a button of the card at this moment, and has no answer yet: it can't be changed until then. */
const CARD_IN_USE = /card action is lock/i
/** "Invalid parameter", with the one that is meant in the words behind it. */
const INVALID_PARAMETER = 230001

/** The stored token is no good: a new one may be. */
export const isStaleToken = (error: unknown): boolean => error instanceof FeishuError && STALE_TOKEN.has(error.code)

/** Asking again changes nothing until the owner mends the app's settings. */
export const isNotPermitted = (error: unknown): boolean => error instanceof FeishuError && SETTINGS.has(error.code)

/** We have no business in that chat any more, or it is none. */
export const isChatGone = (error: unknown): boolean => error instanceof FeishuError && CHAT_GONE.has(error.code)

/** Feishu understood the question and said no; not that it was busy or down. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof FeishuError && error.status < 500 && error.status !== 429 && !RATE_LIMITS.has(error.code)

/** What a failed sending or editing means to the core. */
export function faultOf(error: unknown, doing: 'send' | 'edit'): Exclude<Delivery, { kind: 'delivered' }> {
  if (!(error instanceof FeishuError)) return later(OUTAGE_SECONDS, `Feishu could not be reached (${networkReason(error)})`)
  const { status, code, msg, resetSeconds, message: reason } = error
  if (RATE_LIMITS.has(code) || status === 429)
    return later(resetSeconds ?? (code === CHAT_LIMIT ? CHAT_LIMIT_SECONDS : OUTAGE_SECONDS), reason)
  if (code === BEING_SENT || (doing === 'edit' && CARD_IN_USE.test(msg))) return later(CHAT_LIMIT_SECONDS, reason)
  if (status >= 500) return later(OUTAGE_SECONDS, `Feishu has an outage: ${reason}`)
  if (STALE_TOKEN.has(code) || SETTINGS.has(code)) return later(SETTINGS_SECONDS, `Feishu does not let the app: ${reason}`)
  if (MESSAGE_GONE.has(code)) return { kind: 'message-gone' }
  if (CHAT_GONE.has(code)) return { kind: 'chat-gone', reason }
  if (code === INVALID_PARAMETER && doing === 'edit') return { kind: 'message-gone' }
  if (code === INVALID_PARAMETER && /receive_?id|chat_?id|open_?id/i.test(msg)) return { kind: 'chat-gone', reason }
  return { kind: 'refused', reason }
}

const later = (afterSeconds: number, reason: string): Exclude<Delivery, { kind: 'delivered' }> => ({
  kind: 'retry-later',
  afterSeconds,
  reason,
})

/** A short word for a network failure, safe to log. */
export function networkReason(error: unknown): string {
  if (!(error instanceof Error)) return 'no reason given'
  if ('code' in error && typeof error.code === 'string') return error.code
  return error instanceof SyntaxError ? 'the answer was no JSON' : error.message
}

/** The same for any failure, for the log and for the operators. */
export const reasonOf = (error: unknown): string =>
  error instanceof FeishuError ? error.message : `Feishu could not be reached (${networkReason(error)})`
