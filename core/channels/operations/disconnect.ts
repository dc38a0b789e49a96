import { ProblemError } from '../../problem.ts'
import { channelOfOperation, findChannel } from '../channel.ts'
import { gatewayOfChannel } from '../gateway-of.ts'
import { operationKind, step } from '../step.ts'
import { disconnectView } from '../views.ts'
import { ONE_AT_A_TIME } from './one-at-a-time.ts'

const takeOut = step({
  name: 'take-out',
  deadlineSeconds: 150,
  progress: 'disconnect-progress',
  async run(context) {
    const channel = await channelOfOperation(context)
    const gateway = await gatewayOfChannel(context.services, channel)
    const removed = await gateway.channels.disconnect(channel.kind)
    if (!removed.ok) throw new ProblemError(removed.problem)
  },
})

/** The assistant is not there any more; the bot itself stays its owner's, and its token is free for another assistant. */
export const disconnectOperation = operationKind({
  kind: 'disconnect-channel',
  exclusive: false,
  limit: ONE_AT_A_TIME,
  steps: [takeOut],
  async succeeded(transaction, context) {
    const { args, instanceId } = context.operation
    const gone = await transaction.channel.findUnique({ where: { id: String(args.channelId) } })
    if (!gone) return
    await transaction.pairing.deleteMany({ where: { instanceId: instanceId ?? '', kind: gone.kind } })
    await transaction.channel.delete({ where: { id: gone.id } })
  },
  async view(progress, { operation, services }) {
    const channel = await findChannel(services, String(operation.args.channelId))
    return channel && disconnectView(operation.place?.viewId ?? '', channel, progress)
  },
})
