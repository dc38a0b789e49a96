import type { Pool, PoolClient } from 'pg'

/** Any number that no other lock of the house uses; the second half is the instance. */
const LOCK_CLASS = 0x0c4ed175

/**
 * Runs `work` while no other process changes this instance's limit. The lock belongs to a connection, not a transaction:
 * what is decided must be committed before the provider hears of it. A process that dies lets go.
 */
export async function withCreditLock<T>(pool: Pool, instanceId: string, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let held = false
  try {
    await client.query('SELECT pg_advisory_lock($1, hashtext($2))', [LOCK_CLASS, instanceId])
    held = true
    return await work(client)
  } finally {
    const freed = held && (await unlock(client, instanceId))
    // A connection that may still hold the lock must not go back to the pool.
    client.release(held && !freed)
  }
}

async function unlock(client: PoolClient, instanceId: string): Promise<boolean> {
  try {
    await client.query('SELECT pg_advisory_unlock($1, hashtext($2))', [LOCK_CLASS, instanceId])
    return true
  } catch {
    // The connection is lost or in a failed state; closing it frees the lock.
    return false
  }
}
