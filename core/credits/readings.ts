import type { Pool } from 'pg'
import { z } from 'zod'

/** All-time usage of one sub-key as the provider gave it; `readAt` is when it was asked, so that a late answer loses. */
export type Reading = { readonly instanceId: string; readonly hash: string; readonly usageMicros: number; readonly readAt: Date }

/**
 * Stores readings on their instances and as the day's last cumulative usage. A reading older than the stored one, or of a
 * key that is no longer the instance's, changes nothing. One round trip for any number.
 */
export async function storeReadings(pool: Pool, readings: readonly Reading[]): Promise<void> {
  if (readings.length === 0) return
  await pool.query(
    `WITH reading AS (
       SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[]) AS r (instance_id, hash, usage_micros, read_at)
     ), stored AS (
       UPDATE instances i SET usage_micros = r.usage_micros, usage_read_at = r.read_at
       FROM reading r
       WHERE i.id = r.instance_id AND i.sub_key_hash = r.hash AND (i.usage_read_at IS NULL OR i.usage_read_at <= r.read_at)
       RETURNING i.id, r.usage_micros, r.read_at
     )
     INSERT INTO usage_days (instance_id, day, usage_micros)
     SELECT id, (read_at AT TIME ZONE 'UTC')::date, usage_micros FROM stored
     ON CONFLICT (instance_id, day) DO UPDATE SET usage_micros = excluded.usage_micros`,
    [
      readings.map((reading) => reading.instanceId),
      readings.map((reading) => reading.hash),
      readings.map((reading) => reading.usageMicros),
      readings.map((reading) => reading.readAt),
    ],
  )
}

/** PostgreSQL's bigint arrives as a string. */
const Micros = z.coerce.number().int()
const CreditRow = z
  .object({
    id: z.string(),
    workspace_id: z.string(),
    source: z.string(),
    sub_key_hash: z.string().nullable(),
    limit_micros: Micros,
    allowance_micros: Micros,
    baseline_micros: Micros,
    usage_micros: Micros,
    usage_read_at: z.date().nullable(),
    cycle_started_at: z.date().nullable(),
    cycle_ends_at: z.date().nullable(),
    created_at: z.date(),
  })
  .transform((row) => ({
    id: row.id,
    workspaceId: row.workspace_id,
    isManaged: row.source === 'managed',
    subKeyHash: row.sub_key_hash,
    limitMicros: row.limit_micros,
    allowanceMicros: row.allowance_micros,
    baselineMicros: row.baseline_micros,
    usageMicros: row.usage_micros,
    usageReadAt: row.usage_read_at,
    cycleStartedAt: row.cycle_started_at,
    cycleEndsAt: row.cycle_ends_at,
    createdAt: row.created_at,
  }))
export type CreditRow = z.infer<typeof CreditRow>

const COLUMNS = `id, workspace_id, source, sub_key_hash, limit_micros, allowance_micros, baseline_micros, usage_micros, usage_read_at,
  cycle_started_at, cycle_ends_at, created_at`

/** The credit side of an instance; null if there is no such instance. */
export async function creditRow(connection: Pick<Pool, 'query'>, instanceId: string): Promise<CreditRow | null> {
  const { rows } = await connection.query(`SELECT ${COLUMNS} FROM instances WHERE id = $1`, [instanceId])
  return rows[0] ? CreditRow.parse(rows[0]) : null
}

/** Every instance that has a sub-key and is not destroyed. */
export async function creditRows(pool: Pool): Promise<readonly CreditRow[]> {
  const { rows } = await pool.query(`SELECT ${COLUMNS} FROM instances WHERE sub_key_hash IS NOT NULL AND destroyed_at IS NULL`)
  return rows.map((row) => CreditRow.parse(row))
}

export type CumulativeDay = { readonly date: string; readonly usageMicros: number }
const DayRow = z.object({ date: z.string(), usage_micros: Micros })

/** Cumulative usage from `firstDay` on, with the last reading before it, oldest first. Days without a reading are absent. */
export async function cumulativeDays(pool: Pool, instanceId: string, firstDay: string): Promise<readonly CumulativeDay[]> {
  const { rows } = await pool.query(
    `SELECT to_char(day, 'YYYY-MM-DD') AS date, usage_micros FROM usage_days
     WHERE instance_id = $1 AND day >= coalesce((SELECT max(day) FROM usage_days WHERE instance_id = $1 AND day < $2), $2)
     ORDER BY day`,
    [instanceId, firstDay],
  )
  return rows.map((row) => DayRow.parse(row)).map(({ date, usage_micros }) => ({ date, usageMicros: usage_micros }))
}
