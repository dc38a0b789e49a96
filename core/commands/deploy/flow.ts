import { z } from 'zod'
import { audited, takeOwnership } from '../../access/index.ts'
import type { Plan } from '../../billing/index.ts'
import { hasPlace, placeOrder } from '../../billing/index.ts'
import { button, buttons, fields, literal, note, paragraph, t, title } from '../../chat/build.ts'
import { again, answerPress, chosen, done, flow, next, stay } from '../../chat/flow.ts'
import type { ChatContext, Effect, Reply } from '../../chat/reply.ts'
import type { Block } from '../../chat/view.ts'
import { handedKey, type KeySummary, type ListedModel, PROVIDER_FACTS, usageLink } from '../../keys/index.ts'
import type { CuratedModel, Model } from '../../models/index.ts'
import { MODEL_QUERY_MAX, modelPrice, modelSearchForm } from '../../models/index.ts'
import { checkingStep, chosenSource, KeyAnswers, keyStep, providerOf, sourceChoice } from '../key/key-steps.ts'
import { answerOwnModel, askOwnModel, ownModels } from '../key/own-models.ts'
import { NAME_MAX, nameProblem, suggestedNames } from './name.ts'

/** Search results on one screen: readable on a phone, and a hint to type more if there are others. */
const SEARCH_RESULTS = 8

const DeployAnswers = KeyAnswers.extend({
  name: z.string().optional(),
  planId: z.string().optional(),
  /** What was typed to search the catalogue; empty shows the short list. */
  query: z.string().optional(),
})
type DeployAnswers = z.infer<typeof DeployAnswers>

type Facts = {
  readonly plans: readonly Plan[]
  readonly curated: readonly (Model & CuratedModel)[]
  readonly found: readonly Model[]
  /** What the typed words name exactly, or the chosen model. */
  readonly model: Model | null
  readonly namesTaken: readonly string[]
  /** The customer's own key in this order, and what it may use; null: managed, or not told. */
  readonly key: KeySummary | null
  readonly listed: readonly ListedModel[] | null
  /** Whether an order would be taken now; only asked for at the review. */
  readonly hasPlace: boolean
  readonly context: ChatContext
}

const PLACES = {
  flow: 'deploy',
  keyStep: 'key',
  checkingStep: 'checking',
  modelStep: 'model',
  onward: (answers: DeployAnswers) => (answers.model === undefined ? 'model' : 'review'),
}

/** Name, plan, source (and a key of one's own), model, review, pay. Each step: what it asks, and what an answer does. Pure. */
export const deployFlow = flow<DeployAnswers, Facts>({
  name: 'deploy',
  needs: 'admin',
  version: 1,
  answers: DeployAnswers,
  first: 'name',

  async facts(context, step, answers) {
    const { catalogue, plans } = context.services
    const own = providerOf(answers)
    const managed = own === null
    const atModel = managed && (step === 'model' || step === 'review')
    return {
      plans: await plans(),
      curated: managed && step === 'model' ? await catalogue.curated() : [],
      found: managed && step === 'model' && answers.query ? await catalogue.search(answers.query, SEARCH_RESULTS + 1) : [],
      model: atModel && answers.model ? await catalogue.find(answers.model) : null,
      key: own === null ? null : await handedKey(context, answers.keyId),
      listed: own !== null && (step === 'model' || step === 'review') ? await ownModels(context, own, answers.keyId) : null,
      namesTaken: [...context.instances.map((instance) => instance.name), ...openOrderNames(context)],
      hasPlace: step !== 'review' || (await hasPlace(context.services)),
      context,
    }
  },

  steps: {
    name: {
      ask: (_answers, { namesTaken }) => [
        title(t('deploy-name-title')),
        paragraph(t('deploy-name-text')),
        {
          kind: 'form',
          name: 'name',
          fields: [{ name: 'name', label: t('deploy-name-label'), maxLength: NAME_MAX }],
          submitLabel: t('deploy-name-submit'),
          press: answerPress({}),
        },
        buttons(...suggestedNames(namesTaken).map((name) => button(literal(name), answerPress({ name })))),
      ],
      answer(answers, input, { namesTaken }) {
        const name = (input.kind === 'text' ? input.text : (chosen(input, 'name') ?? '')).trim().replace(/\s+/g, ' ')
        const problem = nameProblem(name, namesTaken)
        return problem ? again(problem) : next('plan', { ...answers, name })
      },
    },

    plan: {
      ask: (answers, { plans }) => [
        title(t('deploy-plan-title', { name: answers.name ?? '' })),
        paragraph(t('deploy-plan-text')),
        {
          kind: 'choice',
          name: 'plan',
          label: t('deploy-plan-label'),
          options: plans.map((plan) => ({
            label: t('deploy-plan-option', { plan: plan.name, price: price(plan), credit: { micros: plan.creditMicros } }),
            note: t(`deploy-plan-note-${plan.id}`),
            press: answerPress({ planId: plan.id }),
          })),
        },
      ],
      answer(answers, input, { plans }) {
        const typed = input.kind === 'text' ? input.text.trim().toLowerCase() : null
        const id = chosen(input, 'planId')
        const plan = plans.find((known) => known.id === id || known.name.toLowerCase() === typed)
        return plan ? next('source', { ...answers, planId: plan.id }) : again(t('deploy-plan-choose'))
      },
    },

    source: {
      ask: (answers) => [title(t('source-title')), paragraph(t('source-text')), sourceChoice(answers.source)],
      answer(answers, input) {
        const source = chosenSource(input)
        if (source === null) return again(t('source-choose'))
        const chose = { ...answers, source, query: '', ...(source !== answers.source && { model: undefined }) }
        return next(source === 'managed' ? 'model' : 'key', chose)
      },
    },

    key: keyStep(PLACES),

    checking: checkingStep(PLACES),

    model: {
      ask: (answers, { curated, found, listed }) =>
        providerOf(answers) !== null
          ? askOwnModel(answers, listed)
          : [
              title(t('deploy-model-title')),
              paragraph(t('deploy-model-text')),
              ...(answers.query ? searchResults(answers.query, found) : [shortList(curated)]),
              modelSearchForm('query', answerPress({}), t('deploy-model-search')),
              answers.query ? buttons(button(t('deploy-model-short-list'), answerPress({ list: true }), 'quiet')) : null,
            ],
      answer(answers, input, facts) {
        if (providerOf(answers) !== null) return answerOwnModel(answers, input, facts, { ...PLACES, onward: 'review' })
        const model = chosen(input, 'model')
        if (model) return next('review', { ...answers, model, query: '' })
        const query = input.kind === 'text' ? input.text : (chosen(input, 'query') ?? '')
        return stay({ ...answers, query: query.trim().slice(0, MODEL_QUERY_MAX) })
      },
    },

    review: {
      ask(answers, { plans, model, listed, key, hasPlace }) {
        const own = providerOf(answers)
        const chosenModel = own === null ? model?.name : listed?.find((known) => known.id === answers.model)?.name
        const plan = plans.find((known) => known.id === answers.planId)
        return [
          title(t('deploy-review-title', { name: answers.name ?? '' })),
          fields(
            [t('deploy-review-plan'), literal(plan?.name ?? '?')],
            [t('deploy-review-model'), literal(chosenModel ?? answers.model ?? '?')],
            own !== null && [
              t('key-field'),
              t('key-field-key', { provider: PROVIDER_FACTS[own].name, last4: key?.last4 ?? '?' }),
            ],
            own === null &&
              plan !== undefined && [
                t('deploy-review-credit'),
                t('deploy-review-credit-value', { credit: { micros: plan.creditMicros } }),
              ],
            plan !== undefined && [t('deploy-review-today'), t('deploy-review-today-value', { price: price(plan) })],
          ),
          own !== null && note(t('deploy-review-own', { provider: PROVIDER_FACTS[own].name })),
          own !== null && usageLink(own),
          hasPlace ? paragraph(t('deploy-review-next')) : note(t('deploy-review-full')),
          buttons(
            !hasPlace && button(t('deploy-review-look-again'), answerPress({ look: true }), 'primary'),
            hasPlace &&
              plan !== undefined &&
              button(t('deploy-review-pay', { price: price(plan) }), answerPress({ pay: true }, true), 'primary'),
          ),
        ]
      },
      answer(answers, input, { plans, model, key, namesTaken, hasPlace, context }) {
        if (input.kind !== 'press') return again(t('deploy-review-press'))
        // Drawn anew, it says whether there is a place by now.
        if (input.args.pay !== true || !hasPlace) return stay(answers)
        const plan = plans.find((known) => known.id === answers.planId)
        const { name } = answers
        if (!plan || !name) return again(t('deploy-review-incomplete'))
        const own = providerOf(answers)
        if (own !== null && key === null) return next('key', { ...answers, keyId: undefined })
        const modelId = own === null ? model?.id : answers.model
        if (modelId === undefined) return again(t('deploy-review-model-gone', { model: answers.model ?? '' }))
        const problem = nameProblem(name, namesTaken)
        if (problem) return again(problem)
        return done(
          ordered(
            context,
            name,
            placeOrder(context, {
              plan,
              source: own ?? 'managed',
              providerKeyId: key?.id ?? null,
              model: modelId,
              instanceName: name,
            }),
          ),
        )
      },
    },
  },
})

/** Who orders is written down. In a group whose platform says who administers it, the first of them to order owns it. */
function ordered(context: ChatContext, name: string, placed: Reply): Reply {
  const { workspace, personId, incoming } = context
  const owns: Effect = (transaction) => takeOwnership(transaction, { workspaceId: workspace.id, personId })
  return {
    ...placed,
    effects: [
      ...(placed.effects ?? []),
      audited(context, 'deploy', { name }),
      ...(workspace.kind === 'group' && incoming.sender.groupRole === 'admin' ? [owns] : []),
    ],
  }
}

/** A paid or payable order keeps its name for its instance. */
function openOrderNames({ orders }: ChatContext): string[] {
  return orders
    .filter((order) => order.instanceId === null && ['awaiting-payment', 'checking', 'paid'].includes(order.state))
    .map((order) => order.instanceName)
}

const price = (plan: Plan) => ({ cents: plan.priceCents, currency: plan.currency })

function shortList(curated: Facts['curated']): Block {
  return {
    kind: 'choice',
    name: 'model',
    label: t('deploy-model-label'),
    options: curated.map((model) => ({
      label: literal(model.name),
      note: t('model-note', { strength: { text: t(model.strength) }, price: { text: modelPrice(model) } }),
      press: answerPress({ model: model.id }),
    })),
  }
}

function searchResults(query: string, found: readonly Model[]): Block[] {
  if (found.length === 0) return [note(t('deploy-model-none', { query }))]
  const shown = found.slice(0, SEARCH_RESULTS)
  return [
    {
      kind: 'choice',
      name: 'model',
      label: t('deploy-model-found', { query }),
      options: shown.map((model) => ({
        label: literal(model.name),
        note: modelPrice(model),
        press: answerPress({ model: model.id }),
      })),
    },
    ...(found.length > SEARCH_RESULTS ? [note(t('deploy-model-more'))] : []),
  ]
}
