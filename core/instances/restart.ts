import { gatewayOf, hostOf, instanceOf } from './instance.ts'
import { operationKind, step } from './step.ts'
import { probe } from './steps/probe.ts'
import { startGateway } from './steps/start-gateway.ts'
import { restartView } from './views.ts'

/** Running turns get this chance to end; OpenClaw stops in half a second when idle. */
const STOP_SECONDS = 60

const stopGateway = step({
  name: 'stop-gateway',
  deadlineSeconds: STOP_SECONDS,
  progress: 'restart-progress-stop',

  async run(context) {
    const { services, operation, save } = context
    // Stopped once: a retry after a crash must not stop what the next step already started.
    if (operation.data.stopped === true) return
    const instance = await instanceOf(context)
    const prisma = await services.database.prisma()
    await prisma.instance.update({ where: { id: instance.id }, data: { state: 'restarting' } })
    const host = await hostOf(services, instance)
    await host.stopService()
    await (await gatewayOf(services, instance)).close()
    await save({ stopped: true })
  },
})

/** A fresh process with the same state: memory, keys and channels stay. */
export const restartOperation = operationKind({
  kind: 'restart',
  exclusive: true,
  steps: [stopGateway, { ...startGateway, progress: 'restart-progress-start' }, { ...probe, progress: 'restart-progress-probe' }],

  async succeeded(transaction, { operation }) {
    await transaction.instance.update({
      where: { id: operation.instanceId ?? '' },
      data: { state: 'running', crashCount: 0, missedChecks: 0, restartAfter: null },
    })
  },
  async failed(transaction, { operation }) {
    await transaction.instance.update({ where: { id: operation.instanceId ?? '' }, data: { state: 'degraded' } })
  },
  view: async (progress, context) => restartView(await instanceOf(context), progress),
})
