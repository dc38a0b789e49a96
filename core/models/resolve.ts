import type { Model } from './model.ts'
import { idParts, isDated, keyOf, looseKeyOf, plainName, type TypedName, typedName, versionOf } from './names.ts'
import { nearestModels, type SearchIndex } from './search.ts'
import type { Source } from './source.ts'
import { KNOWN_MODELS, type KnownModel, makerOf } from './table.ts'

/**
 * `found` is a model of the live list. Else why there is none (`no-free`: it exists, but not for nothing; `other-provider`: somebody
 * else sells it; `several`: more than one is called that), and what comes nearest in the list.
 */
export type Resolution =
  | { readonly kind: 'found'; readonly model: Model }
  | {
      readonly kind: 'unknown'
      readonly why: 'unknown' | 'no-free' | 'other-provider' | 'several'
      /** The name of the model that was meant, where we know it. */
      readonly meant: string | null
      readonly nearest: readonly Model[]
    }

const NEAREST = 5

/** A live list, prepared once so that a name is found without walking through it. */
export type NameIndex = {
  readonly source: Source
  readonly byId: ReadonlyMap<string, Model>
  readonly byKey: ReadonlyMap<string, readonly Model[]>
  readonly byLooseKey: ReadonlyMap<string, readonly Model[]>
  readonly search: SearchIndex
}

const ALIASES = tableBy((known) => (known.aliases ?? []).map(looseKeyOf))
const NATIVE = tableBy((known) => [...(known.native ?? []), idParts(known.id).slug].map(keyOf))

export function indexNames(models: readonly Model[], source: Source, search: SearchIndex): NameIndex {
  const byKey = new Map<string, Model[]>()
  const byLooseKey = new Map<string, Model[]>()
  for (const model of models) {
    const { slug } = idParts(model.id)
    for (const key of new Set([keyOf(slug), keyOf(plainName(model.name))])) push(byKey, key, model)
    for (const key of new Set([looseKeyOf(slug), looseKeyOf(plainName(model.name))])) push(byLooseKey, key, model)
  }
  return { source, byId: new Map(models.map((model) => [model.id.toLowerCase(), model])), byKey, byLooseKey, search }
}

/**
 * The model of a source's live list that somebody means by an id of any provider, a reference of OpenClaw, a name or an alias.
 * Whatever is found is in the list. `managed` is OpenRouter's list, to name a model that this source does not have.
 */
export function resolveModel(typed: string, index: NameIndex, managed: NameIndex | null = null): Resolution {
  const name = typedName(typed)
  const exact = index.byId.get(name.id) ?? index.byId.get(name.id.slice(name.id.indexOf('/') + 1))
  if (exact && belongs(exact, name, index.source)) return found(exact)
  if (name.key === '') return unknown(index, 'unknown', name, null)
  if (sellsElsewhere(name, index.source)) return unknown(index, 'other-provider', name, meantOf(name, managed))

  const free = name.variant === 'free'
  const candidates = candidatesOf(name, index)
  const wanted = candidates.filter((model) => idParts(model.id).free === free)
  if (wanted.length > 0) return decide(wanted, index, name)
  if (free) return unknown(index, candidates[0] ? 'no-free' : 'unknown', name, candidates[0] ?? null)
  // Only its free twin is sold: nothing that was typed says otherwise.
  if (candidates.length > 0) return decide(candidates, index, name)
  const family = newestOfFamily(name, index)
  if (family) return found(family)
  const elsewhere = index.source === 'managed' ? null : meantOf(name, managed)
  return unknown(index, elsewhere && isOfAnother(elsewhere, index.source) ? 'other-provider' : 'unknown', name, elsewhere)
}

/** By the strongest evidence that there is: the same name, a name of our table, a name but for how finished it is. */
function candidatesOf(name: TypedName, index: NameIndex): readonly Model[] {
  const steps = [
    () => index.byKey.get(name.key) ?? [],
    () => (NATIVE.get(name.key) ?? []).flatMap((known) => soldAs(known, index)),
    () => index.byLooseKey.get(name.loose) ?? [],
    // One alias may stand for several models: the first of them that is sold.
    () => (ALIASES.get(name.loose) ?? []).map((known) => soldAs(known, index)).find((models) => models.length > 0) ?? [],
  ]
  for (const step of steps) {
    const models = step().filter((model) => ofVendor(model, name.vendor, index.source))
    if (models.length > 0) return models
  }
  return []
}

/** A model of the table as this list names it. */
function soldAs(known: KnownModel, index: NameIndex): readonly Model[] {
  const managed = [known.id, `${known.id}:free`].flatMap((id) => index.byId.get(id) ?? [])
  if (managed.length > 0 || index.source === 'managed' || makerOf(known.id) !== index.source) return managed
  const native = (known.native ?? []).flatMap((id) => index.byId.get(id) ?? [])
  return native.length > 0 ? native.slice(0, 1) : (known.native ?? []).flatMap((id) => index.byKey.get(keyOf(id)) ?? [])
}

/** Of one vendor they are days of the same model: the one without a day, or the last. */
function decide(models: readonly Model[], index: NameIndex, name: TypedName): Resolution {
  const vendors = new Set(models.map((model) => idParts(model.id).vendor))
  if (vendors.size > 1) return { kind: 'unknown', why: 'several', meant: null, nearest: models.slice(0, NEAREST) }
  const undated = models.find((model) => !isDated(idParts(model.id).slug))
  const best = undated ?? [...models].sort((a, b) => (a.id < b.id ? 1 : -1))[0]
  return best ? found(best) : unknown(index, 'unknown', name, null)
}

/** `claude-sonnet-4` is the newest Claude Sonnet whose number begins with 4, where no model is called just that. */
function newestOfFamily(name: TypedName, index: NameIndex): Model | null {
  if (name.loose.length < 3 || !/[a-z]/.test(name.loose)) return null
  let best: { readonly model: Model; readonly version: readonly [number, number] } | null = null
  for (const [key, models] of index.byLooseKey) {
    if (!key.startsWith(name.loose) || !/^\d{1,3}$/.test(key.slice(name.loose.length))) continue
    const sold = models.filter((model) => ofVendor(model, name.vendor, index.source) && !idParts(model.id).free)
    if (new Set(sold.map((model) => idParts(model.id).vendor)).size !== 1) continue
    for (const model of sold) {
      const version = versionOf(idParts(model.id).slug)
      const newer = !best || version[0] > best.version[0] || (version[0] === best.version[0] && version[1] > best.version[1])
      if (newer) best = { model, version }
    }
  }
  return best?.model ?? null
}

const found = (model: Model): Resolution => ({ kind: 'found', model })

function unknown(
  index: NameIndex,
  why: Extract<Resolution, { kind: 'unknown' }>['why'],
  name: TypedName,
  meant: Model | null,
): Resolution {
  const twin = why === 'no-free' && meant ? [meant] : []
  const near = nearestModels(index.search, name.id.replace(/:free$/, ''), NEAREST).filter((model) => !twin.includes(model))
  return { kind: 'unknown', why, meant: meant ? plainName(meant.name) : null, nearest: [...twin, ...near].slice(0, NEAREST) }
}

/** A provider's list names its models without a vendor; then the vendor that was typed is the provider. */
function ofVendor(model: Model, vendor: string | null, source: Source): boolean {
  if (vendor === null) return true
  const own = idParts(model.id).vendor
  return own === null ? vendor === source : own === vendor
}

/** An exact id behind a vendor that was typed as well. */
const belongs = (model: Model, name: TypedName, source: Source) =>
  model.id.toLowerCase() === name.id || ofVendor(model, name.vendor, source)

const isAggregator = (source: Source) => source === 'managed' || source === 'openrouter'
const sellsElsewhere = (name: TypedName, source: Source) =>
  !isAggregator(source) && name.vendor !== null && name.vendor !== source && name.vendor !== 'openrouter'
const isOfAnother = (model: Model, source: Source) => !isAggregator(source) && idParts(model.id).vendor !== source

function meantOf(name: TypedName, managed: NameIndex | null): Model | null {
  if (!managed) return null
  return candidatesOf(name, managed)[0] ?? newestOfFamily(name, managed)
}

function tableBy(keysOf: (known: KnownModel) => readonly string[]): ReadonlyMap<string, readonly KnownModel[]> {
  const table = new Map<string, KnownModel[]>()
  for (const known of KNOWN_MODELS) for (const key of new Set(keysOf(known))) push(table, key, known)
  return table
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const known = map.get(key)
  if (known) known.push(value)
  else map.set(key, [value])
}
