import type { Pool } from 'pg'
import type { PrismaTransaction } from '../../prisma/database.ts'
import type { JsonObject } from '../chat/view.ts'

/** What operators must look at. The same `key` again is the same row with a higher count. */
export type NewAlert = { readonly kind: string; readonly key: string; readonly detail: JsonObject }

const UPSERT = `INSERT INTO alerts (kind, key, detail, created_at, last_at) VALUES ($1, $2, $3::jsonb, now(), now())
  ON CONFLICT (key) DO UPDATE SET count = alerts.count + 1, last_at = now(), detail = excluded.detail`

export async function raiseAlert(pool: Pool, alert: NewAlert): Promise<void> {
  await pool.query(UPSERT, [alert.kind, alert.key, JSON.stringify(alert.detail)])
}

/** In the transaction of what it is about. */
export async function raiseAlertIn(transaction: PrismaTransaction, alert: NewAlert): Promise<void> {
  await transaction.$executeRawUnsafe(UPSERT, alert.kind, alert.key, JSON.stringify(alert.detail))
}
