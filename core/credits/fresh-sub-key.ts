import type { SubKeys } from './sub-keys.ts'

const PREFIX = 'oc-'
/** Each lost answer costs one generation; this many in one go means that the provider invents keys. */
const MOST_GENERATIONS = 10

/** `oc-<instance>-g<generation>`: how a sub-key is found again without its secret. */
export function subKeyName(instanceId: string, generation: number): string {
  return `${PREFIX}${instanceId}-g${generation}`
}

/** The instance a name of ours belongs to; null for a name that is not ours. */
export function instanceOfSubKeyName(name: string): string | null {
  return /^oc-(.+?)(?:-backup)?-g\d+$/.exec(name)?.[1] ?? null
}

/**
 * Creates the instance's sub-key. A secret is shown once, so a key found by our name is the remains of a lost answer and
 * worthless: it is deleted, and the next generation saved before its key is created. Call it only while the instance has
 * no key. Throws SubKeyError; calling again after that is safe and leaves exactly one key.
 */
export async function createFreshSubKey(
  subKeys: SubKeys,
  instance: { readonly id: string; readonly subKeyGeneration: number },
  limitMicros: number,
  saveGeneration: (generation: number) => Promise<void>,
): Promise<{ readonly hash: string; readonly secret: string; readonly generation: number }> {
  let generation = instance.subKeyGeneration
  for (let turn = 0; turn < MOST_GENERATIONS; turn++) {
    const name = subKeyName(instance.id, generation)
    const strays = await subKeys.findByName(name)
    if (strays.length === 0) return { ...(await subKeys.create({ name, limitMicros })), generation }
    for (const stray of strays) await subKeys.delete(stray.hash)
    generation++
    await saveGeneration(generation)
  }
  throw new Error(`every sub-key name of ${instance.id} up to generation ${generation} is taken: look at the provider's key list`)
}
