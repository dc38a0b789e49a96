import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { createCatalogue } from './catalogue.ts'
import type { Catalogue, Model } from './model.ts'
import { idParts, isDated, keyOf, looseKeyOf } from './names.ts'
import type { NameIndex } from './resolve.ts'
import { isOwnKey, type Provider, type Source } from './source.ts'

/** Whose key opens a provider's list: an assistant's, or one that was handed over for an order. */
export type KeyHolder = { readonly instanceId: string } | { readonly keyId: string }

/** A model as a provider lists it for a key. Prices only where the provider tells them (OpenRouter). */
export type ListedModel = Pick<Model, 'id'> & Partial<Omit<Model, 'id'>>

export type CataloguesDependencies = {
  readonly managed: Catalogue & { names(): NameIndex | null }
  /** The provider's own list, asked for with the holder's key; throws when it can't be had. */
  readonly listModels: (provider: Provider, holder: KeyHolder) => Promise<readonly ListedModel[]>
  readonly clock: Clock
  readonly log: Log
}

/** The catalogue of whoever sells an assistant's AI. */
export type Catalogues = {
  /** Managed needs no holder. */
  of(source: Source, holder: KeyHolder): Catalogue
  /** After a key was replaced: the new one may open another list. */
  forget(holder: KeyHolder): void
}

/** Own keys whose lists are kept; each is some 50 KB. */
const MOST_KEPT = 200

const holderKey = (holder: KeyHolder) => ('instanceId' in holder ? `instance ${holder.instanceId}` : `key ${holder.keyId}`)

/** One catalogue per own key, since every account sees a list of its own; names and prices come from OpenRouter's. */
export function createCatalogues({ managed, listModels, clock, log }: CataloguesDependencies): Catalogues {
  const kept = new Map<string, Catalogue>()
  return {
    of(source, holder) {
      if (!isOwnKey(source)) return managed
      const key = `${source} ${holderKey(holder)}`
      const known = kept.get(key)
      if (known) {
        kept.delete(key)
        kept.set(key, known)
        return known
      }
      const made = createCatalogue({
        source,
        managed,
        clock,
        log,
        async fetchModels() {
          const [listed, sold] = await Promise.all([listModels(source, holder), managed.all().catch(() => [])])
          return describeListed(listed, source, sold)
        },
      })
      kept.set(key, made)
      const oldest = kept.size > MOST_KEPT ? kept.keys().next() : null
      if (oldest && !oldest.done) kept.delete(oldest.value)
      return made
    },
    forget(holder) {
      for (const key of kept.keys()) if (key.endsWith(` ${holderKey(holder)}`)) kept.delete(key)
    },
  }
}

/** Names, contexts and prices of a provider's list, from OpenRouter's where it sells the same model at the maker's price. */
function describeListed(listed: readonly ListedModel[], provider: Provider, managed: readonly Model[]): readonly Model[] {
  const twins = new Map<string, Model>()
  const byId = new Map(provider === 'openrouter' ? managed.map((model) => [model.id, model]) : [])
  for (const model of managed) {
    const { vendor, slug, free } = idParts(model.id)
    if (vendor !== provider || free) continue
    for (const key of [looseKeyOf(slug), keyOf(slug)]) if (!twins.has(key) || !isDated(slug)) twins.set(key, model)
  }
  return listed.map((model) => {
    const { slug } = idParts(model.id)
    const twin = byId.get(model.id) ?? twins.get(keyOf(slug)) ?? twins.get(looseKeyOf(slug))
    const priced = model.promptMicrosPerMillion !== undefined ? model : twin
    return {
      id: model.id,
      name: model.name ?? twin?.name ?? model.id,
      contextTokens: model.contextTokens ?? twin?.contextTokens ?? 0,
      promptMicrosPerMillion: priced?.promptMicrosPerMillion ?? 0,
      completionMicrosPerMillion: priced?.completionMicrosPerMillion ?? 0,
      ...(!priced && { unpriced: true as const }),
      ...(model.endsOn !== undefined ? { endsOn: model.endsOn } : twin?.endsOn !== undefined && { endsOn: twin.endsOn }),
    }
  })
}
