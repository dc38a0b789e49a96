import type { Model } from './model.ts'
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
/** Longer input is no search; it is cut instead of compared. */
const QUERY_CHARACTERS = 80

/**
 * Best first: the id itself, ids and names that begin with the words, then those that contain them. `cheap`, `free`, `coding`
 * and `fast` (also in Chinese) narrow the list down and order it by price. Without any hit, the nearest names.
 */
export function searchModels(models: readonly Model[], query: string, limit: number): readonly Model[] {
  const words = query
    .toLowerCase()
    .slice(0, QUERY_CHARACTERS)
    .split(/[\s,，、]+/)
    .filter(Boolean)
  const traits = new Set(words.flatMap((word) => TRAIT_WORDS[word] ?? []))
  const names = words.filter((word) => !TRAIT_WORDS[word]).map(compact)

  const hits = models
    .map((model) => ({ model, score: nameScore(model, names, query.trim().toLowerCase()) }))
    .filter(({ model, score }) => score > 0 && hasTraits(model, traits))
  const byPrice = traits.has('cheap')
  hits.sort((a, b) => {
    const price = turnMicros(a.model) - turnMicros(b.model)
    if (byPrice && price !== 0) return price
    return b.score - a.score || (traits.size > 0 ? traitOrder(a.model, b.model, traits) : 0)
  })
  if (hits.length > 0) return hits.slice(0, limit).map(({ model }) => model)
  return traits.size > 0 && names.length === 0 ? [] : nearestModels(models, names.join(' '), limit)
}

/** The models somebody most likely meant by an id or name that does not exist, nearest first; none if nothing is near. */
export function nearestModels(models: readonly Model[], wanted: string, limit: number): readonly Model[] {
  const pieces = trigrams(
    compact(
      wanted
        .toLowerCase()
        .slice(0, QUERY_CHARACTERS)
        .replace(/^openrouter\//, ''),
    ),
  )
  if (pieces.size === 0) return []
  return models
    .map((model) => ({ model, likeness: likeness(pieces, model) }))
    .filter(({ likeness }) => likeness >= LEAST_LIKENESS)
    .sort((a, b) => b.likeness - a.likeness)
    .slice(0, limit)
    .map(({ model }) => model)
}

/** A third of the letters in order: `claud sonet` still finds Claude Sonnet, `hello` finds nothing. */
const LEAST_LIKENESS = 0.34

/** Names are typed with and without dots, dashes and blanks. */
const compact = (text: string): string => text.replace(/[\s._-]+/g, '')

type Index = { readonly text: string; readonly slug: string; readonly trigrams: ReadonlySet<string> }

/** A catalogue lives for an hour and is searched at every key of a picker: what can be prepared is. */
const indexes = new WeakMap<Model, Index>()
function indexOf(model: Model): Index {
  const known = indexes.get(model)
  if (known) return known
  const text = compact(`${model.id} ${model.name}`.toLowerCase())
  const made = { text, slug: compact(model.id.slice(model.id.indexOf('/') + 1)), trigrams: trigrams(text) }
  indexes.set(model, made)
  return made
}

/** 0 is no hit. Every word must be found. */
function nameScore(model: Model, words: readonly string[], query: string): number {
  if (model.id === query || model.id === query.replace(/^openrouter\//, '')) return 100
  const { text, slug } = indexOf(model)
  let score = 1
  for (const word of words) {
    if (!text.includes(word)) return 0
    score += slug.startsWith(word) ? 3 : text.startsWith(word) ? 2 : 1
  }
  // Among equals the plain model before its `:free` twin, which is slower and limited.
  return score + (model.id.endsWith(':free') ? 0 : 0.5)
}

function hasTraits(model: Model, traits: ReadonlySet<Trait>): boolean {
  if (traits.has('free') && !isFree(model)) return false
  if (traits.has('cheap') && (isFree(model) || turnMicros(model) > CHEAP_TURN_MICROS)) return false
  return (['coding', 'fast'] as const).every((trait) => !traits.has(trait) || NAMED_FOR[trait].test(model.id))
}

/** Free models by the room they have; the rest cheapest first. */
function traitOrder(a: Model, b: Model, traits: ReadonlySet<Trait>): number {
  return traits.has('free') ? b.contextTokens - a.contextTokens : turnMicros(a) - turnMicros(b)
}

function trigrams(text: string): Set<string> {
  const pieces = new Set<string>()
  for (let at = 0; at + 3 <= text.length; at++) pieces.add(text.slice(at, at + 3))
  return pieces
}

function likeness(wanted: ReadonlySet<string>, model: Model): number {
  const { text, trigrams: known } = indexOf(model)
  let shared = 0
  for (const piece of wanted) if (known.has(piece)) shared++
  // Slightly less for a longer name, so that the plain model comes before its variants.
  return shared / wanted.size - text.length / 100_000
}
