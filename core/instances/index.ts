import type { OperationKind } from '../operations/index.ts'
import type { Services } from '../services.ts'
import { askOperation } from './ask.ts'
import { deployOperation } from './deploy.ts'
import { destroyOperation } from './destroy.ts'
import { restartOperation } from './restart.ts'
import { suspendOperation } from './suspend.ts'
import { switchModelOperation } from './switch-model.ts'

export { createAdoption } from './adopt.ts'
export { gatewayOf, gatewayTokenPurpose } from './instance.ts'
export { allowedActions, INSTANCE_STATES } from './lifecycle.ts'
export { instanceLogs } from './logs.ts'
export { reconcileInstances } from './reconcile.ts'
export { superviseInstances } from './supervise.ts'
export { askView, crashView, deployView, destroyView, restartView, switchView } from './views.ts'

/** Everything that can be done to an instance. */
export const instanceOperations: readonly OperationKind<Services>[] = [
  deployOperation,
  restartOperation,
  switchModelOperation,
  destroyOperation,
  suspendOperation,
  askOperation,
]
