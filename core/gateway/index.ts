export {
  CHANNEL_KINDS,
  type ChannelAccess,
  type ChannelKind,
  type ChannelSetup,
  type ChannelState,
  type ChannelStatus,
  type GatewayChannels,
  type PairingRequest,
} from './channels.ts'
export { createGatewayConnections, type GatewayConnections } from './connections.ts'
export { createGateway, type GatewayOptions } from './create-gateway.ts'
export type { Gateway, GatewayHealth, GatewaySettings, ModelChoice, ModelState, Turn } from './gateway.ts'
export { type LaunchOptions, launchGateway, modelApiRootOf, movedProvidersOf } from './launch.ts'
export { MODEL_KEY_SECRET } from './settings.ts'
export {
  BACKUP_KEY_SECRET,
  backupReference,
  idOfReference,
  keySecretOf,
  type ModelRoots,
  referenceOf,
} from './sources.ts'
export type { SourceSettings } from './use-source.ts'
export { type WarmUpOptions, warmUpGateway } from './warm-up.ts'
