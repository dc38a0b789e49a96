import type { PoolClient } from 'pg'
import type { Database } from '../../prisma/database.ts'
import type { Clock } from '../clock.ts'
import { withCreditLock } from './lock.ts'
import { type CreditRow, creditRow } from './readings.ts'
import { SubKeyError, type SubKeys } from './sub-keys.ts'

export type PaidInvoice = { readonly invoiceId: string; readonly periodStart: Date; readonly periodEnd: Date }

export type CycleOutcome =
  /** A new cycle: the whole allowance again. */
  | 'started'
  /** This invoice has had its cycle; the provider's limit was made sure of once more. */
  | 'already-started'
  /** An older invoice that arrived late: a later cycle is running. Noted in the ledger, no credit moves. */
  | 'superseded'
  /** Destroyed, never deployed, or always with a key of the customer's own: there is nothing to give credit to. */
  | 'no-sub-key'

type Dependencies = { readonly database: Pick<Database, 'pool'>; readonly subKeys: SubKeys; readonly clock: Clock }

/**
 * Begins a billing cycle for a paid renewal invoice, once per invoice however often it is told. The desired limit is
 * committed before the provider is asked to set it, so a crash between the two is repaired by the next call or by
 * reconcileLimits. Throws SubKeyError while the provider can't tell the usage or set the limit: call again later.
 */
export async function startCycle(
  { database: { pool }, subKeys, clock }: Dependencies,
  instanceId: string,
  invoice: PaidInvoice,
): Promise<CycleOutcome> {
  return withCreditLock(pool, instanceId, async (client) => {
    const row = await creditRow(client, instanceId)
    if (!row?.subKeyHash) {
      if (row && !row.isManaged) await moveCycle(client, instanceId, invoice)
      return 'no-sub-key'
    }
    const hash = row.subKeyHash

    if (await isInLedger(client, invoice)) {
      await subKeys.update(hash, { limitMicros: row.limitMicros })
      return 'already-started'
    }
    if (row.cycleEndsAt !== null && invoice.periodEnd <= row.cycleEndsAt) {
      await addToLedger(client, invoice, row, 0)
      return 'superseded'
    }

    // The old cycle's last answers count for the old cycle: the baseline is what the provider says now, not what we last read.
    const readAt = clock.now()
    const key = await subKeys.find(hash)
    if (!key) throw new SubKeyError(`the sub-key of ${instanceId} is gone at the provider`, 'not-found', 404, false)
    const limitMicros = key.usageMicros + row.allowanceMicros

    await inTransaction(client, async () => {
      await addToLedger(client, invoice, row, row.allowanceMicros)
      await client.query(
        `UPDATE instances SET baseline_micros = $2, usage_micros = $2, usage_read_at = $3, limit_micros = $4,
           cycle_started_at = $5, cycle_ends_at = $6 WHERE id = $1`,
        [instanceId, key.usageMicros, readAt, limitMicros, invoice.periodStart, invoice.periodEnd],
      )
    })
    await subKeys.update(hash, { limitMicros })
    return 'started'
  })
}

/** With a key of the customer's own no credit moves, but its month does: managed credit may be chosen later. */
async function moveCycle(client: PoolClient, instanceId: string, { periodStart, periodEnd }: PaidInvoice): Promise<void> {
  await client.query(
    `UPDATE instances SET cycle_started_at = $2, cycle_ends_at = $3 WHERE id = $1 AND (cycle_ends_at IS NULL OR cycle_ends_at < $3)`,
    [instanceId, periodStart, periodEnd],
  )
}

const ledgerKey = (invoice: PaidInvoice) => `cycle:${invoice.invoiceId}`

async function isInLedger(client: PoolClient, invoice: PaidInvoice): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM ledger WHERE key = $1', [ledgerKey(invoice)])
  return rowCount === 1
}

async function addToLedger(client: PoolClient, invoice: PaidInvoice, row: CreditRow, creditMicros: number): Promise<void> {
  await client.query(
    `INSERT INTO ledger (key, kind, workspace_id, instance_id, credit_micros) VALUES ($1, 'cycle', $2, $3, $4)`,
    [ledgerKey(invoice), row.workspaceId, row.id, creditMicros],
  )
}

async function inTransaction(client: PoolClient, work: () => Promise<void>): Promise<void> {
  await client.query('BEGIN')
  try {
    await work()
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  }
}
