import { mayAct, refused, refusedPress } from '../access/index.ts'
import type { Action, Command } from '../commands/index.ts'
import { ProblemError } from '../problem.ts'
import { button, literal, note, press as pressOf, t, view } from './build.ts'
import { findInstance } from './find-instance.ts'
import { FLOW_ACTIONS, type Flow } from './flow.ts'
import { nearest } from './nearest.ts'
import { type ChatContext, type Reply, reply } from './reply.ts'
import { splitToken } from './screen.ts'
import { closedView, pastedSecret, problemReply, say } from './stock-replies.ts'
import type { Surroundings } from './store.ts'
import type { JsonObject, Press } from './view.ts'

/** What the handler decided, and what of it uses up a one-time button. */
export type Decision = { readonly reply: Reply; readonly usedPress?: { readonly screenId: string; readonly key: string } }

/** Finds who answers an update (a command, a flow's step, a button's action), whether they may, and what they answer. Writes nothing. */
export function createDecider(dependencies: { readonly commands: readonly Command[]; readonly flows: readonly Flow[] }) {
  const commands = new Map(dependencies.commands.map((command) => [command.name, command]))
  const localNames = new Map(
    dependencies.commands.flatMap((command) => Object.values(command.localNames ?? {}).map((name) => [name, command] as const)),
  )
  const flows = new Map(dependencies.flows.map((flow) => [flow.name, flow]))
  const actions = new Map<string, Action>(
    dependencies.commands.flatMap((command) =>
      Object.entries(command.actions ?? {}).map(([name, action]) => [`${command.name}.${name}`, action] as const),
    ),
  )

  /** Never throws for what a person did: bugs and refusals become an answer too. */
  async function decide(context: ChatContext, surroundings: Surroundings, mayUse: boolean): Promise<Decision> {
    try {
      const { content } = context.incoming
      switch (content.kind) {
        case 'command':
          if (context.incoming.pastedSecret) return { reply: pastedSecret(context.secretRemoved ?? false) }
          return { reply: await runCommand(context, content.name, content.argument.trim(), null) }
        case 'text':
          return { reply: await (context.incoming.pastedSecret ? takePasted(context) : takeText(context, content.text)) }
        case 'press':
          return await takePress(context, surroundings, content.token, {}, mayUse)
        case 'form':
          return await takePress(context, surroundings, content.token, content.values, mayUse)
        case 'handed':
          return { reply: await takeHanded(context, content) }
        case 'wake':
          return { reply: await wake(context, content) }
        case 'bot-made':
          return { reply: await takeMadeBot(context, content) }
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
    const command = commands.get(name) ?? localNames.get(name)
    if (!command) {
      const close = nearest(
        name,
        [...commands.values()]
          .filter((known) => known.description && mayAct(context.role, known.needs))
          .map((known) => known.name),
      )
      return say(
        context,
        close ? t('unknown-command-nearest', { name, nearest: close }) : t('unknown-command', { name }),
        'warning',
        ...(close ? [button(literal(`/${close}`), pressOf('command', { name: close, argument }))] : []),
      )
    }
    if (!mayAct(context.role, command.needs)) return refused(context, command.name, say(context, t('needs-owner'), 'warning'))
    if (command.argument === 'none' || command.argument === 'text') return command.run(context, { argument })
    const found = findInstance(context, command, argument, instanceId)
    return found.kind === 'reply' ? found.reply : command.run({ ...context, instance: found.instance }, { argument: found.rest })
  }

  async function takeText(context: ChatContext, text: string): Promise<Reply> {
    const running = runningFlow(context)
    if (running === 'expired') return { ...say(context, t('flow-expired'), 'warning'), flow: null }
    if (running && !mayAct(context.role, running.needs))
      return refused(context, running.name, { ...say(context, t('needs-owner'), 'warning'), flow: null })
    if (running) return running.answer(context, { kind: 'text', text })
    if (!mayAct(context.role, context.instances.length > 0 ? 'member' : 'admin')) return say(context, t('plain-text-look'))
    return say(context, t(context.instances.length > 0 ? 'plain-text-ask' : 'plain-text-deploy'))
  }

  /** A key in a message: the answer to who is asked for one in private, and a warning to everybody else. */
  async function takePasted(context: ChatContext): Promise<Reply> {
    const running = context.incoming.chat.kind === 'private' ? allowedFlow(context) : null
    return (await running?.takeSecret(context)) ?? pastedSecret(context.secretRemoved ?? false)
  }

  /** What came in on the one-time page; the question it answers may be over by now. */
  async function takeHanded(context: ChatContext, asked: { flow: string; step: string; viewId: string }): Promise<Reply> {
    const { flow, step, viewId } = context.conversation
    const isAsked = flow === asked.flow && step === asked.step && viewId === asked.viewId
    const reply = isAsked ? await allowedFlow(context)?.takeSecret(context) : null
    return reply ?? say(context, t('secret-question-over'), 'warning')
  }

  async function wake(context: ChatContext, { flow, viewId }: { flow: string; viewId: string }): Promise<Reply> {
    const { conversation } = context
    const running = conversation.flow === flow && conversation.viewId === viewId ? allowedFlow(context) : null
    return running ? running.wake(context) : { views: [] }
  }

  /** Whoever made it is the owner in their own chat with us, which is where such an update belongs. */
  async function takeMadeBot(context: ChatContext, { botId, username, name }: { botId: string; username: string; name: string }) {
    const action = actions.get('connect.made')
    return action && mayAct(context.role, action.needs) ? action.run(context, { botId, username, name }) : { views: [] }
  }

  /** The flow that is going on, if who is in it still may. */
  function allowedFlow(context: ChatContext): Flow | null {
    const running = runningFlow(context)
    return running !== null && running !== 'expired' && mayAct(context.role, running.needs) ? running : null
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
    if (!screen || !pressed) return { reply: refusedPress(context, token, { views: [], toast: t('button-unknown') }) }
    if (screen.workspaceId !== null && screen.workspaceId !== context.workspace.id)
      return { reply: refusedPress(context, token, { views: [], toast: t('button-not-yours') }) }
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
    if (!mayAct(context.role, action.needs))
      return { reply: refused(context, press.action, { views: [], toast: t('needs-owner') }) }
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
    if (!mayAct(context.role, running.needs))
      return refused(context, running.name, { ...reply(closedView(context, t('needs-owner'))), flow: null })
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

  return decide
}
