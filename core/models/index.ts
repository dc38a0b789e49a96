export { createCatalogue } from './catalogue.ts'
export type { Catalogue, CuratedModel, Model } from './model.ts'
export { comparePrice, modelPrice } from './price.ts'
export { nearestModels } from './search.ts'
