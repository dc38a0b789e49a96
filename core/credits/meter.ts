import type { Database } from '../../prisma/database.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { firstMeterDay, type Meter, meterOf } from './figures.ts'
import { creditRow, creditRows, cumulativeDays, type Reading, storeReadings } from './readings.ts'
import { type SubKey, SubKeyError, type SubKeys } from './sub-keys.ts'

/** A person waits for `/usage`; after this the last reading, with its age, serves them better. */
const PATIENCE_SECONDS = 4

export type MeterDependencies = {
  readonly database: Pick<Database, 'pool'>
  readonly subKeys: SubKeys
  readonly clock: Clock
  readonly log: Log
  readonly patienceSeconds?: number
}

/** Reads what instances have spent. The provider counts; we keep its last word and one figure a day. */
export function createMeter({ database: { pool }, subKeys, clock, log, patienceSeconds = PATIENCE_SECONDS }: MeterDependencies) {
  /** The provider's answer, or null when it has none in time. */
  async function ask(hash: string, instanceId: string): Promise<SubKey | null> {
    const asked = subKeys.find(hash)
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), patienceSeconds * 1000)
    })
    try {
      const answer = await Promise.race([asked, patience])
      if (answer === 'late') {
        // Its failure later is no news any more.
        asked.catch(() => undefined)
        log.warn({ instanceId, seconds: patienceSeconds }, 'the credit provider is slow: the last reading is shown')
        return null
      }
      if (answer === null) log.error({ instanceId, hash }, 'the sub-key of a running instance is gone at the provider')
      return answer
    } catch (error) {
      if (!(error instanceof SubKeyError)) throw error
      log.warn(
        { instanceId, code: error.code, reason: error.message },
        'the credit provider does not tell the usage: the last reading is shown',
      )
      return null
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    /**
     * Fresh from the provider; if it does not answer, the last reading with `fresh: false`. Throws only when there is no
     * such instance or the database fails.
     */
    async read(instanceId: string): Promise<Meter> {
      const known = await creditRow(pool, instanceId)
      if (!known) throw new Error(`there is no instance ${instanceId}`)
      const readAt = clock.now()
      const key = known.subKeyHash === null ? null : await ask(known.subKeyHash, instanceId)
      if (key) await storeReadings(pool, [{ instanceId, hash: key.hash, usageMicros: key.usageMicros, readAt }])
      const now = clock.now()
      // Read again: a renewal may have begun a new cycle meanwhile.
      const [row, days] = await Promise.all([
        key ? creditRow(pool, instanceId) : known,
        cumulativeDays(pool, instanceId, firstMeterDay(now)),
      ])
      return meterOf(row ?? known, days, now, key !== null)
    },

    /** The last reading, without asking anybody. Throws only when there is no such instance or the database fails. */
    async last(instanceId: string): Promise<Meter> {
      const now = clock.now()
      const [row, days] = await Promise.all([creditRow(pool, instanceId), cumulativeDays(pool, instanceId, firstMeterDay(now))])
      if (!row) throw new Error(`there is no instance ${instanceId}`)
      return meterOf(row, days, now, false)
    },

    /**
     * Reads every instance through the key list, a hundred keys a request. Returns how many were read, and those whose key
     * was not in the list. Throws SubKeyError when the list can't be had.
     */
    async readAll(): Promise<{ readonly read: number; readonly missing: readonly string[] }> {
      const readAt = clock.now()
      const keys = new Map((await subKeys.list()).map((key) => [key.hash, key]))
      const rows = await creditRows(pool)
      const readings: Reading[] = []
      const missing: string[] = []
      for (const { id, subKeyHash } of rows) {
        const key = subKeyHash === null ? undefined : keys.get(subKeyHash)
        if (key) readings.push({ instanceId: id, hash: key.hash, usageMicros: key.usageMicros, readAt })
        else missing.push(id)
      }
      await storeReadings(pool, readings)
      return { read: readings.length, missing }
    },
  }
}
