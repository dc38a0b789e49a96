import { ProblemError } from '../../problem.ts'
import { writeChannel } from '../channel.ts'
import { channelProblem } from '../problems.ts'
import { step } from '../step.ts'

/** What asks for an app's credentials is a secret too: it is sealed where the operation keeps it. */
const devicePurpose = (operationId: string) => `operation:${operationId}:device`

/** Longer than any registration lasts. */
const NEVER_LATE_SECONDS = 86_400

export const makeApp = step({
  name: 'make-app',
  deadlineSeconds: 30,
  progress: 'connect-progress-app',
  async run({ operation, services, save }) {
    if (operation.data.device !== undefined) return
    const prisma = await services.database.prisma()
    const instance = await prisma.instance.findUniqueOrThrow({ where: { id: operation.instanceId ?? '' } })
    const begun = await services.channels.feishu.begin(instance.name)
    const now = services.clock.now().getTime()
    await save({
      device: services.box.seal(begun.deviceCode, devicePurpose(operation.id)),
      url: begun.url,
      minutes: Math.round(begun.expiresInSeconds / 60),
      endsAt: new Date(now + begun.expiresInSeconds * 1000).toISOString(),
    })
  },
})

/** Asks whether the person has said yes, every few seconds, without holding a worker in between. */
export const waitForPerson = step({
  name: 'wait-for-person',
  deadlineSeconds: 30,
  progress: 'connect-progress-person',
  // Feishu wants to be asked every five seconds at most.
  patience: { firstSeconds: 5, longestSeconds: 6, lateAfterSeconds: NEVER_LATE_SECONDS, late: async () => undefined },
  async run({ operation, services, save }) {
    if (typeof operation.data.channelId === 'string') return
    const { device, endsAt } = operation.data
    const code = services.box.open(String(device), devicePurpose(operation.id))
    const registered = await services.channels.feishu.poll(code)
    if (!registered.ok) throw new ProblemError(registered.problem)
    if (registered.value === null) {
      if (new Date(String(endsAt)) < services.clock.now()) throw new ProblemError(channelProblem('channel-registration-over'))
      throw new ProblemError({ ...channelProblem('channel-registration-over'), code: 'channel-not-decided', retryable: true })
    }
    const { appId, appSecret, domain, openId } = registered.value
    const prisma = await services.database.prisma()
    const written = await prisma.$transaction(async (transaction) => {
      await transaction.$queryRaw`SELECT FROM instances WHERE id = ${operation.instanceId ?? ''} FOR NO KEY UPDATE`
      const instance = await transaction.instance.findUniqueOrThrow({ where: { id: operation.instanceId ?? '' } })
      // Deleted while the person was asked: nothing of it is kept for an assistant that is no more.
      if (instance.state === 'destroying' || instance.destroyedAt !== null)
        throw new ProblemError({ code: 'instance-gone', retryable: false, text: { id: 'instance-gone' } })
      return writeChannel(transaction, services, {
        workspaceId: instance.workspaceId,
        instanceId: instance.id,
        kind: 'feishu',
        externalId: appId,
        addedByPersonId: String(operation.args.personId),
        token: appSecret,
        last4: appSecret.slice(-4),
        settings: { appId, domain },
        allowed: openId === null ? [] : [openId],
      })
    })
    await save({ channelId: written.id, fresh: written.fresh })
  },
})
