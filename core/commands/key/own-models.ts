import { button, buttons, literal, note, paragraph, t, title } from '../../chat/build.ts'
import { again, answerPress, chosen, type FlowInput, type FlowOutcome, next, stay } from '../../chat/flow.ts'
import type { ChatContext } from '../../chat/reply.ts'
import type { Block, JsonObject } from '../../chat/view.ts'
import { KeyApiError, type ListedModel, mayPass, PROVIDER_FACTS } from '../../keys/index.ts'
import { MODEL_QUERY_MAX, modelSearchForm, type Provider } from '../../models/index.ts'
import { checkEffect, type KeyAnswers, type KeyFacts, providerOf } from './key-steps.ts'

/** On one screen: readable on a phone, and a hint to type more if there are others. */
const SHOWN_MODELS = 8

/** What a key may use; null while its provider does not tell, and then its usual models are offered. */
export async function ownModels(
  context: ChatContext,
  provider: Provider,
  keyId: string | undefined,
): Promise<readonly ListedModel[] | null> {
  if (keyId === undefined) return null
  try {
    return await context.services.ownModels(provider, { keyId })
  } catch (error) {
    if (!(error instanceof KeyApiError)) throw error
    context.log.info({ keyId, detail: error.verdict.detail }, 'the provider of an own key does not list its models')
    return null
  }
}

type Listed = readonly ListedModel[] | null

/** The usual ones first, as far as this key may use them; all of them while nobody tells. */
function shortList(provider: Provider, listed: Listed): readonly ListedModel[] {
  const { usual } = PROVIDER_FACTS[provider]
  if (listed === null) return usual.map((id) => ({ id }))
  const known = usual.flatMap((id) => listed.find((model) => model.id === id) ?? [])
  const others = listed.filter((model) => !known.includes(model))
  return [...known, ...others].slice(0, SHOWN_MODELS)
}

function search(listed: readonly ListedModel[], query: string): readonly ListedModel[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  return listed.filter(({ id, name }) => words.every((word) => `${id} ${name ?? ''}`.toLowerCase().includes(word)))
}

const options = (models: readonly ListedModel[], label: Block & { kind: 'choice' }): Block => ({
  ...label,
  options: models.map(({ id, name }) => ({
    label: literal(name ?? id),
    ...(name !== undefined && name !== id && { note: literal(id) }),
    press: answerPress({ model: id }),
  })),
})

export type OwnModelAnswers = KeyAnswers & JsonObject & { readonly query?: string | undefined }

/** The provider's own list: what this key may use, a few to choose from and the rest by search. */
export function askOwnModel(answers: OwnModelAnswers, listed: Listed): readonly (Block | false | null)[] {
  const provider = providerOf(answers)
  if (provider === null) return []
  const query = answers.query ?? ''
  const found = query === '' ? shortList(provider, listed) : search(listed ?? shortList(provider, null), query)
  const label = query === '' ? t('deploy-model-label') : t('deploy-model-found', { query })
  return [
    title(t('deploy-model-title')),
    paragraph(t('own-model-text', { provider: PROVIDER_FACTS[provider].name })),
    listed === null && note(t('own-model-no-list', { provider: PROVIDER_FACTS[provider].name })),
    found.length === 0
      ? note(t('own-model-none', { query }))
      : options(found.slice(0, SHOWN_MODELS), { kind: 'choice', name: 'model', label, options: [] }),
    found.length > SHOWN_MODELS && note(t('deploy-model-more')),
    modelSearchForm('query', answerPress({}), t('own-model-search')),
    query !== '' && buttons(button(t('deploy-model-short-list'), answerPress({ list: true }), 'quiet')),
  ]
}

/** A chosen model is tried with the key before anything is paid or changed; while the provider is away that has to wait. */
export function answerOwnModel<A extends OwnModelAnswers>(
  answers: A,
  input: FlowInput,
  { key, context, listed }: KeyFacts & { readonly listed: Listed },
  places: { readonly flow: string; readonly checkingStep: string; readonly keyStep: string; readonly onward: string },
): FlowOutcome<A> {
  if (key === null) return next(places.keyStep, { ...answers, keyId: undefined })
  const typed = input.kind === 'text' ? input.text.trim() : (chosen(input, 'query') ?? '').trim()
  const exact = listed?.find((model) => model.id === typed.toLowerCase())?.id ?? null
  const model = chosen(input, 'model') ?? exact
  if (model === null) return stay({ ...answers, query: typed.slice(0, MODEL_QUERY_MAX) })
  if (listed !== null && !listed.some((known) => known.id === model)) return again(t('deploy-review-model-gone', { model }))
  const chose = { ...answers, model, query: '' }
  if (mayPass(key.state)) return next(places.onward, chose)
  return next(places.checkingStep, chose, { effects: [checkEffect(context, places.flow, key.id, model)] })
}
