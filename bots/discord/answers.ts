import { setTimeout as wait } from 'node:timers/promises'
import type { Delivery } from '../../core/chat/platform.ts'
import type { Clock } from '../../core/clock.ts'
import type { Log } from '../../core/log.ts'
import type { Api, Draft, FirstResponse } from './api.ts'
import { type Fault, faultOf, reasonOf } from './faults.ts'
import { MESSAGE_FLAG } from './payloads.ts'
import { type Asked, parseAcknowledgement } from './receive.ts'

/** Discord waits three seconds for the first answer. Until here it is kept for the core's own, then "is thinking …" or nothing is said. */
const HOLD_MS = 1000
/** A first answer that got lost on its way is given again as long as there is time. */
const DEFER_TRIES_MS = [0, 300, 600]
/** An interaction's token is good for this long; then there is nothing to remember. */
const TOKEN_MS = 15 * 60_000

/** Gives the first answer; resolves with the id of the message it made, if any. */
export type Respond = (response: FirstResponse) => Promise<string | null>

/** An interaction, from its arrival until its token has run out. */
type Open = {
  readonly asked: Pick<Asked, 'id' | 'token' | 'pressed'>
  readonly respond: Respond | null
  readonly privately: boolean
  readonly arrivedAt: number
  /** `held`: the first answer is still to be given. */
  state: 'held' | 'answering' | 'answered' | 'over'
  /** Settles when the first answer is given, or can't be any more. */
  first: Promise<void>
  /** The first answer was "is thinking …", and stands there for the message to come. */
  thinking: { readonly ephemeral: boolean } | null
  /** An attempt ended without our knowing whether Discord took it. */
  uncertain: boolean
  /** The message of such an attempt, which had arrived after all. */
  arrived: string | null
  timer: NodeJS.Timeout | undefined
}

/** What became of an answer; `over`: the interaction takes none any more, and it must go another way. */
export type Answered =
  | { readonly kind: 'delivered'; readonly messageId: string; readonly token: string | null }
  | { readonly kind: 'over' }
  | Exclude<Delivery, { kind: 'delivered' }>

export type Answers = ReturnType<typeof createAnswers>

type Dependencies = {
  readonly api: Pick<Api, 'followUp' | 'editAnswer' | 'original' | 'deleteOriginal'>
  readonly clock: Clock
  readonly log: Log
}

/**
 * The answers to interactions. Only the first one may say whether one person sees it or all, only it can change the pressed message at
 * once, and it has to come within three seconds: so it is kept for what the core says, for a moment, and given without it then. Nothing
 * here waits for the core.
 */
export function createAnswers({ api, clock, log }: Dependencies) {
  const open = new Map<string, Open>()

  function forgetOld(now: number): void {
    for (const [id, one] of open) {
      if (now - one.arrivedAt < TOKEN_MS) return
      clearTimeout(one.timer)
      open.delete(id)
    }
  }

  function hold(one: Open): void {
    one.state = 'held'
    const passed = clock.now().getTime() - one.arrivedAt
    one.timer = setTimeout(() => void defer(one), Math.max(0, HOLD_MS - passed))
  }

  /** Says that we heard it, and keeps room for the answer. */
  async function defer(one: Open): Promise<void> {
    if (one.state !== 'held' || !one.respond) return
    const { respond, privately } = one
    begin(one)
    const response: FirstResponse =
      one.asked.pressed === null ? { kind: 'deferred', ephemeral: privately } : { kind: 'deferred-update' }
    one.first = (async () => {
      for (const pause of DEFER_TRIES_MS) {
        await wait(pause)
        try {
          await respond(response)
          if (response.kind === 'deferred') one.thinking = { ephemeral: response.ephemeral }
          one.state = 'answered'
          return
        } catch (error) {
          log.debug({ reason: reasonOf(error), interaction: one.asked.id }, 'Discord did not take an acknowledgement')
          if (faultOf(error).kind === 'interaction-over') break
        }
      }
      // Perhaps an attempt arrived after all: what is there now says so.
      await look(one)
    })()
    await one.first
  }

  function begin(one: Open): void {
    clearTimeout(one.timer)
    one.state = 'answering'
  }

  /** Finds out how an interaction stands whose first answer was given elsewhere, or is not known to have arrived. */
  async function look(one: Open): Promise<void> {
    try {
      const { id, flags } = await api.original(one.asked.token)
      const isThinking = (flags & MESSAGE_FLAG.loading) !== 0
      one.thinking = isThinking ? { ephemeral: (flags & MESSAGE_FLAG.ephemeral) !== 0 } : null
      if (one.uncertain && !isThinking && id !== one.asked.pressed) one.arrived = id
      one.state = 'answered'
    } catch (error) {
      log.debug({ reason: reasonOf(error), interaction: one.asked.id }, 'An interaction can be answered no more')
      one.state = 'over'
    }
  }

  /** Gives the first answer. Null: somebody else gave it meanwhile. */
  async function firstAnswer(one: Open, respond: Respond, response: FirstResponse): Promise<Answered | null> {
    begin(one)
    let settle = () => {}
    one.first = new Promise((resolve) => {
      settle = resolve
    })
    try {
      const messageId = await respond(response)
      one.state = 'answered'
      return delivered(one, messageId ?? one.asked.pressed ?? '0', response.kind === 'message' && response.ephemeral)
    } catch (error) {
      const fault = faultOf(error)
      if (fault.kind === 'interaction-over') {
        await look(one)
        return null
      }
      one.uncertain ||= fault.delivery.kind === 'retry-later'
      // Nothing was said yet: the next attempt, in other words perhaps, is the first again.
      hold(one)
      return fault.delivery
    } finally {
      settle()
    }
  }

  /** The first answer if it is still to be given; else null, once it is. */
  async function asFirst(one: Open, response: FirstResponse): Promise<Answered | null> {
    for (;;) {
      if (one.state === 'held' && one.respond) {
        const answered = await firstAnswer(one, one.respond, response)
        if (answered) return answered
      }
      await one.first
      // Another attempt may have failed meanwhile.
      if (one.state !== 'held') return null
    }
  }

  const delivered = (one: Open, messageId: string, ephemeral: boolean): Answered => ({
    kind: 'delivered',
    messageId,
    token: ephemeral ? one.asked.token : null,
  })

  async function further(one: Open, draft: Draft, ephemeral: boolean): Promise<Answered> {
    const { thinking } = one
    one.thinking = null
    const { token } = one.asked
    try {
      if (thinking && thinking.ephemeral === ephemeral) {
        return delivered(one, await api.editAnswer(token, '@original', draft), ephemeral)
      }
      // Who sees a message is decided when it begins. A wrong guess is taken back before the answer comes.
      if (thinking)
        await api.deleteOriginal(token).catch((error: unknown) => log.debug({ reason: reasonOf(error) }, 'A guess stays'))
      return delivered(one, await api.followUp(token, draft, ephemeral), ephemeral)
    } catch (error) {
      const fault = faultOf(error)
      // "Is thinking …" was deleted by somebody: the answer stands on its own.
      if (thinking && thinking.ephemeral === ephemeral && isGone(fault)) return further(one, draft, ephemeral)
      if (fault.kind === 'interaction-over') {
        one.state = 'over'
        return { kind: 'over' }
      }
      if (thinking?.ephemeral === ephemeral) one.thinking = thinking
      return fault.delivery
    }
  }

  /** The interaction an answer belongs to; one that another process received is looked at first. */
  async function find(acknowledgement: string): Promise<Open | null> {
    const parsed = parseAcknowledgement(acknowledgement)
    if (!parsed) return null
    const known = open.get(parsed.id)
    if (known) return known
    const arrivedAt = clock.now().getTime()
    const found: Open = {
      asked: { ...parsed, pressed: null },
      respond: null,
      privately: false,
      arrivedAt,
      state: 'answering',
      first: Promise.resolve(),
      thinking: null,
      uncertain: false,
      arrived: null,
      timer: undefined,
    }
    open.set(parsed.id, found)
    const looking = look(found)
    found.first = looking.then(() => undefined)
    await looking
    return found
  }

  return {
    /** A new interaction; false if it is known already. `privately`: the answer will probably be for one person alone. */
    take(asked: Asked, respond: Respond, privately: boolean): boolean {
      const arrivedAt = clock.now().getTime()
      forgetOld(arrivedAt)
      if (open.has(asked.id)) return false
      const one: Open = {
        asked,
        respond,
        privately: privately && asked.inGroup,
        arrivedAt,
        state: 'held',
        first: Promise.resolve(),
        thinking: null,
        uncertain: false,
        arrived: null,
        timer: undefined,
      }
      open.set(asked.id, one)
      hold(one)
      return true
    },

    /** Answers with a new message. */
    async answer(acknowledgement: string, draft: Draft, ephemeral: boolean): Promise<Answered> {
      const one = await find(acknowledgement)
      if (!one) return { kind: 'over' }
      const answered = await asFirst(one, { kind: 'message', draft, ephemeral })
      if (answered) return answered
      if (one.state === 'over') return { kind: 'over' }
      const { arrived } = one
      if (arrived === null) return further(one, draft, ephemeral)
      // This very answer was on its way before, and only Discord's word for it got lost.
      one.arrived = null
      return delivered(one, arrived, ephemeral)
    },

    /** Changes the message that was pressed. `over`: that must be done another way. */
    async change(acknowledgement: string, messageId: string, draft: Draft): Promise<Answered> {
      const one = open.get(parseAcknowledgement(acknowledgement)?.id ?? '')
      if (one?.asked.pressed !== messageId) return { kind: 'over' }
      const answered = await asFirst(one, { kind: 'update', draft })
      if (answered) return answered
      if (one.state === 'over') return { kind: 'over' }
      try {
        return delivered(one, await api.editAnswer(one.asked.token, messageId, draft), false)
      } catch (error) {
        const fault = faultOf(error)
        return fault.kind === 'interaction-over' ? { kind: 'over' } : fault.delivery
      }
    },

    /** The core has nothing (more) to say for now: a press that still waits is over with. */
    async heard(acknowledgement: string): Promise<void> {
      const one = open.get(parseAcknowledgement(acknowledgement)?.id ?? '')
      if (one?.asked.pressed != null) await defer(one)
    },

    /** Keeps every interaction alive that has no answer yet: another process may go on with it. */
    async stop(): Promise<void> {
      await Promise.all([...open.values()].map(defer))
    },
  }
}

const isGone = (fault: Fault): boolean => fault.kind === 'delivery' && fault.delivery.kind === 'message-gone'
