import { keySecretOf } from '../gateway/index.ts'
import { keyOfInstance, openKey, PROVIDER_FACTS } from '../keys/index.ts'
import { isOwnKey, sourceOf } from '../models/index.ts'
import { ProblemError } from '../problem.ts'
import { orThrow } from './answering.ts'
import { gatewayOf, instanceOf } from './instance.ts'
import { rotateView } from './key-change-views.ts'
import { throwModelProblem } from './model-problems.ts'
import { operationKind, step } from './step.ts'

const newKeyId = (operation: { readonly args: { readonly [name: string]: unknown } }) => String(operation.args.keyId)

const keyGone = () => new ProblemError({ code: 'key-gone', retryable: false, text: { id: 'key-gone' } })

/** The new key goes into OpenClaw's store while it runs: turns under way end with the old one, the next begins with the new. */
const setKey = step({
  name: 'set-key',
  deadlineSeconds: 45,
  progress: 'rotate-progress-set',

  async run(context) {
    const { services, operation } = context
    const instance = await instanceOf(context)
    const source = sourceOf(instance.source)
    const key = await openKey(services, newKeyId(operation))
    if (!key || !isOwnKey(source) || key.provider !== source) throw keyGone()
    const gateway = await gatewayOf(services, instance)
    orThrow(await gateway.setSecret(keySecretOf(source), key.value))
  },

  async undo(context) {
    const { services } = context
    const instance = await instanceOf(context)
    const old = await keyOfInstance(services, instance.id)
    const key = old && (await openKey(services, old.id))
    if (!key) return
    const gateway = await gatewayOf(services, instance)
    orThrow(await gateway.setSecret(keySecretOf(key.provider), key.value))
  },
})

/** One turn answered with it; a provider that is away proves nothing, and the old key stays. */
const prove = step({
  name: 'probe',
  deadlineSeconds: 90,
  progress: 'rotate-progress-probe',

  async run(context) {
    const instance = await instanceOf(context)
    const turn = await (await gatewayOf(context.services, instance)).probe()
    if (!turn.ok) {
      const settles = turn.problem.code === 'gateway-unreachable' || turn.problem.code === 'gateway-failed'
      await throwModelProblem(context.services, instance, { ...turn.problem, retryable: settles })
    } else if (turn.value.fellBack)
      await throwModelProblem(context.services, instance, { ...turn.value.fellBack, retryable: false })
  },
})

/** Another key of the same provider, without a moment in which there is none. The old one stays until the new one has answered. */
export const rotateKeyOperation = operationKind({
  kind: 'rotate-key',
  exclusive: true,
  steps: [setKey, prove],

  async succeeded(transaction, { operation, services }) {
    const instanceId = operation.instanceId ?? ''
    const now = services.clock.now()
    await transaction.providerKey.updateMany({
      where: { instanceId, replacedAt: null, id: { not: newKeyId(operation) } },
      data: { replacedAt: now },
    })
    await transaction.providerKey.update({
      where: { id: newKeyId(operation) },
      data: { instanceId, state: 'valid', checkedAt: now },
    })
    services.catalogues.forget({ instanceId })
  },

  async failed(transaction, { operation }) {
    await transaction.providerKey.deleteMany({ where: { id: newKeyId(operation), instanceId: null } })
  },

  async view(progress, context) {
    const { operation } = context
    const instance = await instanceOf(context)
    const source = sourceOf(instance.source)
    return rotateView(operation.place?.viewId ?? `rotate:${instance.id}`, instance, progress, {
      provider: isOwnKey(source) ? PROVIDER_FACTS[source].name : '?',
      last4: typeof operation.args.last4 === 'string' ? operation.args.last4 : '?',
    })
  },
})
