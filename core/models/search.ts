import type { Model } from './model.ts'
import { compact, idParts, MODEL_QUERY_MAX } from './names.ts'
import { isFree, turnMicros } from './price.ts'

type Trait = 'free' | 'cheap' | 'coding' | 'fast'

/** Words that describe a model instead of naming it. */
const TRAIT_WORDS: Readonly<Record<string, Trait>> = {
  free: 'free',
  gratis: 'free',
  免费: 'free',
  cheap: 'cheap',
  cheaper: 'cheap',
  cheapest: 'cheap',
  inexpensive: 'cheap',
  便宜: 'cheap',
  code: 'coding',
  coder: 'coding',
  coding: 'coding',
  programming: 'coding',
  编程: 'coding',
  代码: 'coding',
  fast: 'fast',
  quick: 'fast',
  fastest: 'fast',
  快: 'fast',
  快速: 'fast',
}

/** The catalogue has no such fields; names do say it. */
const NAMED_FOR: Readonly<Record<'coding' | 'fast', RegExp>> = {
  coding: /code|codex|devstral|kimi-k2|claude-(sonnet|opus)|glm-[\d.]+$/,
  fast: /flash|mini|nano|haiku|fast|lite|turbo|small|instant/,
}
/** What people call cheap: a typical turn for less than about half a cent. */
const CHEAP_TURN_MICROS = 6_000
/** A third of the letters in order: `claud sonet` still finds Claude Sonnet, `hello` finds nothing. */
const LEAST_LIKENESS = 0.34

type Entry = {
  readonly model: Model
  readonly id: string
  /** Letters and digits of id and name. */
  readonly text: string
  readonly slug: string
  readonly traits: ReadonlySet<Trait>
  readonly turnMicros: number
  readonly free: boolean
}

/** A list prepared for searching: it lives for an hour and is searched at every key of a picker. */
export type SearchIndex = {
  readonly entries: readonly Entry[]
  /** Positions of the entries that contain three letters in order. */
  readonly byTrigram: ReadonlyMap<string, readonly number[]>
}

export function indexModels(models: readonly Model[]): SearchIndex {
  const entries = models.map(entryOf)
  const byTrigram = new Map<string, number[]>()
  for (const [position, { text }] of entries.entries())
    for (const piece of trigrams(text)) {
      const known = byTrigram.get(piece)
      if (known) known.push(position)
      else byTrigram.set(piece, [position])
    }
  return { entries, byTrigram }
}

function entryOf(model: Model): Entry {
  const id = model.id.toLowerCase()
  const turn = turnMicros(model)
  const traits = new Set<Trait>()
  if (isFree(model)) traits.add('free')
  else if (!model.unpriced && turn <= CHEAP_TURN_MICROS) traits.add('cheap')
  for (const trait of ['coding', 'fast'] as const) if (NAMED_FOR[trait].test(id)) traits.add(trait)
  const { slug, free } = idParts(id)
  return {
    model,
    id,
    text: compact(`${id} ${model.name.toLowerCase()}`),
    slug: compact(slug),
    traits,
    turnMicros: turn,
    free,
  }
}

/**
 * Best first: the id itself, ids and names that begin with the words, then those that contain them. `cheap`, `free`, `coding`
 * and `fast` (also in Chinese) narrow the list down and order it by price. Without any hit, the nearest names.
 */
export function searchModels(index: SearchIndex, query: string, limit: number): readonly Model[] {
  const typed = query.trim().toLowerCase().slice(0, MODEL_QUERY_MAX)
  const words = typed.split(/[\s,，、]+/).filter(Boolean)
  const traits = [...new Set(words.flatMap((word) => TRAIT_WORDS[word] ?? []))]
  const names = words.filter((word) => !TRAIT_WORDS[word]).map(compact)
  const id = typed.replace(/^openrouter\//, '')

  const hits: { readonly entry: Entry; readonly score: number }[] = []
  for (const entry of index.entries) {
    if (!traits.every((trait) => entry.traits.has(trait))) continue
    const score = nameScore(entry, names, id)
    if (score > 0) hits.push({ entry, score })
  }
  const byPrice = traits.includes('cheap')
  hits.sort((a, b) => {
    const price = a.entry.turnMicros - b.entry.turnMicros
    if (byPrice && price !== 0) return price
    return b.score - a.score || (traits.length > 0 ? traitOrder(a.entry, b.entry, traits) : 0)
  })
  if (hits.length > 0) return hits.slice(0, limit).map(({ entry }) => entry.model)
  return traits.length > 0 && names.length === 0 ? [] : nearestModels(index, names.join(' '), limit)
}

/** Whether a query describes what is wanted (`cheap coding`) instead of naming it. */
export const isDescription = (query: string): boolean => {
  const words = query.trim().toLowerCase().slice(0, MODEL_QUERY_MAX).split(/\s+/)
  return words.every((word) => TRAIT_WORDS[word] !== undefined)
}

/** The models somebody most likely meant by an id or name that does not exist, nearest first; none if nothing is near. */
export function nearestModels(index: SearchIndex, wanted: string, limit: number): readonly Model[] {
  const name = wanted
    .toLowerCase()
    .slice(0, MODEL_QUERY_MAX)
    .replace(/^openrouter\//, '')
  const pieces = trigrams(compact(name))
  const shared = new Map<number, number>()
  for (const piece of pieces)
    for (const position of index.byTrigram.get(piece) ?? []) shared.set(position, (shared.get(position) ?? 0) + 1)
  return [...shared]
    .flatMap(([position, count]) => {
      const entry = index.entries[position]
      // Slightly less for a longer name, so that the plain model comes before its variants.
      const likeness = entry ? count / pieces.size - entry.text.length / 100_000 : 0
      return entry && likeness >= LEAST_LIKENESS ? [{ model: entry.model, likeness }] : []
    })
    .sort((a, b) => b.likeness - a.likeness)
    .slice(0, limit)
    .map(({ model }) => model)
}

/** 0 is no hit. Every word must be found. */
function nameScore(entry: Entry, words: readonly string[], id: string): number {
  if (entry.id === id) return 100
  let score = 1
  for (const word of words) {
    if (!entry.text.includes(word)) return 0
    score += entry.slug.startsWith(word) ? 3 : entry.text.startsWith(word) ? 2 : 1
  }
  // Among equals the plain model before its `:free` twin, which is slower and limited.
  return score + (entry.free ? 0 : 0.5)
}

/** Free models by the room they have; the rest cheapest first. */
function traitOrder(a: Entry, b: Entry, traits: readonly Trait[]): number {
  return traits.includes('free') ? b.model.contextTokens - a.model.contextTokens : a.turnMicros - b.turnMicros
}

function trigrams(text: string): Set<string> {
  const pieces = new Set<string>()
  for (let at = 0; at + 3 <= text.length; at++) pieces.add(text.slice(at, at + 3))
  return pieces
}
