import { z } from 'zod'
import type { Text } from '../chat/view.ts'
import { comparePrice, paceWithModel } from '../models/index.ts'
import type { OperationView, StepContext } from '../operations/index.ts'
import { ProblemError } from '../problem.ts'
import type { Services } from '../services.ts'
import { gatewayOf, instanceOf } from './instance.ts'
import { throwModelProblem } from './model-problems.ts'
import { type Chain, catalogueFor, chainFor, type ModelSettings, readModelSettings } from './model-settings.ts'
import { switchView } from './model-views.ts'
import { operationKind, step } from './step.ts'

/** `from` and `to` are ids as the source names them; `name` is how `to` is called. */
const Args = z.object({ from: z.string(), to: z.string(), name: z.string() })
const argsOf = (operation: Pick<OperationView, 'args'>) => Args.parse(operation.args)

async function settingsOf({ services, operation }: StepContext<Services>): Promise<ModelSettings> {
  const settings = await readModelSettings(services, operation.instanceId ?? '')
  if (!settings) throw new ProblemError({ code: 'instance-gone', retryable: false, text: { id: 'instance-gone' } })
  return settings
}

/** The chain behind a model; without a list to look in, the model alone: the background check puts the rest right. */
const chainOrAlone = (services: Services, settings: ModelSettings, id: string): Promise<Chain> =>
  chainFor(services, settings, id).catch(() => chainFor(services, { ...settings, fallbackModels: [] }, id))

async function configureFor(context: StepContext<Services>, id: string): Promise<void> {
  const gateway = await gatewayOf(context.services, await instanceOf(context))
  const switched = await gateway.setModels(await chainOrAlone(context.services, await settingsOf(context), id))
  if (!switched.ok) throw new ProblemError(switched.problem)
}

const configure = step({
  name: 'configure',
  deadlineSeconds: 45,
  progress: 'switch-progress-configure',

  async run(context) {
    const { services, operation } = context
    const { to, name } = argsOf(operation)
    // The list is looked at once more: a model may go between the press and now, and OpenClaw takes any name.
    const settings = await settingsOf(context)
    const listed = await catalogueFor(services, settings)
      .find(to)
      .catch(() => undefined)
    if (listed === null)
      throw new ProblemError({ code: 'model-gone', retryable: false, text: { id: 'model-not-offered', args: { model: name } } })
    await configureFor(context, to)
  },

  /** The old model is back within seconds. */
  async undo(context) {
    await context.save({ unsettled: true })
    await configureFor(context, argsOf(context.operation).from)
    await context.save({ unsettled: false })
  },
})

/** A model that does not answer now is not tried until it does: its owner waits, and the old one works. */
const prove = step({
  name: 'probe',
  deadlineSeconds: 90,
  progress: 'switch-progress-probe',

  async run(context) {
    const instance = await instanceOf(context)
    const turn = await (await gatewayOf(context.services, instance)).probe()
    if (!turn.ok) {
      const settles = turn.problem.code === 'gateway-unreachable' || turn.problem.code === 'gateway-failed'
      return throwModelProblem(context.services, instance, { ...turn.problem, retryable: settles })
    }
    // Another model of the chain answered: the new one is not proven, and this is why.
    if (turn.value.fellBack) return throwModelProblem(context.services, instance, { ...turn.value.fellBack, retryable: false })
    await context.save({ answeredBy: turn.value.model, answeredMs: turn.value.durationMs })
  },
})

/** Patches the live configuration, then proves the new model by a turn that it answered. */
export const switchModelOperation = operationKind({
  kind: 'switch-model',
  exclusive: true,
  steps: [configure, prove],

  async succeeded(transaction, { operation }) {
    await transaction.instance.update({ where: { id: operation.instanceId ?? '' }, data: { model: argsOf(operation).to } })
  },

  /** The old model could not be set back, so the new one counts as the present: then the old one can be chosen again. */
  async failed(transaction, { operation }) {
    if (operation.data.unsettled !== true) return
    await transaction.instance.update({ where: { id: operation.instanceId ?? '' }, data: { model: argsOf(operation).to } })
  },

  async view(progress, context) {
    const { args, data } = context.operation
    const instance = await instanceOf(context)
    const { from, to, name } = Args.parse(args)
    const price = await priceWords(context.services, await settingsOf(context), from, to).catch(() => [])
    return switchView(instance, name, progress, {
      price,
      answered: {
        model: typeof data.answeredBy === 'string' ? data.answeredBy : null,
        seconds: typeof data.answeredMs === 'number' ? data.answeredMs / 1000 : 0,
      },
    })
  },
})

/** What a change of model does to the price, and how long a month's credit then lasts. */
export async function priceWords(
  services: Services,
  settings: ModelSettings,
  from: string,
  to: string,
): Promise<readonly Text[]> {
  const catalogue = catalogueFor(services, settings)
  const [before, after] = [await catalogue.find(from), await catalogue.find(to)]
  if (!before || !after || before.id === after.id) return []
  const own = settings.source === 'managed' ? [] : [{ id: 'model-price-own' }]
  if (before.unpriced || after.unpriced) return own
  const compared = comparePrice(before, after)
  if (settings.source !== 'managed') return [{ id: 'model-switch-price', args: { compared: { text: compared } } }, ...own]
  const meter = await services.meter.last(settings.instanceId)
  const microsPerDay = meter.daysLeft !== null && meter.daysLeft > 0 ? meter.leftMicros / meter.daysLeft : 0
  const pace = paceWithModel({ allowanceMicros: meter.allowanceMicros, microsPerDay }, before, after)
  if (pace === null) return [{ id: 'model-switch-price', args: { compared: { text: compared } } }]
  return [{ id: 'model-switch-price-pace', args: { compared: { text: compared }, pace: { text: pace } } }]
}
