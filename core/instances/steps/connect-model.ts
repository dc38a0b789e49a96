import { ProblemError } from '../../problem.ts'
import { gatewayOf, instanceOf, subKeyPurpose } from '../instance.ts'
import { step } from '../step.ts'

/** Hands over the sub-key through OpenClaw's own secret store and sets the model. Both are hot. */
export const connectModel = step({
  name: 'connect-model',
  deadlineSeconds: 60,
  progress: 'deploy-progress-model',

  async run(context) {
    const { services } = context
    const instance = await instanceOf(context)
    const gateway = await gatewayOf(services, instance)
    const stored = await gateway.setSecret(
      'OPENROUTER_API_KEY',
      services.box.open(instance.subKeySealed ?? '', subKeyPurpose(instance.id)),
    )
    if (!stored.ok) throw new ProblemError(stored.problem)
    const current = await gateway.currentModel()
    if (current.ok && current.value === instance.model) return
    const switched = await gateway.switchModel(instance.model)
    if (!switched.ok) throw new ProblemError(switched.problem)
  },
})
