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
export type { Gateway, GatewayHealth, GatewaySettings, Turn } from './gateway.ts'
export { type LaunchOptions, launchGateway, modelApiRootOf } from './launch.ts'
export { MODEL_KEY_SECRET } from './settings.ts'
export { type WarmUpOptions, warmUpGateway } from './warm-up.ts'
