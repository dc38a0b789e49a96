import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { Flag, has, withoutNulls } from './components.ts'
import {
  alreadyAcknowledged,
  type FormError,
  invalidForm,
  invalidWebhookToken,
  unknownInteraction,
  unknownMessage,
  unknownWebhook,
} from './fault.ts'
import { MessageBody, type Messages, type Uploads } from './messages.ts'
import { Modal, modalErrors } from './modal-rules.ts'
import type { Channel, Message, Origin, User, World } from './world.ts'

/** How long an interaction waits for its first response, and how long its token may be used. */
export const ACK_MS = 3000
const TOKEN_MS = 15 * 60_000
/** Delivered later than this after it happened (a reconnect), the bot is not to blame for a missed deadline. */
const DELIVERY_MS = 500

export const InteractionType = { ping: 1, command: 2, component: 3, autocomplete: 4, modal: 5 } as const
const Callback = { pong: 1, message: 4, deferred: 5, deferredUpdate: 6, update: 7, choices: 8, modal: 9 } as const
const KINDS = { 4: 'message', 5: 'deferred', 6: 'deferred-update', 7: 'update', 8: 'autocomplete', 9: 'modal' } as const
/** Which first responses which kind of interaction takes. */
const ALLOWED: Readonly<Record<number, readonly number[]>> = {
  [InteractionType.command]: [Callback.message, Callback.deferred, Callback.modal],
  [InteractionType.component]: [Callback.message, Callback.deferred, Callback.deferredUpdate, Callback.update, Callback.modal],
  [InteractionType.autocomplete]: [Callback.choices],
  [InteractionType.modal]: [Callback.message, Callback.deferred, Callback.deferredUpdate, Callback.update],
}

/** What the bot's first response was, and when it came. */
export type Reaction = {
  readonly ackMs: number | null
  readonly kind: (typeof KINDS)[keyof typeof KINDS] | 'none'
  readonly ephemeral: boolean
}
export type Choice = { readonly name: string; readonly value: string }

export type Interaction = {
  readonly id: string
  readonly token: string
  readonly type: number
  readonly user: User
  readonly channel: Channel
  /** The message the button hangs on. */
  readonly message: Message | null
  /** What the person did, for people who read a failed test. */
  readonly deed: string
  readonly createdAt: number
  deliveredAt: number | null
  reaction: Reaction | null
  /** What `@original` means. */
  original: Message | null
  readonly followUps: Message[]
  choices: readonly Choice[]
  tokenExpired: boolean
  /** No blame for a missing answer: we spoilt it ourselves, or it has been reported. */
  excused: boolean
}

const CallbackBody = z.object({ type: z.number(), data: z.unknown().optional() })
const Choices = z.object({
  choices: z
    .array(
      z.object({ name: z.string(), name_localizations: z.record(z.string(), z.string()).optional(), value: z.coerce.string() }),
    )
    .optional(),
})

export type Opening = Pick<Interaction, 'type' | 'user' | 'channel' | 'message' | 'deed'>

export function createInteractions(world: World, messages: Messages, violate: (what: string) => void) {
  const byId = new Map<string, Interaction>()
  const byToken = new Map<string, Interaction>()
  const waiting = new Map<Interaction, { readonly settle: (reaction: Reaction) => void; readonly timer: NodeJS.Timeout }>()
  /** The form each person has open. */
  const modals = new Map<string, { readonly modal: Modal; readonly from: Interaction }>()

  function settle(it: Interaction, reaction: Reaction): void {
    const wait = waiting.get(it)
    clearTimeout(wait?.timer)
    waiting.delete(it)
    wait?.settle(reaction)
    world.changed()
  }

  function missed(it: Interaction): void {
    const prompt = it.deliveredAt !== null && it.deliveredAt - it.createdAt < DELIVERY_MS
    if (prompt && !it.excused) {
      it.excused = true
      violate(`${it.deed} had no answer within ${ACK_MS / 1000} s`)
    }
    settle(it, { ackMs: null, kind: 'none', ephemeral: false })
  }

  /** What a person did, ready to be delivered; `reaction` resolves with the first response, or when it is too late for one. */
  function open(opening: Opening): { readonly interaction: Interaction; readonly reaction: Promise<Reaction> } {
    const it: Interaction = {
      ...opening,
      id: world.ids.next(),
      token: randomBytes(120).toString('base64url'),
      createdAt: performance.now(),
      deliveredAt: null,
      reaction: null,
      original: null,
      followUps: [],
      choices: [],
      tokenExpired: false,
      excused: false,
    }
    byId.set(it.id, it)
    byToken.set(it.token, it)
    const reaction = new Promise<Reaction>((resolve) => {
      waiting.set(it, { settle: resolve, timer: setTimeout(() => missed(it), ACK_MS) })
    })
    return { interaction: it, reaction }
  }

  const originOf = ({ id, type, user, channel, message }: Interaction): Origin => ({
    id,
    type,
    user,
    guildId: channel.guild?.id ?? null,
    messageId: message?.id ?? null,
  })

  function post(it: Interaction, body: MessageBody, files: Uploads): Message {
    const onlyFor = has(body.flags ?? 0, Flag.ephemeral) ? it.user : null
    return messages.post({ channel: it.channel, body, files, origin: originOf(it), onlyFor, flags: Flag.ephemeral })
  }

  /** The first response: over its own route, or as the body that answers the signed POST. */
  function answer(it: Interaction, raw: unknown, files: Uploads): Message | null {
    const { type, data } = CallbackBody.parse(raw)
    const now = performance.now()
    if (it.reaction) throw alreadyAcknowledged(`${it.deed} was answered a second time (type ${type} after ${it.reaction.kind})`)
    if (now - it.createdAt > ACK_MS || it.tokenExpired) {
      const late = Math.round(now - (it.deliveredAt ?? now))
      throw unknownInteraction(late > ACK_MS && !it.excused ? `${it.deed} was answered after ${late} ms` : undefined)
    }
    if (!ALLOWED[it.type]?.includes(type) || (type >= Callback.deferredUpdate && type <= Callback.update && !it.message)) {
      throw invalidForm([
        { path: ['type'], code: 'INTERACTION_CALLBACK_TYPE_INVALID', message: `${it.deed} can’t be answered with type ${type}` },
      ])
    }
    const ephemeral = respond(it, type, data, files)
    it.reaction = { ackMs: now - it.createdAt, kind: z.enum(Object.values(KINDS)).parse(Object(KINDS)[type]), ephemeral }
    settle(it, it.reaction)
    return it.original
  }

  /** Returns whether only the one person sees it. */
  function respond(it: Interaction, type: number, data: unknown, files: Uploads): boolean {
    switch (type) {
      case Callback.message:
        it.original = post(it, MessageBody.parse(data ?? {}), files)
        return it.original.onlyFor !== null
      case Callback.deferred: {
        const { flags } = MessageBody.parse(data ?? {})
        const ephemeral = has(flags ?? 0, Flag.ephemeral)
        it.original = messages.think(it.channel, originOf(it), ephemeral ? it.user : null)
        return ephemeral
      }
      case Callback.deferredUpdate:
      case Callback.update: {
        if (!it.message || it.message.deleted) throw unknownMessage()
        if (type === Callback.update) messages.edit(it.message, MessageBody.parse(data ?? {}), files)
        it.original = it.message
        return it.message.onlyFor !== null
      }
      case Callback.choices: {
        const { choices = [] } = Choices.parse(withoutNulls(data))
        it.choices = choices.map(({ name, name_localizations: names, value }) => ({
          name: names?.[it.user.locale] ?? name,
          value,
        }))
        return false
      }
      default: {
        const modal = Modal.parse(withoutNulls(data))
        const errors: readonly FormError[] = modalErrors(modal)
        if (errors.length > 0) throw invalidForm(errors.map((error) => ({ ...error, path: ['data', ...error.path] })))
        modals.set(it.user.id, { modal, from: it })
        return false
      }
    }
  }

  return {
    open,
    answer,

    find(id: string, token: string): Interaction {
      const it = byId.get(id)
      if (!it || it.token !== token) throw unknownInteraction(`there is no interaction ${id} with that token`)
      return it
    },

    /** Whose token it is, if it still may be used. */
    webhook(applicationId: string, token: string): Interaction {
      const it = byToken.get(token)
      if (!it) throw invalidWebhookToken('a token that was never given')
      if (applicationId !== world.applicationId) throw unknownWebhook(`${applicationId} is not the application`)
      if (it.tokenExpired || performance.now() - it.createdAt > TOKEN_MS) throw invalidWebhookToken()
      if (!it.reaction) throw unknownWebhook(`${it.deed} has no first response yet`)
      return it
    },

    /** The message behind `@original` or an id, of those this token may touch. */
    messageOf(it: Interaction, id: string): Message {
      const mine = id === '@original' ? it.original : [it.original, it.message, ...it.followUps].find((one) => one?.id === id)
      if (!mine) throw unknownMessage(`${it.deed} gives no right to the message ${id}`)
      if (mine.deleted) throw unknownMessage()
      return mine
    },

    /** A further message. The first one after a deferral takes the place of the "is thinking …", and is seen by whom that is. */
    followUp(it: Interaction, body: MessageBody, files: Uploads): Message {
      const thinking = it.original && has(it.original.flags, Flag.loading) && !it.original.deleted ? it.original : null
      if (!thinking) {
        const message = post(it, body, files)
        it.followUps.push(message)
        return message
      }
      if (has(body.flags ?? 0, Flag.ephemeral) !== (thinking.onlyFor !== null)) {
        violate(`${it.deed}: the follow-up fills the deferred message, whose ephemeral flag it can’t change`)
      }
      return messages.edit(thinking, { ...body, flags: (body.flags ?? 0) & ~Flag.ephemeral }, files)
    },

    modalOf: (user: User) => modals.get(user.id) ?? null,
    closeModal: (user: User) => void modals.delete(user.id),

    excuse(id: string): void {
      const it = byId.get(id)
      if (it) it.excused = true
    },
    expireTokens(): void {
      for (const it of byId.values()) it.tokenExpired = true
    },
    close(): void {
      for (const it of [...waiting.keys()]) settle(it, { ackMs: null, kind: 'none', ephemeral: false })
    },
  }
}
export type Interactions = ReturnType<typeof createInteractions>
