export { createEngine } from './engine.ts'
export type {
  NewOperation,
  OperationKind,
  OperationProgress,
  Operations,
  OperationView,
  Place,
  Step,
  StepContext,
} from './operation.ts'
