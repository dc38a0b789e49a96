import type { JsonObject } from '../chat/view.ts'
import type { Provider, Source } from '../models/index.ts'

/** Where the providers' APIs are; OpenRouter's (managed, and customers' own accounts there) with /api/v1. */
export type ModelRoots = Readonly<Record<Provider, string>>

/**
 * OpenClaw's ids of the providers. OpenAI's is one of our own: under `openai` OpenClaw takes no key whose failures it does not
 * remember for ten minutes (see AUTH below).
 */
const PROVIDER_IDS: Readonly<Record<Source, string>> = {
  managed: 'openrouter',
  openrouter: 'openrouter',
  anthropic: 'anthropic',
  openai: 'openai-own',
  google: 'google',
}
/** The second sub-key of an instance, which can use free models alone. */
export const BACKUP_PROVIDER = 'backup'

export const providerIdOf = (source: Source): string => PROVIDER_IDS[source]

/** Names in OpenClaw's own secret store; the configuration holds only references to them. */
const KEY_SECRETS: Readonly<Record<Source, string>> = {
  managed: 'OPENROUTER_API_KEY',
  openrouter: 'OPENROUTER_API_KEY',
  anthropic: 'ANTHROPIC_API_KEY',
  openai: 'OPENAI_API_KEY',
  google: 'GOOGLE_API_KEY',
}
export const BACKUP_KEY_SECRET = 'BACKUP_API_KEY'

export const keySecretOf = (source: Source): string => KEY_SECRETS[source]

/** The bundled plugin that speaks a provider's API. OpenAI's and the backup's are spoken by OpenClaw itself. */
const PLUGINS: Readonly<Partial<Record<string, string>>> = {
  openrouter: 'openrouter',
  anthropic: 'anthropic',
  google: 'google',
}
export const SOURCE_PLUGINS: readonly string[] = Object.values(PLUGINS).filter((plugin) => plugin !== undefined)

export const fromStore = (id: string) => ({ source: 'store', provider: 'default', id })

/**
 * OpenClaw sets a key aside for ten minutes after an answer about credit, and for one after an answer about the key, and no new key ends
 * that: it remembers the provider, not the key. A key that it takes for a `token` is sent the same way and never set aside. `openrouter`
 * is exempt by its name. Source: OpenClaw 2026.9.6, markInlineProviderApiKeyFailure.
 */
const AUTH = 'token'

/** Where a provider's calls go. */
export function providerUrl(id: string, roots: ModelRoots): string | null {
  switch (id) {
    case 'openrouter':
    case BACKUP_PROVIDER:
      return roots.openrouter
    case 'anthropic':
      return roots.anthropic
    case 'openai-own':
      return roots.openai
    case 'google':
      return `${roots.google}/v1beta`
    default:
      return null
  }
}

const declared = (id: string) => ({ id, name: id })

const openAiModel = (id: string) => ({ ...declared(id), reasoning: true, input: ['text', 'image'] })

/**
 * What a change of model has to say about the models beside their names: OpenClaw has no catalogue of a provider of our own, and takes one
 * that is not declared for a plain text model. Null for all others.
 */
export function declarationOf(references: readonly string[]): { readonly models: JsonObject; readonly path: string } | null {
  const id = providerIdOf('openai')
  const models = references
    .filter((reference) => reference.startsWith(`${id}/`))
    .map((reference) => openAiModel(idOfReference(reference)))
  if (models.length === 0) return null
  return { models: { providers: { [id]: { models } } }, path: `models.providers.${id}.models` }
}

/** `models.providers.<id>` of a source. `model` is declared where OpenClaw knows no catalogue; any other works too. */
export function providerBlock(source: Source, roots: ModelRoots, model: string): JsonObject {
  const id = providerIdOf(source)
  const block = { baseUrl: providerUrl(id, roots) ?? '', apiKey: fromStore(keySecretOf(source)) }
  switch (source) {
    case 'managed':
    case 'openrouter':
      return block
    // The API is stated: while a plugin is being loaded OpenClaw would speak OpenAI's to everybody.
    case 'anthropic':
      return { ...block, api: 'anthropic-messages', auth: AUTH }
    case 'google':
      return { ...block, api: 'google-generative-ai', auth: AUTH }
    case 'openai':
      return {
        ...block,
        api: 'openai-responses',
        auth: AUTH,
        models: [openAiModel(model)],
      }
  }
}

export const backupBlock = (roots: ModelRoots, models: readonly string[]): JsonObject => ({
  baseUrl: roots.openrouter,
  apiKey: fromStore(BACKUP_KEY_SECRET),
  api: 'openai-completions',
  auth: AUTH,
  models: models.map(declared),
})

/** The provider's id in front: `anthropic/claude-sonnet-4-6`, `openrouter/anthropic/claude-sonnet-4.6`. */
export const referenceOf = (source: Source, model: string): string => `${providerIdOf(source)}/${model}`

/** A fallback is a model of the source, or a free one of the backup key, which is called by its managed id. */
export const fallbackReference = (source: Source, model: string, hasBackup: boolean): string =>
  hasBackup && model.endsWith(':free') ? backupReference(model) : referenceOf(source, model)

/** A free model by its managed id, through the backup key. */
export const backupReference = (id: string): string => `${BACKUP_PROVIDER}/${id}`

/** The id behind a reference, whichever of our providers is in front. */
export function idOfReference(reference: string): string {
  const provider = OUR_PROVIDERS.find((id) => reference.startsWith(`${id}/`))
  return provider === undefined ? reference : reference.slice(provider.length + 1)
}

export const pluginsOf = (source: Source): readonly string[] => {
  const plugin = PLUGINS[providerIdOf(source)]
  return plugin === undefined ? [] : [plugin]
}

/** Every provider that we ever configure; another one in a configuration is somebody else's and stays. */
export const OUR_PROVIDERS: readonly string[] = [...new Set(Object.values(PROVIDER_IDS)), BACKUP_PROVIDER]
