/** A sub-key as the provider reports it. Amounts in micro-dollars. */
export type SubKey = {
  readonly hash: string
  readonly name: string
  readonly disabled: boolean
  /** Absolute ceiling of all-time usage; null is no limit. */
  readonly limitMicros: number | null
  /** All-time, never reset. */
  readonly usageMicros: number
  readonly createdAt: Date | null
}

/**
 * The provider refused a call or did not answer it. `status` is null when no answer came: what was asked may have happened.
 * Codes: `unreachable`, `rate-limited`, `unauthorised` (our management key), `refused`, `not-found`, `unreadable` (an answer
 * we do not understand; after a create the key may exist). The message is for logs and holds no secret.
 */
export class SubKeyError extends Error {
  override readonly name = 'SubKeyError'
  constructor(
    message: string,
    readonly code: 'unreachable' | 'rate-limited' | 'unauthorised' | 'refused' | 'not-found' | 'unreadable',
    readonly status: number | null,
    readonly retryable: boolean,
  ) {
    super(message)
  }
}

/**
 * The port to whoever sells AI credit (OpenRouter's key API). There is no idempotency key there and a secret is shown
 * once: callers find by name before they create. Transport failures throw SubKeyError with `retryable`.
 */
export type SubKeys = {
  create(request: {
    readonly name: string
    readonly limitMicros: number
  }): Promise<{ readonly hash: string; readonly secret: string }>
  /** All keys of exactly that name (names are not unique there), paging through the whole list. */
  findByName(name: string): Promise<readonly SubKey[]>
  /** Null only on a confirmed 404. */
  find(hash: string): Promise<SubKey | null>
  list(): Promise<readonly SubKey[]>
  update(hash: string, change: { readonly limitMicros?: number; readonly disabled?: boolean }): Promise<SubKey>
  /** Gone already is success. */
  delete(hash: string): Promise<void>
  /** What is left on the whole account; a negative balance silences every customer at once. */
  accountBalance(): Promise<{ readonly creditMicros: number; readonly usageMicros: number }>
}
