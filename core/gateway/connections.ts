import type { HostProvider } from '../hosts/index.ts'
import { ProblemError } from '../problem.ts'
import { createGateway, type GatewayOptions } from './create-gateway.ts'
import type { Gateway } from './gateway.ts'

export type GatewayConnections = {
  /** The connection to an instance's gateway, one per instance. Throws ProblemError (host-gone) if its host is gone. */
  of(instance: { readonly instanceId: string; readonly hostId: string; readonly token: string }): Promise<Gateway>
  close(): Promise<void>
}

/** Keeps a connection per instance; each closes by itself when it is idle. */
export function createGatewayConnections({
  hosts,
  ...options
}: Omit<GatewayOptions, 'host' | 'token'> & { readonly hosts: HostProvider }): GatewayConnections {
  const known = new Map<string, { readonly hostId: string; readonly token: string; readonly gateway: Gateway }>()
  return {
    async of({ instanceId, hostId, token }) {
      const current = known.get(instanceId)
      if (current?.hostId === hostId && current.token === token) return current.gateway
      const host = await hosts.find(hostId)
      if (!host) throw new ProblemError({ code: 'host-gone', retryable: false, text: { id: 'host-gone' } })
      const gateway = createGateway({ host, token, ...options })
      known.set(instanceId, { hostId, token, gateway })
      await current?.gateway.close()
      return gateway
    },
    async close() {
      await Promise.all([...known.values()].map(({ gateway }) => gateway.close()))
      known.clear()
    },
  }
}
