import { buttons, literal, note, paragraph, t, view } from '../chat/build.ts'
import type { View } from '../chat/view.ts'
import type { OperationProgress } from '../operations/index.ts'
import { problemButtons } from './model-views.ts'

type Named = { readonly id: string; readonly name: string }

export type Answer = {
  readonly text: string
  /** As the provider named it; null if OpenClaw did not report it. */
  readonly model: string | null
  /** The model that should have answered, if another of the chain did. */
  readonly insteadOf?: string | null
}

/** An answer of the assistant, or why there is none. */
export function askView(viewId: string, instance: Named, progress: OperationProgress, answer?: Answer): View {
  if (progress.state === 'succeeded' && answer)
    return view(viewId, [paragraph(literal(answer.text)), note(from(instance, answer))])
  const { problem } = progress
  if (problem !== null)
    return view(viewId, [note(problem.text), buttons(...problemButtons(instance, problem.code))], { tone: 'warning' })
  return view(viewId, [paragraph(t('ask-thinking', { name: instance.name }))])
}

function from({ name }: Named, { model, insteadOf }: Answer) {
  if (model === null) return t('ask-from', { name })
  return insteadOf ? t('ask-from-fallback', { name, model, first: insteadOf }) : t('ask-from-model', { name, model })
}
