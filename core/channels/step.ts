import type { OperationKind, Step, StepContext } from '../operations/index.ts'
import type { Services } from '../services.ts'

/** A step of an operation on a channel; see Step for what is asked of it. */
export const step = (definition: Step<Services>): Step<Services> => definition
export const operationKind = (definition: OperationKind<Services>): OperationKind<Services> => definition
export type ChannelStepContext = StepContext<Services>
