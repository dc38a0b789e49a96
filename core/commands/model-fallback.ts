import { audited, mayAct } from '../access/index.ts'
import { button, buttons, fields, literal, note, paragraph, press, t, title, view } from '../chat/build.ts'
import { type ChatContext, type Reply, reply } from '../chat/reply.ts'
import type { InstanceSummary } from '../chat/store.ts'
import type { Block, ChoiceOption, JsonObject, Text } from '../chat/view.ts'
import { catalogueFor, type Fallback, fallbacksOf, type ModelSettings, readModelSettings } from '../instances/index.ts'
import {
  type Catalogue,
  idParts,
  isDearer,
  isFree,
  MODEL_QUERY_MAX,
  type Model,
  modelPrice,
  modelSearchForm,
} from '../models/index.ts'
import type { Action } from './command.ts'
import { commandPress } from './instances.ts'
import { optionOf, told } from './model-switch.ts'

/** Each is tried in turn while a person waits; more than three would only make the wait longer. */
const MOST_FALLBACKS = 3
const SUGGESTED = 6

/** `/model fallback`: what is tried when the first model is down or rate-limited; with words behind it, one more is added. */
export async function fallbacks(
  context: ChatContext,
  instance: InstanceSummary,
  settings: ModelSettings,
  typed: string,
): Promise<Reply> {
  if (typed === '' || !mayAct(context.role, 'admin')) return show(context, instance, settings)
  const words = typed.slice(0, MODEL_QUERY_MAX)
  for (const { resolve } of cataloguesOf(context.services, settings)) {
    const resolution = await resolve(words)
    if (resolution) return add(context, { instanceId: instance.id, model: resolution.id })
  }
  const near = await catalogueFor(context.services, settings).resolve(words)
  return show(context, instance, settings, {
    said: note(t('deploy-model-none', { query: words })),
    offered: near.kind === 'unknown' ? near.nearest : [],
  })
}

/** Where a fallback may come from: the seller's own list, and with a backup key the free ones of OpenRouter's. */
function cataloguesOf(services: ChatContext['services'], settings: ModelSettings) {
  const own = catalogueFor(services, settings)
  const sold = (catalogue: Catalogue, may: (model: Model) => boolean) => ({
    find: async (id: string) => {
      const model = await catalogue.find(id)
      return model && may(model) ? model : null
    },
    resolve: async (words: string) => {
      const resolution = await catalogue.resolve(words)
      return resolution.kind === 'found' && may(resolution.model) ? resolution.model : null
    },
  })
  const all = [sold(own, () => true)]
  return settings.hasBackupKey ? [...all, sold(services.catalogue, (model) => idParts(model.id).free)] : all
}

const actionArgs = (instance: { readonly id: string }, more: JsonObject) => ({ instanceId: instance.id, ...more })

export const fallbackActions: Readonly<Record<string, Action>> = {
  add: { needs: 'admin', run: add },
  up: { needs: 'admin', run: (context, args) => change(context, args, moveUp) },
  remove: {
    needs: 'admin',
    run: (context, args) => change(context, args, (chain, model) => chain.filter((id) => id !== model)),
  },
  dearer: { needs: 'admin', run: allowDearer },
  'find-fallback': {
    needs: 'admin',
    async run(context, args) {
      const found = await subject(context, args)
      const words = typeof args.words === 'string' ? args.words.trim() : ''
      return 'views' in found ? found : fallbacks(context, found.instance, found.settings, words)
    },
  },
}

async function add(context: ChatContext, args: JsonObject): Promise<Reply> {
  return change(context, args, (chain, model) => [...chain.filter((id) => id !== model), model].slice(0, MOST_FALLBACKS), true)
}

function moveUp(chain: readonly string[], model: string): readonly string[] {
  const at = chain.indexOf(model)
  return at < 1 ? chain : [...chain.slice(0, at - 1), model, ...chain.slice(at - 1, at), ...chain.slice(at + 1)]
}

async function allowDearer(context: ChatContext, args: JsonObject): Promise<Reply> {
  const found = await subject(context, args)
  if ('views' in found) return found
  return save(context, found.instance, { ...found.settings, dearerFallbacks: args.allowed === true })
}

/** One change of the chain; `checked` looks the model up in the live list first. */
async function change(
  context: ChatContext,
  args: JsonObject,
  changed: (chain: readonly string[], model: string) => readonly string[],
  checked = false,
): Promise<Reply> {
  const found = await subject(context, args)
  if ('views' in found) return found
  const { instance, settings } = found
  const model = typeof args.model === 'string' ? args.model : ''
  if (checked) {
    if (settings.fallbackModels.length >= MOST_FALLBACKS && !settings.fallbackModels.includes(model))
      return show(context, instance, settings, { said: note(t('fallback-full', { most: MOST_FALLBACKS })) })
    if (model === settings.model) return told(context, t('fallback-is-first'))
    const listed = await Promise.all(cataloguesOf(context.services, settings).map(({ find }) => find(model)))
    if (listed.every((found) => found === null)) return told(context, t('model-gone'))
  }
  return save(context, instance, { ...settings, fallbackModels: changed(settings.fallbackModels, model) })
}

type Subject = { readonly instance: InstanceSummary; readonly settings: ModelSettings }

async function subject(context: ChatContext, args: JsonObject): Promise<Subject | Reply> {
  const instance = context.instances.find((known) => known.id === args.instanceId)
  const settings = instance ? await readModelSettings(context.services, instance.id) : null
  return instance && settings ? { instance, settings } : told(context, t('instance-gone'))
}

/** The row is what counts, and OpenClaw is told at once if it runs; else the background check tells it later. */
async function save(context: ChatContext, instance: InstanceSummary, settings: ModelSettings): Promise<Reply> {
  const { services } = context
  const { fallbackModels, dearerFallbacks } = settings
  return {
    ...(await show(context, instance, settings)),
    effects: [
      async (transaction) => {
        if (instance.state === 'running')
          await services.operations.start(transaction, {
            kind: 'set-fallbacks',
            instanceId: instance.id,
            requestId: context.requestId,
          })
        await transaction.instance.update({
          where: { id: instance.id },
          data: { fallbackModels: [...fallbackModels], dearerFallbacks, modelCheckedAt: null },
        })
      },
      audited(context, 'fallbacks', { name: instance.name }),
    ],
  }
}

type Extra = { readonly said?: Block; readonly offered?: readonly Model[] }

/** The chain in its order with what can be done to it, and what could be added. */
async function show(context: ChatContext, instance: InstanceSummary, settings: ModelSettings, extra: Extra = {}): Promise<Reply> {
  const { services } = context
  const catalogue = catalogueFor(services, settings)
  const [first, chain] = [await catalogue.find(settings.model), await fallbacksOf(services, settings, settings.model)]
  const admin = mayAct(context.role, 'admin')
  const room = admin && chain.length < MOST_FALLBACKS
  const offered = extra.offered ?? (await suggestions(services, settings, first))
  return reply(
    view(`fallback:${instance.id}`, [
      title(t('fallback-title', { name: instance.name })),
      paragraph(t(chain.length === 0 ? 'fallback-none' : 'fallback-text')),
      extra.said ?? null,
      fields(
        [t('fallback-first'), literal(first?.name ?? settings.model)],
        ...chain.map((fallback, at) => [t('fallback-place', { place: at + 2 }), stateOf(fallback)] as const),
      ),
      admin && chain.length > 0 && buttons(...chain.flatMap((fallback, at) => chainButtons(instance, fallback, at))),
      ...(admin && first ? dearerBlocks(instance, settings, first, chain) : []),
      room && offered.length > 0 && additions(instance, settings, offered),
      room &&
        modelSearchForm(
          'words',
          press('model.find-fallback', actionArgs(instance, {})),
          t('fallback-search-hint', { name: instance.name }),
        ),
      buttons(button(t('deploy-model-short-list'), commandPress('model', instance), 'quiet')),
    ]),
  )
}

const nameOf = ({ id, model }: Fallback) => model?.name ?? id

function stateOf(fallback: Fallback): Text {
  const { model, skipped } = fallback
  if (skipped === null && model) return t('fallback-line', { model: nameOf(fallback), price: { text: modelPrice(model) } })
  return t(`fallback-skipped-${skipped ?? 'gone'}`, { model: nameOf(fallback) })
}

function chainButtons(instance: InstanceSummary, fallback: Fallback, at: number) {
  const args = actionArgs(instance, { model: fallback.id })
  return [
    ...(at > 0 ? [button(t('fallback-up', { model: nameOf(fallback) }), press('model.up', args))] : []),
    button(t('fallback-remove', { model: nameOf(fallback) }), press('model.remove', args), 'quiet'),
  ]
}

/** Asked once, when the first dearer one is in the chain; the answer can be changed here as long as there is one. */
function dearerBlocks(
  instance: InstanceSummary,
  settings: ModelSettings,
  first: Model,
  chain: readonly Fallback[],
): readonly Block[] {
  const dearer = chain.filter(({ model }) => model !== null && isDearer(first, model))
  if (dearer.length === 0) return []
  const answer = (allowed: boolean) =>
    button(
      t(allowed ? 'fallback-allow-dearer' : 'fallback-forbid-dearer'),
      press('model.dearer', actionArgs(instance, { allowed })),
    )
  const { dearerFallbacks: allowed } = settings
  return [
    note(t(allowed === null ? 'fallback-dearer-ask' : allowed ? 'fallback-dearer-allowed' : 'fallback-dearer-forbidden')),
    buttons(allowed !== true && answer(true), allowed !== false && answer(false)),
  ]
}

function additions(instance: InstanceSummary, settings: ModelSettings, offered: readonly Model[]): Block {
  const option = (model: Model): ChoiceOption =>
    optionOf(model, settings, press('model.add', actionArgs(instance, { model: model.id })))
  return { kind: 'choice', name: 'fallback', label: t('fallback-add'), options: offered.map(option) }
}

/** From the short lists: of other makers first, since what is down is mostly a maker; not dearer, and a free one at the end. */
async function suggestions(
  services: ChatContext['services'],
  settings: ModelSettings,
  first: Model | null,
): Promise<readonly Model[]> {
  const catalogue = catalogueFor(services, settings)
  const free = settings.hasBackupKey ? (await services.catalogue.curated(0)).filter(({ id }) => idParts(id).free) : []
  const known = [...(await catalogue.curated()), ...(await catalogue.curated(1)), ...(await catalogue.curated(2)), ...free]
  const taken = new Set([settings.model, ...settings.fallbackModels])
  const fresh = known.filter((model, at) => !taken.has(model.id) && known.findIndex(({ id }) => id === model.id) === at)
  const maker = first ? idParts(first.id).vendor : null
  const rank = (model: Model) =>
    (idParts(model.id).vendor === maker ? 1 : 0) + (first && isDearer(first, model) ? 2 : 0) + (isFree(model) ? 0.5 : 0)
  return [...fresh].sort((a, b) => rank(a) - rank(b)).slice(0, SUGGESTED)
}
