import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

export type PortRange = { readonly first: number; readonly last: number }

/** Below the ports that Linux and macOS give to outgoing connections (32768 and 49152 upwards), so none of those is in the way. */
export const GATEWAY_PORTS: PortRange = { first: 20_000, last: 31_999 }

/**
 * Where a service with this data folder begins to look. A gateway listens seconds after its port was found free, so two services of one
 * machine that looked at the same ports would choose the same.
 */
export function firstPort(range: PortRange, dataDirectory: string): number {
  const spread = createHash('sha256').update(dataDirectory).digest().readUInt32BE()
  return range.first + (spread % (range.last - range.first + 1))
}

/** The first port from `from` on (round the range) that nobody listens on and that is not in `taken`; null if there is none. */
export async function freePort(range: PortRange, taken: ReadonlySet<number>, from: number): Promise<number | null> {
  const count = range.last - range.first + 1
  for (let index = 0; index < count; index++) {
    const port = range.first + ((from - range.first + index) % count)
    if (!taken.has(port) && (await isFree(port))) return port
  }
  return null
}

/** Whether this process could listen there, on loopback. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen({ port, host: '127.0.0.1', exclusive: true })
    await once(server, 'listening')
  } catch {
    // In use, or not ours to use.
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
