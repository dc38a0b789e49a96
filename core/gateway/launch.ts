import { join } from 'node:path'
import type { Host } from '../hosts/index.ts'
import { ProblemError } from '../problem.ts'
import { gatewayProblem } from './problems.ts'
import { gatewayService, openclawCommand, openclawEnvironment } from './service.ts'
import { GATEWAY_TOKEN_SECRET, openclawConfig } from './settings.ts'

const CONFIG_FILE = 'openclaw.json'
/** Takes two seconds on an idle machine; other gateways may be starting on this one. */
const STORE_SECONDS = 90

export type LaunchOptions = {
  readonly token: string
  /** Managed id; only a host that was never launched is configured with it. */
  readonly model: string
  readonly modelApiRoot: string
}

/**
 * Configures the host's OpenClaw if it never was, and starts it; a running one is left alone. Does not wait until it is ready.
 * Settings that OpenClaw or the customer changed since the first launch stay. Throws ProblemError (no-port, gateway-failed).
 */
export async function launchGateway(host: Host, options: LaunchOptions): Promise<void> {
  const status = await host.serviceStatus()
  if (status.state === 'running') return
  if (status.state === 'unknown') throw new ProblemError(gatewayProblem('gateway-unreachable', status.reason))

  const port = await host.reservePort()
  if (!port.ok) throw new ProblemError(port.problem)
  const existing = await host.readFile(CONFIG_FILE)
  if (existing === null) await configure(host, port.value, options)
  else await setPort(host, port.value, existing)
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
    model: options.model,
    modelApiRoot: options.modelApiRoot,
    stateDirectory: host.stateDirectory,
    workspaceDirectory: join(host.stateDirectory, 'workspace'),
  })
  await host.writeFile(CONFIG_FILE, `${JSON.stringify(config, null, 2)}\n`)
}

async function setPort(host: Host, port: number, existing: string): Promise<void> {
  const config = asObject(JSON.parse(existing))
  const gateway = asObject(config.gateway)
  if (gateway.port === port) return
  await host.writeFile(CONFIG_FILE, `${JSON.stringify({ ...config, gateway: { ...gateway, port } }, null, 2)}\n`)
}

const asObject = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
