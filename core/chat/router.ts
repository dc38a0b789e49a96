import { mayAct, roleIn } from '../access/index.ts'
import type { Report } from '../alerts.ts'
import type { Clock, Ids } from '../clock.ts'
import type { Action, Command } from '../commands/index.ts'
import type { Localiser } from '../i18n/index.ts'
import type { Log } from '../log.ts'
import type { Outbox } from '../notices/index.ts'
import { ProblemError } from '../problem.ts'
import type { Services } from '../services.ts'
import { note, t, view } from './build.ts'
import { createComposer, patchOf } from './compose.ts'
import { findInstance } from './find-instance.ts'
import { FLOW_ACTIONS, type Flow } from './flow.ts'
import { Incoming } from './incoming.ts'
import { KeyedQueue } from './keyed-queue.ts'
import { nearest } from './nearest.ts'
import { persistently } from './persistently.ts'
import type { ChatPlatform } from './platform.ts'
import { type ChatContext, type Reply, reply } from './reply.ts'
import { splitToken } from './screen.ts'
import { closedView, pastedSecret, problemReply, say } from './stock-replies.ts'
import type { CallCommit, ChatStore, Commit, Surroundings } from './store.ts'
import type { JsonObject, Press } from './view.ts'

/** Another handler won the race this often in a row: something is wrong, better say so than spin. */
const MOST_CONFLICTS = 5

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
  /** Removes pasted keys before anything is stored (core/secrets). */
  readonly withoutSecrets: (text: string) => { readonly text: string; readonly found: boolean }
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly report: Report
  /** Counted by platform and outcome, with the seconds from receipt to commit. */
  readonly observe: (platform: string, outcome: 'answered' | 'duplicate' | 'failed', seconds: number) => void
}

/** What the handler decided, and what of it uses up a one-time button. */
type Decision = { readonly reply: Reply; readonly usedPress?: { readonly screenId: string; readonly key: string } }

export type Router = ReturnType<typeof createRouter>

/**
 * One message's way: store and read, decide, commit, send. Handlers of one conversation run one after the other;
 * nothing here remembers anything between two updates.
 */
export function createRouter(dependencies: RouterDependencies) {
  const { store, outbox, platforms, services, localiser, clock, ids } = dependencies
  const queue = new KeyedQueue()
  const composer = createComposer({ ids, platforms })
  const commands = new Map(dependencies.commands.map((command) => [command.name, command]))
  const flows = new Map(dependencies.flows.map((flow) => [flow.name, flow]))
  const actions = new Map<string, Action>(
    dependencies.commands.flatMap((command) =>
      Object.entries(command.actions ?? {}).map(([name, action]) => [`${command.name}.${name}`, action] as const),
    ),
  )

  /**
   * Takes one update. Resolves when it is stored (the platform may forget it then); rejects when it could not be.
   * The handler runs on: await `idle` to see it done.
   */
  async function receive(raw: Incoming): Promise<void> {
    const started = performance.now()
    const platform = platforms.get(raw.platform)
    const incoming = withoutPastedSecrets(raw)
    const surroundings = await store.open(incoming)
    if (surroundings === 'duplicate') {
      dependencies.observe(incoming.platform, 'duplicate', 0)
      return
    }
    const removed = incoming.pastedSecret ? remove(platform, incoming) : null
    const key = `${incoming.platform}\n${incoming.chat.id}\n${incoming.sender.id}`
    // What was read is stale if another update of this conversation is still being handled.
    const fresh = queue.busy(key) ? null : surroundings
    queue
      .run(key, async () => handle(incoming, fresh, removed && (await removed)))
      .then(
        () => dependencies.observe(incoming.platform, 'answered', (performance.now() - started) / 1000),
        (error: unknown) => {
          dependencies.observe(incoming.platform, 'failed', (performance.now() - started) / 1000)
          dependencies.log.error(
            { error, updateKey: incoming.updateKey },
            'an update could not be handled; the sweep will try it again',
          )
        },
      )
  }

  async function remove(platform: ChatPlatform | undefined, incoming: Incoming): Promise<boolean> {
    try {
      return (await platform?.removeIncoming(incoming)) ?? false
    } catch (error) {
      dependencies.log.warn({ error, updateKey: incoming.updateKey }, 'a message with a pasted key could not be deleted')
      return false
    }
  }

  /** The update as it may be stored: pasted keys taken out of text, arguments and form fields. */
  function withoutPastedSecrets(raw: Incoming): Incoming {
    let found = raw.pastedSecret ?? false
    const clean = (text: string) => {
      const checked = dependencies.withoutSecrets(text)
      found ||= checked.found
      return checked.text
    }
    const { content } = raw
    const safe: Incoming['content'] =
      content.kind === 'text'
        ? { ...content, text: clean(content.text) }
        : content.kind === 'command'
          ? { ...content, argument: clean(content.argument) }
          : content.kind === 'form'
            ? {
                ...content,
                values: Object.fromEntries(Object.entries(content.values).map(([name, value]) => [name, clean(value)])),
              }
            : content
    return found ? { ...raw, content: safe, pastedSecret: true } : raw
  }

  async function handle(incoming: Incoming, read: Surroundings | null, secretRemoved: boolean | null): Promise<void> {
    const requestId = ids.create('req')
    const log = dependencies.log.child({ requestId, platform: incoming.platform, conversation: incoming.chat.id })
    const platform = platforms.get(incoming.platform)
    let acknowledged = false
    const acknowledge = (words?: string) => {
      if (acknowledged || incoming.acknowledgement === undefined) return
      acknowledged = true
      void platform?.acknowledge(incoming, words)
    }
    const slow = incoming.acknowledgement === undefined ? undefined : setTimeout(acknowledge, ACKNOWLEDGE_AFTER_MS)

    try {
      let surroundings = read
      let mayUse = true
      for (let attempt = 0; attempt < MOST_CONFLICTS; attempt++) {
        surroundings ??= await persistently(() => store.reload(incoming))
        const context = contextOf(incoming, surroundings, requestId, log)
        let decision =
          secretRemoved === null ? await decide(context, surroundings, mayUse) : { reply: pastedSecret(secretRemoved) }
        const outcome = await persistently(() => commit(context, surroundings as Surroundings, decision)).catch(
          (error: unknown) => {
            if (!(error instanceof ProblemError)) throw error
            // An effect refused: nothing was written. What it said becomes the answer.
            decision = { reply: problemReply(error) }
            return commit(context, surroundings as Surroundings, decision)
          },
        )
        if (outcome === 'handled') return
        if (outcome === 'done') {
          acknowledge(decision.reply.toast && localiser.text(decision.reply.toast, context.language))
          return
        }
        // `used`: the one-time button was used by a twin of this update; decide again, as a late press.
        if (outcome === 'used') mayUse = false
        surroundings = null
      }
      throw new Error(`lost the race for a conversation ${MOST_CONFLICTS} times`)
    } finally {
      clearTimeout(slow)
      acknowledge()
    }
  }

  function contextOf(incoming: Incoming, surroundings: Surroundings, requestId: string, log: Log): ChatContext {
    return {
      incoming,
      personId: surroundings.personId,
      workspace: surroundings.workspace,
      role: roleIn(surroundings.workspace, surroundings.personId),
      language: localiser.nearest(surroundings.language ?? surroundings.locale),
      instances: surroundings.instances,
      orders: surroundings.orders,
      conversation: surroundings.conversation,
      services,
      log,
      now: clock.now(),
      requestId,
    }
  }

  /** Never throws for what a person did: bugs and refusals become an answer too. */
  async function decide(context: ChatContext, surroundings: Surroundings, mayUse: boolean): Promise<Decision> {
    try {
      const { content } = context.incoming
      switch (content.kind) {
        case 'command':
          return { reply: await runCommand(context, content.name, content.argument.trim(), null) }
        case 'text':
          return { reply: await takeText(context, content.text) }
        case 'press':
          return await takePress(context, surroundings, content.token, {}, mayUse)
        case 'form':
          return await takePress(context, surroundings, content.token, content.values, mayUse)
        case 'unsupported':
          return { reply: say(context, t('unsupported-message')) }
      }
    } catch (error) {
      if (error instanceof ProblemError) return { reply: problemReply(error) }
      context.log.error({ error }, 'a handler failed')
      return {
        reply: reply(view('internal-error', [note(t('internal-error', { request: context.requestId }))], { tone: 'danger' })),
      }
    }
  }

  async function runCommand(context: ChatContext, name: string, argument: string, instanceId: string | null): Promise<Reply> {
    const command = commands.get(name)
    if (!command) {
      const close = nearest(
        name,
        [...commands.values()].filter((known) => known.description).map((known) => known.name),
      )
      return say(
        context,
        close ? t('unknown-command-nearest', { name, nearest: close }) : t('unknown-command', { name }),
        'warning',
      )
    }
    if (!mayAct(context.role, command.needs)) return say(context, t('needs-owner'), 'warning')
    if (command.argument === 'none' || command.argument === 'text') return command.run(context, { argument })
    const found = findInstance(context, command, argument, instanceId)
    return found.kind === 'reply' ? found.reply : command.run({ ...context, instance: found.instance }, { argument: found.rest })
  }

  async function takeText(context: ChatContext, text: string): Promise<Reply> {
    const running = runningFlow(context)
    if (running === 'expired') return { ...say(context, t('flow-expired'), 'warning'), flow: null }
    if (running) return running.answer(context, { kind: 'text', text })
    return say(context, t(context.instances.length > 0 ? 'plain-text-ask' : 'plain-text-deploy'))
  }

  function runningFlow(context: ChatContext): Flow | 'expired' | null {
    const { conversation } = context
    if (!conversation.flow) return null
    if (conversation.expiresAt && conversation.expiresAt <= context.now) return 'expired'
    return flows.get(conversation.flow) ?? null
  }

  async function takePress(
    context: ChatContext,
    surroundings: Surroundings,
    token: string,
    values: Record<string, string>,
    mayUse: boolean,
  ): Promise<Decision> {
    const { screen } = surroundings
    const key = splitToken(token)?.key ?? ''
    const pressed = screen?.buttons[key]
    if (!screen || !pressed) return { reply: { views: [], toast: t('button-unknown') } }
    if (screen.workspaceId !== null && screen.workspaceId !== context.workspace.id)
      return { reply: { views: [], toast: t('button-not-yours') } }
    if (pressed.who !== 'anyone' && screen.userId !== null && screen.userId !== context.incoming.sender.id)
      return { reply: { views: [], toast: t('button-not-yours') } }
    if (screen.expiresAt <= context.now) return { reply: { views: [], toast: t('button-expired') } }

    const press: Press = { action: pressed.action, args: { ...pressed.args, ...values } }
    const late = !mayUse || screen.usedKeys.includes(key)
    if (press.action.startsWith('flow.')) {
      const stale = late || screen.revision !== context.conversation.revision
      return {
        reply: await navigate(context, press, stale),
        ...(pressed.once && !stale && { usedPress: { screenId: screen.id, key } }),
      }
    }
    if (press.action === 'command') return { reply: await runPressedCommand(context, press.args ?? {}) }
    const action = actions.get(press.action)
    if (!action) {
      context.log.warn({ action: press.action }, 'a stored button names an action this build does not have')
      return { reply: { views: [], toast: t('button-expired') } }
    }
    if (!mayAct(context.role, action.needs)) return { reply: { views: [], toast: t('needs-owner') } }
    if (late) {
      const shown = action.redraw ? await action.redraw(context, press.args ?? {}) : { views: [] }
      return { reply: { ...shown, toast: t('button-used') } }
    }
    return {
      reply: await action.run(context, press.args ?? {}),
      ...(pressed.once && { usedPress: { screenId: screen.id, key } }),
    }
  }

  function runPressedCommand(context: ChatContext, args: JsonObject): Promise<Reply> {
    return runCommand(
      context,
      typeof args.name === 'string' ? args.name : '',
      typeof args.argument === 'string' ? args.argument : '',
      typeof args.instanceId === 'string' ? args.instanceId : null,
    )
  }

  async function navigate(context: ChatContext, press: Press, stale: boolean): Promise<Reply> {
    const running = runningFlow(context)
    if (running === 'expired') return { ...reply(closedView(context, t('flow-expired'))), flow: null }
    if (!running) return { ...reply(closedView(context, t('flow-over'))), toast: t('flow-over') }
    if (stale) return { ...(await running.redraw(context)), toast: t('button-stale') }
    switch (press.action) {
      case FLOW_ACTIONS.back:
        return running.back(context)
      case FLOW_ACTIONS.restart:
        return running.restart(context)
      case FLOW_ACTIONS.cancel:
        return { ...reply(closedView(context, t('flow-cancelled'))), flow: null }
      default:
        return running.answer(context, { kind: 'press', args: press.args ?? {} })
    }
  }

  async function commit(
    context: ChatContext,
    surroundings: Surroundings,
    decision: Decision,
  ): Promise<'done' | 'conflict' | 'used' | 'handled'> {
    const { conversation } = surroundings
    const patch = patchOf(context, decision.reply)
    const posts = composer.postsOf(context, surroundings, decision.reply, patch)
    const wanted: Commit = {
      incoming: context.incoming,
      conversation: { id: conversation.id, revision: conversation.revision, patch },
      press: decision.usedPress,
      posts,
    }
    const effects = decision.reply.effects ?? []
    const outcome = effects.length === 0 ? await store.commit(wanted) : await commitWithEffects(wanted, effects)
    if (outcome.kind !== 'done') return outcome.kind
    outbox.send(posts, outcome.outboxIds)
    if (effects.length > 0) services.operations.wake()
    return 'done'
  }

  /** Effects and the conversation in one transaction; a lost race rolls the effects back too. */
  async function commitWithEffects(wanted: Commit, effects: NonNullable<Reply['effects']>) {
    const prisma = await services.database.prisma()
    const lost = Symbol('lost')
    let outcome: Awaited<ReturnType<ChatStore['commit']>> = { kind: 'conflict' }
    await prisma
      .$transaction(async (transaction) => {
        const call: CallCommit = async (argument) => {
          const rows = await transaction.$queryRawUnsafe<{ result: unknown }[]>(
            'SELECT chat_commit($1::jsonb) AS result',
            argument,
          )
          return rows[0]?.result
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
