export { createEngine } from './engine.ts'
export type {
  NewOperation,
  OperationKind,
  OperationProgress,
  Operations,
  OperationView,
  Patience,
  Place,
  Step,
  StepContext,
} from './operation.ts'
