import { mayAct, roleIn } from '../access/index.ts'
import type { Clock, Ids } from '../clock.ts'
import type { Action, Command } from '../commands/command.ts'
import type { Localiser } from '../i18n/localiser.ts'
import type { Log } from '../log.ts'
import type { Outbox } from '../notices/outbox.ts'
import { ProblemError } from '../problem.ts'
import type { Services } from '../services.ts'
import { literal, note, t, view } from './build.ts'
import { FLOW_ACTIONS, FLOW_HOURS, type Flow } from './flow.ts'
import { Incoming } from './incoming.ts'
import { KeyedQueue } from './keyed-queue.ts'
import { nearest } from './nearest.ts'
import type { ChatPlatform } from './platform.ts'
import type { ChatContext, Reply, ReplyView } from './reply.ts'
import { reply } from './reply.ts'
import { splitToken } from './screen.ts'
import type { ChatStore, Commit, ConversationPatch, Post, RunQuery, Surroundings } from './store.ts'
import type { JsonObject, Press, Text } from './view.ts'

/** Another handler won the race this often in a row: something is wrong, better say so than spin. */
const MOST_CONFLICTS = 5

/** A button's spinner is stopped after this long even if the answer is not decided yet. */
const ACKNOWLEDGE_AFTER_MS = 800

/** Waits between attempts to commit while the database is away; afterwards the sweep takes the update over. */
const DATABASE_RETRY_MS = [200, 500, 1000, 2000, 4000]

/** Of a typed answer, in what stays of its question. */
const ANSWER_SHOWN_CHARACTERS = 80

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
  const commands = new Map(dependencies.commands.map((command) => [command.name, command]))
  const flows = new Map(dependencies.flows.map((flow) => [flow.name, flow]))
  const actions = new Map<string, Action>(
    dependencies.commands.flatMap((command) => Object.entries(command.actions ?? {}).map(([name, action]) => [`${command.name}.${name}`, action] as const)),
  )

  /**
   * Takes one update. Resolves when it is stored (the platform may forget it then); rejects when it could not be.
   * The handler runs on: await `idle` to see it done.
   */
  async function receive(raw: Incoming): Promise<void> {
    const started = performance.now()
    const platform = platforms.get(raw.platform)
    const { incoming, secretFound } = withoutPastedSecrets(raw)
    const surroundings = await store.open(incoming)
    if (surroundings === 'duplicate') {
      dependencies.observe(incoming.platform, 'duplicate', 0)
      return
    }
    const removed = secretFound && platform ? platform.removeIncoming(raw) : Promise.resolve(false)
    const key = `${incoming.platform}\n${incoming.chat.id}\n${incoming.sender.id}`
    // What was read is stale if another update of this conversation is still being handled.
    const fresh = queue.busy(key) ? null : surroundings
    queue
      .run(key, async () => handle(incoming, fresh, secretFound ? await removed : null))
      .then(
        () => dependencies.observe(incoming.platform, 'answered', (performance.now() - started) / 1000),
        (error: unknown) => {
          dependencies.observe(incoming.platform, 'failed', (performance.now() - started) / 1000)
          dependencies.log.error({ error, updateKey: incoming.updateKey }, 'an update could not be handled; the sweep will try it again')
        },
      )
  }

  function withoutPastedSecrets(raw: Incoming): { incoming: Incoming; secretFound: boolean } {
    const { content } = raw
    if (content.kind === 'text') {
      const { text, found } = dependencies.withoutSecrets(content.text)
      return { incoming: found ? { ...raw, content: { kind: 'text', text } } : raw, secretFound: found }
    }
    if (content.kind === 'command') {
      const { text, found } = dependencies.withoutSecrets(content.argument)
      return { incoming: found ? { ...raw, content: { ...content, argument: text } } : raw, secretFound: found }
    }
    return { incoming: raw, secretFound: false }
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
        let decision = secretRemoved === null ? await decide(context, surroundings, mayUse) : { reply: pastedSecret(secretRemoved) }
        const outcome = await persistently(() => commit(context, surroundings as Surroundings, decision)).catch((error: unknown) => {
          if (!(error instanceof ProblemError)) throw error
          // An effect refused: nothing was written. What it said becomes the answer.
          decision = { reply: problemReply(error) }
          return commit(context, surroundings as Surroundings, decision)
        })
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
      return { reply: reply(view('internal-error', [note(t('internal-error', { request: context.requestId }))], { tone: 'danger' })) }
    }
  }

  async function runCommand(context: ChatContext, name: string, argument: string, instanceId: string | null): Promise<Reply> {
    const command = commands.get(name)
    if (!command) {
      const close = nearest(name, [...commands.values()].filter((known) => known.description).map((known) => known.name))
      return say(context, close ? t('unknown-command-nearest', { name, nearest: close }) : t('unknown-command', { name }), 'warning')
    }
    if (!mayAct(context.role, command.needs)) return say(context, t('needs-owner'), 'warning')
    if (command.argument === 'none' || command.argument === 'text') return command.run(context, { argument })
    const found = findInstance(context, command, argument, instanceId)
    return found.kind === 'reply' ? found.reply : command.run({ ...context, instance: found.instance }, { argument: found.rest })
  }

  function findInstance(context: ChatContext, command: Command, argument: string, instanceId: string | null) {
    const { instances } = context
    const byId = instanceId === null ? undefined : instances.find((instance) => instance.id === instanceId)
    if (byId) return { kind: 'instance', instance: byId, rest: argument } as const
    const folded = argument.toLocaleLowerCase()
    const named = [...instances]
      .sort((a, b) => b.name.length - a.name.length)
      .find((instance) => {
        const name = instance.name.toLocaleLowerCase()
        return folded === name || (command.argument === 'instance-and-text' && folded.startsWith(`${name} `))
      })
    if (named) return { kind: 'instance', instance: named, rest: argument.slice(named.name.length).trim() } as const
    const only = instances[0]
    if (!only) return { kind: 'reply', reply: reply(noInstanceView()) } as const
    if (argument !== '' && command.argument === 'instance') {
      const close = nearest(folded, instances.map((instance) => instance.name))
      return { kind: 'reply', reply: say(context, close ? t('unknown-instance-nearest', { name: argument, nearest: close }) : t('unknown-instance', { name: argument }), 'warning') } as const
    }
    if (instances.length === 1) return { kind: 'instance', instance: only, rest: argument } as const
    return { kind: 'reply', reply: reply(chooseInstanceView(command.name, argument, instances)) } as const
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

  async function takePress(context: ChatContext, surroundings: Surroundings, token: string, values: Record<string, string>, mayUse: boolean): Promise<Decision> {
    const { screen } = surroundings
    const key = splitToken(token)?.key ?? ''
    const pressed = screen?.buttons[key]
    if (!screen || !pressed) return { reply: { views: [], toast: t('button-unknown') } }
    if (screen.workspaceId !== null && screen.workspaceId !== context.workspace.id) return { reply: { views: [], toast: t('button-not-yours') } }
    if (pressed.who !== 'anyone' && screen.userId !== null && screen.userId !== context.incoming.sender.id)
      return { reply: { views: [], toast: t('button-not-yours') } }
    if (screen.expiresAt <= context.now) return { reply: { views: [], toast: t('button-expired') } }

    const press: Press = { action: pressed.action, args: { ...pressed.args, ...values } }
    const late = !mayUse || screen.usedKeys.includes(key)
    if (press.action.startsWith('flow.')) {
      const stale = late || screen.revision !== context.conversation.revision
      return { reply: await navigate(context, press, stale), ...(pressed.once && !stale && { usedPress: { screenId: screen.id, key } }) }
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
    return { reply: await action.run(context, press.args ?? {}), ...(pressed.once && { usedPress: { screenId: screen.id, key } }) }
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

  async function commit(context: ChatContext, surroundings: Surroundings, decision: Decision): Promise<'done' | 'conflict' | 'used'> {
    const { conversation } = surroundings
    const patch = patchOf(context, decision.reply)
    const revision = patch ? conversation.revision + 1 : conversation.revision
    const posts = [...retire(context, decision.reply), ...decision.reply.views.map((shown) => ({
      ...postOf(context, surroundings, shown, patch?.flow ? revision : undefined),
      ...(decision.reply.language !== undefined && { language: decision.reply.language }),
    }))]
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
        const run: RunQuery = async (sql, parameters) => {
          const rows = await transaction.$queryRawUnsafe<{ result: unknown }[]>(sql, ...parameters)
          return rows[0]?.result
        }
        outcome = await store.commit(wanted, run)
        if (outcome.kind !== 'done') throw lost
        for (const effect of effects) await effect(transaction)
      })
      .catch((error: unknown) => {
        if (error !== lost) throw error
      })
    return outcome
  }

  function patchOf(context: ChatContext, decided: Reply): ConversationPatch | undefined {
    if (decided.flow === undefined) return undefined
    if (decided.flow === null) return { flow: null, version: 0, step: null, answers: {}, viewId: null, expiresAt: null }
    return { ...decided.flow, expiresAt: new Date(context.now.getTime() + FLOW_HOURS * 3_600_000) }
  }

  /** A flow that goes on in another message leaves no live buttons behind. */
  function retire(context: ChatContext, decided: Reply): Post[] {
    const { conversation, incoming } = context
    const old = conversation.viewId
    if (decided.flow === undefined || !conversation.flow || !old) return []
    const drawnInPlace = incoming.content.kind === 'press' || incoming.content.kind === 'form'
    if (drawnInPlace && (decided.flow === null || decided.flow.viewId === old)) return []
    if (drawnInPlace) return []
    const text = decided.flow?.viewId === old ? goesOn(context, decided.flow.step) : t('flow-closed')
    return [post(context, { screenId: ids.screen(), view: view(old, [note(text)]), place: 'edit' })]
  }

  /** What stays of a question: the answer that was taken, or a pointer to where it is asked again. */
  function goesOn({ conversation, incoming }: ChatContext, step: string): Text {
    const { content } = incoming
    if (content.kind !== 'text' || step === conversation.step) return t('flow-continues-below')
    return t('flow-answered', { answer: content.text.slice(0, ANSWER_SHOWN_CHARACTERS) })
  }

  function postOf(context: ChatContext, surroundings: Surroundings, shown: ReplyView, revision: number | undefined): Post {
    const { incoming } = context
    const { content } = incoming
    const pressedRef = content.kind === 'press' || content.kind === 'form' ? content.messageRef : undefined
    const toPrivateChat = shown.view.visibility !== 'everyone' && incoming.chat.kind === 'group'
    const platform = platforms.get(incoming.platform)
    if (toPrivateChat && platform?.capabilities.onlyYou === 'private-chat') {
      if (surroundings.privateChatId === null)
        return post(context, { screenId: ids.screen(), view: view('write-first', [note(t('write-to-me-first'))], { tone: 'warning' }), place: 'new' })
      return post(context, { screenId: ids.screen(), view: shown.view, place: 'new', chatId: surroundings.privateChatId })
    }
    return post(context, {
      screenId: ids.screen(),
      view: shown.view,
      place: shown.place === 'edit' || (shown.place === 'here' && pressedRef !== undefined) ? 'edit' : 'new',
      editRef: shown.place === 'here' ? pressedRef : undefined,
      onlyFor: toPrivateChat ? incoming.sender.id : undefined,
      // Only a flow's own screen goes stale with it; a status card stays useful while a wizard runs.
      revision: shown.view.id === context.conversation.viewId || revision !== undefined ? (revision ?? context.conversation.revision) : undefined,
    })
  }

  function post(context: ChatContext, rest: Pick<Post, 'screenId' | 'view' | 'place'> & Partial<Post>): Post {
    return {
      platform: context.incoming.platform,
      chatId: context.incoming.chat.id,
      language: context.language,
      userId: context.incoming.sender.id,
      conversationId: context.conversation.id,
      workspaceId: context.workspace.id,
      ...rest,
    }
  }

  /** The database may be restarting: a person's update outlives that. Refusals are not retried. */
  async function persistently<T>(work: () => Promise<T>): Promise<T> {
    for (const wait of DATABASE_RETRY_MS) {
      try {
        return await work()
      } catch (error) {
        if (error instanceof ProblemError || !isDatabaseAway(error)) throw error
        await new Promise((resolve) => setTimeout(resolve, wait))
      }
    }
    return work()
  }

  return {
    receive,
    /** Updates that a dead process left: handled as if they had just arrived. */
    async recover(): Promise<void> {
      for (const payload of await store.abandoned([...platforms.keys()], 100)) {
        const parsed = Incoming.safeParse(payload)
        if (parsed.success) await receive(parsed.data)
        else dependencies.log.error({ problem: parsed.error.message }, 'a stored update does not parse; it was written by another version')
      }
    },
    /** Resolves when every update taken so far has been handled. */
    idle: () => queue.idle(),
  }
}

const say = (context: ChatContext, text: Text, tone: 'info' | 'warning' = 'info'): Reply => ({
  views: [{ view: view(`say:${context.requestId}`, [note(text)], { tone }), place: 'new' }],
})

const problemReply = (error: ProblemError): Reply => ({
  views: [{ view: view(`problem:${error.problem.code}`, [note(error.problem.text)], { tone: 'warning' }), place: 'new' }],
})

const pastedSecret = (removed: boolean): Reply =>
  reply(view('pasted-secret', [note(t(removed ? 'secret-pasted-removed' : 'secret-pasted-kept'))], { tone: 'danger' }))

const noInstanceView = () =>
  view('no-instance', [note(t('no-instance')), { kind: 'buttons', buttons: [{ label: t('button-deploy'), style: 'primary', press: { action: 'command', args: { name: 'deploy' } } }] }])

const chooseInstanceView = (name: string, argument: string, instances: ChatContext['instances']) =>
  view('choose-instance', [
    {
      kind: 'choice',
      name: 'instance',
      label: t('choose-instance'),
      options: instances.map((instance) => ({ label: literal(instance.name), press: { action: 'command', args: { name, argument, instanceId: instance.id } } })),
    },
  ])

/** What replaces a flow's screen when it is over. */
const closedView = (context: ChatContext, text: Text) => view(context.conversation.viewId ?? `closed:${context.requestId}`, [note(text)])

/** Connection trouble of pg and Prisma: the server is away or going away, nothing about the statement. */
function isDatabaseAway(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  return /^(ECONN|EPIPE|57P0|08|P1001|P1017|P2024|P2034|40001|40P01)/.test(code) || (error instanceof Error && /Connection terminated|timeout exceeded when trying to connect/.test(error.message))
}

