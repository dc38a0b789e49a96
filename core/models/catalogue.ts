import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { ProblemError } from '../problem.ts'
import { curatedModels, curatedOf } from './curated.ts'
import type { Catalogue, Model } from './model.ts'
import { indexNames, type NameIndex, resolveModel } from './resolve.ts'
import { indexModels, type SearchIndex, searchModels } from './search.ts'
import type { Source } from './source.ts'

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
  /** Whose list it is, and so how its ids are written. */
  readonly source?: Source
  /** For a provider's own list: OpenRouter's, to say by name what the provider does not sell. */
  readonly managed?: { names(): NameIndex | null }
  readonly patienceSeconds?: number
}

/** The list as one fetch found it, prepared for whatever is asked of it. */
type Copy = {
  readonly models: readonly Model[]
  readonly names: NameIndex
  readonly search: SearchIndex
  readonly fetchedAt: Date
}

/** A live list in memory: fetched at first use, once for all who ask at the same time, and again after an hour. */
export function createCatalogue(dependencies: CatalogueDependencies): Catalogue & { names(): NameIndex | null } {
  const { fetchModels, clock, log, source = 'managed', managed, patienceSeconds = PATIENCE_SECONDS } = dependencies
  let copy: Copy | null = null
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
      const search = indexModels(models)
      const names = indexNames(models, source, search)
      copy = { models, search, names, fetchedAt }
      failedAt = null
      if (source !== 'managed') return
      const gone = curatedOf(source).filter(({ id }) => !names.byId.has(id))
      if (gone.length > 0) log.warn({ gone: gone.map(({ id }) => id) }, 'models of the short list are no longer in the catalogue')
    } catch (error) {
      failedAt = clock.now()
      log.warn({ reason: String(error), source, lastFetchedAt: copy?.fetchedAt }, 'the model catalogue cannot be fetched')
      if (!copy) throw unavailable(error)
    }
  }

  async function current(): Promise<Copy> {
    const restingAfterFailure = copy !== null && failedAt !== null && secondsSince(failedAt) < RETRY_SECONDS
    if (isStale() && !restingAfterFailure) {
      underWay ??= refresh().finally(() => {
        underWay = null
      })
      await (copy ? atMost(underWay, patienceSeconds) : underWay)
    }
    if (!copy) throw unavailable('there is none yet')
    return copy
  }

  const curated = ({ models, names }: Copy, budget?: Parameters<Catalogue['curated']>[0]) =>
    curatedModels(models, names.byId, source, budget)

  return {
    async all() {
      return (await current()).models
    },
    async find(id) {
      const wanted = id
        .trim()
        .toLowerCase()
        .replace(/^openrouter\//, '')
      return (await current()).names.byId.get(wanted) ?? null
    },
    async resolve(typed) {
      return resolveModel(typed, (await current()).names, managed?.names() ?? null)
    },
    async search(query, limit) {
      const found = await current()
      return query.trim() === '' ? curated(found).slice(0, limit) : searchModels(found.search, query, limit)
    },
    async curated(budget) {
      return curated(await current(), budget)
    },
    state: () => ({ fetchedAt: copy?.fetchedAt ?? null, stale: isStale(), models: copy?.models.length ?? 0 }),
    names: () => copy?.names ?? null,
  }
}

const unavailable = (cause: unknown) =>
  new ProblemError({
    code: 'catalogue-unavailable',
    retryable: true,
    text: { id: 'catalogue-unavailable' },
    detail: String(cause),
  })

async function atMost(work: Promise<void>, seconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, seconds * 1000)
  })
  await Promise.race([work, patience])
  clearTimeout(timer)
}
