import { z } from 'zod'
import type { Database } from '../../prisma/database.ts'
import type { Clock } from '../clock.ts'
import { instanceOfSubKeyName } from './fresh-sub-key.ts'
import { withCreditLock } from './lock.ts'
import { creditRow, creditRows } from './readings.ts'
import { type SubKey, SubKeyError, type SubKeys } from './sub-keys.ts'

/**
 *  row says                  provider says                 we do
 *  ────────────────────      ──────────────────────────    ─────────────────────────────────────────
 *  limit L                   limit L                       nothing
 *  limit L                   another limit, or none        set L
 *  limit L                   disabled                      set L if it differs, report
 *  own key, sub-key rests    enabled                       disable it, once the change can't be undone any more
 *  own key, sub-key rests    disabled                      nothing
 *  backup key                another limit than 0          set 0
 *  limit L                   no such key (404)             report missing
 *  limit L                   no answer                     report failed; next time again
 *  instance destroyed        key by our name               report stray
 *  instance with other key   key by our name               older than 15 min: report stray
 *  no such instance          key by our name               older than 15 min: report unknown
 *  none                      key by another name           nothing: it is not ours
 */
export type LimitsReport = {
  readonly checked: number
  readonly repaired: readonly { readonly instanceId: string; readonly fromMicros: number | null; readonly toMicros: number }[]
  readonly disabled: readonly string[]
  /** Instances whose key is confirmed gone: their assistant cannot answer. */
  readonly missing: readonly string[]
  readonly failed: readonly { readonly instanceId: string; readonly reason: string }[]
  /** Keys of instances we know that nobody uses: each could spend our money. */
  readonly strays: readonly Found[]
  /** Keys with our name of instances we don't know: another database's customers may use them (the same account, an old backup). */
  readonly unknown: readonly Found[]
}

type Found = { readonly hash: string; readonly name: string; readonly usageMicros: number }

/** A deploy creates the key and saves its hash within seconds; a crash between is taken up again within minutes. */
const STRAY_MINUTES = 15

type Dependencies = { readonly database: Pick<Database, 'pool'>; readonly subKeys: SubKeys; readonly clock: Clock }

/** Makes the provider's limits equal to the stored ones and reports what it must not repair by itself. Throws SubKeyError when the key list can't be had. */
export async function reconcileLimits({ database: { pool }, subKeys, clock }: Dependencies): Promise<LimitsReport> {
  // The list first: a key that appears in between is only missing from it, which is looked up once more below.
  const keys = new Map((await subKeys.list()).map((key) => [key.hash, key]))
  const rows = await creditRows(pool)
  const report = {
    checked: rows.length,
    repaired: [] as RepairedLimit[],
    disabled: [] as string[],
    missing: [] as string[],
    failed: [] as FailedLimit[],
  }

  const undoable = await recentlyChanged(pool, clock.now())
  const backups = await backupKeys(pool)
  for (const { id, subKeyHash, limitMicros, isManaged } of rows) {
    if (subKeyHash === null) continue
    try {
      const key = keys.get(subKeyHash) ?? (await subKeys.find(subKeyHash))
      if (!key) report.missing.push(id)
      if (key && !isManaged && !key.disabled && !undoable.has(id)) await subKeys.update(key.hash, { disabled: true })
      if (key?.disabled && isManaged) report.disabled.push(id)
      if (!key || key.limitMicros === limitMicros) continue
      const toMicros = await setLimit(id, subKeyHash)
      if (toMicros !== null && toMicros !== key.limitMicros)
        report.repaired.push({ instanceId: id, fromMicros: key.limitMicros, toMicros })
    } catch (error) {
      if (!(error instanceof SubKeyError)) throw error
      report.failed.push({ instanceId: id, reason: error.message })
    }
  }
  for (const hash of backups) {
    const limit = keys.get(hash)?.limitMicros
    if (limit !== undefined && limit !== 0) await subKeys.update(hash, { limitMicros: 0 })
  }
  const used = new Set([...rows.map((row) => row.subKeyHash), ...backups])
  const ours = [...keys.values()].filter((key) => !used.has(key.hash) && instanceOfSubKeyName(key.name) !== null)
  return { ...report, ...(await unused(ours)) }

  /** Under the lock and from the row as it is now: a cycle may have begun since the list was read. */
  async function setLimit(instanceId: string, hash: string): Promise<number | null> {
    return withCreditLock(pool, instanceId, async (client) => {
      const row = await creditRow(client, instanceId)
      if (row?.subKeyHash !== hash) return null
      await subKeys.update(hash, { limitMicros: row.limitMicros })
      return row.limitMicros
    })
  }

  async function unused(candidates: readonly SubKey[]): Promise<Pick<LimitsReport, 'strays' | 'unknown'>> {
    if (candidates.length === 0) return { strays: [], unknown: [] }
    const ids = candidates.map((key) => instanceOfSubKeyName(key.name))
    const found = await pool.query('SELECT id, destroyed_at IS NOT NULL AS over FROM instances WHERE id = ANY($1)', [ids])
    const over = new Map(
      z
        .array(z.object({ id: z.string(), over: z.boolean() }))
        .parse(found.rows)
        .map((row) => [row.id, row.over]),
    )
    const isOver = (key: SubKey) => over.get(instanceOfSubKeyName(key.name) ?? '')
    const youngest = clock.now().getTime() - STRAY_MINUTES * 60_000
    const old = candidates.filter((key) => isOver(key) || key.createdAt === null || key.createdAt.getTime() <= youngest)
    const named = (isKnown: boolean) =>
      old
        .filter((key) => (isOver(key) !== undefined) === isKnown)
        .map(({ hash, name, usageMicros }) => ({ hash, name, usageMicros }))
    return { strays: named(true), unknown: named(false) }
  }
}

/** A change of source can be undone for ten minutes; a minute more for one that is being undone. */
const UNDO_MINUTES = 11

async function recentlyChanged(pool: Database['pool'], now: Date): Promise<ReadonlySet<string>> {
  const since = new Date(now.getTime() - UNDO_MINUTES * 60_000)
  const { rows } = await pool.query(
    `SELECT DISTINCT instance_id AS id FROM operations
     WHERE kind = 'change-source' AND (finished_at IS NULL OR finished_at > $1) AND instance_id IS NOT NULL`,
    [since],
  )
  return new Set(
    z
      .array(z.object({ id: z.string() }))
      .parse(rows)
      .map(({ id }) => id),
  )
}

/** Second sub-keys, which can use free models alone. */
async function backupKeys(pool: Database['pool']): Promise<readonly string[]> {
  const { rows } = await pool.query(
    'SELECT backup_key_hash AS hash FROM instances WHERE backup_key_hash IS NOT NULL AND destroyed_at IS NULL',
  )
  return z
    .array(z.object({ hash: z.string() }))
    .parse(rows)
    .map(({ hash }) => hash)
}

type RepairedLimit = LimitsReport['repaired'][number]
type FailedLimit = LimitsReport['failed'][number]
