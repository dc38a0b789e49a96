import type { OperationKind } from '../operations/index.ts'
import type { Services } from '../services.ts'
import { askOperation } from './ask.ts'
import { backupModelsOperation } from './backup-models.ts'
import { changeSourceOperation } from './change-source.ts'
import { deployOperation } from './deploy.ts'
import { destroyOperation } from './destroy.ts'
import { healModelOperation } from './heal-model.ts'
import { recheckKeyOperation } from './recheck-key.ts'
import { restartOperation } from './restart.ts'
import { rotateKeyOperation } from './rotate-key.ts'
import { setFallbacksOperation } from './set-fallbacks.ts'
import { suspendOperation } from './suspend.ts'
import { switchModelOperation } from './switch-model.ts'

export { createAdoption } from './adopt.ts'
export { askView } from './ask-view.ts'
export { ChangeArgs, type ChangeSide, keptFallbacks } from './change-source.ts'
export { checkModels } from './check-models.ts'
export { gatewayOf, gatewayTokenPurpose } from './instance.ts'
export { type KeyCard, keyCardView, keyViewId, readKeyCard, sourceName, undoableChange } from './key-card.ts'
export { backupView, changeView, rotateView } from './key-change-views.ts'
export { allowedActions, INSTANCE_STATES } from './lifecycle.ts'
export { instanceLogs } from './logs.ts'
export { catalogueFor, type Fallback, fallbacksOf, type ModelSettings, readModelSettings } from './model-settings.ts'
export { fellBackView, healedView, replacedView, switchView, vanishingView } from './model-views.ts'
export { reconcileInstances } from './reconcile.ts'
export { superviseInstances } from './supervise.ts'
export { priceWords } from './switch-model.ts'
export { createVanishingCheck } from './vanishing-models.ts'
export { crashView, deployView, destroyView, readyView, restartView } from './views.ts'

/** Everything that can be done to an instance. */
export const instanceOperations: readonly OperationKind<Services>[] = [
  deployOperation,
  restartOperation,
  switchModelOperation,
  setFallbacksOperation,
  healModelOperation,
  recheckKeyOperation,
  rotateKeyOperation,
  changeSourceOperation,
  backupModelsOperation,
  destroyOperation,
  suspendOperation,
  askOperation,
]
