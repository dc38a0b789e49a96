import { z } from 'zod'
import { audited } from '../../access/index.ts'
import type { Plan } from '../../billing/index.ts'
import { button, buttons, fields, literal, note, paragraph, t, title, view } from '../../chat/build.ts'
import { again, answerPress, done, flow, next, stay } from '../../chat/flow.ts'
import { type ChatContext, placeOf, reply } from '../../chat/reply.ts'
import type { InstanceSummary } from '../../chat/store.ts'
import type { Text } from '../../chat/view.ts'
import { type ChangeSide, changeView, type KeyCard, keptFallbacks, readKeyCard, sourceName } from '../../instances/index.ts'
import { handedKey, type KeySummary, PROVIDER_FACTS } from '../../keys/index.ts'
import type { Source } from '../../models/index.ts'
import { checkingStep, chosenSource, KeyAnswers, keyStep, type Places, providerOf, sourceChoice } from '../key-steps.ts'
import { answerModel, askModel, type ModelFacts, modelFacts, modelGone, NO_MODELS } from '../model-question.ts'

const ChangeAnswers = KeyAnswers.extend({ instanceId: z.string().optional(), query: z.string().optional() })
type ChangeAnswers = z.infer<typeof ChangeAnswers>

type Facts = ModelFacts & {
  readonly instance: InstanceSummary | undefined
  readonly card: KeyCard | null
  /** The new key; null for managed credit. */
  readonly key: KeySummary | null
  /** The present model as the new source calls it, if it has it. */
  readonly same: { readonly id: string; readonly name: string } | null
  readonly fallbacks: readonly string[]
  readonly plan: Plan | undefined
  readonly context: ChatContext
}

const PLACES: Places<ChangeAnswers, Facts> = {
  flow: 'change-source',
  keyStep: 'key',
  checkingStep: 'checking',
  modelStep: 'model',
  forward: (answers) => next(answers.model === undefined ? 'model' : 'confirm', answers),
}

const gone = () => done(reply(view('key', [note(t('instance-gone'))])))

/** Source, key, model, and what it means: kept, lost, charged. Then one operation, which can be undone for ten minutes. */
export const changeSourceFlow = flow<ChangeAnswers, Facts>({
  name: PLACES.flow,
  needs: 'admin',
  version: 1,
  answers: ChangeAnswers,
  first: 'source',

  async facts(context, step, answers) {
    const { services } = context
    const instance = context.instances.find((known) => known.id === answers.instanceId)
    const own = providerOf(answers)
    const atModel = step === 'model' || step === 'confirm'
    const prisma = await services.database.prisma()
    const row = instance && (await prisma.instance.findUnique({ where: { id: instance.id }, select: { fallbackModels: true } }))
    return {
      ...(atModel ? await modelFacts(context, answers) : NO_MODELS),
      instance,
      card: instance ? await readKeyCard(services, instance.id) : null,
      key: own === null ? null : await handedKey(context, answers.keyId),
      same: step === 'model' && instance ? await sameModel(context, answers, instance) : null,
      fallbacks: row?.fallbackModels ?? [],
      plan: step === 'confirm' ? (await services.plans()).find((plan) => plan.id === instance?.planId) : undefined,
      context,
    }
  },

  steps: {
    source: {
      ask: (_answers, { instance }) =>
        instance === undefined
          ? [note(t('instance-gone'))]
          : [
              title(t('change-title', { name: instance.name })),
              paragraph(t('change-text', { source: { text: sourceName(instance.source) } })),
              sourceChoice(instance.source),
            ],
      answer(answers, input, { instance }) {
        if (!instance) return gone()
        const source = chosenSource(input)
        if (source === null) return again(t('source-choose'))
        if (source === instance.source) return again(t('change-same'))
        const chose = { ...answers, source, model: undefined, query: '' }
        return next(source === 'managed' ? 'model' : 'key', chose)
      },
    },

    key: keyStep(PLACES),

    checking: checkingStep(PLACES),

    model: {
      ask: (answers, facts) => [
        ...askModel(answers, facts),
        facts.same !== null && buttons(button(literal(facts.same.name), answerPress({ model: facts.same.id }), 'primary')),
        facts.same !== null && note(t('change-keep-model', { model: facts.same.name })),
      ],
      answer: (answers, input, facts) => answerModel(answers, input, facts, PLACES, 'confirm'),
    },

    confirm: {
      ask(answers, { instance, model, key, card, fallbacks, plan }) {
        const source = answers.source ?? 'managed'
        if (!instance) return [note(t('instance-gone'))]
        const lost = lostWords(instance.source, keptFallbacks(fallbacks, card?.backup !== null).length < fallbacks.length)
        return [
          title(t('change-confirm-title', { name: instance.name, source: { text: sourceName(source) } })),
          fields(
            [t('change-from'), t('change-side', { source: { text: sourceName(instance.source) }, model: instance.model })],
            [
              t('change-to'),
              t('change-side', { source: { text: sourceName(source) }, model: model?.name ?? answers.model ?? '?' }),
            ],
            key !== null && [t('key-card-key'), t('key-card-key-value', { last4: key.last4 })],
            [t('change-kept'), t('change-kept-value')],
            ...lost.map((words) => [t('change-lost'), words] as const),
            [t('change-charged'), chargedWords(source, plan)],
          ),
          note(t('change-undo-note')),
          buttons(button(t('change-button-confirm'), answerPress({ confirm: true }, true), 'primary')),
        ]
      },
      answer(answers, input, { instance, model, key, card, fallbacks, context }) {
        if (!instance || card === null) return gone()
        if (input.kind !== 'press' || input.args.confirm !== true) return stay(answers)
        if (!model) return modelGone(answers)
        const source = answers.source ?? 'managed'
        if (source !== 'managed' && key === null) return next('key', { ...answers, keyId: undefined })
        const from = { source: instance.source, model: instance.model, keyId: card.key?.id ?? null, fallbacks: [...fallbacks] }
        const to = { source, model: model.id, keyId: key?.id ?? null, fallbacks: keptFallbacks(fallbacks, card.backup !== null) }
        return done(startChange(context, instance, { from, to }))
      },
    },
  },
})

/** The guided change, or its undoing: the same operation with the ends swapped. */
export function startChange(
  context: ChatContext,
  instance: { readonly id: string; readonly name: string },
  sides: { readonly from: ChangeSide; readonly to: ChangeSide },
  undone = false,
) {
  const viewId = `change:${instance.id}`
  const pending = { state: 'pending' as const, steps: [], note: null, problem: null }
  return {
    views: [
      {
        view: changeView(viewId, instance, pending, { to: sides.to.source, operationId: null, answered: null }),
        place: 'here' as const,
      },
    ],
    effects: [
      async (transaction: Parameters<ReturnType<typeof audited>>[0]) => {
        await context.services.operations.start(transaction, {
          kind: 'change-source',
          instanceId: instance.id,
          args: sides,
          place: placeOf(context, viewId),
          requestId: context.requestId,
        })
      },
      undone
        ? audited(context, 'source-undone', { name: instance.name })
        : audited(context, 'source', { name: instance.name, source: plainName(sides.to.source) }),
    ],
  }
}

/** In the audit, where a brand's name needs no translation. */
const plainName = (source: Source): string => (source === 'managed' ? 'AI credit' : PROVIDER_FACTS[source].name)

function lostWords(from: Source, losesFallbacks: boolean): readonly Text[] {
  const lost = [from === 'managed' && t('change-lost-credit'), losesFallbacks && t('change-lost-fallbacks')]
  const words = lost.filter((one) => one !== false)
  return words.length > 0 ? words : [t('change-lost-nothing')]
}

const chargedWords = (source: Source, plan: Plan | undefined): Text =>
  source === 'managed'
    ? t('change-charged-managed', { credit: { micros: plan?.creditMicros ?? 0 } })
    : t('change-charged-own', { provider: PROVIDER_FACTS[source].name })

/** `anthropic/claude-sonnet-4.6` is `claude-sonnet-4-6` at Anthropic. Null if the new source has none of that name, or does not tell. */
async function sameModel(context: ChatContext, answers: ChangeAnswers, instance: InstanceSummary): Promise<Facts['same']> {
  const { services } = context
  const own = providerOf(answers)
  const catalogue = own === null ? services.catalogue : services.catalogues.of(own, { keyId: answers.keyId ?? '' })
  const found = await catalogue.resolve(instance.model).catch(() => null)
  return found?.kind === 'found' ? { id: found.model.id, name: found.model.name } : null
}
