import { ProblemError } from '../problem.ts'
import { answeringWith, answerWith, orThrow } from './answering.ts'
import { gatewayOf, instanceOf } from './instance.ts'
import { chainFor, readModelSettings } from './model-settings.ts'
import { operationKind, step } from './step.ts'

/** These set the first model and the source, too, and put back what they found. */
const WAITS_FOR = ['switch-model', 'change-source', 'backup-models']

const configure = step({
  name: 'configure',
  deadlineSeconds: 45,

  async run(context) {
    const { services, operation } = context
    const prisma = await services.database.prisma()
    const busy = await prisma.operation.findFirst({
      where: { instanceId: operation.instanceId, finishedAt: null, kind: { in: WAITS_FOR } },
      select: { kind: true },
    })
    // Between two of their steps the row is not what OpenClaw is set to: written now, it would turn the change back unseen.
    if (busy)
      throw new ProblemError({
        code: 'operation-busy',
        retryable: true,
        text: { id: 'operation-busy', args: { kind: busy.kind } },
      })
    // Whatever the row says by now: of several changes in a row each writes the last.
    const settings = await readModelSettings(services, operation.instanceId ?? '')
    if (!settings) throw new ProblemError({ code: 'instance-gone', retryable: false, text: { id: 'instance-gone' } })
    const instance = await instanceOf(context)
    const gateway = await gatewayOf(services, instance)
    // The backup key's provider must know its models by name.
    if (settings.hasBackupKey && settings.fallbackModels.some((id) => id.endsWith(':free')))
      return answerWith(services, gateway, await answeringWith(services, instance))
    const { fallbacks } = await chainFor(services, settings, settings.model)
    orThrow(await gateway.setModels({ primary: null, fallbacks }))
  },
})

/**
 * Writes the chain of fallbacks into the live configuration, and leaves the first model alone: a switch may be under way. The row was
 * written with the decision and is what counts: if the gateway can't be told now, the background check tells it.
 */
export const setFallbacksOperation = operationKind({ kind: 'set-fallbacks', exclusive: false, steps: [configure] })
