import { refundOrder } from '../billing/index.ts'
import { isOwnKey, sourceOf } from '../models/index.ts'
import { instanceOf } from './instance.ts'
import { operationKind } from './step.ts'
import { connectModel } from './steps/connect-model.ts'
import { CREATE_SUB_KEY, createSubKey } from './steps/create-sub-key.ts'
import { prepareServer } from './steps/prepare-server.ts'
import { proveDeployed } from './steps/prove-deployed.ts'
import { settleModel } from './steps/settle-model.ts'
import { startGateway } from './steps/start-gateway.ts'
import { deployView, readyView } from './views.ts'

/** From a paid order to an assistant that answered. Failing for good undoes everything and gives the money back. */
export const deployOperation = operationKind({
  kind: 'deploy',
  exclusive: true,
  steps: [prepareServer, createSubKey, startGateway, settleModel, connectModel, proveDeployed],

  async succeeded(transaction, { operation, services }) {
    const now = services.clock.now()
    const instance = await transaction.instance.update({
      where: { id: operation.instanceId ?? '' },
      data: { state: 'running', readyAt: now },
    })
    await transaction.order.update({ where: { id: operation.orderId ?? '' }, data: { state: 'active', reason: null } })
    if (operation.place === null) return
    const { platform, chatId, userId, language } = operation.place
    const dedupeKey = `instance:${instance.id}:ready`
    await services.notices.post(transaction, {
      platform,
      chatId,
      userId,
      language,
      view: readyView(instance),
      place: 'new',
      dedupeKey,
    })
  },

  async failed(transaction, context, problem) {
    const { operation, services } = context
    // Its server and key were undone; what could not be is the reconciler's. The name is free again.
    await transaction.instance.update({
      where: { id: operation.instanceId ?? '' },
      data: { state: 'failed', destroyedAt: services.clock.now(), subKeySealed: null, gatewayTokenSealed: null },
    })
    await refundOrder(transaction, services, {
      orderId: operation.orderId ?? '',
      reason: 'deploy-failed',
      detail: problem.code,
      requestId: operation.requestId,
    })
  },

  async view(progress, context) {
    // What follows a failure is the refund, and its own operation tells that in the same message.
    if (progress.state === 'failed') return null
    const instance = await instanceOf(context)
    // A list of models that can't be had must not hold up a deploy: the plain id is a name too.
    const source = sourceOf(instance.source)
    const own = isOwnKey(source) ? source : null
    const model = own === null ? await context.services.catalogue.find(instance.model).catch(() => null) : null
    // Of credit that is not used nothing is said.
    const shown = own === null ? progress : { ...progress, steps: progress.steps.filter((step) => step.name !== CREATE_SUB_KEY) }
    return deployView(
      {
        id: instance.id,
        name: instance.name,
        orderId: context.operation.orderId ?? '',
        modelName: model?.name ?? instance.model,
        ownKeyAt: own,
        unproven: context.operation.data.unproven === true,
        creditMicros: Number(instance.allowanceMicros),
        cycleEndsAt: instance.cycleEndsAt,
      },
      shown,
    )
  },
})
