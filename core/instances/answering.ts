import type { Instance } from '../../prisma/generated/client.ts'
import { BACKUP_KEY_SECRET, type Gateway, keySecretOf } from '../gateway/index.ts'
import { keyOfInstance, openKey } from '../keys/index.ts'
import { isOwnKey, type Source, sourceOf } from '../models/index.ts'
import { ProblemError, type Result } from '../problem.ts'
import type { Services } from '../services.ts'
import { backupKeyPurpose, subKeyPurpose } from './instance.ts'
import { fallbacksOf } from './model-settings.ts'

type Answering = Pick<
  Instance,
  'id' | 'source' | 'model' | 'fallbackModels' | 'dearerFallbacks' | 'subKeySealed' | 'backupKeySealed'
>

/** What an instance answers with. `key` is opened here and handed to the gateway, nowhere else. */
export type AnsweringWith = {
  readonly source: Source
  readonly model: string
  readonly fallbacks: readonly string[]
  readonly key: string
  readonly backupKey: string | null
}

/** What its row says it answers with. A key that is gone is a Problem. */
export async function answeringWith(services: Services, instance: Answering): Promise<AnsweringWith> {
  const source = sourceOf(instance.source)
  return {
    source,
    model: instance.model,
    fallbacks: await allowedFallbacks(services, instance, source),
    key: isOwnKey(source) ? await ownKey(services, instance.id, source) : managedKey(services, instance),
    backupKey:
      instance.backupKeySealed === null ? null : services.box.open(instance.backupKeySealed, backupKeyPurpose(instance.id)),
  }
}

/** Those of the row that may answer: sold, and not dearer unless that is allowed. Without a list to look in, all but that check. */
async function allowedFallbacks(services: Services, instance: Answering, source: Source): Promise<readonly string[]> {
  const { id, model, fallbackModels, dearerFallbacks } = instance
  if (fallbackModels.length === 0) return []
  const settings = {
    instanceId: id,
    source,
    model,
    fallbackModels,
    dearerFallbacks,
    hasBackupKey: instance.backupKeySealed !== null,
  }
  const judged = await fallbacksOf(services, settings, model).catch(() => null)
  return judged === null ? fallbackModels : judged.filter(({ skipped }) => skipped === null).map((fallback) => fallback.id)
}

/** Never another provider's key: it would be shown to somebody whom its owner did not give it to. */
async function ownKey(services: Services, instanceId: string, source: Source): Promise<string> {
  const summary = await keyOfInstance(services, instanceId)
  const key = summary && (await openKey(services, summary.id))
  if (key?.provider !== source) throw new ProblemError({ code: 'key-gone', retryable: false, text: { id: 'key-gone' } })
  return key.value
}

function managedKey({ box }: Services, { id, subKeySealed }: Answering): string {
  if (subKeySealed === null) throw new ProblemError({ code: 'key-gone', retryable: false, text: { id: 'key-gone' } })
  return box.open(subKeySealed, subKeyPurpose(id))
}

/** Makes a running gateway answer so: keys into OpenClaw's own secret store, then provider and model. Hot, and safe to repeat. */
export async function answerWith(services: Services, gateway: Gateway, wanted: AnsweringWith): Promise<void> {
  const { source, model, fallbacks, key, backupKey } = wanted
  // Before the configuration refers to them.
  orThrow(await gateway.setSecret(keySecretOf(source), key))
  if (backupKey !== null) orThrow(await gateway.setSecret(BACKUP_KEY_SECRET, backupKey))
  const roots = services.settings.modelRoots
  orThrow(await gateway.useSource({ source, roots, model, fallbacks, hasBackup: backupKey !== null }))
}

export function orThrow<T>(result: Result<T>): T {
  if (!result.ok) throw new ProblemError(result.problem)
  return result.value
}
