import type { Database } from '../prisma/database.ts'
import type { Report } from './alerts.ts'
import type { PaymentProvider, Plan } from './billing/index.ts'
import type { ChannelVendors } from './channels/index.ts'
import type { Clock, Ids } from './clock.ts'
import type { Meter, SubKeys } from './credits/index.ts'
import type { Gateway, ModelRoots } from './gateway/index.ts'
import type { HostProvider } from './hosts/index.ts'
import type { Localiser } from './i18n/index.ts'
import type { KeyApi } from './keys/index.ts'
import type { Log } from './log.ts'
import type { Catalogue, Catalogues } from './models/index.ts'
import type { Notices } from './notices/index.ts'
import type { Operations } from './operations/index.ts'
import type { SecretBox } from './secrets/index.ts'

/** What commands, steps and jobs may use; built once by main.ts, and by tests with stand-ins behind the same ports. */
export type Services = {
  readonly database: Database
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly box: SecretBox
  readonly payments: PaymentProvider
  readonly subKeys: SubKeys
  /** Of managed credit. */
  readonly catalogue: Catalogue
  /** Customers' own keys, tried at their providers. */
  readonly keys: KeyApi
  /** Of whoever sells an assistant's AI. */
  readonly catalogues: Catalogues
  readonly channels: ChannelVendors
  readonly hosts: HostProvider
  /** A gateway that was started ahead, now this instance's; null if there is none. Idempotent per instance. */
  claimStandby(
    instanceId: string,
    signal?: AbortSignal,
  ): Promise<{ readonly hostName: string; readonly gatewayToken: string } | null>
  /** The plans on sale, in order; cached. */
  plans(): Promise<readonly Plan[]>
  readonly meter: { read(instanceId: string): Promise<Meter>; last(instanceId: string): Promise<Meter> }
  /** For what an assistant says by itself in its own channel; everything of ours is said through views. */
  readonly localiser: Localiser
  /** Last log lines, redacted; from the host's own output when the gateway does not answer. */
  instanceLogs(
    instance: { readonly id: string; readonly hostId: string | null; readonly gatewayTokenSealed: string | null },
    lines: number,
  ): Promise<string>
  readonly operations: Operations
  readonly report: Report
  readonly notices: Notices
  /** A connection to the gateway of a host; cached, reconnects by itself. */
  gateway(instance: { readonly id: string; readonly hostId: string; readonly gatewayTokenSealed: string }): Promise<Gateway>
  /** What a platform calls a role of one of its groups; null if it can't tell. */
  roleName(platform: string, groupId: string, roleId: string): Promise<string | null>
  readonly settings: {
    readonly publicUrl: string
    readonly brandName: string
    readonly supportContact: string | null
    readonly runtimeVersion: string
    /** Where the AI providers' APIs are. */
    readonly modelRoots: ModelRoots
    readonly sandbox: boolean
  }
}
