import { z } from 'zod'
import { movedProvidersOf } from '../gateway/index.ts'
import type { Services } from '../services.ts'
import { gatewayOf } from './instance.ts'

const Row = z.object({ id: z.string(), host_id: z.string(), gateway_token_sealed: z.string() })

/**
 * Gateways outlive us. One that was started by an earlier process of ours may call models where they are no longer: our own address
 * (in the sandbox) or the provider's root was changed since. Each that runs when we start is looked at once and, if so, told the new
 * root while it runs; one that does not answer is looked at again at the next call. A gateway that is started later gets it then.
 */
export function createAdoption(services: Services): () => Promise<void> {
  const { database, hosts, log, settings } = services
  /** Ids still to be looked at; null before the first look. */
  let waiting: ReadonlySet<string> | null = null

  async function rows(ids: readonly string[] | null) {
    const { rows: found } = await database.pool.query(
      `SELECT id, host_id, gateway_token_sealed FROM instances
       WHERE state IN ('running', 'degraded') AND host_provider = $1 AND host_id IS NOT NULL AND gateway_token_sealed IS NOT NULL
         AND ($2::text[] IS NULL OR id = ANY ($2))`,
      [hosts.name, ids],
    )
    return z.array(Row).parse(found)
  }

  /** True if there is nothing (more) to do for it. */
  async function adopt({ id, host_id: hostId, gateway_token_sealed: gatewayTokenSealed }: z.infer<typeof Row>): Promise<boolean> {
    const host = await hosts.find(hostId)
    if (!host) return true
    const moved = await movedProvidersOf(host, settings.modelRoots)
    if (moved === null) return true
    const service = await host.serviceStatus()
    if (service.state === 'stopped') return true
    const gateway = await gatewayOf(services, { id, hostId, gatewayTokenSealed })
    const told = await gateway.moveProviders(moved)
    if (told.ok) log.info({ instanceId: id }, 'a running gateway was told where models are now')
    else log.warn({ instanceId: id, problem: told.problem.code }, 'a gateway could not be told where models are now; tried again')
    return told.ok
  }

  return async () => {
    if (waiting?.size === 0) return
    const left = new Set<string>()
    for (const row of await rows(waiting && [...waiting])) {
      try {
        if (!(await adopt(row))) left.add(row.id)
      } catch (error) {
        log.warn({ error, instanceId: row.id }, 'a gateway could not be looked over; tried again')
        left.add(row.id)
      }
    }
    waiting = left
  }
}
