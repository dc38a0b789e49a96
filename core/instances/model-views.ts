import { button, buttons, fields, literal, note, paragraph, press, t, title, view } from '../chat/build.ts'
import type { Button, Text, View } from '../chat/view.ts'
import type { OperationProgress } from '../operations/index.ts'
import type { Problem } from '../problem.ts'
import { commandButton, progressBlocks, TONES } from './views.ts'

type Named = { readonly id: string; readonly name: string }

/** What helps against a trouble with the model, best first. */
export function problemButtons(instance: Named, code: string): readonly Button[] {
  const command = (name: string, argument = '', style: 'primary' | 'default' = 'default') =>
    commandButton(name, instance, argument, style)
  switch (code) {
    case 'model-credit':
      return [command('usage', '', 'primary'), command('model', 'free')]
    case 'model-balance':
      return [command('model', 'free', 'primary'), command('status')]
    case 'model-max-tokens':
      return [command('model', 'cheap', 'primary'), command('usage')]
    case 'model-guardrail':
    case 'model-missing':
      return [command('model', '', 'primary')]
    case 'model-rate-limited':
    case 'model-down':
      return [command('model', 'fallback', 'primary'), command('model')]
    case 'model-key':
      return [command('restart', '', 'primary'), command('logs')]
    default:
      return [command('status'), command('model'), command('logs')]
  }
}

export type Answered = {
  /** As the provider named it in its response. */
  readonly model: string | null
  readonly seconds: number
}

/** A model switch from the press to the proof. `price` says what changes, in words that matter. */
export function switchView(
  instance: Named,
  modelName: string,
  progress: OperationProgress,
  told: { readonly answered?: Answered; readonly price?: readonly Text[] } = {},
): View {
  const failed = progress.state === 'failed'
  const unsettled = failed && progress.undoFailed === true
  const done = progress.state === 'succeeded'
  const titleId = done
    ? 'switch-done-title'
    : unsettled
      ? 'switch-unsettled-title'
      : failed
        ? 'switch-failed-title'
        : 'switch-running-title'
  return view(
    `model:${instance.id}`,
    [
      title(t(titleId, { name: instance.name, model: modelName })),
      ...progressBlocks(progress),
      done &&
        paragraph(
          told.answered?.model
            ? t('switch-answered', { model: told.answered.model, seconds: told.answered.seconds.toFixed(1) })
            : t('switch-answered-unnamed'),
        ),
      ...(failed ? [] : (told.price ?? []).map(note)),
      progress.problem !== null && note(progress.problem.text),
      failed && paragraph(t(unsettled ? 'switch-unsettled-text' : 'switch-failed-text')),
      unsettled && buttons(commandButton('model', instance, '', 'primary'), commandButton('logs', instance)),
      done && buttons(commandButton('model', instance), commandButton('ask', instance, 'hello')),
      failed && !unsettled && buttons(...failedButtons(instance, progress.problem)),
    ],
    { tone: TONES[progress.state] },
  )
}

const failedButtons = (instance: Named, problem: Problem | null): readonly Button[] =>
  problem?.code.startsWith('model-')
    ? problemButtons(instance, problem.code)
    : [commandButton('model', instance), commandButton('ask', instance, 'hello')]

/** Told when the background check found an assistant on another model than it should be on, and put it right. */
export const healedView = (instance: Named, modelName: string, found: 'configured' | 'pinned'): View =>
  view(
    `model-healed:${instance.id}`,
    [
      note(t(`model-healed-${found}`, { name: instance.name, model: modelName })),
      buttons(commandButton('model', instance), commandButton('status', instance)),
    ],
    { tone: 'info' },
  )

/** Told when an answer in one of the assistant's own channels came from a model of the chain. */
export const fellBackView = (instance: Named, models: { readonly first: string; readonly answered: string }): View =>
  view(
    `model-fell-back:${instance.id}`,
    [
      note(t('model-fell-back', { name: instance.name, ...models })),
      buttons(commandButton('model', instance, 'fallback'), commandButton('model', instance)),
    ],
    { tone: 'warning' },
  )

/** Told when an assistant is set up whose model went off the list after it was ordered. */
export const replacedView = (instance: Named, model: { readonly gone: string; readonly name: string }): View =>
  view(
    `model-replaced:${instance.id}`,
    [
      note(t('model-replaced', { name: instance.name, gone: model.gone, model: model.name })),
      buttons(commandButton('model', instance)),
    ],
    { tone: 'warning' },
  )

export type Vanishing = {
  readonly id: string
  readonly name: string
  /** The last day it is sold; null if it is gone already. */
  readonly endsOn: string | null
  readonly replacement: { readonly id: string; readonly name: string; readonly price: Text } | null
}

/** Told once, ahead where the provider says when: a model in use is taken off the list. */
export function vanishingView(instance: Named, model: Vanishing): View {
  const { replacement, endsOn } = model
  return view(
    `model-vanishing:${instance.id}`,
    [
      title(t('model-vanishing-title', { model: model.name })),
      paragraph(
        endsOn === null
          ? t('model-vanishing-gone', { name: instance.name, model: model.name })
          : t('model-vanishing-soon', { name: instance.name, model: model.name, date: { date: `${endsOn}T00:00:00Z` } }),
      ),
      replacement !== null &&
        fields([t('model-vanishing-replacement'), literal(replacement.name)], [t('model-price'), replacement.price]),
      buttons(
        replacement !== null &&
          button(
            t('model-vanishing-switch', { model: replacement.name }),
            press('model.choose', { instanceId: instance.id, model: replacement.id }, { who: 'anyone' }),
            'primary',
          ),
        commandButton('model', instance),
      ),
    ],
    { tone: 'warning' },
  )
}
