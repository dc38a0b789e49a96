import type { Clock } from '../clock.ts'
import type { Provider } from '../models/index.ts'
import type { SecretBox } from '../secrets/index.ts'
import type { Services } from '../services.ts'
import { type KeyApi, KeyApiError, type ListedModel } from './key-api.ts'
import { openKey } from './stored-key.ts'

/** Whose key opens the list: an assistant's, or one that was handed over for an order. */
export type KeyHolder = { readonly instanceId: string } | { readonly keyId: string }

/** A list changes a few times a month; a person leafs through it for minutes. */
const FRESH_SECONDS = 600
const MOST_KEPT = 200

/** The models a stored key may use, as its provider lists them. Throws KeyApiError when the provider does not tell. */
export function createOwnModels(dependencies: {
  readonly database: Services['database']
  readonly box: SecretBox
  readonly keys: KeyApi
  readonly clock: Clock
}): (provider: Provider, holder: KeyHolder) => Promise<readonly ListedModel[]> {
  const { database, keys, clock } = dependencies
  const kept = new Map<string, { readonly models: readonly ListedModel[]; readonly at: number }>()

  async function keyIdOf(holder: KeyHolder): Promise<string | null> {
    if ('keyId' in holder) return holder.keyId
    const prisma = await database.prisma()
    const row = await prisma.providerKey.findFirst({
      where: { instanceId: holder.instanceId, replacedAt: null },
      orderBy: { createdAt: 'desc' },
    })
    return row?.id ?? null
  }

  return async (provider, holder) => {
    const keyId = await keyIdOf(holder)
    const known = keyId === null ? undefined : kept.get(keyId)
    if (known && clock.now().getTime() - known.at < FRESH_SECONDS * 1000) return known.models
    const key = keyId === null ? null : await openKey(dependencies, keyId)
    if (keyId === null || key?.provider !== provider)
      throw new KeyApiError({ state: 'wrong-key', detail: 'there is no such key' })
    const models = await keys.listModels(provider, key.value)
    kept.delete(keyId)
    kept.set(keyId, { models, at: clock.now().getTime() })
    const oldest = kept.size > MOST_KEPT ? kept.keys().next() : null
    if (oldest && !oldest.done) kept.delete(oldest.value)
    return models
  }
}
