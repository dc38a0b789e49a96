import { button, buttons, note, paragraph, press, t, title, view } from '../chat/build.ts'
import type { Text, View } from '../chat/view.ts'
import type { Source } from '../models/index.ts'
import type { OperationProgress } from '../operations/index.ts'
import { sourceName } from './key-card.ts'
import { progressBlocks, TONES } from './views.ts'

type Named = { readonly id: string; readonly name: string }

const keyButton = (instance: Named) => button(t('button-key'), press('command', { name: 'key', instanceId: instance.id }))
const askButton = (instance: Named) =>
  button(t('button-ask-hello'), press('command', { name: 'ask', instanceId: instance.id, argument: 'hello' }))

/** A new key of the same provider, from the press to the proof. */
export function rotateView(
  viewId: string,
  instance: Named,
  progress: OperationProgress,
  key: { readonly provider: string; readonly last4: string },
): View {
  const { state } = progress
  const unsettled = state === 'failed' && progress.undoFailed === true
  const what = state === 'succeeded' ? 'done' : state === 'failed' ? 'failed' : 'running'
  return view(
    viewId,
    [
      title(t(`rotate-${what}-title`, { name: instance.name })),
      ...progressBlocks(progress),
      progress.problem !== null && note(progress.problem.text),
      state === 'succeeded' && paragraph(t('rotate-done-text', key)),
      state === 'failed' && paragraph(t(unsettled ? 'rotate-unsettled-text' : 'rotate-failed-text')),
      (state === 'succeeded' || state === 'failed') && buttons(keyButton(instance)),
    ],
    { tone: TONES[state] },
  )
}

/** Another way of paying, from the press to the proof; for ten minutes with the way back. */
export function changeView(
  viewId: string,
  instance: Named,
  progress: OperationProgress,
  change: {
    readonly to: Source
    readonly operationId: string | null
    readonly answered: { readonly model: string; readonly seconds: number } | null
  },
): View {
  const { state } = progress
  const unsettled = state === 'failed' && progress.undoFailed === true
  const what = state === 'succeeded' ? 'done' : unsettled ? 'unsettled' : state === 'failed' ? 'failed' : 'running'
  const source: { readonly text: Text } = { text: sourceName(change.to) }
  return view(
    viewId,
    [
      title(t(`change-${what}-title`, { name: instance.name, source })),
      ...progressBlocks(progress),
      progress.problem !== null && note(progress.problem.text),
      change.answered !== null &&
        paragraph(t('change-done-text', { model: change.answered.model, seconds: change.answered.seconds.toFixed(1) })),
      state === 'failed' && paragraph(t(unsettled ? 'change-unsettled-text' : 'change-failed-text')),
      state === 'succeeded' && change.operationId !== null && note(t('change-undo-note')),
      state === 'succeeded' &&
        buttons(
          askButton(instance),
          keyButton(instance),
          change.operationId !== null &&
            button(
              t('key-button-undo'),
              press('key.undo', { instanceId: instance.id, operationId: change.operationId }, { once: true }),
            ),
        ),
      state === 'failed' && buttons(keyButton(instance)),
    ],
    { tone: TONES[state] },
  )
}

export function backupView(
  viewId: string,
  instance: Named,
  progress: OperationProgress,
  backup: { readonly on: boolean; readonly models: readonly string[] },
): View {
  const { state } = progress
  const what = state === 'succeeded' ? (backup.on ? 'on' : 'off') : state === 'failed' ? 'failed' : 'running'
  return view(
    viewId,
    [
      title(t(`backup-${what}-title`, { name: instance.name })),
      ...progressBlocks(progress),
      progress.problem !== null && note(progress.problem.text),
      state === 'succeeded' && backup.on && paragraph(t('backup-on-text', { models: backup.models.join(', ') })),
      (state === 'succeeded' || state === 'failed') && buttons(keyButton(instance)),
    ],
    { tone: TONES[state] },
  )
}
