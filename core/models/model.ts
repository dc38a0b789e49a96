/** A model of the catalogue. Prices in micro-dollars per million tokens. */
export type Model = {
  /** Managed id: `vendor/model`, `vendor/model:free`. */
  readonly id: string
  readonly name: string
  readonly contextTokens: number
  readonly promptMicrosPerMillion: number
  readonly completionMicrosPerMillion: number
}

/** One line of the curated list: the id and how we speak of it. */
export type CuratedModel = {
  readonly id: string
  /** Fluent id of a plain word on strength (`model-strength-all-rounder`). */
  readonly strength: string
  /** Price class compared with the rest: 1 cheap, 2 middle, 3 dear; 0 is free. */
  readonly priceClass: 0 | 1 | 2 | 3
}

/** The live catalogue, cached in memory; a stale copy is better than none and says so. */
export type Catalogue = {
  /** All models, from the cache if it is fresh. Throws only when there never was a copy. */
  all(): Promise<readonly Model[]>
  /** Exact managed id. */
  find(id: string): Promise<Model | null>
  /** Best first: id and name match, then words. Empty query gives the curated order. */
  search(query: string, limit: number): Promise<readonly Model[]>
  curated(): Promise<readonly (Model & CuratedModel)[]>
}
