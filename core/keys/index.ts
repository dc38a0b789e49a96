import type { OperationKind } from '../operations/index.ts'
import type { Services } from '../services.ts'
import { checkKeyOperation } from './check-operation.ts'

export { createKeyApi } from './create-key-api.ts'
export { type KeyApi, type KeyState, mayPass } from './key-api.ts'
export { keyStateLink, keyStateText, keyStateWord, keyTone, usageLink } from './key-views.ts'
export { createListModels } from './list-models.ts'
export { PROVIDER_FACTS, providerOfKey, shapeProblem } from './providers.ts'
export {
  forgetKey,
  handedKey,
  type KeySummary,
  keepKey,
  keyOfInstance,
  openKey,
  startCheck,
} from './stored-key.ts'
export { sweepKeys, UNDO_MINUTES } from './sweep.ts'

export const keyOperations: readonly OperationKind<Services>[] = [checkKeyOperation]
