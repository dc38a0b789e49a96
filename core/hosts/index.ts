export type { Host, HostCapacity, HostProvider, HostSpec, HostTrouble, ServiceSpec, ServiceStatus } from './host.ts'
export {
  createLocalHostProvider,
  createRuntimeInstaller,
  type LocalHostProvider,
  type LocalHostProviderOptions,
  memoryMbOf,
  type RuntimeInstaller,
} from './local/index.ts'
export { createStandbyPool, type StandbyPool, type StandbyPoolOptions } from './standby.ts'
export { decide, type SupervisorAction, type SupervisorInput } from './supervisor.ts'
