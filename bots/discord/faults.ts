import type { DiscordAPIError, HTTPError, RateLimitError } from '@discordjs/rest'
import type { Delivery } from '../../core/chat/platform.ts'

/** What a failed call means: an outcome for the core, or something deliver.ts still has an answer to. */
export type Fault =
  | { readonly kind: 'delivery'; readonly delivery: Exclude<Delivery, { kind: 'delivered' }> }
  /** The interaction can't be answered this way any more: its token ran out, or its first answer was not given in time, or twice. */
  | { readonly kind: 'interaction-over'; readonly reason: string }

/** How long we wait when Discord is down or unreachable and names no time itself. */
const OUTAGE_SECONDS = 5
/** How long we wait for the owner to put in a new token; messages are kept meanwhile. */
const TOKEN_SECONDS = 60

// Discord's error codes: https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
const INTERACTION_OVER = [10015, 10062, 40060, 50027]
const MESSAGE_GONE = [10008, 50005]
/** Unknown channel, server or member; no access, no permission; a person who takes no messages; an archived thread. */
const CHAT_GONE = [10003, 10004, 10007, 10013, 50001, 50007, 50013, 50033, 50083, 50278]

/** `error` is whatever a call of @discordjs/rest rejects with. What is passed on never holds the address, which may hold a token. */
export function faultOf(error: unknown): Fault {
  if (isRateLimit(error)) {
    const waitMs = Math.max(error.retryAfter, error.timeToReset, error.sublimitTimeout)
    return retryLater(Math.max(1, Math.ceil(waitMs / 1000)), 'Discord limits how fast we may send')
  }
  if (!isAnswer(error)) return retryLater(OUTAGE_SECONDS, `Discord could not be reached (${networkReason(error)})`)
  const { status, message } = error
  const code = 'code' in error ? Number(error.code) : 0
  if (INTERACTION_OVER.includes(code)) return { kind: 'interaction-over', reason: message }
  if (status === 401) return retryLater(TOKEN_SECONDS, 'Discord refuses the bot token')
  if (status >= 500) return retryLater(OUTAGE_SECONDS, `Discord has an outage: ${status}`)
  if (MESSAGE_GONE.includes(code)) return delivery({ kind: 'message-gone' })
  if (CHAT_GONE.includes(code)) return delivery({ kind: 'chat-gone', reason: message })
  return delivery({ kind: 'refused', reason: message })
}

/** A sentence for the log. */
export function reasonOf(error: unknown): string {
  const fault = faultOf(error)
  if (fault.kind === 'interaction-over') return fault.reason
  return 'reason' in fault.delivery ? fault.delivery.reason : 'the message is gone'
}

/** The bot token is wrong or was revoked. */
export const isUnauthorized = (error: unknown): boolean => isAnswer(error) && error.status === 401 && !isInteraction(error)
const isInteraction = (error: DiscordAPIError | HTTPError): boolean =>
  'code' in error && INTERACTION_OVER.includes(Number(error.code))

// By their shape: the classes would have to be loaded for it, and a bundle may hold them twice.
const isRateLimit = (error: unknown): error is RateLimitError =>
  error instanceof Error && 'retryAfter' in error && 'timeToReset' in error && 'sublimitTimeout' in error
const isAnswer = (error: unknown): error is DiscordAPIError | HTTPError =>
  error instanceof Error && 'status' in error && typeof error.status === 'number' && 'requestBody' in error

/** A short word for a network failure, safe to log. */
export function networkReason(error: unknown): string {
  if (!(error instanceof Error)) return 'no reason given'
  const { cause } = error
  const known = [error, cause].find((one) => one instanceof Error && 'code' in one && typeof one.code === 'string')
  if (known instanceof Error && 'code' in known) return String(known.code)
  return error.name === 'AbortError' ? 'no answer in time' : error.name
}

const delivery = (outcome: Exclude<Delivery, { kind: 'delivered' }>): Fault => ({ kind: 'delivery', delivery: outcome })
const retryLater = (afterSeconds: number, reason: string): Fault => delivery({ kind: 'retry-later', afterSeconds, reason })
