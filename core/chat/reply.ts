import type { PrismaTransaction } from '../../prisma/database.ts'
import type { Role } from '../access/index.ts'
import type { Language } from '../i18n/index.ts'
import type { Log } from '../log.ts'
import type { Place } from '../operations/index.ts'
import type { Services } from '../services.ts'
import type { Incoming } from './incoming.ts'
import type { Conversation, InstanceSummary, OrderSummary, Surroundings } from './store.ts'
import type { JsonObject, Text, View } from './view.ts'

/** Everything a command, action or flow step may know about who asks and where. */
export type ChatContext = {
  readonly incoming: Incoming
  readonly personId: string
  readonly workspace: Surroundings['workspace']
  readonly role: Role
  readonly language: Language
  readonly instances: readonly InstanceSummary[]
  readonly orders: readonly OrderSummary[]
  readonly conversation: Conversation
  readonly services: Services
  readonly log: Log
  readonly now: Date
  readonly requestId: string
  /** A secret that came with this update. Never stored as it is, so it is gone when the update is handled after a crash. */
  readonly handed?: { readonly value: string }
  /** Of a message with a secret in it: whether the platform let us delete it. */
  readonly secretRemoved?: boolean
}

/** Where an operation started from here tells its progress. */
export const placeOf = (context: ChatContext, viewId: string): Place => ({
  platform: context.incoming.platform,
  chatId: context.incoming.chat.id,
  userId: context.incoming.sender.id,
  viewId,
  language: context.language,
})

/** What runs in the transaction of the decision. Throws ProblemError to refuse; then nothing is written. */
export type Effect = (transaction: PrismaTransaction) => Promise<void>

/** A flow's state as a handler sets it; null ends it. */
export type FlowState = {
  readonly flow: string
  readonly version: number
  readonly step: string
  readonly answers: JsonObject
  readonly viewId: string
}

export type ReplyView = {
  readonly view: View
  /** `here` edits the pressed message; for typed input it is a new message. `edit` is the newest message of the same view id. */
  readonly place: 'here' | 'new' | 'edit'
}

export type Reply = {
  readonly views: readonly ReplyView[]
  /** Undefined leaves a running flow alone. */
  readonly flow?: FlowState | null
  readonly effects?: readonly Effect[]
  /** Answers in another language than the person's so far. */
  readonly language?: string
  /** A short note only the presser sees. */
  readonly toast?: Text
}

export const reply = (...views: readonly View[]): Reply => ({ views: views.map((view) => ({ view, place: 'here' })) })
