import { t } from '../../chat/build.ts'
import { ProblemError } from '../../problem.ts'
import { gatewayTokenPurpose, hostName, instanceOf } from '../instance.ts'
import { step } from '../step.ts'

/**
 * Gives the instance a host: one that was started ahead if there is one, else a new one by a name of ours.
 * The name is in the row before the host exists, so a crash in between leaves nothing that can't be found.
 */
export const prepareServer = step({
  name: 'prepare-server',
  // A first deploy may have to fetch the OpenClaw runtime (some 800 MB).
  deadlineSeconds: 600,
  progress: 'deploy-progress-server',

  async run(context) {
    const { services, save, note } = context
    const instance = await instanceOf(context)
    const prisma = await services.database.prisma()

    const standby = await services.claimStandby(instance.id, context.signal)
    if (standby) {
      await prisma.instance.update({
        where: { id: instance.id },
        data: {
          hostId: standby.hostName,
          gatewayTokenSealed: services.box.seal(standby.gatewayToken, gatewayTokenPurpose(instance.id)),
          runtimeVersion: services.settings.runtimeVersion,
        },
      })
      return save({ standby: true })
    }

    const name = hostName(instance.id)
    if (instance.gatewayTokenSealed === null) {
      await prisma.instance.update({
        where: { id: instance.id },
        data: {
          hostId: name,
          gatewayTokenSealed: services.box.seal(services.ids.create('gw'), gatewayTokenPurpose(instance.id)),
          runtimeVersion: services.settings.runtimeVersion,
        },
      })
    }
    const created = await services.hosts.create({
      name,
      runtimeVersion: services.settings.runtimeVersion,
      onProgress: ({ done, total }) =>
        note(t('deploy-note-runtime', { percent: Math.min(99, Math.floor((done / Math.max(1, total)) * 100)) })),
    })
    if (!created.ok) throw new ProblemError(created.problem)
  },

  async undo(context) {
    const instance = await instanceOf(context)
    if (instance.hostId !== null) await context.services.hosts.delete(instance.hostId)
  },
})
