import type { Resolution } from './resolve.ts'

/** A model of a catalogue. Prices in micro-dollars per million tokens. */
export type Model = {
  /** As its source names it: `vendor/model`, `vendor/model:free` (managed, OpenRouter), or the provider's native id. */
  readonly id: string
  readonly name: string
  readonly contextTokens: number
  readonly promptMicrosPerMillion: number
  readonly completionMicrosPerMillion: number
  /** Nobody tells us its price: a native id that OpenRouter does not sell. Its prices are 0 then. */
  readonly unpriced?: true
  /** The day after which the provider may remove it, `YYYY-MM-DD`. */
  readonly endsOn?: string
}

/** How dear a model is, compared with the rest: 1 cheap, 2 middle, 3 dear; 0 is free. */
export type PriceClass = 0 | 1 | 2 | 3

/** One line of the curated list: the id and how we speak of it. */
export type CuratedModel = {
  readonly id: string
  /** Fluent id of a plain word on strength (`model-strength-all-rounder`). */
  readonly strength: string
  readonly priceClass: PriceClass
}

export type CatalogueState = { readonly fetchedAt: Date | null; readonly stale: boolean; readonly models: number }

/**
 * The live list of one source, cached in memory; a stale copy is better than none and says so. Everything throws a ProblemError
 * (catalogue-unavailable) while there never was a copy.
 */
export type Catalogue = {
  /** All models, from the cache if it is fresh. */
  all(): Promise<readonly Model[]>
  /** Exact id of this source. */
  find(id: string): Promise<Model | null>
  /** The model that is meant by whatever somebody typed, or what comes nearest. */
  resolve(typed: string): Promise<Resolution>
  /** Best first: id and name match, then words. Empty query gives the curated order. */
  search(query: string, limit: number): Promise<readonly Model[]>
  /** The short list, or the one for a budget. */
  curated(budget?: PriceClass): Promise<readonly (Model & CuratedModel)[]>
  /** How old the copy is; for whoever shows prices from it. */
  state(): CatalogueState
}
