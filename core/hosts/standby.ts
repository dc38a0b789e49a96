import { setTimeout as wait } from 'node:timers/promises'
import type { Pool } from 'pg'
import { z } from 'zod'
import type { Clock, Ids } from '../clock.ts'
import { type ModelRoots, modelApiRootOf, warmUpGateway } from '../gateway/index.ts'
import type { Log } from '../log.ts'
import { type SecretBox, standbyTokenPurpose } from '../secrets/index.ts'
import type { HostProvider } from './host.ts'

export type StandbyPoolOptions = {
  readonly pool: Pool
  readonly provider: HostProvider
  readonly box: SecretBox
  readonly runtimeVersion: string
  readonly roots: ModelRoots
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly redact: (text: string) => string
  /** How many wait ready. Default 1. */
  readonly size?: number
  /** What the machine can still give. */
  readonly availableMemoryMb?: () => number
  readonly warmUp?: typeof warmUpGateway
}

export type StandbyPool = {
  /**
   * Gives a ready gateway to an instance for good; null if there is none. The same instance gets the same one again, so a crash between
   * this and writing it down loses nothing. Waits up to a minute for one that is starting; after that the one that did not become ready
   * is removed, so that its place is free. An abort of `signal` ends the waiting by throwing its reason.
   */
  claim(instanceId: string, signal?: AbortSignal): Promise<{ readonly hostName: string; readonly gatewayToken: string } | null>
  /** Replaces what was claimed or broke. Does nothing while another refill is at work, here or in another process. */
  refill(): Promise<void>
  /** How many hosts of the provider's count could be claimed: they are no customer's yet. */
  claimable(): Promise<number>
  /** Ends a refill that is under way; what it began is removed by the next one. */
  stop(): Promise<void>
}

/** Most customers take it, and then it need not be switched. */
const MODEL = 'anthropic/claude-sonnet-4.6'
/** Left for what the machine does besides once a standby has its own memory. */
const SPARE_MEMORY_MB = 512
const HOST_PREFIX = 'oc-standby-'
/** Of the advisory lock under which one process refills. Any number that nothing else here uses. */
const REFILL_LOCK = 7_302_461
const UNIQUE_VIOLATION = '23505'
/** A start and its warm-up take half of that on two idle cores; one that takes longer is no help any more. */
const STARTING_PATIENCE_SECONDS = 60
const STARTING_POLL_MS = 200

const Row = z.object({ id: z.string(), host_id: z.string(), gateway_token_sealed: z.string() })
type Row = z.infer<typeof Row>

/**
 * Keeps gateways started ahead, warmed by turns that cost nothing, so that a paid deploy needs seconds and not a cold start.
 *
 *  starting   its row exists before its host; found by a refill (which holds the lock), its maker is dead: remove both
 *  ready      may be claimed
 *  claimed    an instance's now; the row keeps `claim` repeatable and goes when the instance is gone
 *  broken     remove
 *  no row     leave it alone: every host of ours has its row before and after it, so it is of another database, and may be a customer's
 */
export function createStandbyPool(options: StandbyPoolOptions): StandbyPool {
  const { pool, provider, box, runtimeVersion, roots, clock, ids, log, redact } = options
  const { size = 1, warmUp = warmUpGateway } = options
  const availableMemoryMb = options.availableMemoryMb ?? (() => process.availableMemory() / 2 ** 20)
  const stopping = new AbortController()
  let refilling: Promise<void> | null = null

  const rows = async (sql: string, values: readonly unknown[]): Promise<Row[]> =>
    z.array(Row).parse((await pool.query(sql, [...values])).rows)
  const columns = 'id, host_id, gateway_token_sealed'

  const claimed = (row: Row) => ({
    hostName: row.host_id,
    gatewayToken: box.open(row.gateway_token_sealed, standbyTokenPurpose(row.id)),
  })

  async function claim(instanceId: string, signal?: AbortSignal): ReturnType<StandbyPool['claim']> {
    for (;;) {
      signal?.throwIfAborted()
      const [own] = await rows(`SELECT ${columns} FROM standbys WHERE claimed_by = $1`, [instanceId])
      if (own) return claimed(own)
      // Asked before taking: one that gets ready in between is taken, not missed.
      const starting = await isOneStarting()
      const [row] = await take(instanceId)
      if (row) {
        if (await isUsable(row)) return claimed(row)
        await pool.query(`UPDATE standbys SET state = 'broken', claimed_by = NULL WHERE id = $1`, [row.id])
        continue
      }
      if (!starting) {
        await evictLate()
        // The same instance's other claim may just have taken the one that we passed over as locked.
        const [late] = await rows(`SELECT ${columns} FROM standbys WHERE claimed_by = $1`, [instanceId])
        return late ? claimed(late) : null
      }
      await wait(STARTING_POLL_MS)
    }
  }

  /** Waited for long enough: the place it holds is a customer's. Its maker notices by the row, which stays until both are gone. */
  async function evictLate(): Promise<void> {
    const late = await rows(
      `UPDATE standbys SET state = 'broken'
       WHERE state = 'starting' AND host_provider = $1 AND created_at <= now() - make_interval(secs => $2) RETURNING ${columns}`,
      [provider.name, STARTING_PATIENCE_SECONDS],
    )
    for (const row of late) {
      log.warn({ host: row.host_id }, 'a standby did not become ready in time; its place is given to a deploy')
      await provider
        .delete(row.host_id)
        .catch((error: unknown) => log.warn({ error, host: row.host_id }, 'a late standby is removed by the next refill'))
    }
  }

  async function take(instanceId: string): Promise<Row[]> {
    try {
      return await rows(
        `UPDATE standbys SET state = 'claimed', claimed_by = $1
         WHERE id = (SELECT id FROM standbys WHERE state = 'ready' AND host_provider = $2 AND runtime_version = $3
                     ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING ${columns}`,
        [instanceId, provider.name, runtimeVersion],
      )
    } catch (error) {
      // The same instance claimed at the same moment: its row is there now.
      if (error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION)
        return rows(`SELECT ${columns} FROM standbys WHERE claimed_by = $1`, [instanceId])
      throw error
    }
  }

  /** One that has begun is ready sooner than another that begins now, and two at once slow each other down. */
  async function isOneStarting(): Promise<boolean> {
    const { rowCount } = await pool.query(
      `SELECT 1 FROM standbys WHERE state = 'starting' AND host_provider = $1 AND runtime_version = $2 AND created_at > now() - make_interval(secs => $3)`,
      [provider.name, runtimeVersion, STARTING_PATIENCE_SECONDS],
    )
    return rowCount !== null && rowCount > 0
  }

  /** Runs, and sends its model calls where they go now: our own address or the provider's may have changed since it was made. */
  async function isUsable(row: Row): Promise<boolean> {
    const host = await provider.find(row.host_id)
    if (!host || (await host.serviceStatus()).state !== 'running') return false
    const root = await modelApiRootOf(host)
    return root === null || root === roots.openrouter
  }

  async function refill(): Promise<void> {
    const client = await pool.connect()
    try {
      // Held by the connection: it goes with a process that dies.
      const { rows: answer } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [REFILL_LOCK])
      if (!answer[0]?.locked) return
      try {
        await removeLeftovers()
        while (!stopping.signal.aborted && (await isWanted())) if (!(await startOne())) break
      } finally {
        await client.query('SELECT pg_advisory_unlock($1)', [REFILL_LOCK])
      }
    } finally {
      client.release()
    }
  }

  async function removeLeftovers(): Promise<void> {
    for (const row of await rows(
      `SELECT ${columns} FROM standbys WHERE state = 'ready' AND host_provider = $1 AND runtime_version = $2`,
      [provider.name, runtimeVersion],
    )) {
      if (!(await isUsable(row)))
        await pool.query(`UPDATE standbys SET state = 'broken' WHERE id = $1 AND state = 'ready'`, [row.id])
    }
    // Of another version than is wanted now, or of an instance that is over.
    await pool.query(
      `UPDATE standbys SET state = 'broken' WHERE state = 'ready' AND host_provider = $1 AND runtime_version <> $2`,
      [provider.name, runtimeVersion],
    )
    await pool.query(
      `UPDATE standbys s SET state = 'broken', claimed_by = NULL WHERE state = 'claimed' AND host_provider = $1
         AND NOT EXISTS (SELECT 1 FROM instances i WHERE i.id = s.claimed_by AND i.destroyed_at IS NULL)`,
      [provider.name],
    )
    for (const row of await rows(`SELECT ${columns} FROM standbys WHERE state IN ('starting', 'broken') AND host_provider = $1`, [
      provider.name,
    ]))
      await remove(row)
  }

  async function remove(row: Pick<Row, 'id' | 'host_id'>): Promise<void> {
    await provider.delete(row.host_id)
    await pool.query(`DELETE FROM standbys WHERE id = $1 AND state IN ('starting', 'broken')`, [row.id])
  }

  async function isWanted(): Promise<boolean> {
    if ((await claimable()) >= size) return false
    // A deploy at work needs the processor more, and may want the very place.
    const { rowCount: deploying } = await pool.query(
      `SELECT 1 FROM operations WHERE kind = 'deploy' AND finished_at IS NULL LIMIT 1`,
    )
    if (deploying) return false
    const { total, used } = await provider.capacity(runtimeVersion)
    return used < total && availableMemoryMb() >= provider.memoryPerGatewayMb + SPARE_MEMORY_MB
  }

  /** False if it failed: the next refill tries again. */
  async function startOne(): Promise<boolean> {
    const id = ids.create('sby')
    const token = ids.create('gw')
    const row = { id, host_id: `${HOST_PREFIX}${id.replace(/^sby_/, '')}` }
    await pool.query(
      `INSERT INTO standbys (id, host_provider, host_id, runtime_version, gateway_token_sealed, state, created_at) VALUES ($1, $2, $3, $4, $5, 'starting', $6)`,
      [id, provider.name, row.host_id, runtimeVersion, box.seal(token, standbyTokenPurpose(id)), clock.now()],
    )
    const startedAt = performance.now()
    const created = await provider.create({ name: row.host_id, runtimeVersion })
    if (created.ok && !(await isStillWanted(id))) {
      await remove(row)
      return false
    }
    const warmed = created.ok
      ? await warmUp(created.value, { token, model: MODEL, roots, clock, log, redact, signal: stopping.signal })
      : created
    if (warmed.ok) {
      const { rowCount } = await pool.query(`UPDATE standbys SET state = 'ready' WHERE id = $1 AND state = 'starting'`, [id])
      if (rowCount === 0) {
        await remove(row)
        return false
      }
      log.info({ host: row.host_id, seconds: Math.round((performance.now() - startedAt) / 1000) }, 'a standby gateway is ready')
      return true
    }
    log.warn(
      { host: row.host_id, problem: warmed.problem.code, detail: warmed.problem.detail },
      'no standby could be started; tried again later',
    )
    if (!stopping.signal.aborted) await remove(row)
    return false
  }

  /** False when a deploy took its place while it was made. */
  async function isStillWanted(id: string): Promise<boolean> {
    const { rowCount } = await pool.query(`SELECT 1 FROM standbys WHERE id = $1 AND state = 'starting'`, [id])
    return rowCount === 1
  }

  async function claimable(): Promise<number> {
    const { rows: counted } = await pool.query(
      `SELECT count(*)::int AS count FROM standbys WHERE state = 'ready' AND host_provider = $1 AND runtime_version = $2`,
      [provider.name, runtimeVersion],
    )
    return z.tuple([z.object({ count: z.number() })]).parse(counted)[0].count
  }

  return {
    claim,
    claimable,
    refill() {
      if (stopping.signal.aborted) return Promise.resolve()
      refilling ??= refill().finally(() => {
        refilling = null
      })
      return refilling
    },
    async stop() {
      stopping.abort()
      await refilling?.catch((error: unknown) => log.warn({ error }, 'a standby was given up'))
    },
  }
}
