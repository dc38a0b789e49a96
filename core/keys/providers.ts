import type { Text } from '../chat/view.ts'
import type { Provider } from '../models/index.ts'

export type ProviderFacts = {
  /** A brand's name is the same in every language. */
  readonly name: string
  /** Where an account's keys are made. */
  readonly keysUrl: string
  /** Where its credit is bought. */
  readonly creditUrl: string
  /** Where its bill and usage are. */
  readonly usageUrl: string
  /** How its keys begin, as people see them. */
  readonly example: string
  /** Its usual models, best known first: the short list, and all there is while its own list can't be had. */
  readonly usual: readonly string[]
}

export const PROVIDER_FACTS: Readonly<Record<Provider, ProviderFacts>> = {
  anthropic: {
    name: 'Anthropic',
    keysUrl: 'https://console.anthropic.com/settings/keys',
    creditUrl: 'https://console.anthropic.com/settings/billing',
    usageUrl: 'https://console.anthropic.com/settings/usage',
    example: 'sk-ant-…',
    usual: ['claude-sonnet-4-6', 'claude-haiku-4-5-20251001', 'claude-opus-4-8'],
  },
  openai: {
    name: 'OpenAI',
    keysUrl: 'https://platform.openai.com/api-keys',
    creditUrl: 'https://platform.openai.com/settings/organization/billing',
    usageUrl: 'https://platform.openai.com/usage',
    example: 'sk-proj-…',
    usual: ['gpt-5.4-mini', 'gpt-5.4', 'gpt-5.4-nano', 'gpt-5.3-codex'],
  },
  google: {
    name: 'Google',
    keysUrl: 'https://aistudio.google.com/app/apikey',
    creditUrl: 'https://aistudio.google.com/app/plan_information',
    usageUrl: 'https://aistudio.google.com/usage',
    example: 'AIza…',
    usual: ['gemini-3-flash-preview', 'gemini-3.1-pro-preview', 'gemini-3.1-flash-lite', 'gemini-2.5-flash'],
  },
  openrouter: {
    name: 'OpenRouter',
    keysUrl: 'https://openrouter.ai/settings/keys',
    creditUrl: 'https://openrouter.ai/settings/credits',
    usageUrl: 'https://openrouter.ai/activity',
    example: 'sk-or-v1-…',
    usual: ['anthropic/claude-sonnet-4.6', 'openai/gpt-5.4-mini', 'google/gemini-3-flash-preview', 'deepseek/deepseek-v4-flash'],
  },
}

/** The particular before the general: every one of the others also begins with `sk-`. */
const SHAPES: readonly (readonly [RegExp, Provider])[] = [
  [/^sk-ant-/, 'anthropic'],
  [/^sk-or-/, 'openrouter'],
  [/^(AIza|AQ\.)/, 'google'],
  [/^sk-/, 'openai'],
]

/** Keys that look the part and can't be used: they manage an account, or belong to a subscription. */
const OTHER_KINDS = /^sk-(ant-(admin|oat|ort)|admin-)/

/** Shorter is a piece of a key. */
const SHORTEST_KEY = 20

/** Whose a key is, as it looks; null if nothing tells. */
export const providerOfKey = (key: string): Provider | null => SHAPES.find(([shape]) => shape.test(key))?.[1] ?? null

/** Why this can't be a key of the provider, before anybody is asked; null if it may be one. */
export function shapeProblem(provider: Provider, key: string): Text | null {
  const { name, example } = PROVIDER_FACTS[provider]
  const other = providerOfKey(key)
  if (other !== null && other !== provider)
    return { id: 'key-of-other', args: { provider: name, other: PROVIDER_FACTS[other].name } }
  if (OTHER_KINDS.test(key)) return { id: 'key-other-kind', args: { provider: name, example } }
  if (key.length < SHORTEST_KEY || /\s/.test(key)) return { id: 'key-no-key', args: { provider: name, example } }
  return null
}
