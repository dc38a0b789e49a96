import { mayAct } from '../access/index.ts'
import { type Plan, renewalButton } from '../billing/index.ts'
import { button, buttons, fields, literal, note, press, t, title, view } from '../chat/build.ts'
import { type ChatContext, reply } from '../chat/reply.ts'
import { noInstanceView } from '../chat/stock-replies.ts'
import type { InstanceSummary } from '../chat/store.ts'
import type { Button, Text, Tone, View } from '../chat/view.ts'
import { allowedActions } from '../instances/index.ts'
import { PROVIDER_FACTS, usageLink } from '../keys/index.ts'
import { isOwnKey } from '../models/index.ts'
import { command } from './command.ts'

export const instances = command({
  name: 'instances',
  description: 'command-instances',
  needs: 'viewer',
  argument: 'none',
  run: async (context) => reply(instancesView(context)),
})

export const status = command({
  name: 'status',
  description: 'command-status',
  needs: 'viewer',
  argument: 'instance',
  async run(context) {
    const { instance, services } = context
    return reply(statusView(instance, context, await services.plans()))
  },
})

/** One tap from any card to a command on its instance. */
export const commandPress = (name: string, instance: { readonly id: string }) =>
  press('command', { name, instanceId: instance.id })

function instancesView(context: ChatContext): View {
  if (context.instances.length === 0) return noInstanceView(context, 'instances')
  return view('instances', [
    title(t('instances-title', { count: context.instances.length })),
    {
      kind: 'choice',
      name: 'instance',
      label: t('instances-choose'),
      options: context.instances.map((instance) => ({
        label: literal(instance.name),
        note: t('instances-note', { state: { text: stateText(instance.state) }, model: instance.model }),
        press: commandPress('status', instance),
      })),
    },
    buttons(mayAct(context.role, 'admin') && button(t('button-deploy-another'), press('command', { name: 'deploy' }), 'quiet')),
  ])
}

/** A card shows no button that its reader may not use. */
const BUTTON_NEEDS = {
  ask: 'member',
  usage: 'member',
  model: 'member',
  key: 'admin',
  restart: 'admin',
  logs: 'admin',
  destroy: 'admin',
} as const

/** What went as it was wanted is no warning, a deleted assistant's too. */
const TONES: Readonly<Record<string, Tone>> = {
  running: 'success',
  destroying: 'info',
  destroyed: 'info',
  failed: 'danger',
  lost: 'danger',
}
const toneOf = (state: string): Tone => (Object.hasOwn(TONES, state) ? (TONES[state] ?? 'warning') : 'warning')

const stateText = (state: string) => t(`instance-state-${state}`)

function creditField(instance: InstanceSummary): readonly [Text, Text] {
  const spent = Math.max(0, instance.usageMicros - instance.baselineMicros)
  const credit = t('status-credit-value', {
    left: { micros: Math.max(0, instance.allowanceMicros - spent) },
    allowance: { micros: instance.allowanceMicros },
  })
  return [t('status-credit'), credit]
}

function statusView(instance: InstanceSummary, context: ChatContext, plans: readonly Plan[]): View {
  const { renewal } = instance
  const endsAt = renewal?.endsAt ?? null
  const resets = endsAt === null && !isOwnKey(instance.source) ? instance.cycleEndsAt : null
  const allowed = allowedActions(instance.state)
  const offered: (Button | false)[] = (['ask', 'usage', 'model', 'key', 'restart', 'logs', 'destroy'] as const).map(
    (name) =>
      allowed.includes(name) &&
      mayAct(context.role, BUTTON_NEEDS[name]) &&
      button(
        t(`button-${name}`),
        commandPress(name, instance),
        name === 'destroy' ? 'danger' : name === 'ask' ? 'primary' : 'default',
      ),
  )
  return view(
    `status:${instance.id}`,
    [
      title(t('status-title', { name: instance.name })),
      fields(
        [t('status-state'), stateText(instance.state)],
        [t('status-model'), literal(instance.model)],
        [t('status-plan'), literal(plans.find((plan) => plan.id === instance.planId)?.name ?? instance.planId)],
        isOwnKey(instance.source)
          ? [t('key-field'), t('key-field-value', { provider: PROVIDER_FACTS[instance.source].name })]
          : creditField(instance),
        endsAt !== null && [t('status-ends'), t('date-day', { date: { date: endsAt.toISOString() } })],
        resets !== null && [t('status-resets'), t('date-day', { date: { date: resets.toISOString() } })],
        instance.readyAt !== null && [
          t('status-since'),
          t('date-minute', { date: { date: instance.readyAt.toISOString(), style: 'minute' } }),
        ],
      ),
      isOwnKey(instance.source) && usageLink(instance.source),
      instance.state !== 'running' && note(t(`instance-hint-${instance.state}`)),
      endsAt !== null && note(t('status-ends-hint', { name: instance.name })),
      buttons(
        ...offered,
        renewal !== null &&
          allowed.includes('destroy') &&
          mayAct(context.role, 'admin') &&
          renewalButton({ id: renewal.orderId, endsAt }),
      ),
    ],
    {
      tone: toneOf(instance.state),
    },
  )
}
