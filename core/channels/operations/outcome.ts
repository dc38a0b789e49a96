import type { PrismaTransaction } from '../../../prisma/database.ts'
import type { Problem } from '../../problem.ts'
import type { ChannelRowState } from '../channel.ts'
import type { ChannelStepContext } from '../step.ts'

const idOf = ({ operation }: ChannelStepContext) => String(operation.args.channelId ?? operation.data.channelId ?? '')

export async function markConnected(transaction: PrismaTransaction, context: ChannelStepContext): Promise<void> {
  await transaction.channel.updateMany({
    where: { id: idOf(context) },
    data: { state: 'connected', checkedAt: context.services.clock.now() },
  })
}

/** A token that is worth nothing leaves nothing behind if it was the first; everything else can be put right and tried again. */
export async function markFailed(transaction: PrismaTransaction, context: ChannelStepContext, problem: Problem): Promise<void> {
  const where = { id: idOf(context) }
  const { operation } = context
  if ((operation.args.fresh ?? operation.data.fresh) === true && WORTHLESS.has(problem.code))
    await transaction.channel.deleteMany({ where })
  else await transaction.channel.updateMany({ where, data: { state: stateAfter(problem) } })
}

const WORTHLESS: ReadonlySet<string> = new Set(['channel-token-refused', 'channel-token-ours', 'channel-no-bot'])

function stateAfter({ code }: Problem): ChannelRowState {
  if (code === 'channel-in-use' || code === 'channel-webhook') return 'conflict'
  if (WORTHLESS.has(code) || code === 'channel-no-intent' || code === 'channel-scopes') return 'refused'
  return 'unreachable'
}
