import { endOrder } from '../billing/index.ts'
import { ProblemError } from '../problem.ts'
import { instanceOf } from './instance.ts'
import { operationKind, step } from './step.ts'
import { destroyView } from './views.ts'

/** Outside systems may be away for a while; what is not gone by then is tried again by the reconciler. */
const PATIENCE_SECONDS = 300

const mark = step({
  name: 'mark',
  deadlineSeconds: 30,
  async run(context) {
    const instance = await instanceOf(context)
    const prisma = await context.services.database.prisma()
    await prisma.instance.update({ where: { id: instance.id }, data: { state: 'destroying' } })
  },
})

const cancelSubscription = step({
  name: 'cancel-subscription',
  deadlineSeconds: PATIENCE_SECONDS,
  progress: 'destroy-progress-subscription',
  async run(context) {
    const { services } = context
    const instance = await instanceOf(context)
    const prisma = await services.database.prisma()
    const order = await prisma.order.findFirst({ where: { instanceId: instance.id } })
    if (order?.subscriptionId) await services.payments.cancelSubscription(order.subscriptionId)
  },
})

const deleteServer = step({
  name: 'delete-server',
  deadlineSeconds: PATIENCE_SECONDS,
  progress: 'destroy-progress-server',
  async run(context) {
    const { services } = context
    const { hostId } = await instanceOf(context)
    if (hostId === null) return
    await services.hosts.delete(hostId)
    if (await services.hosts.find(hostId))
      throw new ProblemError({ code: 'host-still-there', retryable: true, text: { id: 'destroy-still-there' } })
  },
})

const deleteSubKey = step({
  name: 'delete-sub-key',
  deadlineSeconds: PATIENCE_SECONDS,
  progress: 'destroy-progress-sub-key',
  async run(context) {
    const { services } = context
    const { subKeyHash, backupKeyHash } = await instanceOf(context)
    const hashes = [subKeyHash, backupKeyHash].filter((hash) => hash !== null)
    for (const hash of hashes) await services.subKeys.delete(hash)
    for (const hash of hashes)
      if (await services.subKeys.find(hash))
        throw new ProblemError({ code: 'sub-key-still-there', retryable: true, text: { id: 'destroy-still-there' } })
  },
})

/** Two-phase: marked, then deleted and confirmed gone, then cleared. It only goes forward. */
export const destroyOperation = operationKind({
  kind: 'destroy',
  exclusive: true,
  steps: [mark, cancelSubscription, deleteServer, deleteSubKey],

  async succeeded(transaction, { operation, services }) {
    await transaction.instance.update({
      where: { id: operation.instanceId ?? '' },
      data: {
        state: 'destroyed',
        destroyedAt: services.clock.now(),
        hostId: null,
        gatewayTokenSealed: null,
        subKeySealed: null,
        subKeyHash: null,
        backupKeySealed: null,
        backupKeyHash: null,
      },
    })
    // Its bots are free for another assistant.
    await transaction.channel.deleteMany({ where: { instanceId: operation.instanceId ?? '' } })
    await transaction.pairing.deleteMany({ where: { instanceId: operation.instanceId ?? '' } })
    await transaction.providerKey.deleteMany({ where: { instanceId: operation.instanceId ?? '' } })
    await endOrder(transaction, operation.instanceId ?? '')
  },
  view: async (progress, context) => destroyView(await instanceOf(context), progress),
})
