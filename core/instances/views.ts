import { button, buttons, fields, literal, note, paragraph, press, t, title, view } from '../chat/build.ts'
import type { Block, Button, Tone, View } from '../chat/view.ts'
import { CHANNEL_KINDS } from '../gateway/index.ts'
import { PROVIDER_FACTS } from '../keys/index.ts'
import type { Provider } from '../models/index.ts'
import type { OperationProgress } from '../operations/index.ts'

type Named = { readonly id: string; readonly name: string }

export const commandButton = (name: string, instance: Named, argument = '', style: 'primary' | 'default' = 'default'): Button =>
  button(
    t(argument === '' ? `button-${name}` : `button-${name}-${argument}`),
    press('command', { name, instanceId: instance.id, argument }),
    style,
  )

export const TONES: Readonly<Record<OperationProgress['state'], Tone>> = {
  pending: 'info',
  running: 'info',
  undoing: 'warning',
  succeeded: 'success',
  failed: 'danger',
}

/** The lines of steps with their times, and what is being said about the running one. */
export function progressBlocks(progress: OperationProgress): (Block | false)[] {
  return [
    progress.steps.length > 0 && {
      kind: 'progress',
      steps: progress.steps.map((step) => ({
        label: t(step.progress),
        state: step.state,
        ...(step.seconds !== undefined && { seconds: step.seconds }),
      })),
    },
    progress.note !== null && progress.state === 'running' && note(progress.note),
  ]
}

export type Deployed = Named & {
  readonly orderId: string
  readonly modelName: string
  readonly creditMicros: number
  readonly cycleEndsAt: Date | null
  /** The provider of the customer's own key; null with managed credit. */
  readonly ownKeyAt?: Provider | null
  /** The provider could not be asked for an answer yet. */
  readonly unproven?: boolean
}

/** The order's message while its server comes up, and "ready". */
export function deployView(instance: Deployed, progress: OperationProgress): View {
  const id = `order:${instance.orderId}`
  const own = instance.ownKeyAt ?? null
  const tone = TONES[progress.state]
  if (progress.state === 'succeeded')
    return view(
      id,
      [
        title(t('deploy-ready-title', { name: instance.name })),
        ...progressBlocks(progress),
        fields(
          [t('status-model'), literal(instance.modelName)],
          own !== null
            ? [t('key-field'), t('key-field-value', { provider: PROVIDER_FACTS[own].name })]
            : [t('status-credit'), t('deploy-review-credit-value', { credit: { micros: instance.creditMicros } })],
          own === null &&
            instance.cycleEndsAt !== null && [
              t('status-resets'),
              t('date-day', { date: { date: instance.cycleEndsAt.toISOString() } }),
            ],
        ),
        instance.unproven === true && own !== null && note(t('key-deployed-unproven', { provider: PROVIDER_FACTS[own].name })),
        paragraph(t('deploy-ready-text')),
        buttons(
          commandButton('ask', instance, 'hello', 'primary'),
          commandButton('usage', instance),
          commandButton('model', instance),
          commandButton('status', instance),
        ),
        paragraph(t('deploy-ready-connect')),
        buttons(
          ...CHANNEL_KINDS.map((kind) =>
            button(
              t('connect-button', { platform: { text: t(`channel-kind-${kind}`) } }),
              press('connect.add', { instanceId: instance.id, kind }),
            ),
          ),
        ),
      ],
      { tone },
    )
  const failing = progress.state === 'undoing' || progress.state === 'failed'
  return view(
    id,
    [
      title(t(failing ? 'deploy-failed-title' : 'deploy-running-title', { name: instance.name })),
      ...progressBlocks(progress),
      progress.problem !== null && note(progress.problem.text),
      paragraph(t(failing ? 'deploy-failed-text' : 'deploy-running-text')),
    ],
    { tone },
  )
}

/** A message of its own that an assistant is ready: the edit of the order's message makes no sound. */
export const readyView = (instance: Named): View =>
  view(
    `ready:${instance.id}`,
    [note(t('deploy-ready-push', { name: instance.name })), buttons(commandButton('ask', instance, 'hello', 'primary'))],
    { tone: 'success' },
  )

export function restartView(instance: Named, progress: OperationProgress): View {
  return view(
    `restart:${instance.id}`,
    [
      title(
        t(`restart-${progress.state === 'succeeded' ? 'done' : progress.state === 'failed' ? 'failed' : 'running'}-title`, {
          name: instance.name,
        }),
      ),
      ...progressBlocks(progress),
      progress.state === 'pending' && note(t('restart-keeps')),
      progress.problem !== null && note(progress.problem.text),
      progress.state === 'succeeded' && buttons(commandButton('ask', instance, 'hello'), commandButton('status', instance)),
      progress.state === 'failed' && buttons(commandButton('restart', instance, '', 'primary'), commandButton('logs', instance)),
    ],
    { tone: TONES[progress.state] },
  )
}

export function destroyView(instance: Named, progress: OperationProgress): View {
  return view(
    `destroy:${instance.id}`,
    [
      title(
        t(`destroy-${progress.state === 'succeeded' ? 'done' : progress.state === 'failed' ? 'failed' : 'running'}-title`, {
          name: instance.name,
        }),
      ),
      ...progressBlocks(progress),
      progress.problem !== null && note(progress.problem.text),
      progress.state === 'succeeded' && paragraph(t('destroy-done-text')),
      progress.state === 'failed' && buttons(commandButton('destroy', instance, '', 'primary')),
      progress.state === 'succeeded' && buttons(button(t('button-deploy'), press('command', { name: 'deploy' }))),
    ],
    { tone: TONES[progress.state] },
  )
}

/** Told when the supervisor sees a gateway die, and when it is back. */
export function crashView(instance: Named, event: 'crashed' | 'back' | 'lost'): View {
  return view(
    `crash:${instance.id}`,
    [
      note(t(`crash-${event}`, { name: instance.name })),
      buttons(
        // A server that is gone has no log to show.
        event !== 'lost' && commandButton('logs', instance),
        event === 'crashed' ? commandButton('restart', instance) : commandButton('status', instance),
      ),
    ],
    { tone: event === 'back' ? 'success' : event === 'lost' ? 'danger' : 'warning' },
  )
}
