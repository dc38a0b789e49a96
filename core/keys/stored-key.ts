import type { PrismaTransaction } from '../../prisma/database.ts'
import type { ProviderKey } from '../../prisma/generated/client.ts'
import type { ChatContext } from '../chat/reply.ts'
import type { JsonObject } from '../chat/view.ts'
import { PROVIDERS, type Provider } from '../models/index.ts'
import { providerKeyPurpose } from '../secrets/index.ts'
import type { Services } from '../services.ts'
import { type KeyState, keyStateOf } from './key-api.ts'

/** All that is ever shown of a key. */
export type KeySummary = {
  readonly id: string
  readonly provider: Provider
  readonly last4: string
  readonly state: KeyState
  readonly addedAt: Date
  readonly checkedAt: Date | null
}

export function keySummary(row: ProviderKey): KeySummary | null {
  const provider = PROVIDERS.find((known) => known === row.provider)
  if (!provider) return null
  const { id, last4, createdAt, checkedAt } = row
  return { id, provider, last4, state: keyStateOf(row.state), addedAt: createdAt, checkedAt }
}

/** The key an instance answers with; null if it has none of its customer's. */
export async function keyOfInstance(services: Pick<Services, 'database'>, instanceId: string): Promise<KeySummary | null> {
  const prisma = await services.database.prisma()
  const row = await prisma.providerKey.findFirst({
    where: { instanceId, replacedAt: null },
    orderBy: { createdAt: 'desc' },
  })
  return row && keySummary(row)
}

/** A key that this person handed over in this workspace; nobody else goes on with it. */
export async function handedKey(context: ChatContext, keyId: string | undefined): Promise<KeySummary | null> {
  if (keyId === undefined) return null
  const prisma = await context.services.database.prisma()
  const row = await prisma.providerKey.findFirst({
    where: { id: keyId, workspaceId: context.workspace.id, addedByPersonId: context.personId, replacedAt: null },
  })
  return row && keySummary(row)
}

/** Opens a stored key, where it is used. Null if it is gone. */
export async function openKey(
  { database, box }: Pick<Services, 'database' | 'box'>,
  keyId: string,
): Promise<{ readonly provider: Provider; readonly value: string } | null> {
  const prisma = await database.prisma()
  const row = await prisma.providerKey.findUnique({ where: { id: keyId } })
  const summary = row && keySummary(row)
  return summary && { provider: summary.provider, value: box.open(row.sealed, providerKeyPurpose(keyId)) }
}

/** Seals a key that was just handed over, and has it checked; the flow that waits is woken with the outcome. */
export async function keepKey(
  transaction: PrismaTransaction,
  context: ChatContext,
  key: { readonly id: string; readonly provider: Provider; readonly value: string; readonly last4: string },
  waiting: JsonObject,
): Promise<void> {
  const { services, workspace, personId, now } = context
  await transaction.providerKey.create({
    data: {
      id: key.id,
      workspaceId: workspace.id,
      provider: key.provider,
      sealed: services.box.seal(key.value, providerKeyPurpose(key.id)),
      last4: key.last4,
      addedByPersonId: personId,
      createdAt: now,
    },
  })
  await startCheck(transaction, context, { keyId: key.id }, waiting)
}

/** Asks the provider once more; with a model, also whether the key may use that one. */
export async function startCheck(
  transaction: PrismaTransaction,
  { services, requestId }: ChatContext,
  { keyId, model }: { readonly keyId: string; readonly model?: string },
  waiting: JsonObject,
): Promise<void> {
  await transaction.providerKey.updateMany({ where: { id: keyId }, data: { state: 'unchecked' } })
  await services.operations.start(transaction, {
    kind: 'check-key',
    args: { keyId, ...(model !== undefined && { model }), waiting },
    requestId,
  })
}

/** A key that is not wanted after all. */
export async function forgetKey(transaction: PrismaTransaction, keyId: string | undefined): Promise<void> {
  if (keyId !== undefined) await transaction.providerKey.deleteMany({ where: { id: keyId, instanceId: null } })
}
