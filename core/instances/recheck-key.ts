import { keyOfInstance, openKey } from '../keys/index.ts'
import { instanceOf } from './instance.ts'
import { keyCardView, readKeyCard } from './key-card.ts'
import { operationKind, step } from './step.ts'

/** Asks the provider about an assistant's own key, and whether it may use the present model. */
export const recheckKeyOperation = operationKind({
  kind: 'recheck-key',
  exclusive: false,
  steps: [
    step({
      name: 'recheck-key',
      deadlineSeconds: 60,
      async run({ services, ...context }) {
        const instance = await instanceOf({ services, ...context })
        const summary = await keyOfInstance(services, instance.id)
        const key = summary && (await openKey(services, summary.id))
        if (!summary || !key) return
        const { state } = await services.keys.check(key.provider, key.value, instance.model)
        const prisma = await services.database.prisma()
        await prisma.providerKey.update({ where: { id: summary.id }, data: { state, checkedAt: services.clock.now() } })
      },
    }),
  ],
  async view(progress, { operation, services }) {
    const card = await readKeyCard(services, operation.instanceId ?? '')
    return card && keyCardView(card, { isChecking: progress.state === 'pending' || progress.state === 'running' })
  },
})
