export { createKeyApi } from './create-key-api.ts'
export { type KeyApi, KeyApiError, type KeyState, keyStateOf, type ListedModel, mayPass } from './key-api.ts'
export { PROVIDER_FACTS, providerOfKey, shapeProblem } from './providers.ts'
