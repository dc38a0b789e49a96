import type { Provider } from './source.ts'

/**
 * A model by all its names. `id` is the managed one, as OpenRouter writes it; `native` are those of the company that makes it, the newest
 * first; `aliases` are what people call it. What is on sale, and at which price, says only the live list: a model that it does not
 * have is not offered, whatever stands here.
 */
export type KnownModel = {
  readonly id: string
  readonly native?: readonly string[]
  readonly aliases?: readonly string[]
}

/**
 * The one table of names, every family from its newest member to its oldest: where an alias stands for several, the first that the live
 * list has is meant. Models that follow the rules of names.ts are understood without a line here; a line adds what no rule can know.
 * The name of a whole house (`claude`, `gpt`) is no alias: it is searched for. `docs/models.md` is made from this table.
 */
export const KNOWN_MODELS: readonly KnownModel[] = [
  { id: 'anthropic/claude-sonnet-4.6', native: ['claude-sonnet-4-6'], aliases: ['sonnet', 'claude sonnet'] },
  {
    id: 'anthropic/claude-sonnet-4.5',
    native: ['claude-sonnet-4-5-20250929', 'claude-sonnet-4-5'],
    aliases: ['sonnet', 'claude sonnet'],
  },
  {
    id: 'anthropic/claude-sonnet-4',
    native: ['claude-sonnet-4-20250514', 'claude-sonnet-4-0'],
    aliases: ['sonnet', 'claude sonnet'],
  },
  { id: 'anthropic/claude-opus-4.8', native: ['claude-opus-4-8'], aliases: ['opus', 'claude opus'] },
  { id: 'anthropic/claude-opus-4.6', native: ['claude-opus-4-6'], aliases: ['opus', 'claude opus'] },
  { id: 'anthropic/claude-opus-4.5', native: ['claude-opus-4-5-20251101', 'claude-opus-4-5'], aliases: ['opus', 'claude opus'] },
  { id: 'anthropic/claude-opus-4.1', native: ['claude-opus-4-1-20250805', 'claude-opus-4-1'], aliases: ['opus', 'claude opus'] },
  {
    id: 'anthropic/claude-haiku-4.5',
    native: ['claude-haiku-4-5-20251001', 'claude-haiku-4-5'],
    aliases: ['haiku', 'claude haiku'],
  },
  {
    id: 'anthropic/claude-3.5-haiku',
    native: ['claude-3-5-haiku-20241022', 'claude-3-5-haiku-latest'],
    aliases: ['haiku', 'claude haiku', 'claude haiku 3.5'],
  },
  {
    id: 'anthropic/claude-3.7-sonnet',
    native: ['claude-3-7-sonnet-20250219', 'claude-3-7-sonnet-latest'],
    aliases: ['claude sonnet 3.7'],
  },
  { id: 'openai/gpt-5.4', native: ['gpt-5.4', 'gpt-5.4-2026-03-05'], aliases: ['gpt 5'] },
  { id: 'openai/gpt-5.4-pro', native: ['gpt-5.4-pro'], aliases: ['gpt pro'] },
  { id: 'openai/gpt-5.4-mini', native: ['gpt-5.4-mini'], aliases: ['gpt mini', 'gpt 5 mini'] },
  { id: 'openai/gpt-5.4-nano', native: ['gpt-5.4-nano'], aliases: ['gpt nano', 'gpt 5 nano'] },
  { id: 'openai/gpt-5.3-codex', native: ['gpt-5.3-codex'], aliases: ['codex', 'gpt codex'] },
  { id: 'openai/gpt-4.1-mini', native: ['gpt-4.1-mini', 'gpt-4.1-mini-2025-04-14'] },
  { id: 'openai/gpt-oss-120b', aliases: ['gpt oss'] },
  { id: 'google/gemini-3.1-pro-preview', native: ['gemini-3.1-pro-preview', 'gemini-3.1-pro'], aliases: ['gemini pro'] },
  { id: 'google/gemini-3-flash-preview', native: ['gemini-3-flash-preview', 'gemini-3-flash'], aliases: ['gemini flash'] },
  { id: 'google/gemini-3.1-flash-lite', native: ['gemini-3.1-flash-lite'], aliases: ['gemini lite', 'gemini flash lite'] },
  { id: 'google/gemini-2.5-pro', native: ['gemini-2.5-pro'], aliases: ['gemini pro'] },
  { id: 'google/gemini-2.5-flash', native: ['gemini-2.5-flash'], aliases: ['gemini flash'] },
  { id: 'deepseek/deepseek-v4-pro', aliases: ['deepseek pro', 'deepseek v4'] },
  { id: 'deepseek/deepseek-v4-flash', aliases: ['deepseek flash'] },
  { id: 'deepseek/deepseek-v3.2', aliases: ['deepseek v3', 'deepseek chat'] },
  { id: 'deepseek/deepseek-r1-0528', aliases: ['deepseek r1', 'r1', 'deepseek reasoner'] },
  { id: 'moonshotai/kimi-k2.6', aliases: ['kimi', 'kimi k2'] },
  { id: 'moonshotai/kimi-k2.5', aliases: ['kimi', 'kimi k2'] },
  { id: 'z-ai/glm-5', aliases: ['glm', 'zhipu'] },
  { id: 'qwen/qwen3-max', aliases: ['qwen max'] },
  { id: 'qwen/qwen3.5-plus', aliases: ['qwen plus'] },
  { id: 'qwen/qwen3.5-flash', aliases: ['qwen flash'] },
  { id: 'qwen/qwen3-coder', aliases: ['qwen coder'] },
  { id: 'x-ai/grok-4.20', aliases: ['grok', 'grok 4'] },
  { id: 'x-ai/grok-4.1-fast', aliases: ['grok fast'] },
  { id: 'x-ai/grok-code-fast-1', aliases: ['grok code'] },
  { id: 'mistralai/mistral-large-2512', aliases: ['mistral large'] },
  { id: 'mistralai/mistral-small-2603', aliases: ['mistral small'] },
  { id: 'mistralai/devstral-2512', aliases: ['devstral'] },
  { id: 'meta-llama/llama-4-maverick', aliases: ['llama maverick'] },
]

/** Who makes a model and sells it under a native id; null if that is nobody whose keys we take. */
export function makerOf(managedId: string): Provider | null {
  const vendor = managedId.slice(0, managedId.indexOf('/'))
  return vendor === 'anthropic' || vendor === 'openai' || vendor === 'google' ? vendor : null
}
