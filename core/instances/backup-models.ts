import { createFreshSubKey } from '../credits/index.ts'
import { BACKUP_KEY_SECRET } from '../gateway/index.ts'
import { isFree } from '../models/index.ts'
import type { OperationView, StepContext } from '../operations/index.ts'
import { ProblemError } from '../problem.ts'
import type { Services } from '../services.ts'
import { answeringWith, answerWith } from './answering.ts'
import { backupKeyPurpose, gatewayOf, instanceOf } from './instance.ts'
import { backupView } from './key-change-views.ts'
import { operationKind, step } from './step.ts'

/** Two are enough to get through an outage, and each is tried in turn while somebody waits. */
const BACKUP_MODELS = 2

const isOn = ({ args }: Pick<OperationView, 'args'>) => args.on === true
const chosen = ({ data }: Pick<OperationView, 'data'>): string[] =>
  Array.isArray(data.models) ? data.models.filter((id) => typeof id === 'string') : []

/** How its sub-key is called at the provider: `oc-<instance>-backup-g<generation>`. */
const backupOwner = (instanceId: string) => `${instanceId}-backup`

/** A second sub-key of our account with limit 0: it can use free models and nothing else. */
const prepareKey = step({
  name: 'prepare-key',
  deadlineSeconds: 60,
  progress: 'backup-progress-key',

  async run(context) {
    const { services, operation, save } = context
    if (!isOn(operation)) return
    const instance = await instanceOf(context)
    const free = (await services.catalogue.search('free', BACKUP_MODELS)).filter(
      (model) => isFree(model) && model.id.endsWith(':free'),
    )
    if (free.length === 0) throw new ProblemError({ code: 'backup-none', retryable: false, text: { id: 'backup-none' } })
    await save({ models: free.map(({ id }) => id) })
    if (instance.backupKeySealed !== null) return
    const prisma = await services.database.prisma()
    // No generation is kept: whatever has our name is the remains of a lost answer, and the next one is free.
    const owner = { id: backupOwner(instance.id), subKeyGeneration: 1 }
    await save({ made: true })
    const key = await createFreshSubKey(services.subKeys, owner, 0, async () => undefined)
    await prisma.instance.update({
      where: { id: instance.id },
      data: { backupKeyHash: key.hash, backupKeySealed: services.box.seal(key.secret, backupKeyPurpose(instance.id)) },
    })
  },

  async undo(context) {
    // One that was there before stays: the assistant goes on with it.
    if (context.operation.data.made === true) await forgetKey(context)
  },
})

async function forgetKey(context: StepContext<Services>): Promise<void> {
  const { services } = context
  const instance = await instanceOf(context)
  if (instance.backupKeyHash !== null) await services.subKeys.delete(instance.backupKeyHash)
  const prisma = await services.database.prisma()
  await prisma.instance.update({ where: { id: instance.id }, data: { backupKeyHash: null, backupKeySealed: null } })
}

/** The chain as it will be: what the row has without free models, and the free ones behind it. */
const chain = (fallbacks: readonly string[], operation: OperationView): string[] => [
  ...fallbacks.filter((id) => !id.endsWith(':free')),
  ...(isOn(operation) ? chosen(operation) : []),
]

const configure = step({
  name: 'configure',
  deadlineSeconds: 60,
  progress: 'backup-progress-configure',

  async run(context) {
    const { services, operation } = context
    const instance = await instanceOf(context)
    const present = await answeringWith(services, instance)
    const wanted = { ...present, fallbacks: chain(present.fallbacks, operation), ...(!isOn(operation) && { backupKey: null }) }
    await answerWith(services, await gatewayOf(services, instance), wanted)
  },

  async undo(context) {
    const { services } = context
    const instance = await instanceOf(context)
    await answerWith(services, await gatewayOf(services, instance), await answeringWith(services, instance))
  },
})

/** Only when nothing refers to it any more. */
const deleteKey = step({
  name: 'delete-key',
  deadlineSeconds: 60,

  async run(context) {
    if (isOn(context.operation)) return
    const instance = await instanceOf(context)
    await (await gatewayOf(context.services, instance)).removeSecret(BACKUP_KEY_SECRET)
    await forgetKey(context)
  },
})

/** Free models that answer when the first one does not, for managed credit and own keys alike. Nobody pays for them. */
export const backupModelsOperation = operationKind({
  kind: 'backup-models',
  exclusive: true,
  steps: [prepareKey, configure, deleteKey],

  async succeeded(transaction, { operation }) {
    const where = { id: operation.instanceId ?? '' }
    const { fallbackModels } = await transaction.instance.findUniqueOrThrow({ where })
    await transaction.instance.update({ where, data: { fallbackModels: chain(fallbackModels, operation) } })
  },

  async view(progress, context) {
    const { operation } = context
    const instance = await instanceOf(context)
    const backup = { on: isOn(operation), models: chosen(operation) }
    return backupView(operation.place?.viewId ?? `backup:${instance.id}`, instance, progress, backup)
  },
})
