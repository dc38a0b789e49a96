import { lockOrder } from '../billing/index.ts'
import { hostOf, instanceOf } from './instance.ts'
import { operationKind, step } from './step.ts'

/** Longer than a turn that is under way may take to end. */
const STOP_SECONDS = 300

const stop = step({
  name: 'stop-gateway',
  deadlineSeconds: STOP_SECONDS,

  async run(context) {
    const { services, operation } = context
    const instance = await instanceOf(context)
    const prisma = await services.database.prisma()
    const isOver = await prisma.$transaction(async (transaction) => {
      // Whoever pays for it again holds the order too: they see it suspended and start it, or we see it paid for.
      const order = await lockOrder(transaction, operation.orderId ?? '')
      if (order?.state === 'active') return false
      // Marked first: the supervisor starts nothing again that is suspended.
      await transaction.instance.update({
        where: { id: instance.id },
        data: { state: 'suspended', crashCount: 0, missedChecks: 0, restartAfter: null },
      })
      return true
    })
    if (!isOver) return
    await (await hostOf(services, instance)).stopService()
  },
})

/**
 * Stops an instance whose subscription is over: it costs nothing and answers nothing. Its server's place, memory, files and key
 * stay; paying again restarts it, /destroy deletes it.
 */
export const suspendOperation = operationKind({
  kind: 'suspend',
  exclusive: true,
  steps: [stop],

  /** Its gateway may go on unpaid for: a human looks. */
  async failed(transaction, { operation }, problem) {
    const key = `not-suspended:${operation.instanceId}`
    const detail = { instanceId: operation.instanceId, problem: problem.code, detail: problem.detail ?? '' }
    await transaction.alert.upsert({
      where: { key },
      create: { kind: 'not-suspended', key, detail },
      update: { detail, count: { increment: 1 } },
    })
  },
})
