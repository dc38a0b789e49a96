import { ProblemError } from '../problem.ts'
import { gatewayOf, instanceOf } from './instance.ts'
import { chainFor, readModelSettings } from './model-settings.ts'
import { operationKind, step } from './step.ts'

const configure = step({
  name: 'configure',
  deadlineSeconds: 45,

  async run(context) {
    const { services, operation } = context
    // Whatever the row says by now: of several changes in a row each writes the last.
    const settings = await readModelSettings(services, operation.instanceId ?? '')
    if (!settings) throw new ProblemError({ code: 'instance-gone', retryable: false, text: { id: 'instance-gone' } })
    const { fallbacks } = await chainFor(services, settings, settings.model)
    const set = await (await gatewayOf(services, await instanceOf(context))).setModels({ primary: null, fallbacks })
    if (!set.ok) throw new ProblemError(set.problem)
  },
})

/**
 * Writes the chain of fallbacks into the live configuration, and leaves the first model alone: a switch may be under way. The row was
 * written with the decision and is what counts: if the gateway can't be told now, the background check tells it.
 */
export const setFallbacksOperation = operationKind({ kind: 'set-fallbacks', exclusive: false, steps: [configure] })
