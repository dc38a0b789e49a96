import { ProblemError } from '../problem.ts'
import { gatewayOf, instanceOf } from './instance.ts'
import { operationKind, step } from './step.ts'
import { probe } from './steps/probe.ts'
import { switchView } from './views.ts'

const argument = (args: { readonly [name: string]: unknown }, name: string) => (typeof args[name] === 'string' ? args[name] : '')

const configure = step({
  name: 'configure',
  deadlineSeconds: 45,
  progress: 'switch-progress-configure',

  async run(context) {
    const gateway = await gatewayOf(context.services, await instanceOf(context))
    const switched = await gateway.switchModel(argument(context.operation.args, 'to'))
    if (!switched.ok) throw new ProblemError(switched.problem)
  },

  /** The old model is back within seconds. */
  async undo(context) {
    await context.save({ unsettled: true })
    const gateway = await gatewayOf(context.services, await instanceOf(context))
    const back = await gateway.switchModel(argument(context.operation.args, 'from'))
    if (!back.ok) throw new ProblemError(back.problem)
    await context.save({ unsettled: false })
  },
})

/** Patches the live configuration, then proves the new model by a turn that it answered. */
export const switchModelOperation = operationKind({
  kind: 'switch-model',
  exclusive: true,
  steps: [configure, { ...probe, progress: 'switch-progress-probe' }],

  async succeeded(transaction, { operation }) {
    await transaction.instance.update({
      where: { id: operation.instanceId ?? '' },
      data: { model: argument(operation.args, 'to') },
    })
  },

  /** The old model could not be set back, so the new one counts as the present: then the old one can be chosen again. */
  async failed(transaction, { operation }) {
    if (operation.data.unsettled !== true) return
    await transaction.instance.update({
      where: { id: operation.instanceId ?? '' },
      data: { model: argument(operation.args, 'to') },
    })
  },

  async view(progress, context) {
    const { args, data } = context.operation
    return switchView(await instanceOf(context), argument(args, 'name'), progress, {
      model: typeof data.answeredBy === 'string' ? data.answeredBy : null,
      seconds: typeof data.answeredMs === 'number' ? data.answeredMs / 1000 : 0,
    })
  },
})
