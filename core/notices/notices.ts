import { postRows } from '../chat/store.ts'
import type { Ids } from '../clock.ts'
import type { Notices } from './notice.ts'

/** The channel on which replicas tell each other that the outbox has something new. */
export const OUTBOX_CHANNEL = 'clawcloud_outbox'

/** Posts notices in the caller's transaction; whichever replica speaks the platform sends them. */
export function createNotices({ ids, wake }: { readonly ids: Ids; readonly wake: () => void }): Notices {
  return {
    wake,
    async post(transaction, notice) {
      const rows = postRows([{ ...notice, screenId: ids.screen() }], false)
      // The NOTIFY is sent by PostgreSQL at the commit, never before.
      await transaction.$queryRawUnsafe(
        `SELECT (SELECT count(*) FROM chat_post($1::json)), pg_notify('${OUTBOX_CHANNEL}', $2)::text`,
        JSON.stringify(rows),
        notice.platform,
      )
    },
  }
}
