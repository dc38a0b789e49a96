export { createSecretBox, SecretBoxError } from './create-secret-box.ts'
export { hashOf } from './hash-of.ts'
export { type KeyRing, KeyRingError, loadOrCreateKeyRing, parseKeyRing } from './key-ring.ts'
export { createSecretPage } from './page.ts'
export { recogniseSecret, secretIn, squeeze, withoutSecrets } from './recognise.ts'
export { createRedactor } from './redact.ts'
export { type ResealDependencies, resealAll, sealedState } from './reseal.ts'
export {
  backupKeyPurpose,
  channelPurpose,
  gatewayTokenPurpose,
  providerKeyPurpose,
  standbyTokenPurpose,
  subKeyPurpose,
} from './sealed-columns.ts'
export type { SecretBox } from './secret-box.ts'
export { endOf } from './shapes.ts'
