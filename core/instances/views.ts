import { button, buttons, fields, literal, note, paragraph, press, t, title, view } from '../chat/build.ts'
import type { Block, Button, Tone, View } from '../chat/view.ts'
import { CHANNEL_KINDS } from '../gateway/index.ts'
import type { OperationProgress } from '../operations/index.ts'

type Named = { readonly id: string; readonly name: string }

const commandButton = (name: string, instance: Named, argument = '', style: 'primary' | 'default' = 'default'): Button =>
  button(
    t(argument === '' ? `button-${name}` : `button-${name}-${argument}`),
    press('command', { name, instanceId: instance.id, argument }),
    style,
  )

const TONES: Readonly<Record<OperationProgress['state'], Tone>> = {
  pending: 'info',
  running: 'info',
  undoing: 'warning',
  succeeded: 'success',
  failed: 'danger',
}

/** The lines of steps with their times, and what is being said about the running one. */
function progressBlocks(progress: OperationProgress): (Block | false)[] {
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
}

/** The order's message while its server comes up, and "ready". */
export function deployView(instance: Deployed, progress: OperationProgress): View {
  const id = `order:${instance.orderId}`
  const tone = TONES[progress.state]
  if (progress.state === 'succeeded')
    return view(
      id,
      [
        title(t('deploy-ready-title', { name: instance.name })),
        ...progressBlocks(progress),
        fields(
          [t('status-model'), literal(instance.modelName)],
          [t('status-credit'), t('deploy-review-credit-value', { credit: { micros: instance.creditMicros } })],
          instance.cycleEndsAt !== null && [
            t('status-resets'),
            t('date-day', { date: { date: instance.cycleEndsAt.toISOString() } }),
          ],
        ),
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

/** A model switch from the press to the proof. `answered` is the model the provider says answered the probe. */
export function switchView(
  instance: Named,
  modelName: string,
  progress: OperationProgress,
  answered?: { readonly model: string | null; readonly seconds: number },
): View {
  const failed = progress.state === 'failed'
  const unsettled = failed && progress.undoFailed === true
  return view(
    `model:${instance.id}`,
    [
      title(
        t(
          progress.state === 'succeeded'
            ? 'switch-done-title'
            : unsettled
              ? 'switch-unsettled-title'
              : failed
                ? 'switch-failed-title'
                : 'switch-running-title',
          { name: instance.name, model: modelName },
        ),
      ),
      ...progressBlocks(progress),
      progress.state === 'succeeded' &&
        paragraph(
          answered?.model
            ? t('switch-answered', { model: answered.model, seconds: answered.seconds.toFixed(1) })
            : t('switch-answered-unnamed'),
        ),
      progress.problem !== null && note(progress.problem.text),
      failed && paragraph(t(unsettled ? 'switch-unsettled-text' : 'switch-failed-text')),
      unsettled && buttons(commandButton('model', instance, '', 'primary'), commandButton('logs', instance)),
      (progress.state === 'succeeded' || (failed && !unsettled)) &&
        buttons(commandButton('model', instance), commandButton('ask', instance, 'hello')),
    ],
    { tone: TONES[progress.state] },
  )
}

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

/** An answer of the assistant, or why there is none. */
export function askView(
  viewId: string,
  instance: Named,
  progress: OperationProgress,
  answer?: { readonly text: string; readonly model: string | null },
): View {
  if (progress.state === 'succeeded' && answer)
    return view(viewId, [
      paragraph(literal(answer.text)),
      note(
        answer.model === null
          ? t('ask-from', { name: instance.name })
          : t('ask-from-model', { name: instance.name, model: answer.model }),
      ),
    ])
  if (progress.problem !== null)
    return view(
      viewId,
      [
        note(progress.problem.text),
        buttons(commandButton('status', instance), commandButton('model', instance), commandButton('logs', instance)),
      ],
      { tone: 'warning' },
    )
  return view(viewId, [paragraph(t('ask-thinking', { name: instance.name }))])
}
