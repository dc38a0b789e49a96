import type { Clock } from '../../core/clock.ts'
import { type Catalogue, type Catalogues, createCatalogue, createCatalogues, type Model } from '../../core/models/index.ts'
import { SANDBOX_MODELS } from '../../sandbox/openrouter/catalogue.ts'
import { quietLog, systemClock } from './services.ts'

/** What the stand-in offers to an assistant, as our own reading of its list has it. */
export const SOLD: readonly Model[] = SANDBOX_MODELS.filter((model) => model.tools && model.promptPrice >= 0).map((model) => ({
  id: model.id,
  name: model.name,
  contextTokens: model.contextTokens,
  promptMicrosPerMillion: model.promptPrice,
  completionMicrosPerMillion: model.completionPrice,
}))

/** Both ways to a catalogue, over lists that a test may change. Provider lists are asked for with `listed`. */
export function cataloguesOf(
  sold: () => readonly Model[] = () => SOLD,
  clock: Clock = systemClock,
  listed: Parameters<typeof createCatalogues>[0]['listModels'] = () => Promise.reject(new Error('no own keys in this test')),
): { readonly catalogue: Catalogue; readonly catalogues: Catalogues } {
  const managed = createCatalogue({ fetchModels: async () => sold(), clock, log: quietLog })
  return { catalogue: managed, catalogues: createCatalogues({ managed, listModels: listed, clock, log: quietLog }) }
}
