import { fileURLToPath } from 'node:url'
import type { Clock } from '../../core/clock.ts'
import { warmUpGateway } from '../../core/gateway/index.ts'
import { createLocalHostProvider, createRuntimeInstaller, type LocalHostProvider } from '../../core/hosts/index.ts'
import { modelRoots, quietLog, systemClock } from './services.ts'

/** The version that tests run against; the product's default is the same. */
export const OPENCLAW_VERSION = '2026.9.6'

/** Once per clone: 790 MB that repeated runs and all tests share. A service under test gets it as `<DATA_DIR>/runtimes`, by a symbolic link. */
export const RUNTIMES_DIRECTORY = fileURLToPath(new URL('../../.cache/openclaw', import.meta.url))

/** A first installation takes half a minute, on a slow line several. */
export const INSTALL_TIMEOUT_MS = 600_000

const testInstaller = () => createRuntimeInstaller({ directory: RUNTIMES_DIRECTORY, log: quietLog })

/** Installs the runtime if need be, by the product's own installer, and says where it is. */
export async function openclawRuntime(): Promise<string> {
  const installed = await testInstaller().install(OPENCLAW_VERSION)
  if (!installed.ok) throw new Error(`${installed.problem.code}: ${installed.problem.detail ?? ''}`)
  return installed.value.directory
}

/** The local provider with the shared runtime, compiled ahead, and a data folder of the test's own. */
export const localHosts = (
  dataDirectory: string,
  options: {
    readonly memoryMb?: number
    readonly clock?: Clock
    readonly environment?: Readonly<Record<string, string>>
  } = {},
): LocalHostProvider => {
  const clock = options.clock ?? systemClock
  return createLocalHostProvider({
    dataDirectory,
    clock,
    log: quietLog,
    memoryMb: options.memoryMb ?? 8192,
    ...(options.environment && { environment: options.environment }),
    installer: testInstaller(),
    warmRuntime: (host) =>
      warmUpGateway(host, {
        token: 'gw_warm_up',
        model: 'openai/gpt-5.4-mini',
        roots: modelRoots('http://127.0.0.1:9/api/v1'),
        clock,
        log: quietLog,
        redact: (text) => text,
      }),
  })
}
