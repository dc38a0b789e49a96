import { button, buttons, literal, note, paragraph, t, title } from '../chat/build.ts'
import { again, answerPress, chosen, type FlowInput, type FlowOutcome, next, stay } from '../chat/flow.ts'
import type { ChatContext } from '../chat/reply.ts'
import type { Block, JsonObject, Text } from '../chat/view.ts'
import { mayPass, PROVIDER_FACTS } from '../keys/index.ts'
import {
  type Catalogue,
  isDescription,
  MODEL_QUERY_MAX,
  type Model,
  modelPrice,
  modelSearchForm,
  type Source,
} from '../models/index.ts'
import { ProblemError } from '../problem.ts'
import { checkEffect, type KeyAnswers, type KeyFacts, providerOf } from './key-steps.ts'

/** Search results on one screen: readable on a phone, and a hint to type more if there are others. */
const SEARCH_RESULTS = 8

export type ModelAnswers = KeyAnswers & JsonObject & { readonly query?: string | undefined }

type Offered = Pick<Model, 'id' | 'name'> & { readonly note: Text | null }

export type ModelFacts = {
  readonly curated: readonly Offered[]
  readonly found: readonly Offered[]
  /** The chosen model, if the list has it. */
  readonly model: Pick<Model, 'id' | 'name'> | null
  /** A provider that does not list its models at the moment: its usual ones are offered, and can't be looked up. */
  readonly unlisted: boolean
}

export const NO_MODELS: ModelFacts = { curated: [], found: [], model: null, unlisted: false }

/** What there is to choose from: the catalogue, or what the handed-over key may use. Throws ProblemError while the catalogue can't be had. */
export async function modelFacts(context: ChatContext, answers: ModelAnswers): Promise<ModelFacts> {
  const { services } = context
  const own = providerOf(answers)
  if (own !== null && answers.keyId === undefined) return { ...NO_MODELS, unlisted: true }
  const source: Source = own ?? 'managed'
  const catalogue = own === null ? services.catalogue : services.catalogues.of(source, { keyId: answers.keyId ?? '' })
  const query = answers.query ?? ''
  try {
    const curated = (await catalogue.curated()).map((model) => ({
      ...model,
      note: t('model-note', { strength: { text: t(model.strength) }, price: { text: modelPrice(model) } }),
    }))
    return {
      curated: curated.length > 0 ? curated : (await catalogue.all()).slice(0, SEARCH_RESULTS).map(offered),
      found: query === '' ? [] : (await meantFirst(catalogue, query)).map(offered),
      model: answers.model === undefined ? null : await meant(catalogue, answers.model),
      unlisted: false,
    }
  } catch (error) {
    if (own === null || !(error instanceof ProblemError)) throw error
    const usual = PROVIDER_FACTS[own].usual.map((id) => ({ id, name: id, note: null }))
    return {
      curated: usual,
      found: usual.filter(({ id }) => id.includes(query.toLowerCase())),
      model: answers.model === undefined ? null : { id: answers.model, name: answers.model },
      unlisted: true,
    }
  }
}

/** The model that is meant by any of its names, or null: what is ordered is on the live list. */
async function meant(catalogue: Catalogue, name: string): Promise<Model | null> {
  const resolution = await catalogue.resolve(name)
  return resolution.kind === 'found' ? resolution.model : null
}

/** What the words name before what they merely occur in. */
async function meantFirst(catalogue: Catalogue, words: string): Promise<readonly Model[]> {
  const [model, found] = [
    isDescription(words) ? null : await meant(catalogue, words),
    await catalogue.search(words, SEARCH_RESULTS + 1),
  ]
  return model ? [model, ...found.filter(({ id }) => id !== model.id)] : found
}

const offered = (model: Model): Offered => ({ ...model, note: modelPrice(model) })

const choice = (label: Text, models: readonly Offered[]): Block => ({
  kind: 'choice',
  name: 'model',
  label,
  options: models.map(({ id, name, note: said }) => ({
    label: literal(name),
    ...(said !== null && { note: said }),
    press: answerPress({ model: id }),
  })),
})

/** The short list, or what the typed words found. */
export function askModel(answers: ModelAnswers, { curated, found, unlisted }: ModelFacts): readonly (Block | false | null)[] {
  const own = providerOf(answers)
  const query = answers.query ?? ''
  const provider = own === null ? '' : PROVIDER_FACTS[own].name
  return [
    title(t('deploy-model-title')),
    paragraph(own === null ? t('deploy-model-text') : t('own-model-text', { provider })),
    unlisted && own !== null && note(t('own-model-no-list', { provider })),
    ...(query === '' ? [choice(t('deploy-model-label'), curated)] : searchResults(query, found)),
    modelSearchForm('query', answerPress({}), t('deploy-model-search')),
    query !== '' && buttons(button(t('deploy-model-short-list'), answerPress({ list: true }), 'quiet')),
  ]
}

function searchResults(query: string, found: readonly Offered[]): (Block | false)[] {
  if (found.length === 0) return [note(t('deploy-model-none', { query }))]
  return [
    choice(t('deploy-model-found', { query }), found.slice(0, SEARCH_RESULTS)),
    found.length > SEARCH_RESULTS && note(t('deploy-model-more')),
  ]
}

/**
 * A chosen model goes on. With a key of one's own it is tried with the key first, before anything is paid or changed; while the provider
 * is away that has to wait.
 */
export function answerModel<A extends ModelAnswers>(
  answers: A,
  input: FlowInput,
  { key, context }: KeyFacts,
  places: { readonly flow: string; readonly checkingStep: string; readonly keyStep: string },
  onward: string,
): FlowOutcome<A> {
  const own = providerOf(answers)
  const model = chosen(input, 'model')
  if (!model) {
    const query = input.kind === 'text' ? input.text : (chosen(input, 'query') ?? '')
    return stay({ ...answers, query: query.trim().slice(0, MODEL_QUERY_MAX) })
  }
  const chose = { ...answers, model, query: '' }
  if (own === null) return next(onward, chose)
  if (key === null) return next(places.keyStep, { ...answers, keyId: undefined })
  if (mayPass(key.state)) return next(onward, chose)
  return next(
    places.checkingStep,
    { ...chose, trying: key.last4 },
    { effects: [checkEffect(context, places.flow, key.id, model)] },
  )
}

/** Whose list has no such model any more: said again at the end, as nothing may be paid for a model that is gone. */
export const modelGone = (answers: ModelAnswers): { kind: 'again'; problem: Text } =>
  again(t('deploy-review-model-gone', { model: answers.model ?? '' }))
