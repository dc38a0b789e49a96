import { z } from 'zod'
import { audited, takeOwnership } from '../../access/index.ts'
import type { Places, Plan } from '../../billing/index.ts'
import { placeOrder, placesNow } from '../../billing/index.ts'
import { button, buttons, fields, literal, note, paragraph, t, title } from '../../chat/build.ts'
import { again, answerPress, chosen, done, flow, next, stay } from '../../chat/flow.ts'
import type { ChatContext, Effect, Reply } from '../../chat/reply.ts'
import { handedKey, type KeySummary, PROVIDER_FACTS, usageLink } from '../../keys/index.ts'
import { checkingStep, chosenSource, KeyAnswers, keyStep, providerOf, sourceChoice } from '../key-steps.ts'
import { answerModel, askModel, type ModelFacts, modelFacts, modelGone, NO_MODELS } from '../model-question.ts'
import { NAME_MAX, nameProblem, suggestedNames } from './name.ts'

const DeployAnswers = KeyAnswers.extend({
  name: z.string().optional(),
  planId: z.string().optional(),
  /** What was typed to search the catalogue; empty shows the short list. */
  query: z.string().optional(),
})
type DeployAnswers = z.infer<typeof DeployAnswers>

type Facts = ModelFacts & {
  readonly plans: readonly Plan[]
  readonly namesTaken: readonly string[]
  /** The customer's own key in this order; null: managed, or gone. */
  readonly key: KeySummary | null
  /** Whether an order would be taken now; only asked for at the review. */
  readonly places: Places
  readonly context: ChatContext
}

const PLACES = {
  flow: 'deploy',
  keyStep: 'key',
  checkingStep: 'checking',
  modelStep: 'model',
  forward: (answers: DeployAnswers) => next(answers.model === undefined ? 'model' : 'review', answers),
}

/** Name, plan, source (and a key of one's own), model, review, pay. Each step: what it asks, and what an answer does. Pure. */
export const deployFlow = flow<DeployAnswers, Facts>({
  name: 'deploy',
  needs: 'admin',
  version: 1,
  answers: DeployAnswers,
  first: 'name',

  async facts(context, step, answers) {
    const own = providerOf(answers)
    const atModel = step === 'model' || step === 'review'
    return {
      ...(atModel ? await modelFacts(context, answers) : NO_MODELS),
      plans: await context.services.plans(),
      key: own === null ? null : await handedKey(context, answers.keyId),
      namesTaken: [...context.instances.map((instance) => instance.name), ...openOrderNames(context)],
      places: step === 'review' ? await placesNow(context.services) : 'free',
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
      ask: askModel,
      answer: (answers, input, facts) => answerModel(answers, input, facts, PLACES, 'review'),
    },

    review: {
      ask(answers, { plans, model, key, places }) {
        const hasPlace = places === 'free'
        const own = providerOf(answers)
        const plan = plans.find((known) => known.id === answers.planId)
        return [
          title(t('deploy-review-title', { name: answers.name ?? '' })),
          fields(
            [t('deploy-review-plan'), literal(plan?.name ?? '?')],
            [t('deploy-review-model'), literal(model?.name ?? answers.model ?? '?')],
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
          hasPlace ? paragraph(t('deploy-review-next')) : note(t(`deploy-review-${places}`)),
          buttons(
            !hasPlace && button(t('deploy-review-look-again'), answerPress({ look: true }), 'primary'),
            hasPlace &&
              plan !== undefined &&
              button(t('deploy-review-pay', { price: price(plan) }), answerPress({ pay: true }, true), 'primary'),
          ),
        ]
      },
      answer(answers, input, { plans, model, key, namesTaken, places, context }) {
        if (input.kind !== 'press') return again(t('deploy-review-press'))
        // Drawn anew, it says whether there is a place by now.
        if (input.args.pay !== true || places !== 'free') return stay(answers)
        const plan = plans.find((known) => known.id === answers.planId)
        const { name } = answers
        if (!plan || !name) return again(t('deploy-review-incomplete'))
        const own = providerOf(answers)
        if (own !== null && key === null) return next('key', { ...answers, keyId: undefined })
        if (!model) return modelGone(answers)
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
              model: model.id,
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
