import { gatewayOf, instanceOf } from '../instance.ts'
import { throwModelProblem } from '../model-problems.ts'
import { step } from '../step.ts'

/** The instance counts as ready only when a turn through its gateway was answered. */
export const probe = step({
  name: 'probe',
  // The first turn after a start loads much of OpenClaw: 7 to 11 seconds.
  deadlineSeconds: 120,
  progress: 'deploy-progress-probe',

  async run(context) {
    const instance = await instanceOf(context)
    const turn = await (await gatewayOf(context.services, instance)).probe()
    if (!turn.ok) return throwModelProblem(context.services, instance, turn.problem)
    await context.save({ answeredBy: turn.value.model, answeredMs: turn.value.durationMs })
  },
})
