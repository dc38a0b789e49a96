import type { OperationKind, Step } from '../operations/index.ts'
import type { Services } from '../services.ts'

/** A step of an operation on this service's own parts; see Step for what is asked of it. */
export const step = (definition: Step<Services>): Step<Services> => definition
export const operationKind = (definition: OperationKind<Services>): OperationKind<Services> => definition
