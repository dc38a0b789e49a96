import type { KeyHolder, ListedModel, Provider } from '../models/index.ts'
import type { Services } from '../services.ts'
import { type KeyApi, KeyApiError } from './key-api.ts'
import { openKey } from './stored-key.ts'

/** The models a stored key may use, as its provider lists them. Throws KeyApiError when the provider does not tell. */
export function createListModels(
  dependencies: Pick<Services, 'database' | 'box'> & { readonly keys: KeyApi },
): (provider: Provider, holder: KeyHolder) => Promise<readonly ListedModel[]> {
  const { database, keys } = dependencies

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
    const key = keyId === null ? null : await openKey(dependencies, keyId)
    if (key?.provider !== provider) throw new KeyApiError({ state: 'wrong-key', detail: 'there is no such key' })
    return keys.listModels(provider, key.value)
  }
}
