/**
 * Who sells an assistant's AI, and so who names its models: we with a sub-key of our OpenRouter account (`managed`), or a provider
 * the customer has a key of their own for.
 */
export const SOURCES = ['managed', 'anthropic', 'openai', 'google', 'openrouter'] as const
export type Source = (typeof SOURCES)[number]

/** Providers of own keys. */
export const PROVIDERS = ['anthropic', 'openai', 'google', 'openrouter'] as const
export type Provider = (typeof PROVIDERS)[number]

export const isOwnKey = (source: Source): source is Provider => source !== 'managed'

/** A stored source. Throws for one that another build wrote: guessing would send a key to the wrong provider. */
export function sourceOf(stored: string): Source {
  const known = SOURCES.find((source) => source === stored)
  if (known === undefined) throw new Error(`an instance has the source ${stored}, which this version does not know`)
  return known
}
