import { z } from 'zod'
import { keySecretOf } from '../gateway/index.ts'
import { openKey } from '../keys/index.ts'
import { isOwnKey, SOURCES } from '../models/index.ts'
import type { OperationView, StepContext } from '../operations/index.ts'
import { ProblemError } from '../problem.ts'
import type { Services } from '../services.ts'
import { type AnsweringWith, answeringWith, answerWith } from './answering.ts'
import { backupKeyPurpose, gatewayOf, instanceOf, subKeyPurpose } from './instance.ts'
import { changeView } from './key-change-views.ts'
import { throwModelProblem } from './model-problems.ts'
import { operationKind, step } from './step.ts'
import { giveSubKey } from './steps/create-sub-key.ts'

const Side = z.object({
  source: z.enum(SOURCES),
  model: z.string(),
  /** The row of the customer's own key; null with managed credit. */
  keyId: z.string().nullable(),
  fallbacks: z.array(z.string()),
})
/** Both ends, so that one can be turned into the other and back. */
export const ChangeArgs = z.object({ from: Side, to: Side })
export type ChangeSide = z.infer<typeof Side>

const argsOf = (operation: Pick<OperationView, 'args'>) => ChangeArgs.parse(operation.args)

const keyGone = () => new ProblemError({ code: 'key-gone', retryable: false, text: { id: 'key-gone' } })

async function target({ services, operation, ...context }: StepContext<Services>): Promise<AnsweringWith> {
  const { to } = argsOf(operation)
  const instance = await instanceOf({ services, operation, ...context })
  const { backupKeySealed, subKeySealed } = instance
  const own = to.keyId === null ? null : await openKey(services, to.keyId)
  if (isOwnKey(to.source) ? own?.provider !== to.source : subKeySealed === null) throw keyGone()
  return {
    source: to.source,
    model: to.model,
    fallbacks: to.fallbacks,
    key: own?.value ?? services.box.open(subKeySealed ?? '', subKeyPurpose(instance.id)),
    backupKey: backupKeySealed === null ? null : services.box.open(backupKeySealed, backupKeyPurpose(instance.id)),
  }
}

/**
 * Credit of ours has a sub-key: the one from before rests, disabled, with everything that was spent of it, so that leaving and coming back
 * gives no credit twice. There is none if the assistant began with a key of the customer's own.
 */
const prepareKey = step({
  name: 'prepare-key',
  deadlineSeconds: 60,
  progress: 'change-progress-key',

  async run(context) {
    const { services, operation } = context
    if (argsOf(operation).to.source !== 'managed') return
    const instance = await instanceOf(context)
    const resting = instance.subKeyHash === null ? null : await services.subKeys.find(instance.subKeyHash)
    if (resting === null) return giveSubKey(services, { ...instance, subKeySealed: null })
    if (resting.disabled) await services.subKeys.update(resting.hash, { disabled: false })
  },
})

const configure = step({
  name: 'configure',
  deadlineSeconds: 60,
  progress: 'change-progress-configure',

  async run(context) {
    const wanted = await target(context)
    await answerWith(context.services, await gatewayOf(context.services, await instanceOf(context)), wanted)
  },

  /** The row still says how it was before. */
  async undo(context) {
    const { services } = context
    const instance = await instanceOf(context)
    await answerWith(services, await gatewayOf(services, instance), await answeringWith(services, instance))
  },
})

const prove = step({
  name: 'probe',
  deadlineSeconds: 90,
  progress: 'change-progress-probe',

  async run(context) {
    const { services, operation, save } = context
    const instance = await instanceOf(context)
    const turn = await (await gatewayOf(services, instance)).probe()
    const asNew = { ...instance, source: argsOf(operation).to.source }
    if (!turn.ok) {
      const settles = turn.problem.code === 'gateway-unreachable' || turn.problem.code === 'gateway-failed'
      return throwModelProblem(services, asNew, { ...turn.problem, retryable: settles })
    }
    if (turn.value.fellBack) return throwModelProblem(services, asNew, { ...turn.value.fellBack, retryable: false })
    await save({ answeredBy: turn.value.model, answeredMs: turn.value.durationMs })
  },
})

/** OpenClaw forgets the key it no longer uses. Ours stays sealed for the ten minutes in which all this can be undone. */
const forgetOldKey = step({
  name: 'forget-old-key',
  deadlineSeconds: 30,

  async run(context) {
    const { from, to } = argsOf(context.operation)
    if (keySecretOf(from.source) === keySecretOf(to.source)) return
    const gateway = await gatewayOf(context.services, await instanceOf(context))
    const removed = await gateway.removeSecret(keySecretOf(from.source))
    // The change has been made and proven: a key that lies unused in OpenClaw's store for longer is no reason to turn it back.
    if (!removed.ok) context.log.warn({ problem: removed.problem.code }, 'a key that is no longer used stays in the gateway')
  },
})

/**
 * Another way of paying for the AI: another provider, key and model, in the same OpenClaw with the same memory and channels. The row
 * changes only when a turn was answered; until then everything can go back to what the row says.
 */
export const changeSourceOperation = operationKind({
  kind: 'change-source',
  exclusive: true,
  steps: [prepareKey, configure, prove, forgetOldKey],

  async succeeded(transaction, { operation, services }) {
    const { to } = argsOf(operation)
    const instanceId = operation.instanceId ?? ''
    const now = services.clock.now()
    // Whichever it had by now: the key may have been replaced since this change was asked for.
    await transaction.providerKey.updateMany({
      where: { instanceId, replacedAt: null, ...(to.keyId !== null && { id: { not: to.keyId } }) },
      data: { replacedAt: now },
    })
    if (to.keyId !== null)
      await transaction.providerKey.updateMany({
        where: { id: to.keyId },
        data: { instanceId, replacedAt: null, state: 'valid', checkedAt: now },
      })
    await transaction.instance.update({
      where: { id: instanceId },
      data: { source: to.source, model: to.model, fallbackModels: to.fallbacks },
    })
    services.catalogues.forget({ instanceId })
  },

  async failed(transaction, { operation }) {
    const { keyId } = argsOf(operation).to
    if (keyId !== null) await transaction.providerKey.deleteMany({ where: { id: keyId, instanceId: null } })
  },

  async view(progress, context) {
    const { operation } = context
    const { to } = argsOf(operation)
    const instance = await instanceOf(context)
    const { answeredBy, answeredMs } = operation.data
    const done = progress.state === 'succeeded'
    return changeView(operation.place?.viewId ?? `change:${instance.id}`, instance, progress, {
      to: to.source,
      operationId: done ? operation.id : null,
      answered: done
        ? {
            model: typeof answeredBy === 'string' ? answeredBy : to.model,
            seconds: typeof answeredMs === 'number' ? answeredMs / 1000 : 0,
          }
        : null,
    })
  },
})

/** Free models of the backup key stay; the others belong to the source that is left. */
export const keptFallbacks = (fallbacks: readonly string[], hasBackup: boolean): string[] =>
  hasBackup ? fallbacks.filter((id) => id.endsWith(':free')) : []
