import type { OperationKind } from '../operations/index.ts'
import type { Services } from '../services.ts'
import { accessOperation } from './operations/access.ts'
import { adoptBotOperation, connectOperation, registerFeishuOperation, rotateOperation } from './operations/connect.ts'
import { disconnectOperation } from './operations/disconnect.ts'

export {
  type Channel,
  type ChannelSettings,
  channelOf,
  channelsOf,
  findChannel,
  isChannelKind,
  ownIdOn,
  writeChannel,
} from './channel.ts'
export { discordBotId } from './discord.ts'
export { feishuAppId } from './feishu.ts'
export { watchPairings } from './pairings.ts'
export { superviseChannels } from './supervise.ts'
export { suggestedUsername, telegramBotId } from './telegram.ts'
export { type ChannelVendors, createChannelVendors } from './vendors.ts'
export {
  channelNoticeView,
  channelsView,
  channelView,
  connectView,
  disconnectConfirmView,
  disconnectView,
  newBotView,
  openConfirmView,
  pairingView,
  peopleView,
  registrationView,
} from './views.ts'

/** Everything that can be done to a channel. */
export const channelOperations: readonly OperationKind<Services>[] = [
  connectOperation,
  adoptBotOperation,
  rotateOperation,
  registerFeishuOperation,
  disconnectOperation,
  accessOperation,
]
