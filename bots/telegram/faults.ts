import { GrammyError } from 'grammy'
import type { Delivery } from '../../core/chat/platform.ts'

/** What a failed sending or editing means: an outcome for the core, or something deliver.ts still has an answer to. */
export type Fault =
  | { readonly kind: 'delivery'; readonly delivery: Exclude<Delivery, { kind: 'delivered' }> }
  /** The message already looks like this. */
  | { readonly kind: 'not-modified' }
  /** The message to edit is a picture or file, and the new content is text. */
  | { readonly kind: 'not-text' }
  /** The group became a supergroup, under a new id. */
  | { readonly kind: 'moved'; readonly chatId: number }

/** How long we wait when Telegram is down or unreachable and names no time itself. */
const OUTAGE_SECONDS = 5
/** How long we wait for the owner to put in a new token; messages are kept meanwhile. */
const TOKEN_SECONDS = 60

const MESSAGE_GONE = /message to edit not found|message can't be edited|message_id_invalid/i
const CHAT_GONE =
  /chat not found|user not found|peer_id_invalid|group chat was deactivated|chat_write_forbidden|not enough rights to send|message thread not found|topic_(closed|deleted)|have no rights to send/i

/** Bot API descriptions are no contract, but there is nothing else to tell these cases apart by. */
export function faultOf(error: unknown): Fault {
  if (!(error instanceof GrammyError))
    return retryLater(OUTAGE_SECONDS, `Telegram could not be reached (${networkReason(error)})`)

  const { error_code: code, description, parameters } = error
  if (code === 429) return retryLater(parameters.retry_after ?? OUTAGE_SECONDS, description)
  if (code >= 500) return retryLater(OUTAGE_SECONDS, `Telegram has an outage: ${description}`)
  if (code === 401 || code === 404) return retryLater(TOKEN_SECONDS, `Telegram refuses the bot token: ${description}`)
  if (code === 403) return delivery({ kind: 'chat-gone', reason: description })
  if (parameters.migrate_to_chat_id !== undefined) return { kind: 'moved', chatId: parameters.migrate_to_chat_id }
  if (/message is not modified/i.test(description)) return { kind: 'not-modified' }
  if (/there is no text in the message to edit/i.test(description)) return { kind: 'not-text' }
  if (MESSAGE_GONE.test(description)) return delivery({ kind: 'message-gone' })
  if (CHAT_GONE.test(description)) return delivery({ kind: 'chat-gone', reason: description })
  return delivery({ kind: 'refused', reason: description })
}

/**
 * A short word for a network failure, safe to log: never the address, which holds the token.
 * `error` is grammY's HttpError around the system's error, or any other.
 */
export function networkReason(error: unknown): string {
  const cause = error instanceof Error && 'error' in error ? error.error : error
  if (!(cause instanceof Error)) return 'no reason given'
  if ('code' in cause && typeof cause.code === 'string') return cause.code
  return cause instanceof SyntaxError ? 'the answer was no JSON' : cause.message
}

const delivery = (outcome: Exclude<Delivery, { kind: 'delivered' }>): Fault => ({ kind: 'delivery', delivery: outcome })
const retryLater = (afterSeconds: number, reason: string): Fault => delivery({ kind: 'retry-later', afterSeconds, reason })
