export { createLocaliser, LocaliserError, type TextFault } from './create-localiser.ts'
export { isolate } from './isolate.ts'
export type { Language, Localiser } from './localiser.ts'
