import { localeOf, roleIn } from '../access/index.ts'
import type { Report } from '../alerts.ts'
import type { Clock, Ids } from '../clock.ts'
import type { Command } from '../commands/index.ts'
import type { Localiser } from '../i18n/index.ts'
import type { Log } from '../log.ts'
import { OUTBOX_CHANNEL, type Outbox } from '../notices/index.ts'
import { ProblemError } from '../problem.ts'
import type { Services } from '../services.ts'
import { createComposer, patchOf } from './compose.ts'
import { createDecider, type Decision } from './decide.ts'
import type { Flow } from './flow.ts'
import { type AtTheDoor, takeSecrets } from './hand-over.ts'
import { Incoming } from './incoming.ts'
import { KeyedQueue } from './keyed-queue.ts'
import { conversationKey } from './memory.ts'
import { persistently } from './persistently.ts'
import type { ChatPlatform } from './platform.ts'
import type { ChatContext, Reply } from './reply.ts'
import { problemReply } from './stock-replies.ts'
import { type CallCommit, CHAT_COMMIT, type ChatStore, type Commit, commitArguments, type Surroundings } from './store.ts'

/** Another handler won the race this often in a row: something is wrong, better say so than spin. */
const MOST_CONFLICTS = 5

/** A decision that takes longer than reading a table does: the update is stored before it is waited for. */
const QUICK_MS = 10

/** A button's spinner is stopped after this long even if the answer is not decided yet. */
const ACKNOWLEDGE_AFTER_MS = 800

export type RouterDependencies = {
  readonly store: ChatStore
  readonly outbox: Outbox
  readonly platforms: ReadonlyMap<string, ChatPlatform>
  readonly commands: readonly Command[]
  readonly flows: readonly Flow[]
  readonly services: Services
  readonly localiser: Localiser
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly report: Report
  /** Counted by platform and outcome, with the seconds from receipt to commit. */
  readonly observe: (platform: string, outcome: 'answered' | 'duplicate' | 'failed', seconds: number) => void
}

/** The secret that came with an update, and whether the message it was in could be deleted; null if it was in none. */
type SecretOfTurn = { readonly handed: AtTheDoor['handed']; readonly removed: boolean | null }

/** One update on its way through the router. */
type Turn = {
  readonly incoming: Incoming
  readonly secret: SecretOfTurn
  readonly requestId: string
  readonly log: Log
  /** Stops the button's spinner, once, with a note if there is one. */
  acknowledge(words?: string): void
}

/** What is decided from. */
type Basis = { readonly context: ChatContext; readonly surroundings: Surroundings }

/** A decision that was begun from what was remembered. */
type Begun = Basis & { readonly deciding: Promise<Decision> }

export type Router = ReturnType<typeof createRouter>

/**
 * One message's way: store and read, decide, commit, send. Handlers of one conversation run one after the other. Of a conversation that
 * the store remembers, an update is decided first and stored with its answer, in one round trip.
 */
export function createRouter(dependencies: RouterDependencies) {
  const { store, outbox, platforms, services, localiser, clock, ids } = dependencies
  const queue = new KeyedQueue()
  const composer = createComposer({ ids, platforms })
  const decide = createDecider(dependencies)

  /**
   * Takes one update. Resolves when it is stored (the platform may forget it then); rejects when it could not be.
   * The handler runs on: await `idle` to see it done. `fromPage`: the secret of an update of the kind `handed`.
   */
  async function receive(raw: Incoming, fromPage?: string): Promise<void> {
    const started = performance.now()
    const { incoming, handed } = takeSecrets(raw, fromPage)
    const key = conversationKey(incoming)
    const observe = (outcome: 'answered' | 'duplicate' | 'failed') =>
      dependencies.observe(incoming.platform, outcome, outcome === 'duplicate' ? 0 : (performance.now() - started) / 1000)
    const follow = (handling: Promise<'answered' | 'duplicate'>) =>
      void handling.then(observe, (error: unknown) => {
        observe('failed')
        dependencies.log.error(
          { error, updateKey: incoming.updateKey },
          'an update could not be handled; the sweep will try it again',
        )
      })

    const remembered = incoming.pastedSecret || queue.busy(key) ? null : store.recall(incoming)
    if (remembered) {
      const stored = new Promise<void>((resolve, reject) => {
        const handling = queue.run(key, () => handleRemembered(incoming, handed, remembered, resolve))
        handling.catch(reject)
        follow(handling)
      })
      return stored
    }
    const surroundings = await store.open(incoming)
    if (surroundings === 'duplicate') return observe('duplicate')
    const removed = incoming.pastedSecret ? remove(platforms.get(incoming.platform), incoming) : null
    // What was read is stale if another update of this conversation is still being handled.
    const fresh = queue.busy(key) ? null : surroundings
    follow(queue.run(key, async () => handle(incoming, handed, fresh, removed && (await removed))))
  }

  async function remove(platform: ChatPlatform | undefined, incoming: Incoming): Promise<boolean> {
    try {
      return (await platform?.removeIncoming(incoming)) ?? false
    } catch (error) {
      dependencies.log.warn({ error, updateKey: incoming.updateKey }, 'a message with a pasted key could not be deleted')
      return false
    }
  }

  async function inTurn<T>(incoming: Incoming, secret: SecretOfTurn, work: (turn: Turn) => Promise<T>): Promise<T> {
    const requestId = ids.create('req')
    const log = dependencies.log.child({ requestId, platform: incoming.platform, conversation: incoming.chat.id })
    let acknowledged = incoming.acknowledgement === undefined
    const acknowledge = (words?: string) => {
      if (acknowledged) return
      acknowledged = true
      void platforms.get(incoming.platform)?.acknowledge(incoming, words)
    }
    const slow = acknowledged ? undefined : setTimeout(acknowledge, ACKNOWLEDGE_AFTER_MS)
    try {
      return await work({ incoming, secret, requestId, log, acknowledge })
    } finally {
      clearTimeout(slow)
      acknowledge()
    }
  }

  /** Decides from memory and stores update and answer at once. What takes time, has effects or was outdated goes the long way. */
  function handleRemembered(
    incoming: Incoming,
    handed: AtTheDoor['handed'],
    surroundings: Surroundings,
    stored: () => void,
  ): Promise<'answered' | 'duplicate'> {
    return inTurn(incoming, { handed, removed: null }, async (turn) => {
      const context = contextOf(turn, surroundings)
      const begun: Begun = { context, surroundings, deciding: decide(context, surroundings, true) }
      const decision = await within(QUICK_MS, begun.deciding)
      if (decision && !decision.reply.effects?.length) {
        if ((await persistently(() => commit(turn, begun, decision, 'unstored'))) === 'done') {
          stored()
          return 'answered'
        }
      }
      const read = await persistently(() => store.open(incoming))
      stored()
      if (read === 'duplicate') return 'duplicate'
      await conclude(turn, read, isSame(read, surroundings) ? begun : null)
      return 'answered'
    })
  }

  function handle(
    incoming: Incoming,
    handed: AtTheDoor['handed'],
    read: Surroundings | null,
    removed: boolean | null,
  ): Promise<'answered'> {
    return inTurn(incoming, { handed, removed }, async (turn) => {
      await conclude(turn, read, null)
      return 'answered' as const
    })
  }

  /** Decides and commits until nobody was quicker. */
  async function conclude(turn: Turn, read: Surroundings | null, begun: Begun | null): Promise<void> {
    let surroundings = read
    let ahead = begun
    let mayUse = true
    for (let attempt = 0; attempt < MOST_CONFLICTS; attempt++) {
      // After another update of this conversation, what that one left is remembered; the commit checks it.
      const recalled = surroundings === null && attempt === 0 ? store.recall(turn.incoming) : null
      surroundings ??= recalled ?? (await persistently(() => store.reload(turn.incoming)))
      const basis = { surroundings, context: ahead?.context ?? contextOf(turn, surroundings) }
      const decision = await (ahead?.deciding ?? decide(basis.context, surroundings, mayUse))
      const check = recalled ? 'stored' : undefined
      const outcome = await persistently(() => commit(turn, basis, decision, check)).catch((error: unknown) => {
        if (!(error instanceof ProblemError)) throw error
        // An effect refused: nothing was written. What it said becomes the answer.
        return commit(turn, basis, { reply: problemReply(error) }, check)
      })
      if (outcome === 'handled' || outcome === 'done') return
      // `used`: the one-time button was used by a twin of this update; decide again, as a late press.
      if (outcome === 'used') mayUse = false
      surroundings = null
      ahead = null
    }
    throw new Error(`lost the race for a conversation ${MOST_CONFLICTS} times`)
  }

  function contextOf({ incoming, secret: { handed, removed }, requestId, log }: Turn, surroundings: Surroundings): ChatContext {
    return {
      incoming,
      personId: surroundings.personId,
      workspace: surroundings.workspace,
      role: roleIn(surroundings.workspace, { ...incoming.sender, id: surroundings.personId }),
      language: localiser.nearest(localeOf(surroundings)),
      instances: surroundings.instances,
      orders: surroundings.orders,
      conversation: surroundings.conversation,
      services,
      log,
      now: clock.now(),
      requestId,
      ...(handed && { handed }),
      ...(removed !== null && { secretRemoved: removed }),
    }
  }

  /** `check`: it was decided from memory, so the commit makes sure of it; `unstored`: and stores the update with it. */
  async function commit(
    turn: Turn,
    { context, surroundings }: Basis,
    { reply, usedPress }: Decision,
    check?: 'stored' | 'unstored',
  ): Promise<'done' | 'conflict' | 'used' | 'handled'> {
    const { conversation } = surroundings
    const patch = patchOf(context, reply)
    const posts = composer.postsOf(context, surroundings, reply, patch)
    const wanted: Commit = {
      incoming: context.incoming,
      conversation: { id: conversation.id, revision: conversation.revision, patch },
      press: usedPress,
      posts,
      sentElsewhere: !platforms.has(context.incoming.platform),
      from: check && { surroundings, unstored: check === 'unstored' },
    }
    const effects = reply.effects ?? []
    const committing = effects.length === 0 ? store.commit(wanted) : commitWithEffects(wanted, effects)
    const [outcome, drawn] = await Promise.all([committing, outbox.draw(posts)])
    if (outcome.kind !== 'done') return outcome.kind
    outbox.send(posts, outcome.outboxIds, drawn)
    if (wanted.sentElsewhere)
      await services.database.pool.query('SELECT pg_notify($1, $2)', [OUTBOX_CHANNEL, context.incoming.platform])
    if (effects.length > 0) {
      turn.log.info({ content: context.incoming.content.kind, workspaceId: context.workspace.id }, 'a request changed something')
      services.operations.wake()
    }
    turn.acknowledge(reply.toast && localiser.text(reply.toast, context.language))
    return 'done'
  }

  /** Effects and the conversation in one transaction; a lost race rolls the effects back too. */
  async function commitWithEffects(wanted: Commit, effects: NonNullable<Reply['effects']>) {
    const prisma = await services.database.prisma()
    const lost = Symbol('lost')
    let outcome: Awaited<ReturnType<ChatStore['commit']>> = { kind: 'conflict' }
    await prisma
      .$transaction(async (transaction) => {
        const call: CallCommit = async (wantedCall) => {
          const rows = await transaction.$queryRawUnsafe<unknown[]>(CHAT_COMMIT, ...commitArguments([wantedCall], false))
          return rows[0]
        }
        outcome = await store.commit(wanted, call)
        if (outcome.kind !== 'done') throw lost
        for (const effect of effects) await effect(transaction)
      })
      .catch((error: unknown) => {
        if (error !== lost) throw error
      })
    return outcome
  }

  return {
    receive,
    /** Updates that a dead process left: handled as if they had just arrived. */
    async recover(): Promise<void> {
      for (const updateKey of await store.giveUpPoison())
        dependencies.report('update-given-up', `update-given-up:${updateKey}`, { updateKey })
      for (const payload of await store.abandoned([...platforms.keys()], 100)) {
        const parsed = Incoming.safeParse(payload)
        if (parsed.success) await receive(parsed.data)
        else
          dependencies.log.error(
            { problem: parsed.error.message },
            'a stored update does not parse; it was written by another version',
          )
      }
    },
    /** Resolves when every update taken so far has been handled. */
    idle: () => queue.idle(),
  }
}

/** The promise's value if it comes within so many milliseconds, else null. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** What was remembered is what was read: a decision from the one is a decision from the other. */
const isSame = (read: Surroundings, remembered: Surroundings) =>
  read.stamp === remembered.stamp &&
  read.conversation.revision === remembered.conversation.revision &&
  read.screen?.usedKeys.length === remembered.screen?.usedKeys.length
