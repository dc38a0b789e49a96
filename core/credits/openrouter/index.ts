export { createOpenRouterModels } from './models.ts'
export { createOpenRouterSubKeys } from './sub-keys.ts'
