import { ProblemError } from '../../problem.ts'
import { type Channel, channelOfOperation, findChannel } from '../channel.ts'
import { gatewayOfChannel } from '../gateway-of.ts'
import { operationKind, step } from '../step.ts'

const listOf = ({ allowed, settings }: Channel) => JSON.stringify([allowed, settings.open ?? false])

/** What the row says is brought to OpenClaw, and again if the row changed meanwhile: two changes at once end as the second was meant. */
const bring = step({
  name: 'bring',
  deadlineSeconds: 60,
  // Who may talk was decided and said; it is owed to both sides until the assistant knows it.
  patience: { firstSeconds: 3, longestSeconds: 120, lateAfterSeconds: 86_400, late: async () => undefined },
  async run(context) {
    for (;;) {
      const channel = await channelOfOperation(context)
      const gateway = await gatewayOfChannel(context.services, channel)
      const set = await gateway.channels.setAccess(channel.kind, {
        allowed: channel.allowed,
        open: channel.settings.open ?? false,
      })
      if (!set.ok) throw new ProblemError(set.problem)
      const now = await channelOfOperation(context)
      if (listOf(now) === listOf(channel)) return
    }
  },
})

/** The one who asked hears it, and OpenClaw forgets the request. Neither is worth failing for. */
const answer = step({
  name: 'answer',
  deadlineSeconds: 30,
  async run({ operation, services }) {
    const { channelId, requestId, tell } = operation.args
    const channel = await findChannel(services, String(channelId))
    if (!channel) return
    const { channels } = await gatewayOfChannel(services, channel)
    if (typeof requestId === 'string') await channels.dismissPairing(channel.kind, requestId)
    if (typeof tell !== 'string') return
    const prisma = await services.database.prisma()
    const instance = await prisma.instance.findUniqueOrThrow({ where: { id: channel.instanceId } })
    const words = { id: 'channel-you-may', args: { name: instance.name } }
    const text = services.localiser.text(words, services.localiser.nearest(instance.language))
    const said = await channels.say(channel.kind, tell, text, `may-${operation.id}`)
    if (!said.ok)
      services.log.info({ channelId: channel.id, problem: said.problem.code }, 'somebody could not be told that they may')
  },
})

/** Tells the assistant who may talk to it. The row was changed when it was decided. */
export const accessOperation = operationKind({ kind: 'channel-access', exclusive: false, steps: [bring, answer] })
