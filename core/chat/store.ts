import type { Pool } from 'pg'
import { z } from 'zod'
import type { Clock, Ids } from '../clock.ts'
import { sourceOf } from '../models/index.ts'
import type { Incoming } from './incoming.ts'
import { createMemory } from './memory.ts'
import { buttonsOf, splitToken } from './screen.ts'
import { createTogether } from './together.ts'
import type { JsonObject, View } from './view.ts'

/** How long a process may work on an update before another may take it over: above the slowest handler's own deadline. */
const CLAIM_SECONDS = 60

/** A message sent from memory is left alone by the sweep for this long; then it counts as lost with its process. */
const HOLD_SECONDS = 30

/** An update whose handler fails this often would fail for ever. */
const MOST_ATTEMPTS = 5

/** A column that only we write, as a JsonObject. */
const Json = z.custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value))
const Timestamp = z.coerce.date()
const Micros = z.coerce.number()

const StoredPress = z.object({
  action: z.string(),
  args: Json.optional(),
  once: z.boolean().optional(),
  who: z.enum(['addressee', 'anyone']).optional(),
})

const Screen = z.object({
  id: z.string(),
  viewId: z.string(),
  conversationId: z.string().nullable(),
  workspaceId: z.string().nullable(),
  revision: z.number().nullable(),
  userId: z.string().nullable(),
  buttons: z.record(z.string(), StoredPress),
  usedKeys: z.array(z.string()),
  expiresAt: Timestamp,
})

const Conversation = z.object({
  id: z.string(),
  flow: z.string().nullable(),
  version: z.number(),
  step: z.string().nullable(),
  answers: Json,
  revision: z.number(),
  expiresAt: Timestamp.nullable(),
  viewId: z.string().nullable(),
})

const InstanceSummary = z
  .object({
    id: z.string(),
    name: z.string(),
    state: z.string(),
    source: z.string(),
    model: z.string(),
    plan_id: z.string(),
    host_id: z.string().nullable(),
    platform: z.string(),
    chat_id: z.string(),
    gateway_token_sealed: z.string().nullable(),
    owner_person_id: z.string(),
    allowance_micros: Micros,
    baseline_micros: Micros,
    usage_micros: Micros,
    usage_read_at: Timestamp.nullable(),
    cycle_ends_at: Timestamp.nullable(),
    created_at: Timestamp,
    ready_at: Timestamp.nullable(),
    crash_count: z.number(),
    renewed_by: z.string().nullable(),
    ends_at: Timestamp.nullable(),
  })
  .transform((row) => ({
    id: row.id,
    name: row.name,
    state: row.state,
    source: sourceOf(row.source),
    model: row.model,
    planId: row.plan_id,
    hostId: row.host_id,
    platform: row.platform,
    chatId: row.chat_id,
    gatewayTokenSealed: row.gateway_token_sealed,
    ownerPersonId: row.owner_person_id,
    allowanceMicros: row.allowance_micros,
    baselineMicros: row.baseline_micros,
    usageMicros: row.usage_micros,
    usageReadAt: row.usage_read_at,
    cycleEndsAt: row.cycle_ends_at,
    createdAt: row.created_at,
    readyAt: row.ready_at,
    crashCount: row.crash_count,
    /** The order that pays for it month by month, and when that ends if it was called off; null if nothing does. */
    renewal: row.renewed_by === null ? null : { orderId: row.renewed_by, endsAt: row.ends_at },
  }))

const OrderSummary = z
  .object({
    id: z.string(),
    state: z.string(),
    instance_name: z.string(),
    plan_id: z.string(),
    instance_id: z.string().nullable(),
    created_at: Timestamp,
  })
  .transform((row) => ({
    id: row.id,
    state: row.state,
    instanceName: row.instance_name,
    planId: row.plan_id,
    instanceId: row.instance_id,
    createdAt: row.created_at,
  }))

const Surroundings = z.object({
  /** Changes with anything below, conversation and screen apart. */
  stamp: z.string(),
  personId: z.string(),
  language: z.string().nullable(),
  locale: z.string().nullable(),
  privateChatId: z.string().nullable(),
  workspace: z.object({
    id: z.string(),
    kind: z.enum(['personal', 'group']),
    ownerPersonId: z.string(),
    /** What its admins chose for everybody; null: each their own. */
    language: z.string().nullable(),
    /** The platform's role whose holders administer it. */
    adminRoleId: z.string().nullable(),
    /** The role given to this person here. */
    grant: z.string().nullable(),
  }),
  conversation: Conversation,
  screen: Screen.nullable(),
  instances: z.array(InstanceSummary),
  orders: z.array(OrderSummary),
})

const OpenAnswer = z.union([Surroundings, z.object({ duplicate: z.literal(true) })])

export type Screen = z.infer<typeof Screen>
export type InstanceSummary = z.infer<typeof InstanceSummary>
export type OrderSummary = z.infer<typeof OrderSummary>
export type Conversation = z.infer<typeof Conversation>
export type Surroundings = z.infer<typeof Surroundings>

/** A message to be written with the decision and sent after it. */
export type Post = {
  readonly screenId: string
  readonly platform: string
  readonly chatId: string
  readonly view: View
  readonly language: string
  readonly place: 'new' | 'edit'
  /** The native message to edit, where the press told it; else the newest of the same view id. */
  readonly editRef?: string | undefined
  readonly userId?: string | undefined
  readonly onlyFor?: string | undefined
  /** See Outgoing. */
  readonly answers?: string | undefined
  readonly conversationId?: string | undefined
  readonly workspaceId?: string | undefined
  readonly revision?: number | undefined
  readonly dedupeKey?: string | undefined
}

export type ConversationPatch = {
  readonly flow: string | null
  readonly version: number
  readonly step: string | null
  readonly answers: JsonObject
  readonly viewId: string | null
  readonly expiresAt: Date | null
}

export type Commit = {
  readonly incoming: Incoming
  readonly conversation: { readonly id: string; readonly revision: number; readonly patch?: ConversationPatch | undefined }
  /** The one-time key this update uses up. */
  readonly press?: { readonly screenId: string; readonly key: string } | undefined
  readonly posts: readonly Post[]
  /** Another process speaks the platform: it sends them from the table. */
  readonly sentElsewhere?: boolean
  /** What it was decided from, if that was remembered: then the commit checks it. `unstored`: `open` has not seen the update either. */
  readonly from?: { readonly surroundings: Surroundings; readonly unstored: boolean } | undefined
}

export type CommitOutcome =
  | { readonly kind: 'done'; readonly outboxIds: readonly (string | null)[] }
  /** Another handler won: decide again with what is true now. */
  | { readonly kind: 'conflict' }
  /** The one-time button was used up. */
  | { readonly kind: 'used' }
  /** This very update was answered before: there is nothing left to do. */
  | { readonly kind: 'handled' }

/** A decision as the argument of chat_commit: a chat_turn, and its posts. */
export type CommitCall = { readonly turn: Record<string, unknown>; readonly posts: readonly Record<string, unknown>[] }

/** The arguments of chat_commit for some decisions; posts say by its number whose they are. */
export const commitArguments = (calls: readonly CommitCall[], unstored: boolean) => [
  JSON.stringify(calls.map(({ turn }) => turn)),
  JSON.stringify(calls.flatMap(({ posts }, position) => posts.map((post) => ({ turn: position + 1, ...post })))),
  unstored,
]

export const CHAT_COMMIT = 'SELECT outcome, ids FROM chat_commit($1::json, $2::json, $3)'

/** Commits one decision: together with others on the hot path, in a transaction beside effects. Answers its row. */
export type CallCommit = (call: CommitCall) => Promise<unknown>

const CommitAnswer = z.object({
  outcome: z.enum(['done', 'handled', 'conflict', 'used']),
  ids: z.array(z.string().nullable()),
})

/** The argument of chat_post. `held`: this process sends them itself, right after the commit. */
export function postRows(posts: readonly Post[], held: boolean): Record<string, unknown>[] {
  return posts.map((post) => ({
    screen_id: post.screenId,
    platform: post.platform,
    chat_id: post.chatId,
    view_id: post.view.id,
    view: post.view,
    buttons: buttonsOf(post.view),
    language: post.language,
    place: post.place,
    edit_ref: post.editRef,
    user_id: post.userId,
    only_for: post.onlyFor,
    answers: post.answers,
    conversation_id: post.conversationId,
    workspace_id: post.workspaceId,
    revision: post.revision,
    dedupe_key: post.dedupeKey,
    hold_seconds: held ? HOLD_SECONDS : 0,
  }))
}

export type ChatStore = ReturnType<typeof createChatStore>

/** The two statements of the chat hot path, and what a crash recovers from. */
export function createChatStore(pool: Pool, ids: Ids, clock: Clock) {
  const memory = createMemory(clock)
  const callOpen = createTogether(async (calls: readonly string[]) => {
    const { rows } = await pool.query<{ result: unknown }>({
      name: 'chat_open',
      text: 'SELECT chat_open(call) AS result FROM jsonb_array_elements($1::jsonb) AS call',
      values: [`[${calls.join(',')}]`],
    })
    return rows.map(({ result }) => result)
  })
  const committing = (unstored: boolean) =>
    createTogether<CommitCall, unknown>(async (calls) => {
      const statement = { name: 'chat_commit', text: CHAT_COMMIT, values: commitArguments(calls, unstored) }
      return (await pool.query(statement)).rows
    })
  const callCommit = committing(false)
  const callTurn = committing(true)

  async function open(incoming: Incoming, reload: boolean): Promise<Surroundings | 'duplicate'> {
    const { chat, sender, content } = incoming
    const token = content.kind === 'press' || content.kind === 'form' ? splitToken(content.token) : null
    // Needed only for who is new; one random part serves all three.
    const fresh = ids.create('')
    const result = await callOpen(
      JSON.stringify({
        platform: incoming.platform,
        updateKey: incoming.updateKey,
        chatId: chat.id,
        ...(chat.kind === 'group' && { groupId: chat.groupId ?? chat.id, chatTitle: chat.title }),
        userId: sender.id,
        userName: sender.name,
        username: sender.username ?? null,
        locale: sender.locale ?? null,
        payload: incoming,
        claimSeconds: CLAIM_SECONDS,
        reload,
        ...(token && { screenId: token.screenId }),
        newPersonId: `per${fresh}`,
        newWorkspaceId: `wsp${fresh}`,
        newConversationId: `con${fresh}`,
      }),
    )
    const answer = OpenAnswer.parse(result)
    if ('duplicate' in answer) return 'duplicate'
    memory.keep(incoming, answer)
    return answer
  }

  return {
    /** Stores an update and reads what its handler needs, in one statement. `duplicate`: it was handled, or is being handled. */
    open: (incoming: Incoming) => open(incoming, false),

    /** Reads again, for an update that waited behind another or lost a race. */
    async reload(incoming: Incoming): Promise<Surroundings> {
      const surroundings = await open(incoming, true)
      if (surroundings === 'duplicate') throw new Error('chat_open called a reload a duplicate')
      return surroundings
    },

    /** What `open` would most likely read, without asking; null if it has to be asked. A decision from it is committed with `from`. */
    recall: memory.recall,

    /** Writes a decision, all of it or nothing. `call` is a transaction's when effects belong to the decision. */
    async commit(commit: Commit, call?: CallCommit): Promise<CommitOutcome> {
      const { incoming, from } = commit
      const { outcome, ids: outboxIds } = CommitAnswer.parse(
        await (call ?? (from?.unstored ? callTurn : callCommit))({
          turn: {
            platform: incoming.platform,
            update_key: incoming.updateKey,
            conversation_id: commit.conversation.id,
            revision: commit.conversation.revision,
            patch: commit.conversation.patch,
            screen_id: commit.press?.screenId,
            button_key: commit.press?.key,
            ...(from && {
              stamp: from.surroundings.stamp,
              user_id: incoming.sender.id,
              person_id: from.surroundings.personId,
              workspace_id: from.surroundings.workspace.id,
            }),
          },
          posts: postRows(commit.posts, !commit.sentElsewhere),
        }),
      )
      if (outcome !== 'done' || call) memory.forget(incoming)
      if (outcome !== 'done') return { kind: outcome }
      if (!call)
        memory.follow(
          commit,
          outboxIds.map((id) => id !== null),
        )
      return { kind: 'done', outboxIds }
    },

    /** Updates that a dead process left behind, oldest first; `open` claims each for one replica. */
    async abandoned(platforms: readonly string[], limit: number): Promise<unknown[]> {
      const { rows } = await pool.query(
        `SELECT payload FROM inbox WHERE handled_at IS NULL AND claimed_until < now() AND platform = ANY ($1)
         ORDER BY received_at LIMIT $2`,
        [platforms, limit],
      )
      return rows.map((row) => row.payload)
    },

    /** Forgets what nobody can need any more. Platforms repeat an update for at most a day; money's rows stay for ever. */
    async prune(): Promise<void> {
      for (const statement of PRUNING) await pool.query(statement)
    },

    /** Gives up updates that failed again and again, so that they don't stand in the way of others; their keys, for the operators. */
    async giveUpPoison(): Promise<string[]> {
      const { rows } = await pool.query<{ update_key: string }>(
        `UPDATE inbox SET handled_at = now() WHERE handled_at IS NULL AND claimed_until < now() AND attempts >= $1 RETURNING update_key`,
        [MOST_ATTEMPTS],
      )
      return rows.map((row) => row.update_key)
    },
  }
}

const PRUNING = [
  `DELETE FROM inbox WHERE handled_at < now() - interval '2 days'`,
  `DELETE FROM screens WHERE expires_at < now()`,
  `DELETE FROM secret_requests WHERE expires_at < now() - interval '1 day'`,
  `DELETE FROM notice_keys WHERE created_at < now() - interval '90 days'`,
  `DELETE FROM operations WHERE finished_at < now() - interval '90 days'`,
  `DELETE FROM stripe_events WHERE processed_at < now() - interval '90 days'`,
  `DELETE FROM alerts WHERE last_at < now() - interval '180 days'`,
  `DELETE FROM web_messages WHERE created_at < now() - interval '90 days'`,
]
