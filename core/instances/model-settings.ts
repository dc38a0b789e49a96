import { z } from 'zod'
import { backupReference, referenceOf } from '../gateway/index.ts'
import { type Catalogue, isDearer, isFree, type Model, type Source, sourceOf } from '../models/index.ts'
import type { Services } from '../services.ts'

/** What an assistant is to answer with, as its row says. */
export type ModelSettings = {
  readonly instanceId: string
  readonly source: Source
  readonly model: string
  /** Tried in this order when the first does not answer. */
  readonly fallbackModels: readonly string[]
  /** Whether one of them that is dearer than the first may answer; null: not asked yet, which is no. */
  readonly dearerFallbacks: boolean | null
  /** A second key that can only use free models. */
  readonly hasBackupKey: boolean
}

const Row = z
  .object({
    id: z.string(),
    source: z.string(),
    model: z.string(),
    fallback_models: z.array(z.string()),
    dearer_fallbacks: z.boolean().nullable(),
    has_backup_key: z.boolean(),
  })
  .transform(
    (row): ModelSettings => ({
      instanceId: row.id,
      source: sourceOf(row.source),
      model: row.model,
      fallbackModels: row.fallback_models,
      dearerFallbacks: row.dearer_fallbacks,
      hasBackupKey: row.has_backup_key,
    }),
  )

/** Null if there is no such instance. */
export async function readModelSettings(
  { database }: Pick<Services, 'database'>,
  instanceId: string,
): Promise<ModelSettings | null> {
  const { rows } = await database.pool.query({
    name: 'model_settings',
    text: `SELECT id, source, model, fallback_models, dearer_fallbacks, backup_key_sealed IS NOT NULL AS has_backup_key
           FROM instances WHERE id = $1`,
    values: [instanceId],
  })
  return rows[0] ? Row.parse(rows[0]) : null
}

export const catalogueFor = (
  { catalogues }: Pick<Services, 'catalogues'>,
  { source, instanceId }: Pick<ModelSettings, 'source' | 'instanceId'>,
): Catalogue => catalogues.of(source, { instanceId })

export type Fallback = {
  readonly id: string
  /** As the live list has it; null for one that it does not have (any more). */
  readonly model: Model | null
  /** Why it is not tried now. */
  readonly skipped: 'gone' | 'dearer' | 'no-backup-key' | 'is-first' | null
}

/** Every model of the chain in its order, and whether it would be tried behind `primary`. Throws when there is no list to look in. */
export async function fallbacksOf(services: Services, settings: ModelSettings, primary: string): Promise<readonly Fallback[]> {
  const catalogue = catalogueFor(services, settings)
  const first = await catalogue.find(primary)
  return Promise.all(
    settings.fallbackModels.map(async (id): Promise<Fallback> => {
      const viaBackup = usesBackupKey(settings, id)
      const model = await (viaBackup ? services.catalogue : catalogue).find(id)
      return { id, model, skipped: whySkipped(settings, { id, model, primary, first }) }
    }),
  )
}

function whySkipped(
  settings: ModelSettings,
  { id, model, primary, first }: { id: string; model: Model | null; primary: string; first: Model | null },
): Fallback['skipped'] {
  if (id === primary) return 'is-first'
  if (!isAggregated(settings.source) && id.endsWith(':free') && !settings.hasBackupKey) return 'no-backup-key'
  if (!model) return 'gone'
  if (settings.dearerFallbacks === true || isFree(model)) return null
  return first && isDearer(first, model) ? 'dearer' : null
}

/** Free models go through the backup key where there is one: it works when the other is used up. */
const usesBackupKey = ({ hasBackupKey, source }: ModelSettings, id: string) =>
  id.endsWith(':free') && (hasBackupKey || !isAggregated(source))

const isAggregated = (source: Source) => source === 'managed' || source === 'openrouter'

export type Chain = { readonly primary: string; readonly fallbacks: readonly string[] }

/** What OpenClaw is to be set to for `primary`, with the fallbacks that may be tried behind it. */
export async function chainFor(services: Services, settings: ModelSettings, primary: string): Promise<Chain> {
  const fallbacks = settings.fallbackModels.length === 0 ? [] : await fallbacksOf(services, settings, primary)
  return {
    primary: referenceOf(settings.source, primary),
    fallbacks: fallbacks
      .filter(({ skipped }) => skipped === null)
      .map(({ id }) => (usesBackupKey(settings, id) ? backupReference(id) : referenceOf(settings.source, id))),
  }
}
