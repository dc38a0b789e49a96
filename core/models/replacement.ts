import type { Catalogue, Model } from './model.ts'
import { idParts, keyOf, looseKeyOf } from './names.ts'
import { isDearer } from './price.ts'
import { KNOWN_MODELS } from './table.ts'

const CANDIDATES = 8

/**
 * What comes nearest to a model that goes away: the newest of its family, else one that is called nearly the same, else the first of the
 * short list; none that goes away itself, and none that is noticeably dearer if there is another.
 */
export async function replacementFor(catalogue: Catalogue, id: string): Promise<Model | null> {
  const going = await catalogue.find(id)
  const { vendor, slug } = idParts(id)
  const alias = KNOWN_MODELS.find((known) => known.id === id || (known.native ?? []).some((name) => keyOf(name) === keyOf(slug)))
    ?.aliases?.[0]
  const family = alias === undefined ? null : await catalogue.resolve(alias)
  const named = await catalogue.search(slug.replaceAll('-', ' '), CANDIDATES)
  const candidates = [
    ...(family?.kind === 'found' ? [family.model] : []),
    ...named.filter((model) => idParts(model.id).vendor === vendor),
    ...named,
    ...(await catalogue.curated()),
  ].filter((model) => model.id !== id && model.endsOn === undefined)
  return candidates.find((model) => !going || !isDearer(going, model)) ?? candidates[0] ?? null
}

/** Two names of one model: OpenClaw reads some ids as others (google/gemini-3.1-pro as google/gemini-3.1-pro-preview). */
export function isSameModel(a: string, b: string): boolean {
  if (a === b) return true
  const [one, other] = [idParts(a), idParts(b)]
  return one.vendor === other.vendor && one.free === other.free && looseKeyOf(one.slug) === looseKeyOf(other.slug)
}
