import type { Pool } from 'pg'
import { z } from 'zod'
import type { Report } from '../alerts.ts'
import type { Log } from '../log.ts'
import { SecretBoxError } from './create-secret-box.ts'
import type { KeyRing } from './key-ring.ts'
import { SEALED_COLUMNS, type SealedColumn } from './sealed-columns.ts'
import type { SecretBox } from './secret-box.ts'

/** Rows read at once: small enough to be no burden beside customers' work. */
const BATCH = 50

const Row = z.object({ id: z.string(), sealed: z.string() })
const Counted = z.array(z.object({ version: z.string(), count: z.int() }))

export type ResealDependencies = {
  readonly pool: Pool
  readonly box: SecretBox
  readonly ring: Pick<KeyRing, 'newest'>
  readonly log: Log
  readonly report: Report
}

/** A seal names its key's version second; see createSecretBox. */
const VERSION_OF = (column: string) => `split_part(${column}, '.', 2)`

/**
 * Seals everything with the ring's newest key, so that older ones can be retired. Batch by batch, each row by itself and only if it is
 * still as it was read: it may be ended at any point and begun again, beside whoever writes the same rows. What does not open stays as
 * it is and is reported.
 */
export async function resealAll(
  dependencies: ResealDependencies,
): Promise<{ readonly resealed: number; readonly locked: number }> {
  const { ring, log, report } = dependencies
  let resealed = 0
  let locked = 0
  for (const column of SEALED_COLUMNS) {
    const done = await resealColumn(dependencies, column)
    resealed += done.resealed
    if (done.locked === 0) continue
    locked += done.locked
    report('secrets-locked', `secrets-locked:${column.table}.${column.column}`, {
      column: `${column.table}.${column.column}`,
      count: String(done.locked),
      reason: done.reason,
    })
  }
  if (resealed > 0) log.info({ resealed, key: ring.newest }, 'stored secrets were sealed anew with the newest key of MASTER_KEY')
  if (resealed > 0 && locked === 0) log.info({ key: ring.newest }, 'no stored secret needs an older key any more')
  return { resealed, locked }
}

async function resealColumn(
  { pool, box, ring }: ResealDependencies,
  { table, column, purpose }: SealedColumn,
): Promise<{ readonly resealed: number; readonly locked: number; readonly reason: string }> {
  let [resealed, locked, reason, after] = [0, 0, '', '']
  for (;;) {
    const { rows } = await pool.query(
      `SELECT id, ${column} AS sealed FROM ${table} WHERE ${column} IS NOT NULL AND ${VERSION_OF(column)} <> $1 AND id > $2 ORDER BY id LIMIT $3`,
      [String(ring.newest), after, BATCH],
    )
    const batch = z.array(Row).parse(rows)
    for (const { id, sealed } of batch) {
      try {
        const anew = box.reseal(sealed, purpose(id))
        if (anew === null) continue
        const { rowCount } = await pool.query(`UPDATE ${table} SET ${column} = $3 WHERE id = $1 AND ${column} = $2`, [
          id,
          sealed,
          anew,
        ])
        resealed += rowCount ?? 0
      } catch (error) {
        if (!(error instanceof SecretBoxError)) throw error
        locked += 1
        reason = error.message
      }
    }
    const last = batch.at(-1)
    if (!last) return { resealed, locked, reason }
    after = last.id
  }
}

/** How much is still sealed with other keys than the newest, in a sentence for operators. */
export async function sealedState(pool: Pool, newest: number): Promise<string> {
  const columns = SEALED_COLUMNS.map(
    ({ table, column }) => `SELECT ${VERSION_OF(column)} AS version FROM ${table} WHERE ${column} IS NOT NULL`,
  )
  const { rows } = await pool.query(
    `SELECT version, count(*)::int AS count FROM (${columns.join(' UNION ALL ')}) sealed WHERE version <> $1 GROUP BY version ORDER BY version`,
    [String(newest)],
  )
  const older = Counted.parse(rows)
  return older.length === 0
    ? `all under key ${newest}, no other key is needed`
    : older.map(({ version, count }) => `${count} still under key ${version}`).join(', ')
}
