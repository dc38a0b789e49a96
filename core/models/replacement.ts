import type { Catalogue, Model } from './model.ts'
import { idParts, keyOf, looseKeyOf } from './names.ts'
import { isDearer, isFree, turnMicros } from './price.ts'
import { KNOWN_MODELS } from './table.ts'

const CANDIDATES = 8

/**
 * What comes nearest to a model that goes away: another of its family, the newest first, else one of its maker that is called nearly the
 * same or costs nearly the same, else the first of the short list; none that goes away itself, and none that is noticeably dearer if
 * there is another.
 */
export async function replacementFor(catalogue: Catalogue, id: string): Promise<Model | null> {
  const going = await catalogue.find(id)
  const { vendor, slug } = idParts(id)
  const words = slug.replace(/[\d.-]+/g, ' ').trim()
  const ofMaker = (model: Model) => idParts(model.id).vendor === vendor
  // A free one has limits that nobody asked for who pays.
  const freeToo = going ? isFree(going) : idParts(id).free
  const candidates = [
    ...(await familyOf(catalogue, id)),
    ...(words === '' ? [] : await catalogue.search(words, CANDIDATES)).filter(ofMaker),
    ...(going ? byPrice((await catalogue.all()).filter(ofMaker), going) : []),
    ...(await catalogue.curated()),
  ].filter((model) => model.id !== id && model.endsOn === undefined && (!isFree(model) || freeToo))
  return candidates.find((model) => !going || !isDearer(going, model)) ?? candidates[0] ?? null
}

/** Those of the table that share an alias, as far as they are sold. */
async function familyOf(catalogue: Catalogue, id: string): Promise<readonly Model[]> {
  const { slug } = idParts(id)
  const known = KNOWN_MODELS.find((one) => one.id === id || (one.native ?? []).some((name) => keyOf(name) === keyOf(slug)))
  const alias = known?.aliases?.[0]
  if (alias === undefined) return []
  const family = KNOWN_MODELS.filter(({ aliases = [] }) => aliases.includes(alias))
  const resolutions = await Promise.all(family.map((one) => catalogue.resolve(one.id)))
  return resolutions.flatMap((resolution) => (resolution.kind === 'found' ? [resolution.model] : []))
}

const byPrice = (models: readonly Model[], going: Model): readonly Model[] => {
  const distance = (model: Model) => Math.abs(turnMicros(model) - turnMicros(going))
  return [...models].sort((a, b) => distance(a) - distance(b))
}

/** Two names of one model: OpenClaw reads some ids as others (google/gemini-3.1-pro as google/gemini-3.1-pro-preview). */
export function isSameModel(a: string, b: string): boolean {
  if (a === b) return true
  const [one, other] = [idParts(a), idParts(b)]
  return one.vendor === other.vendor && one.free === other.free && looseKeyOf(one.slug) === looseKeyOf(other.slug)
}
