import { join } from 'node:path'
import type { Host, ServiceSpec } from '../hosts/index.ts'

/**
 * Old-space limit of the gateway's JavaScript heap. With it a gateway peaks at 1.2 GB of memory, buffers and native parts included,
 * which fits the 1.5 GB it is counted with; without it the heap grows until the machine is short.
 */
const HEAP_MB = 640

/** The same folders and quiet behaviour for the gateway and for OpenClaw's command line. */
export function openclawEnvironment(host: Host): Record<string, string> {
  return {
    OPENCLAW_STATE_DIR: host.stateDirectory,
    OPENCLAW_OFFLINE: '1',
    OPENCLAW_NO_AUTO_UPDATE: '1',
    OPENCLAW_DISABLE_BONJOUR: '1',
    OPENCLAW_NO_RESPAWN: '1',
    // Compiled code shared by all gateways of a runtime: saves a third of the start. The second variable keeps OpenClaw from
    // starting itself once more to set the first, which would hide the gateway behind a wrapper process.
    NODE_COMPILE_CACHE: join(host.runtime.directory, 'compile-cache'),
    OPENCLAW_PACKAGED_COMPILE_CACHE_RESPAWNED: '1',
    HOME: host.stateDirectory,
    TMPDIR: join(host.stateDirectory, 'tmp'),
  }
}

/** OpenClaw's command line on the host. */
export const openclawCommand = (host: Host, ...words: readonly string[]): readonly string[] => [
  host.runtime.node,
  join(host.runtime.directory, 'node_modules', 'openclaw', 'openclaw.mjs'),
  ...words,
]

/** How a host runs its gateway. Holds no secret: token and keys are in OpenClaw's own store. */
export const gatewayService = (host: Host): ServiceSpec => ({
  command: openclawCommand(host, 'gateway', 'run'),
  env: { ...openclawEnvironment(host), NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}` },
})
