import type { Pool } from 'pg'
import type { Ids } from '../clock.ts'
import type { Log } from '../log.ts'
import { ProblemError } from '../problem.ts'
import { Execution, type ExecutionDependencies, OperationRow, STOPPING } from './execution.ts'
import { LaidAside } from './laid-aside.ts'
import type { NewOperation, OperationKind, Operations } from './operation.ts'

/** How long a process holds an operation without a sign of life. After a crash this is the longest wait. */
const LEASE_SECONDS = 15

/** An operation that threw where only a bug or the database can throw is tried again after this long, then ever more rarely. */
const FIRST_BACK_OFF_SECONDS = 2
const LONGEST_BACK_OFF_SECONDS = 60

/** How long a released operation is left alone. */
const pauseAfter = (error: unknown, attempts: number): number =>
  error === STOPPING
    ? 0
    : error instanceof LaidAside
      ? error.seconds
      : Math.min(LONGEST_BACK_OFF_SECONDS, FIRST_BACK_OFF_SECONDS * 2 ** Math.min(attempts - 1, 10))

export type EngineDependencies<Services> = Omit<ExecutionDependencies<Services>, 'wake'> & {
  readonly kinds: readonly OperationKind<Services>[]
  /** Hands an operation to a worker; a second hand-over of the same attempt, while the first waits or runs, is dropped. */
  readonly enqueue: (operationId: string, requestId: string, kind: string, attempts: number) => Promise<void>
  /** Whether another lease owner is known to be dead (a process of this machine that is gone). */
  readonly isDead: (leaseOwner: string) => boolean
  readonly ids: Ids
  readonly log: Log
  /** Shorter only in tests. */
  readonly leaseSeconds?: number
}

/** Runs operations: rows are the truth, jobs only wake. See DESIGN "Work that must not be lost". */
export function createEngine<Services>(dependencies: EngineDependencies<Services>) {
  const { database, ids, leaseOwner, leaseSeconds = LEASE_SECONDS } = dependencies
  const pool: Pool = database.pool
  const kinds = new Map(dependencies.kinds.map((kind) => [kind.kind, kind]))
  const exclusiveKinds = dependencies.kinds.filter((kind) => kind.exclusive).map((kind) => kind.kind)
  const stopping = new AbortController()
  const running = new Map<string, Promise<void>>()

  const operations: Operations = {
    async start(transaction, operation: NewOperation) {
      const exclusive = exclusiveKinds.includes(operation.kind)
      if (exclusive && operation.instanceId !== undefined) {
        // Two that start at the same moment: the second waits here, and then sees the first.
        await transaction.$queryRaw`SELECT FROM instances WHERE id = ${operation.instanceId} FOR NO KEY UPDATE`
        const busy = await transaction.operation.findFirst({
          where: { instanceId: operation.instanceId, finishedAt: null, kind: { in: exclusiveKinds } },
          select: { kind: true },
        })
        if (busy)
          throw new ProblemError({
            code: 'operation-busy',
            retryable: true,
            text: { id: 'operation-busy', args: { kind: busy.kind } },
          })
      }
      const limit = kinds.get(operation.kind)?.limit
      if (limit && operation.instanceId !== undefined) {
        const alive = await transaction.operation.count({
          where: { instanceId: operation.instanceId, finishedAt: null, kind: { in: [...(limit.kinds ?? [operation.kind])] } },
        })
        if (alive >= limit.most) throw new ProblemError({ code: 'operation-limit', retryable: true, text: limit.text })
      }
      const id = ids.create('op')
      await transaction.operation.create({
        data: {
          id,
          kind: operation.kind,
          instanceId: operation.instanceId ?? null,
          orderId: operation.orderId ?? null,
          args: operation.args ?? {},
          platform: operation.place?.platform ?? null,
          chatId: operation.place?.chatId ?? null,
          userId: operation.place?.userId ?? null,
          viewId: operation.place?.viewId ?? null,
          language: operation.place?.language ?? 'en',
          requestId: operation.requestId,
        },
      })
      return { id }
    },
    wake: () =>
      void sweep().catch((error: unknown) =>
        dependencies.log.warn({ error }, 'operations could not be woken; the next sweep will'),
      ),
  }

  const execution: ExecutionDependencies<Services> = { ...dependencies, wake: operations.wake }

  /** Enqueues every operation that has a row and nobody working on it. Losing the queue loses nothing. */
  async function sweep(): Promise<void> {
    if (stopping.signal.aborted) return
    const { rows } = await pool.query<{ id: string; request_id: string; kind: string; attempts: number }>({
      name: 'operations_due',
      text: `SELECT id, request_id, kind, attempts FROM operations
             WHERE finished_at IS NULL AND not_before <= now() AND (lease_until IS NULL OR lease_until < now()) ORDER BY created_at LIMIT 200`,
    })
    for (const row of rows) await dependencies.enqueue(row.id, row.request_id, row.kind, row.attempts)
  }

  /** Frees what dead processes of this machine held, so that a restart need not wait for their leases. */
  async function releaseDead(): Promise<void> {
    const { rows } = await pool.query<{ lease_owner: string }>(
      'SELECT DISTINCT lease_owner FROM operations WHERE finished_at IS NULL AND lease_owner IS NOT NULL',
    )
    const dead = rows.map((row) => row.lease_owner).filter((owner) => owner !== leaseOwner && dependencies.isDead(owner))
    if (dead.length > 0)
      await pool.query(
        'UPDATE operations SET lease_until = NULL, lease_owner = NULL WHERE finished_at IS NULL AND lease_owner = ANY ($1)',
        [dead],
      )
  }

  /** Runs an operation until it is finished, given up for now, or the service stops. Safe to call for any id at any time. */
  function run(operationId: string): Promise<void> {
    const already = running.get(operationId)
    if (already) return already
    const work = lease(operationId).finally(() => running.delete(operationId))
    running.set(operationId, work)
    return work
  }

  async function lease(operationId: string): Promise<void> {
    const leasedAt = performance.now()
    const { rows } = await pool.query(
      `UPDATE operations SET lease_owner = $2, lease_until = now() + make_interval(secs => $3), attempts = attempts + 1
       WHERE id = $1 AND finished_at IS NULL AND not_before <= now() AND (lease_until IS NULL OR lease_until < now()) RETURNING *`,
      [operationId, leaseOwner, leaseSeconds],
    )
    if (!rows[0]) return
    const row = OperationRow.parse(rows[0])
    const kind = kinds.get(row.kind)
    const log = dependencies.log.child({ requestId: row.request_id, operationId, kind: row.kind })
    if (!kind) {
      dependencies.report('unknown-operation', `unknown-operation:${row.kind}`, { operationId })
      return void (await release(operationId, LONGEST_BACK_OFF_SECONDS))
    }
    const lost = new AbortController()
    // Counted from when the renewal was sent: the database counts from a little later.
    const expiring = (renewedAt: number) =>
      setTimeout(() => lost.abort(STOPPING), renewedAt + leaseSeconds * 1000 - performance.now())
    let expiry = expiring(leasedAt)
    let over = false
    const renewal = setInterval(
      () => {
        const sentAt = performance.now()
        pool
          .query(`UPDATE operations SET lease_until = now() + make_interval(secs => $3) WHERE id = $1 AND lease_owner = $2`, [
            operationId,
            leaseOwner,
            leaseSeconds,
          ])
          .then((result) => {
            if (result.rowCount === 0) return lost.abort(STOPPING)
            clearTimeout(expiry)
            if (!over) expiry = expiring(sentAt)
          })
          .catch((error: unknown) => log.warn({ error }, 'the lease could not be renewed'))
      },
      (leaseSeconds * 1000) / 3,
    )
    try {
      await new Execution(execution, row, kind, log, AbortSignal.any([stopping.signal, lost.signal])).go()
    } catch (error) {
      if (error instanceof LaidAside) log.info({ seconds: error.seconds }, 'an operation waits for another system')
      else if (error === STOPPING) log.info({}, 'an operation is left for the next start, or for who has its lease now')
      else {
        log.error({ error }, 'an operation could not go on and is tried again')
        dependencies.report('operation-stuck', `operation-stuck:${operationId}`, {
          kind: row.kind,
          reason: error instanceof Error ? error.name : typeof error,
        })
      }
      await release(operationId, pauseAfter(error, row.attempts)).catch((failure: unknown) =>
        log.warn({ error: failure }, 'a lease could not be released; it ends by itself'),
      )
    } finally {
      over = true
      clearInterval(renewal)
      clearTimeout(expiry)
    }
  }

  const release = (operationId: string, backOffSeconds: number) =>
    pool.query(
      `UPDATE operations SET lease_until = NULL, lease_owner = NULL,
              not_before = CASE WHEN $3::float8 > 0 THEN now() + make_interval(secs => $3::float8) ELSE not_before END
       WHERE id = $1 AND lease_owner = $2`,
      [operationId, leaseOwner, backOffSeconds],
    )

  return {
    operations,
    sweep,
    releaseDead,
    run,
    /** Interrupts the running steps; their rows stay and go on at the next start. */
    async stop(): Promise<void> {
      stopping.abort(STOPPING)
      await Promise.allSettled(running.values())
    },
  }
}
