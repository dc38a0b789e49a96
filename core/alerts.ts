import type { Pool } from 'pg'
import type { Log } from './log.ts'

/** What operators must look at. The same trouble (`key`) is one row that counts; `detail` holds no secret. */
export type Report = (kind: string, key: string, detail: Record<string, string>) => void

/** Stores alerts. One that can't be stored is at least in the log. */
export function createReport(pool: Pool, log: Log): Report {
  return (kind, key, detail) => {
    log.error({ alert: kind, key, ...detail }, 'alert')
    pool
      .query(
        `INSERT INTO alerts (kind, key, detail) VALUES ($1, $2, $3)
         ON CONFLICT (key) DO UPDATE SET count = alerts.count + 1, last_at = now(), detail = excluded.detail`,
        [kind, key, JSON.stringify(detail)],
      )
      .catch((error: unknown) => log.error({ error, alert: kind, key }, 'an alert could not be stored'))
  }
}
