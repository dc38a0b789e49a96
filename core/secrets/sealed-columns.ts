/** What the seals of a row's secrets are bound to: a value copied to another row or column does not open. */
export const gatewayTokenPurpose = (instanceId: string) => `instance:${instanceId}:gateway-token`
export const subKeyPurpose = (instanceId: string) => `instance:${instanceId}:sub-key`
export const backupKeyPurpose = (instanceId: string) => `instance:${instanceId}:backup-key`
export const providerKeyPurpose = (keyId: string) => `provider-key:${keyId}`
export const channelPurpose = (channelId: string) => `channel:${channelId}:token`
export const standbyTokenPurpose = (standbyId: string) => `standby:${standbyId}:gateway-token`

/** A column that holds sealed secrets, of a table whose key is `id`. */
export type SealedColumn = {
  readonly table: string
  readonly column: string
  readonly purpose: (id: string) => string
}

/** Every one there is: what is not in this list stays under its old key, and is lost with it. A test compares it with the schema. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: 'instances', column: 'gateway_token_sealed', purpose: gatewayTokenPurpose },
  { table: 'instances', column: 'sub_key_sealed', purpose: subKeyPurpose },
  { table: 'instances', column: 'backup_key_sealed', purpose: backupKeyPurpose },
  { table: 'provider_keys', column: 'sealed', purpose: providerKeyPurpose },
  { table: 'channels', column: 'sealed', purpose: channelPurpose },
  { table: 'standbys', column: 'gateway_token_sealed', purpose: standbyTokenPurpose },
]
