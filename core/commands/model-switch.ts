import { audited } from '../access/index.ts'
import { button, buttons, fields, literal, note, press, t, title, view } from '../chat/build.ts'
import { type ChatContext, placeOf, type Reply, reply } from '../chat/reply.ts'
import { say } from '../chat/stock-replies.ts'
import type { InstanceSummary } from '../chat/store.ts'
import type { ChoiceOption, JsonObject, Press, Text } from '../chat/view.ts'
import { catalogueFor, type ModelSettings, priceWords, readModelSettings, switchView } from '../instances/index.ts'
import { isDearer, type Model, modelPrice, turnMicros } from '../models/index.ts'
import { ProblemError } from '../problem.ts'
import { commandPress } from './instances.ts'

export const choosePress = (instance: { readonly id: string }, id: string) =>
  press('model.choose', { instanceId: instance.id, model: id })

export const optionOf = (model: Model, settings: Pick<ModelSettings, 'model'>, pressed: Press): ChoiceOption => ({
  label: literal(model.name),
  note: modelPrice(model),
  selected: model.id === settings.model,
  press: pressed,
})

/** Why something is not done: beside a press, or as the answer to what was typed, which has nowhere else to stand. */
export const told = (context: ChatContext, text: Text): Reply =>
  context.incoming.content.kind === 'press' ? { views: [], toast: text } : say(context, text, 'warning')

type Wanted = {
  readonly instance: InstanceSummary
  readonly settings: ModelSettings
  /** The present model as the list has it; null if it does not any more. */
  readonly current: Model | null
  readonly wanted: Model
}

/** Checked against the live list before anything changes. A reply is why it can't be done. */
async function wantedOf(context: ChatContext, args: JsonObject): Promise<Wanted | Reply> {
  const instance = context.instances.find((known) => known.id === args.instanceId)
  const settings = instance ? await readModelSettings(context.services, instance.id) : null
  if (!instance || !settings) return told(context, t('instance-gone'))
  const catalogue = catalogueFor(context.services, settings)
  const wanted = typeof args.model === 'string' ? await catalogue.find(args.model) : null
  if (!wanted) return told(context, t('model-gone'))
  if (instance.state !== 'running') return told(context, t('instance-not-running', { name: instance.name }))
  return { instance, settings, current: await catalogue.find(settings.model), wanted }
}

/** A choice from any list. What is noticeably dearer is asked about first; anything else begins at once. */
export async function choose(context: ChatContext, args: JsonObject): Promise<Reply> {
  const found = await wantedOf(context, args)
  if ('views' in found) return found
  const { instance, settings, current, wanted } = found
  if (wanted.id === settings.model) return already(instance, wanted)
  if (current && isDearer(current, wanted)) return askFirst(context, found, current)
  return begin(context, found)
}

/** The press under "it costs more". If somebody chose another model meanwhile, the comparison is another one. */
export async function confirm(context: ChatContext, args: JsonObject): Promise<Reply> {
  const found = await wantedOf(context, args)
  if ('views' in found) return found
  if (found.wanted.id === found.settings.model) return already(found.instance, found.wanted)
  return args.from === found.settings.model ? begin(context, found) : choose(context, args)
}

const already = (instance: InstanceSummary, model: Model): Reply => ({
  ...reply(
    view(`model:${instance.id}`, [
      title(t('model-title', { name: instance.name })),
      fields([t('model-current'), literal(model.name)], [t('model-price'), modelPrice(model)]),
      buttons(button(t('deploy-model-short-list'), commandPress('model', instance), 'quiet')),
    ]),
  ),
  toast: t('model-already', { model: model.name }),
})

async function askFirst(context: ChatContext, { instance, settings, wanted }: Wanted, current: Model): Promise<Reply> {
  const price = await priceWords(context.services, settings, current.id, wanted.id)
  const perMessage = (model: Model) =>
    model.unpriced ? modelPrice(model) : t('model-per-message', { price: { micros: Math.round(turnMicros(model)) } })
  return reply(
    view(
      `model:${instance.id}`,
      [
        title(t('model-confirm-title', { name: instance.name, model: wanted.name })),
        ...price.map(note),
        fields([literal(current.name), perMessage(current)], [literal(wanted.name), perMessage(wanted)]),
        buttons(
          button(
            t('model-confirm-switch', { model: wanted.name }),
            press('model.confirm', { instanceId: instance.id, model: wanted.id, from: settings.model }, { once: true }),
            'primary',
          ),
          button(t('model-confirm-keep', { model: current.name }), commandPress('model', instance), 'quiet'),
        ),
      ],
      { tone: 'warning' },
    ),
  )
}

async function begin(context: ChatContext, { instance, settings, wanted }: Wanted): Promise<Reply> {
  const { services } = context
  const price = await priceWords(services, settings, settings.model, wanted.id)
  const pending = { state: 'pending', steps: [], note: null, problem: null } as const
  return {
    views: [{ view: switchView(instance, wanted.name, pending, { price }), place: 'here' }],
    effects: [
      async (transaction) => {
        // First, so that of two who choose at once the second is told who was quicker.
        await services.operations.start(transaction, {
          kind: 'switch-model',
          instanceId: instance.id,
          args: { from: settings.model, to: wanted.id, name: wanted.name },
          place: placeOf(context, `model:${instance.id}`),
          requestId: context.requestId,
        })
        const row = await transaction.instance.findUnique({
          where: { id: instance.id },
          select: { state: true, model: true, source: true },
        })
        if (row?.state !== 'running')
          throw refusal('instance-not-running', { id: 'instance-not-running', args: { name: instance.name } })
        if (row.model !== settings.model || row.source !== settings.source)
          throw refusal('model-changed', { id: 'model-changed', args: { name: instance.name, model: row.model } })
      },
      audited(context, 'model', { name: instance.name, model: wanted.name }),
    ],
  }
}

const refusal = (code: string, text: ProblemError['problem']['text']) => new ProblemError({ code, retryable: false, text })
