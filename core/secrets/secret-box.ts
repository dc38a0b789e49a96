/**
 * Encryption at rest. A sealed string names its key version; the highest version of the ring encrypts, all decrypt.
 * `purpose` is bound into the seal (AES-GCM additional data): a value moved to another column or row does not open.
 */
export type SecretBox = {
  seal(secret: string, purpose: string): string
  /** Throws SecretBoxError (unknown key version, wrong purpose, damaged). Never says what was inside. */
  open(sealed: string, purpose: string): string
  /** The same secret under the newest key; null if it already is. */
  reseal(sealed: string, purpose: string): string | null
}
