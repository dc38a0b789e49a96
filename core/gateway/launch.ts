import { join } from 'node:path'
import type { JsonObject } from '../chat/view.ts'
import type { Host } from '../hosts/index.ts'
import type { Source } from '../models/index.ts'
import { ProblemError } from '../problem.ts'
import { gatewayProblem } from './problems.ts'
import { gatewayService, openclawCommand, openclawEnvironment } from './service.ts'
import { configuredModelApiRoot, GATEWAY_TOKEN_SECRET, movedProviders, openclawConfig } from './settings.ts'
import type { ModelRoots } from './sources.ts'

const CONFIG_FILE = 'openclaw.json'
/** Takes two seconds on an idle machine; other gateways may be starting on this one. */
const STORE_SECONDS = 90

export type LaunchOptions = {
  readonly token: string
  /** Source and model: only a host that was never launched is configured with them. */
  readonly source: Source
  readonly model: string
  readonly roots: ModelRoots
}

/**
 * Configures the host's OpenClaw if it never was, and starts it; a running one is left alone. Does not wait until it is ready.
 * Settings that OpenClaw or the customer changed since the first launch stay; its port and the root of its model calls are ours.
 * Throws ProblemError (no-port, gateway-failed).
 */
export async function launchGateway(host: Host, options: LaunchOptions): Promise<void> {
  const status = await host.serviceStatus()
  if (status.state === 'running') return
  if (status.state === 'unknown') throw new ProblemError(gatewayProblem('gateway-unreachable', status.reason))

  const port = await host.reservePort()
  if (!port.ok) throw new ProblemError(port.problem)
  const existing = await host.readFile(CONFIG_FILE)
  if (existing === null) await configure(host, port.value, options)
  else await setAddresses(host, { port: port.value, roots: options.roots }, existing)
  await host.startService(gatewayService(host))
}

// The configuration is written last: where it is, the token is stored. OpenClaw does not start without the token, so the first one has
// to be stored by its command line, from standard input; everything later goes over RPC.
async function configure(host: Host, port: number, options: LaunchOptions): Promise<void> {
  const environment = Object.entries(openclawEnvironment(host)).map(([name, value]) => `${name}=${value}`)
  const store = openclawCommand(host, 'secrets', 'store', 'set', GATEWAY_TOKEN_SECRET, '--kind', 'secret')
  const stored = await host.exec(['/usr/bin/env', ...environment, ...store], {
    timeoutSeconds: STORE_SECONDS,
    stdin: options.token,
  })
  if (!stored.ok) throw new ProblemError(stored.problem)
  if (stored.value.code !== 0)
    throw new ProblemError(
      gatewayProblem('gateway-failed', `secrets store set ended with ${stored.value.code}: ${stored.value.stderr.slice(-300)}`),
    )

  const config = openclawConfig({
    port,
    source: options.source,
    model: options.model,
    roots: options.roots,
    stateDirectory: host.stateDirectory,
    workspaceDirectory: join(host.stateDirectory, 'workspace'),
  })
  await host.writeFile(CONFIG_FILE, `${JSON.stringify(config, null, 2)}\n`)
}

async function setAddresses(host: Host, wanted: { port: number; roots: ModelRoots }, existing: string): Promise<void> {
  const config = asObject(JSON.parse(existing))
  const gateway = asObject(config.gateway)
  const moved = movedProviders(existing, wanted.roots)
  if (gateway.port === wanted.port && moved === null) return
  const ported = { ...config, gateway: { ...gateway, port: wanted.port } }
  const changed = moved === null ? ported : merged(ported, moved)
  await host.writeFile(CONFIG_FILE, `${JSON.stringify(changed, null, 2)}\n`)
}

/** What a host's gateway must be told because providers are elsewhere now, as its configuration on disk says; null: nothing. */
export async function movedProvidersOf(host: Pick<Host, 'readFile'>, roots: ModelRoots): Promise<JsonObject | null> {
  const text = await host.readFile(CONFIG_FILE)
  return text === null ? null : movedProviders(text, roots)
}

/** Where a host's gateway sends its model calls, as its configuration on disk says; null if it has none or does not say. */
export async function modelApiRootOf(host: Pick<Host, 'readFile'>): Promise<string | null> {
  const text = await host.readFile(CONFIG_FILE)
  return text === null ? null : configuredModelApiRoot(text)
}

/** Objects key by key; everything else of `change` replaces what was there. */
function merged(base: Record<string, unknown>, change: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const result = { ...base }
  for (const [key, value] of Object.entries(change)) {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    result[key] = isObject ? merged(asObject(base[key]), asObject(value)) : value
  }
  return result
}

const asObject = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
