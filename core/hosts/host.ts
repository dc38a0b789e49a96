import type { Result } from '../problem.ts'

/** How to start the one service a host runs for us, the gateway. Secrets go in `env` only if nothing else works. */
export type ServiceSpec = {
  /** Argument vector; the first is an absolute path on the host. */
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** `since` is when it was started, by this process or an earlier one. */
export type ServiceStatus =
  | { readonly state: 'running'; readonly since: Date; readonly processId: number }
  /**
   * Never started, stopped by us (both `onPurpose`) or ended by itself; the exit code is known only to the process that started it.
   */
  | { readonly state: 'stopped'; readonly exitCode: number | null; readonly onPurpose?: true }
  /** The host did not say. Nothing may be concluded from it. */
  | { readonly state: 'unknown'; readonly reason: string }

/** A machine (or a state directory on this one) that holds exactly one customer's gateway. */
export type Host = {
  readonly id: string
  /** Absolute folder on the host for the gateway's state; private to the instance. */
  readonly stateDirectory: string
  /** Port the gateway listens on, on the host's own loopback. Read anew at each use: `reservePort` may change it. */
  readonly gatewayPort: number
  /** Where the OpenClaw runtime is on the host: folder with node_modules/openclaw, and its Node binary. */
  readonly runtime: { readonly directory: string; readonly node: string; readonly version: string }
  exec(
    command: readonly string[],
    options: { readonly timeoutSeconds: number; readonly stdin?: string },
  ): Promise<Result<{ readonly code: number; readonly stdout: string; readonly stderr: string }>>
  /** Atomically (temporary file and rename), mode 600 unless given. Path relative to the state directory. Throws ProblemError disk-full. */
  writeFile(path: string, content: string, mode?: number): Promise<void>
  /** Null if there is no such file. Path relative to the state directory. */
  readFile(path: string): Promise<string | null>
  /** A way from here to a port on the host's loopback (directly, or through a tunnel for a cloud server). */
  connect(port: number): Promise<{ readonly host: string; readonly port: number; close(): Promise<void> }>
  /**
   * Before a start: the gateway port, or the next one if a stranger listens there by now. Whoever calls it writes the result into the
   * gateway's settings. Errors: no-port.
   */
  reservePort(): Promise<Result<number>>
  /** Idempotent: a running service with the same spec is left alone, one with another is replaced. */
  startService(spec: ServiceSpec): Promise<void>
  /** Idempotent; asks, waits, then kills. */
  stopService(): Promise<void>
  serviceStatus(): Promise<ServiceStatus>
  /** The last lines the service printed, unredacted. */
  serviceOutput(lines: number): Promise<string>
}

export type HostSpec = {
  /** Our resource name, derived from our id (`oc-<id>`): found before created. */
  readonly name: string
  readonly runtimeVersion: string
  readonly onProgress?: (note: { readonly done: number; readonly total: number }) => void
}

/** What keeps a machine from taking another host though it has the memory. */
export const HOST_TROUBLES = ['disk-full', 'runtime-unavailable'] as const
export type HostTrouble = (typeof HOST_TROUBLES)[number]

/** With a trouble, `total` is what there is already. */
export type HostCapacity = { readonly total: number; readonly used: number; readonly trouble?: HostTrouble }

/** Where hosts come from: local, docker, hetzner. One contract suite for all. */
export type HostProvider = {
  readonly name: string
  /** Memory that one gateway is counted with, in MB. */
  readonly memoryPerGatewayMb: number
  /** How many gateways of a runtime fit, and how many there are (standbys included). Known here is not tried only when somebody has paid. */
  capacity(runtimeVersion: string): Promise<HostCapacity>
  /** Finds by name first. Errors: host-full, disk-full, runtime-unavailable, no-port. */
  create(spec: HostSpec): Promise<Result<Host>>
  /** Null only when the provider confirms that there is none; throws when it can't tell. */
  find(name: string): Promise<Host | null>
  /**
   * Of providers whose hosts belong to one machine: whether a host of this name was made at this very place and not deleted by us.
   * If so, not finding it means that it is gone; if not, that this may be the wrong place to look.
   */
  wasHere?(name: string): Promise<boolean>
  list(): Promise<readonly { readonly name: string; readonly createdAt: Date }[]>
  /** Stops the service and removes everything. Gone already is success. */
  delete(name: string): Promise<void>
  /** What must be on hand before the first host (the runtime): started early, awaited by create. */
  prepare(
    runtimeVersion: string,
    onProgress?: (note: { readonly done: number; readonly total: number }) => void,
  ): Promise<Result<void>>
}
