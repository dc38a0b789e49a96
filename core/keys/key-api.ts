import type { ListedModel, Provider } from '../models/index.ts'

/**
 * What a provider says about a key.
 *   unchecked     nobody asked yet
 *   valid         it answers
 *   wrong-key     it knows no such key: mistyped, revoked, or of another kind
 *   no-credit     the account behind it has nothing left to spend
 *   no-access     the account may not use what was asked for
 *   rate-limited  it is good, and asked too often just now
 *   unreachable   the provider gave no answer that tells anything; asked again by itself
 */
const KEY_STATES = ['unchecked', 'valid', 'wrong-key', 'no-credit', 'no-access', 'rate-limited', 'unreachable'] as const
export type KeyState = (typeof KEY_STATES)[number]

export const keyStateOf = (stored: string): KeyState => KEY_STATES.find((state) => state === stored) ?? 'unchecked'

/** Nobody can be blamed for it, and it passes: a key is kept, and tried again later. */
export const mayPass = (state: KeyState): boolean => state === 'rate-limited' || state === 'unreachable'

export type Verdict = {
  readonly state: Exclude<KeyState, 'unchecked'>
  /** The provider's own words, shortened, for the log. Holds no key. */
  readonly detail: string
}

/** One provider, asked with a customer's key. */
export type ProviderApi = {
  list(key: string): Promise<{ readonly models: readonly ListedModel[] } | Verdict>
  /** The smallest turn there is: the only thing that shows whether an account may spend, and whether it may use this model. */
  tinyTurn(key: string, model: string): Promise<Verdict>
  /** Of these, the one whose turn costs least; null if none is known to be cheap. */
  cheapest(models: readonly ListedModel[]): string | null
}

export type KeyApi = {
  /** Tries a key by the cheapest calls that prove it: the list of models, and one turn of a token or so. Never throws. */
  check(provider: Provider, key: string, model?: string): Promise<Verdict>
  /** The models that one can talk with by this key. Throws KeyApiError if the provider does not tell. */
  listModels(provider: Provider, key: string): Promise<readonly ListedModel[]>
}

export class KeyApiError extends Error {
  override readonly name = 'KeyApiError'
  constructor(readonly verdict: Verdict) {
    super(`${verdict.state}: ${verdict.detail}`)
  }
}
