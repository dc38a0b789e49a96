import { z } from 'zod'
import { type Card, readCard } from './card.ts'
import type { Outcome } from './channel.ts'
import { knownTo } from './content.ts'
import { ANSWER_WITHIN_MS, type Delivery } from './delivery.ts'
import { CardRefused } from './fault.ts'
import { hex, type MessageRecord, type PersonRecord, type World } from './world.ts'

/** What a person sees of the answer to what they pressed. */
export type CardReaction = {
  readonly ms: number
  readonly toast: { readonly type: string; readonly content: string } | null
  /** The answer carried an updated card. */
  readonly card: boolean
  /** What they see as a failure: not within 3 s, not 200, malformed. */
  readonly error: string | null
}

const CARD_BYTES = 30 * 1024

const Answer = z.strictObject({
  toast: z
    .strictObject({
      type: z.enum(['info', 'success', 'error', 'warning']),
      content: z.string().min(1),
      i18n: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
  card: z.strictObject({ type: z.literal('raw'), data: z.unknown() }).optional(),
})
type Answer = z.infer<typeof Answer>

/** A failure in the client's words: the number is what it shows. */
class Failure extends Error {
  override readonly name = 'Failure'
}

/** Presses: a callback goes to the bot, and its answer to the person, card included. */
export function createCallbacks(world: World, delivery: Delivery) {
  async function press(person: PersonRecord, message: MessageRecord, action: object): Promise<CardReaction> {
    const token = `c-${hex(20)}`
    const update = { messageId: message.id, issuedAt: world.now(), answered: false, uses: 0 }
    world.updateTokens.set(token, update)
    message.openPresses += 1
    const outcome = await delivery.callback('card.action.trigger', {
      operator: { tenant_key: world.tenantKey, user_id: person.userId, open_id: person.openId, union_id: person.unionId },
      token,
      action: { timezone: 'Asia/Shanghai', ...action },
      host: 'im_message',
      context: { open_message_id: message.id, open_chat_id: message.chatId },
    })
    message.openPresses -= 1
    update.answered = outcome.kind === 'answered'
    return react(person, message, outcome)
  }

  function react(person: PersonRecord, message: MessageRecord, outcome: Outcome): CardReaction {
    const { ms } = outcome
    try {
      const { toast, card } = answerOf(outcome)
      if (card) {
        message.card = cardOf(card.data)
        message.edited = true
      }
      if (toast) person.toasts.push(toast.i18n?.[person.locale] ?? toast.content)
      world.changed()
      return { ms, toast: toast ? { type: toast.type, content: toast.content } : null, card: card !== undefined, error: null }
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      world.changed()
      return { ms, toast: null, card: false, error: error.message }
    }
  }

  /** A callback the people here can't cause; its answer is judged all the same. */
  async function raw(type: string, event: unknown): Promise<void> {
    try {
      const { card } = answerOf(await delivery.callback(type, event))
      if (card) cardOf(card.data)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
    }
  }

  function answerOf(outcome: Outcome): Answer {
    // Nobody's fault: the bot is down, or the test broke the connection.
    if (outcome.kind === 'unreachable') throw new Failure('200342: the callback service could not be reached')
    if (outcome.kind === 'late') throw against(`200341: a press was not answered within ${ANSWER_WITHIN_MS / 1000} s`)
    if (outcome.status !== 200) throw against(`200671: a press was answered with status ${outcome.status}`)
    const parsed = Answer.safeParse(outcome.body ?? {})
    if (!parsed.success)
      throw against(`200672: a press was answered with ${JSON.stringify(outcome.body)}: ${z.prettifyError(parsed.error)}`)
    return parsed.data
  }

  function cardOf(data: unknown): Card {
    const bytes = Buffer.byteLength(JSON.stringify(data))
    if (bytes > CARD_BYTES) throw against(`200673: the card in an answer has ${bytes} bytes, ${CARD_BYTES} are possible`)
    try {
      return readCard(data, knownTo(world))
    } catch (error) {
      if (!(error instanceof CardRefused)) throw error
      throw against(`200673: the card in an answer: ${error.message}`)
    }
  }

  function against(rule: string): Failure {
    world.violate(rule)
    return new Failure(rule)
  }

  return { press, raw }
}
