import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { CURATED } from './curated.ts'
import type { Catalogue, CuratedModel, Model } from './model.ts'
import { searchModels } from './search.ts'

/** OpenRouter asks for no more than that, and its list changes a few times a week. */
const FRESH_SECONDS = 3600
/** After a failure the stale copy serves this long before the next try: an outage must not cost every press a wait. */
const RETRY_SECONDS = 30
/** With a copy at hand nobody waits longer for a newer one. */
const PATIENCE_SECONDS = 2

export type CatalogueDependencies = {
  /** The live list; throws when it can't be had. */
  readonly fetchModels: () => Promise<readonly Model[]>
  readonly clock: Clock
  readonly log: Log
  readonly patienceSeconds?: number
}

export type CatalogueState = { readonly fetchedAt: Date | null; readonly stale: boolean; readonly models: number }

/** The live catalogue in memory: fetched at first use, once for all who ask at the same time, and again after an hour. */
export function createCatalogue(dependencies: CatalogueDependencies): Catalogue & { state(): CatalogueState } {
  const { fetchModels, clock, log, patienceSeconds = PATIENCE_SECONDS } = dependencies
  let copy: { readonly models: readonly Model[]; readonly byId: ReadonlyMap<string, Model>; readonly fetchedAt: Date } | null =
    null
  let underWay: Promise<void> | null = null
  let failedAt: Date | null = null

  const secondsSince = (date: Date) => (clock.now().getTime() - date.getTime()) / 1000
  const isStale = () => !copy || secondsSince(copy.fetchedAt) >= FRESH_SECONDS

  async function refresh(): Promise<void> {
    const fetchedAt = clock.now()
    try {
      const models = await fetchModels()
      // An empty list is an outage dressed as an answer: every model would seem to be gone.
      if (models.length === 0) throw new Error('the catalogue came back empty')
      copy = { models, byId: new Map(models.map((model) => [model.id, model])), fetchedAt }
      failedAt = null
      const gone = CURATED.filter(({ id }) => !copy?.byId.has(id)).map(({ id }) => id)
      if (gone.length > 0) log.warn({ gone }, 'models of the short list are no longer in the catalogue')
    } catch (error) {
      failedAt = clock.now()
      log.warn({ reason: String(error), lastFetchedAt: copy?.fetchedAt }, 'the model catalogue cannot be fetched')
      if (!copy) throw error
    }
  }

  async function current() {
    const restingAfterFailure = copy !== null && failedAt !== null && secondsSince(failedAt) < RETRY_SECONDS
    if (isStale() && !restingAfterFailure) {
      underWay ??= refresh().finally(() => {
        underWay = null
      })
      await (copy ? atMost(underWay, patienceSeconds) : underWay)
    }
    if (!copy) throw new Error('there is no model catalogue yet')
    return copy
  }

  return {
    async all() {
      return (await current()).models
    },
    async find(id) {
      const wanted = id
        .trim()
        .toLowerCase()
        .replace(/^openrouter\//, '')
      return (await current()).byId.get(wanted) ?? null
    },
    async search(query, limit) {
      const { models, byId } = await current()
      return query.trim() === '' ? curatedOf(byId).slice(0, limit) : searchModels(models, query, limit)
    },
    async curated() {
      return curatedOf((await current()).byId)
    },
    /** For health and logs: how old the copy is. */
    state: () => ({ fetchedAt: copy?.fetchedAt ?? null, stale: isStale(), models: copy?.models.length ?? 0 }),
  }
}

function curatedOf(byId: ReadonlyMap<string, Model>): readonly (Model & CuratedModel)[] {
  return CURATED.flatMap((curated) => {
    const model = byId.get(curated.id)
    return model ? [{ ...model, ...curated }] : []
  })
}

async function atMost(work: Promise<void>, seconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, seconds * 1000)
  })
  await Promise.race([work, patience])
  clearTimeout(timer)
}
