import type { CuratedModel, Model, PriceClass } from './model.ts'
import { idParts, keyOf } from './names.ts'
import type { Source } from './source.ts'
import { KNOWN_MODELS } from './table.ts'

/**
 * The short list of the model picker, in the order it is shown: few enough to read, one for every kind of need and purse.
 * What the live catalogue no longer has is left out; change it here when a better model of its kind appears.
 */
export const CURATED: readonly CuratedModel[] = [
  { id: 'anthropic/claude-sonnet-4.6', strength: 'model-strength-all-rounder', priceClass: 3 },
  { id: 'openai/gpt-5.4-mini', strength: 'model-strength-everyday', priceClass: 2 },
  { id: 'google/gemini-3-flash-preview', strength: 'model-strength-fast', priceClass: 2 },
  { id: 'deepseek/deepseek-v4-flash', strength: 'model-strength-saver', priceClass: 1 },
  { id: 'google/gemini-3.1-pro-preview', strength: 'model-strength-long', priceClass: 3 },
  { id: 'moonshotai/kimi-k2.6', strength: 'model-strength-coding', priceClass: 2 },
  { id: 'z-ai/glm-5', strength: 'model-strength-chinese', priceClass: 2 },
  { id: 'anthropic/claude-opus-4.8', strength: 'model-strength-hardest', priceClass: 3 },
  { id: 'qwen/qwen3-coder:free', strength: 'model-strength-free', priceClass: 0 },
]

/** One short list per budget, the first the one to try first. */
export const BUDGETS: Readonly<Record<PriceClass, readonly Omit<CuratedModel, 'priceClass'>[]>> = {
  0: [
    { id: 'qwen/qwen3-coder:free', strength: 'model-strength-free' },
    { id: 'google/gemma-4-26b-a4b-it:free', strength: 'model-strength-free' },
    { id: 'z-ai/glm-4.5-air:free', strength: 'model-strength-chinese' },
    { id: 'openai/gpt-oss-20b:free', strength: 'model-strength-free' },
  ],
  1: [
    { id: 'deepseek/deepseek-v4-flash', strength: 'model-strength-saver' },
    { id: 'google/gemini-3.1-flash-lite', strength: 'model-strength-fast' },
    { id: 'openai/gpt-5.4-nano', strength: 'model-strength-everyday' },
    { id: 'qwen/qwen3-coder-next', strength: 'model-strength-coding' },
    { id: 'qwen/qwen3.5-flash', strength: 'model-strength-chinese' },
  ],
  2: [
    { id: 'openai/gpt-5.4-mini', strength: 'model-strength-everyday' },
    { id: 'google/gemini-3-flash-preview', strength: 'model-strength-fast' },
    { id: 'anthropic/claude-haiku-4.5', strength: 'model-strength-all-rounder' },
    { id: 'moonshotai/kimi-k2.6', strength: 'model-strength-coding' },
    { id: 'z-ai/glm-5', strength: 'model-strength-chinese' },
  ],
  3: [
    { id: 'anthropic/claude-sonnet-4.6', strength: 'model-strength-all-rounder' },
    { id: 'google/gemini-3.1-pro-preview', strength: 'model-strength-long' },
    { id: 'openai/gpt-5.4', strength: 'model-strength-everyday' },
    { id: 'anthropic/claude-opus-4.8', strength: 'model-strength-hardest' },
  ],
}

/** The short lists of providers that sell only their own models; OpenRouter's is the managed one. By managed id, as in the table. */
const OWN: Readonly<Record<'anthropic' | 'openai' | 'google', readonly CuratedModel[]>> = {
  anthropic: [
    { id: 'anthropic/claude-sonnet-4.6', strength: 'model-strength-all-rounder', priceClass: 3 },
    { id: 'anthropic/claude-haiku-4.5', strength: 'model-strength-everyday', priceClass: 2 },
    { id: 'anthropic/claude-opus-4.8', strength: 'model-strength-hardest', priceClass: 3 },
  ],
  openai: [
    { id: 'openai/gpt-5.4-mini', strength: 'model-strength-everyday', priceClass: 2 },
    { id: 'openai/gpt-5.4', strength: 'model-strength-all-rounder', priceClass: 3 },
    { id: 'openai/gpt-5.3-codex', strength: 'model-strength-coding', priceClass: 3 },
    { id: 'openai/gpt-5.4-nano', strength: 'model-strength-saver', priceClass: 1 },
  ],
  google: [
    { id: 'google/gemini-3-flash-preview', strength: 'model-strength-fast', priceClass: 2 },
    { id: 'google/gemini-3.1-pro-preview', strength: 'model-strength-long', priceClass: 3 },
    { id: 'google/gemini-3.1-flash-lite', strength: 'model-strength-saver', priceClass: 1 },
  ],
}

/** A provider whose list has none of ours still shows something: its first models. */
const UNKNOWN_LIST = 8

export const curatedOf = (source: Source, budget?: PriceClass): readonly CuratedModel[] => {
  if (budget !== undefined) return BUDGETS[budget].map((line) => ({ ...line, priceClass: budget }))
  return source === 'managed' || source === 'openrouter' ? CURATED : OWN[source]
}

/** The short list as a source's live list has it, under the source's own ids. */
export function curatedModels(
  models: readonly Model[],
  byId: ReadonlyMap<string, Model>,
  source: Source,
  budget?: PriceClass,
): readonly (Model & CuratedModel)[] {
  const lines = curatedOf(source, budget).flatMap((line) => {
    const model = byId.get(line.id) ?? nativeOf(line.id, models, byId)
    return model ? [{ ...line, ...model }] : []
  })
  if (lines.length > 0 || budget !== undefined) return lines
  return models.slice(0, UNKNOWN_LIST).map((model) => ({ ...model, strength: 'model-strength-listed', priceClass: 2 }))
}

function nativeOf(managedId: string, models: readonly Model[], byId: ReadonlyMap<string, Model>): Model | undefined {
  const native = KNOWN_MODELS.find((known) => known.id === managedId)?.native ?? []
  const exact = native.map((id) => byId.get(id)).find((model) => model !== undefined)
  return exact ?? models.find((model) => native.some((id) => keyOf(id) === keyOf(idParts(model.id).slug)))
}
