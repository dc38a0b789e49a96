import type { Instance } from '../../../prisma/generated/client.ts'
import { createFreshSubKey } from '../../credits/index.ts'
import { isOwnKey, sourceOf } from '../../models/index.ts'
import type { Services } from '../../services.ts'
import { instanceOf, subKeyPurpose } from '../instance.ts'
import { step } from '../step.ts'

export const CREATE_SUB_KEY = 'create-sub-key'

/**
 * Gives the instance an OpenRouter sub-key of its own, limited to the plan's credit.
 *
 * OpenRouter has no idempotency key and shows a secret once, so after an unknown outcome the key found by name is
 * worthless to us: it is deleted and the next generation created. Source: OpenRouter, API keys.
 */
export const createSubKey = step({
  name: CREATE_SUB_KEY,
  deadlineSeconds: 60,
  progress: 'deploy-progress-sub-key',

  async run(context) {
    const { services } = context
    const instance = await instanceOf(context)
    // With a key of the customer's own there is no credit of ours to limit.
    if (isOwnKey(sourceOf(instance.source))) return
    await giveSubKey(services, instance)
  },

  async undo(context) {
    const instance = await instanceOf(context)
    const { subKeys } = context.services
    if (instance.subKeyHash !== null) await subKeys.delete(instance.subKeyHash)
    // One that was created but never came to be known here has our name.
    for (const stray of await subKeys.findByName(`oc-${instance.id}-g${instance.subKeyGeneration}`))
      await subKeys.delete(stray.hash)
  },
})

type Given = Pick<Instance, 'id' | 'subKeyGeneration' | 'allowanceMicros' | 'subKeySealed'>

/** Creates the sub-key of an instance that has none, with the plan's credit for its limit. */
export async function giveSubKey(services: Services, instance: Given): Promise<void> {
  if (instance.subKeySealed !== null) return // already ours: a retry after a crash
  const prisma = await services.database.prisma()
  const limitMicros = Number(instance.allowanceMicros)
  const key = await createFreshSubKey(services.subKeys, instance, limitMicros, async (subKeyGeneration) => {
    await prisma.instance.update({ where: { id: instance.id }, data: { subKeyGeneration } })
  })
  // Kept before it is used; sealed by the row it belongs to.
  await prisma.instance.update({
    where: { id: instance.id },
    data: { subKeyHash: key.hash, subKeySealed: services.box.seal(key.secret, subKeyPurpose(instance.id)), limitMicros },
  })
}
