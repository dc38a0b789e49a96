import { ProblemError } from '../../problem.ts'
import { channelPurpose } from '../../secrets/index.ts'
import { channelOfOperation, findChannel, tokenOf } from '../channel.ts'
import { gatewayOfChannel } from '../gateway-of.ts'
import { operationKind, step } from '../step.ts'
import { connectView, registrationView } from '../views.ts'
import { ONE_AT_A_TIME } from './one-at-a-time.ts'
import { markConnected, markFailed } from './outcome.ts'
import { makeApp, waitForPerson } from './register-feishu.ts'
import { connectSteps, prove } from './steps.ts'

/** A token that a person gave us, or one that is to be looked at again. */
export const connectOperation = operationKind({
  kind: 'connect-channel',
  exclusive: false,
  limit: ONE_AT_A_TIME,
  steps: connectSteps,
  succeeded: markConnected,
  failed: markFailed,
  view: async (progress, context) => {
    const channel = await shownChannel(context)
    return channel && connectView(context.operation.place?.viewId ?? '', channel, progress)
  },
})

const fetchToken = step({
  name: 'fetch-token',
  deadlineSeconds: 30,
  progress: 'connect-progress-token',
  async run(context) {
    const { services } = context
    const channel = await channelOfOperation(context)
    const token = await services.channels.telegram.managedToken(channel.externalId)
    if (!token.ok) throw new ProblemError(token.problem)
    await keepToken(context, channel.id, token.value)
  },
})

/** A bot that a person made with one tap: Telegram gives its token to us and to nobody else. */
export const adoptBotOperation = operationKind({
  kind: 'adopt-bot',
  exclusive: false,
  steps: [fetchToken, ...connectSteps],
  succeeded: markConnected,
  failed: markFailed,
  view: async (progress, context) => {
    const channel = await shownChannel(context)
    return channel && connectView(context.operation.place?.viewId ?? '', channel, progress)
  },
})

/**
 * A new token for a managed bot (`renew`), or the one that its owner made elsewhere. Renewing again after a crash is harmless: nobody
 * has used the token in between.
 */
const renewToken = step({
  name: 'renew-token',
  deadlineSeconds: 30,
  progress: 'connect-progress-renew',
  async run(context) {
    const { operation, services } = context
    const channel = await channelOfOperation(context)
    const { telegram } = services.channels
    const renew = operation.args.renew === true
    const token = await (renew ? telegram.replaceManagedToken(channel.externalId) : telegram.managedToken(channel.externalId))
    if (!token.ok) throw new ProblemError(token.problem)
    if (token.value !== tokenOf(services, channel)) await keepToken(context, channel.id, token.value)
  },
})

const handOver = step({
  name: 'hand-over',
  deadlineSeconds: 45,
  progress: 'connect-progress-configure',
  async run(context) {
    const channel = await channelOfOperation(context)
    const gateway = await gatewayOfChannel(context.services, channel)
    const replaced = await gateway.channels.replaceSecret(channel.kind, tokenOf(context.services, channel))
    if (!replaced.ok) throw new ProblemError(replaced.problem)
  },
})

export const rotateOperation = operationKind({
  kind: 'rotate-token',
  exclusive: false,
  limit: ONE_AT_A_TIME,
  steps: [renewToken, handOver, prove],
  succeeded: markConnected,
  failed: markFailed,
  view: async (progress, context) => {
    const channel = await shownChannel(context)
    return channel && connectView(context.operation.place?.viewId ?? '', channel, progress, 'rotated')
  },
})

/** An app at Feishu by one tap, and then like any other. */
export const registerFeishuOperation = operationKind({
  kind: 'register-feishu',
  exclusive: false,
  limit: { most: 1, text: { id: 'channel-busy' } },
  steps: [makeApp, waitForPerson, ...connectSteps],
  succeeded: markConnected,
  failed: markFailed,
  async view(progress, context) {
    const { operation, services } = context
    const viewId = operation.place?.viewId ?? ''
    const id = operation.data.channelId
    const channel = typeof id === 'string' ? await findChannel(services, id) : null
    if (channel) return connectView(viewId, channel, progress)
    const { url, minutes } = operation.data
    return registrationView(viewId, operation.instanceId ?? '', progress, {
      url: typeof url === 'string' ? url : null,
      minutes: typeof minutes === 'number' ? minutes : 0,
    })
  },
})

async function keepToken(context: Parameters<typeof channelOfOperation>[0], channelId: string, token: string): Promise<void> {
  const { services } = context
  const prisma = await services.database.prisma()
  await prisma.channel.update({
    where: { id: channelId },
    data: { sealed: services.box.seal(token, channelPurpose(channelId)), last4: token.slice(-4) },
  })
}

const shownChannel = ({ operation, services }: Parameters<typeof channelOfOperation>[0]) =>
  findChannel(services, String(operation.args.channelId ?? operation.data.channelId ?? ''))
