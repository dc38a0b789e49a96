import { audited } from '../../access/index.ts'
import { t } from '../../chat/build.ts'
import { type ChatContext, placeOf, type Reply, reply } from '../../chat/reply.ts'
import type { JsonObject } from '../../chat/view.ts'
import { backupView, ChangeArgs, keyCardView, keyViewId, readKeyCard, undoableChange } from '../../instances/index.ts'
import { command } from '../command.ts'
import { changeSourceFlow, startChange } from './change.ts'
import { replaceKeyFlow } from './replace.ts'

export { changeSourceFlow, replaceKeyFlow }

type Instance = ChatContext['instances'][number]

/** How an assistant's AI is paid: the customer's key, as far as it is ever shown, or credit. */
export const key = command({
  name: 'key',
  description: 'command-key',
  needs: 'admin',
  argument: 'instance',
  run: ({ instance, ...context }) => show(context, instance.id),

  actions: {
    check: { needs: 'admin', run: (context, args) => ofRunning(context, args, check) },
    replace: {
      needs: 'admin',
      run: (context, args) =>
        ofRunning(context, args, async (instance) =>
          instance.source === 'managed'
            ? show(context, instance.id)
            : replaceKeyFlow.start(context, { instanceId: instance.id, source: instance.source }),
        ),
    },
    change: {
      needs: 'admin',
      run: (context, args) =>
        ofRunning(context, args, (instance) => changeSourceFlow.start(context, { instanceId: instance.id })),
    },
    undo: {
      needs: 'admin',
      run: (context, args) => ofRunning(context, args, (instance) => undo(context, instance, args)),
      redraw: (context, args) => show(context, String(args.instanceId)),
    },
    backup: {
      needs: 'admin',
      run: (context, args) => ofRunning(context, args, async (instance) => backup(context, instance, args.on === true)),
      redraw: (context, args) => show(context, String(args.instanceId)),
    },
  },
})

async function show(context: ChatContext, instanceId: string): Promise<Reply> {
  const known = context.instances.some((instance) => instance.id === instanceId)
  const card = known ? await readKeyCard(context.services, instanceId) : null
  return card ? reply(keyCardView(card)) : { views: [], toast: t('instance-gone') }
}

/** All of these talk with the gateway. */
async function ofRunning(
  context: ChatContext,
  args: JsonObject,
  act: (instance: Instance, context: ChatContext) => Promise<Reply>,
): Promise<Reply> {
  const instance = context.instances.find((known) => known.id === args.instanceId)
  if (!instance) return { views: [], toast: t('instance-gone') }
  if (instance.state !== 'running') return { views: [], toast: t('key-not-running', { name: instance.name }) }
  return act(instance, context)
}

async function check(instance: Instance, context: ChatContext): Promise<Reply> {
  const card = await readKeyCard(context.services, instance.id)
  if (!card?.key) return show(context, instance.id)
  return {
    views: [{ view: keyCardView(card, { isChecking: true }), place: 'here' }],
    effects: [
      async (transaction) => {
        await context.services.operations.start(transaction, {
          kind: 'recheck-key',
          instanceId: instance.id,
          place: placeOf(context, keyViewId(instance.id)),
          requestId: context.requestId,
        })
      },
    ],
  }
}

async function undo(context: ChatContext, instance: Instance, args: JsonObject): Promise<Reply> {
  const last = await undoableChange(context.services, instance.id)
  const change = last && last.id === args.operationId ? ChangeArgs.safeParse(last.args).data : null
  const card = await readKeyCard(context.services, instance.id)
  if (!change || !card) return { ...(await show(context, instance.id)), toast: t('change-undo-late') }
  // As it is now: its key and its model may have been changed since.
  const now = { ...change.to, model: instance.model, keyId: card.key?.id ?? null }
  return startChange(context, instance, { from: now, to: change.from }, true)
}

function backup(context: ChatContext, instance: Instance, on: boolean): Reply {
  const viewId = `backup:${instance.id}`
  const pending = { state: 'pending' as const, steps: [], note: null, problem: null }
  return {
    views: [{ view: backupView(viewId, instance, pending, { on, models: [] }), place: 'here' }],
    effects: [
      async (transaction) => {
        await context.services.operations.start(transaction, {
          kind: 'backup-models',
          instanceId: instance.id,
          args: { on },
          place: placeOf(context, viewId),
          requestId: context.requestId,
        })
      },
      audited(context, on ? 'backup-on' : 'backup-off', { name: instance.name }),
    ],
  }
}
