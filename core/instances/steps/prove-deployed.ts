import { keyOfInstance, mayPass, openKey } from '../../keys/index.ts'
import type { Services } from '../../services.ts'
import { gatewayOf, instanceOf } from '../instance.ts'
import { throwModelProblem } from '../model-problems.ts'
import { step } from '../step.ts'
import { probe } from './probe.ts'

/**
 * A deploy counts as done when a turn was answered. Only where a customer's own provider gives no answer to anybody, the assistant is
 * handed over without: the key is tried again by itself, and its owner hears of it.
 */
export const proveDeployed = step({
  ...probe,

  async run(context) {
    const { services, log, save } = context
    const instance = await instanceOf(context)
    const turn = await (await gatewayOf(services, instance)).probe()
    if (turn.ok) return save({ answeredBy: turn.value.model, answeredMs: turn.value.durationMs })
    if (!(await isProviderAway(services, instance))) return throwModelProblem(services, instance, turn.problem)
    log.warn({ instanceId: instance.id, problem: turn.problem.code }, 'deployed while its provider does not answer')
    await save({ unproven: true })
  },
})

/** As the provider itself answers right now; a wrong key or an empty account is the customer's to know before they pay on. */
async function isProviderAway(services: Services, instance: { readonly id: string; readonly model: string }): Promise<boolean> {
  const summary = await keyOfInstance(services, instance.id)
  const key = summary && (await openKey(services, summary.id))
  if (!summary || !key) return false
  const { state } = await services.keys.check(key.provider, key.value, instance.model)
  const prisma = await services.database.prisma()
  await prisma.providerKey.update({ where: { id: summary.id }, data: { state, checkedAt: services.clock.now() } })
  return mayPass(state)
}
