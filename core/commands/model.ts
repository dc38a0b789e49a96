import { mayAct } from '../access/index.ts'
import { button, buttons, fields, literal, note, t, title, view } from '../chat/build.ts'
import { type ChatContext, type Reply, reply } from '../chat/reply.ts'
import type { InstanceSummary } from '../chat/store.ts'
import type { Block, Text } from '../chat/view.ts'
import { catalogueFor, type ModelSettings, readModelSettings } from '../instances/index.ts'
import {
  type Catalogue,
  isDescription,
  isOwnKey,
  MODEL_QUERY_MAX,
  type Model,
  modelPrice,
  modelSearchForm,
  type Resolution,
} from '../models/index.ts'
import { ProblemError } from '../problem.ts'
import { command } from './command.ts'
import { commandPress } from './instances.ts'
import { fallbackActions, fallbacks } from './model-fallback.ts'
import { choose, choosePress, confirm, optionOf } from './model-switch.ts'

const SEARCH_RESULTS = 8
/** `/model fallback`, and what may be typed behind it. */
const FALLBACK = /^(?:fallbacks?|backups?|备用|备选)(?:\s+|$)/i

export const model = command({
  name: 'model',
  description: 'command-model',
  needs: 'member',
  argument: 'instance-and-text',
  option: { description: 'option-model', suggests: true },

  async run(context, { argument }) {
    const { instance } = context
    const typed = argument.trim()
    const settings = await settingsOf(context, instance)
    if (typed === '') return overview(instance, settings, context)
    if (FALLBACK.test(typed)) return fallbacks(context, instance, settings, typed.replace(FALLBACK, '').trim())
    return asked(instance, settings, typed.slice(0, MODEL_QUERY_MAX), context)
  },

  actions: {
    choose: { needs: 'admin', run: choose },
    confirm: { needs: 'admin', run: confirm, redraw: choose },
    ...fallbackActions,
  },
})

async function settingsOf(context: ChatContext, instance: { readonly id: string }): Promise<ModelSettings> {
  const settings = await readModelSettings(context.services, instance.id)
  if (!settings) throw new ProblemError({ code: 'instance-gone', retryable: false, text: { id: 'instance-gone' } })
  return settings
}

/** The current model, what is tried behind it, and the short list. */
async function overview(instance: InstanceSummary, settings: ModelSettings, context: ChatContext): Promise<Reply> {
  const catalogue = catalogueFor(context.services, settings)
  const [current, curated] = [await catalogue.find(settings.model), await catalogue.curated()]
  const admin = mayAct(context.role, 'admin')
  return reply(
    view(`model:${instance.id}`, [
      title(t('model-title', { name: instance.name })),
      fields(
        [t('model-current'), literal(current?.name ?? settings.model)],
        current !== null && [t('model-price'), modelPrice(current)],
        settings.fallbackModels.length > 0 && [
          t('model-fallbacks'),
          t('model-fallbacks-count', { count: settings.fallbackModels.length }),
        ],
      ),
      current === null && note(t('model-current-gone')),
      isOwnKey(settings.source) && note(t('model-price-own')),
      aged(catalogue, context.now),
      admin && {
        kind: 'choice',
        name: 'model',
        label: t('model-choose'),
        options: curated.map((known) => ({
          label: literal(known.name),
          note: t('model-note', { strength: { text: t(known.strength) }, price: { text: modelPrice(known) } }),
          selected: known.id === settings.model,
          press: choosePress(instance, known.id),
        })),
      },
      modelSearchForm('argument', commandPress('model', instance), t('model-search-hint', { name: instance.name })),
      buttons(
        button(t('model-cheap'), wordPress(instance, 'cheap'), 'quiet'),
        button(t('model-free'), wordPress(instance, 'free'), 'quiet'),
        button(t('model-coding'), wordPress(instance, 'coding'), 'quiet'),
        admin && button(t('button-model-fallback'), wordPress(instance, 'fallback'), 'quiet'),
      ),
    ]),
  )
}

const wordPress = (instance: InstanceSummary, argument: string) => {
  const { action, args } = commandPress('model', instance)
  return { action, args: { ...args, argument } }
}

/** Says how old the prices are when there are no newer ones to be had. */
function aged(catalogue: Catalogue, now: Date): Block | false {
  const { fetchedAt, stale } = catalogue.state()
  if (!stale || !fetchedAt) return false
  const minutes = Math.round((now.getTime() - fetchedAt.getTime()) / 60_000)
  return note(
    minutes < 120 ? t('model-list-old-minutes', { minutes }) : t('model-list-old-hours', { hours: Math.round(minutes / 60) }),
  )
}

/** Whatever was typed: the model it means, what it describes, or the nearest there is. */
async function asked(instance: InstanceSummary, settings: ModelSettings, typed: string, context: ChatContext): Promise<Reply> {
  const catalogue = catalogueFor(context.services, settings)
  const described = isDescription(typed)
  const resolution = described ? null : await catalogue.resolve(typed)
  if (resolution?.kind === 'found' && mayAct(context.role, 'admin'))
    return choose(context, { instanceId: instance.id, model: resolution.model.id })
  const found = await candidates(catalogue, typed, resolution)
  return reply(
    view(`model:${instance.id}`, [
      title(t('model-title', { name: instance.name })),
      resolution?.kind === 'unknown' && whyNot(resolution, typed, settings),
      results(instance, settings, typed, found),
      aged(catalogue, context.now),
      buttons(button(t('deploy-model-short-list'), commandPress('model', instance), 'quiet')),
    ]),
  )
}

async function candidates(catalogue: Catalogue, typed: string, resolution: Resolution | null): Promise<readonly Model[]> {
  if (resolution?.kind === 'found') return [resolution.model]
  if (resolution && resolution.why !== 'unknown') return resolution.nearest
  return catalogue.search(typed, SEARCH_RESULTS)
}

/** Why what was typed is not simply taken; nothing where the results speak for themselves. */
function whyNot(resolution: Extract<Resolution, { kind: 'unknown' }>, typed: string, { source }: ModelSettings): Block | false {
  const name = resolution.meant ?? typed
  const why: Text | null =
    resolution.why === 'no-free'
      ? t('model-no-free', { model: name })
      : resolution.why === 'other-provider'
        ? t('model-other-provider', { model: name, provider: { text: t(`model-source-${source}`) } })
        : resolution.why === 'several'
          ? t('model-several', { model: typed })
          : null
  return why !== null && note(why)
}

function results(instance: InstanceSummary, settings: ModelSettings, query: string, found: readonly Model[]): Block {
  if (found.length === 0) return note(t('deploy-model-none', { query }))
  return {
    kind: 'choice',
    name: 'model',
    label: t('deploy-model-found', { query }),
    options: found.map((known) => optionOf(known, settings, choosePress(instance, known.id))),
  }
}
