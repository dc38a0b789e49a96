import { launchGateway } from '../../gateway/index.ts'
import { sourceOf } from '../../models/index.ts'
import { ProblemError } from '../../problem.ts'
import { gatewayOf, gatewayTokenPurpose, hostOf, instanceOf } from '../instance.ts'
import { step } from '../step.ts'

/** A cold start takes 15 to 31 seconds on two cores; a busy machine may need several times that. */
const READY_SECONDS = 150

/** One that ends by itself this often will not stay up on the next try: its buyer need not wait for the deadline. */
const MOST_STOPS = 3

/** Starts the gateway and waits until it is ready. A standby already is. */
export const startGateway = step({
  name: 'start-gateway',
  deadlineSeconds: READY_SECONDS + 30,
  progress: 'deploy-progress-gateway',

  async run(context) {
    const { operation, services, signal, save } = context
    const instance = await instanceOf(context)
    const host = await hostOf(services, instance)
    const token = services.box.open(instance.gatewayTokenSealed ?? '', gatewayTokenPurpose(instance.id))
    const { source, model } = instance
    await launchGateway(host, { token, source: sourceOf(source), model, roots: services.settings.modelRoots })
    const gateway = await gatewayOf(services, instance)
    const ready = await gateway.waitUntilReady(READY_SECONDS, signal)
    if (ready.ok) return
    if (ready.problem.code !== 'gateway-stopped') throw new ProblemError(ready.problem)
    const stops = Number(operation.data.stops ?? 0) + 1
    await save({ stops })
    throw new ProblemError({ ...ready.problem, retryable: stops < MOST_STOPS })
  },
})
