import type { Source } from '../models/index.ts'

/** OpenClaw's provider ids. Managed credit and a customer's own OpenRouter account are the same provider with another key. */
const PROVIDER_IDS: Readonly<Record<Source, string>> = {
  managed: 'openrouter',
  openrouter: 'openrouter',
  anthropic: 'anthropic',
  openai: 'openai',
  google: 'google',
}
/** The key that can only use free models. */
const BACKUP = 'backup'

/** A source's id of a model, as OpenClaw names it. */
export const modelReferenceOf = (source: Source, id: string): string => `${PROVIDER_IDS[source]}/${id}`
/** A free model by its managed id, through the backup key. */
export const backupReference = (id: string): string => `${BACKUP}/${id}`

/** The id behind a reference. */
export const idOfReference = (reference: string): string =>
  reference.replace(new RegExp(`^(${[...new Set(Object.values(PROVIDER_IDS)), BACKUP].join('|')})/`), '')
