import { audited, mayAct } from '../access/index.ts'
import { button, buttons, fields, literal, note, press, t, title, view } from '../chat/build.ts'
import { type ChatContext, placeOf, type Reply, reply } from '../chat/reply.ts'
import type { InstanceSummary } from '../chat/store.ts'
import type { Block, JsonObject } from '../chat/view.ts'
import { switchView } from '../instances/index.ts'
import { type Model, modelPrice, modelSearchForm } from '../models/index.ts'
import { command } from './command.ts'
import { commandPress } from './instances.ts'

const SEARCH_RESULTS = 8

export const model = command({
  name: 'model',
  description: 'command-model',
  needs: 'member',
  argument: 'instance-and-text',
  option: { description: 'option-model', suggests: true },
  run: (context, { argument }) =>
    argument === '' ? overview(context.instance, context) : searched(context.instance, argument, context),

  actions: {
    choose: {
      needs: 'admin',
      run: (context, args) => choose(context, args),
    },
  },
})

/** The current model and the short list. */
async function overview(instance: InstanceSummary, context: ChatContext): Promise<Reply> {
  const { catalogue } = context.services
  const [current, curated] = [await catalogue.find(instance.model), await catalogue.curated()]
  return reply(
    view(`model:${instance.id}`, [
      title(t('model-title', { name: instance.name })),
      fields(
        [t('model-current'), literal(current?.name ?? instance.model)],
        current !== null && [t('model-price'), modelPrice(current)],
      ),
      mayAct(context.role, 'admin') && {
        kind: 'choice',
        name: 'model',
        label: t('model-choose'),
        options: curated.map((known) => ({
          label: literal(known.name),
          note: t('model-note', { strength: { text: t(known.strength) }, price: { text: modelPrice(known) } }),
          selected: known.id === instance.model,
          press: choosePress(instance, known.id),
        })),
      },
      modelSearchForm('argument', commandPress('model', instance), t('model-search-hint', { name: instance.name })),
    ]),
  )
}

async function searched(instance: InstanceSummary, query: string, context: ChatContext): Promise<Reply> {
  const { catalogue } = context.services
  const exact = await catalogue.find(query)
  if (exact && mayAct(context.role, 'admin')) return choose(context, { instanceId: instance.id, model: exact.id })
  const found = await catalogue.search(query, SEARCH_RESULTS)
  return reply(
    view(`model:${instance.id}`, [
      title(t('model-title', { name: instance.name })),
      results(instance, query, found),
      buttons(button(t('deploy-model-short-list'), commandPress('model', instance), 'quiet')),
    ]),
  )
}

function results(instance: InstanceSummary, query: string, found: readonly Model[]): Block {
  if (found.length === 0) return note(t('deploy-model-none', { query }))
  return {
    kind: 'choice',
    name: 'model',
    label: t('deploy-model-found', { query }),
    options: found.map((known) => ({
      label: literal(known.name),
      note: modelPrice(known),
      selected: known.id === instance.model,
      press: choosePress(instance, known.id),
    })),
  }
}

const choosePress = (instance: { readonly id: string }, id: string) =>
  press('model.choose', { instanceId: instance.id, model: id })

/** Checked against the live catalogue before anything changes. */
async function choose(context: ChatContext, args: JsonObject): Promise<Reply> {
  const instance = context.instances.find((known) => known.id === args.instanceId)
  if (!instance) return { views: [], toast: t('instance-gone') }
  const wanted = typeof args.model === 'string' ? await context.services.catalogue.find(args.model) : null
  if (!wanted) return { views: [], toast: t('model-gone') }
  if (wanted.id === instance.model)
    return { ...(await overview(instance, context)), toast: t('model-already', { model: wanted.name }) }
  if (instance.state !== 'running') return { views: [], toast: t('instance-not-running', { name: instance.name }) }
  const place = placeOf(context, `model:${instance.id}`)
  return {
    views: [
      { view: switchView(instance, wanted.name, { state: 'pending', steps: [], note: null, problem: null }), place: 'here' },
    ],
    effects: [
      async (transaction) => {
        await context.services.operations.start(transaction, {
          kind: 'switch-model',
          instanceId: instance.id,
          args: { from: instance.model, to: wanted.id, name: wanted.name },
          place,
          requestId: context.requestId,
        })
      },
      audited(context, 'model', { name: instance.name, model: wanted.name }),
    ],
  }
}
