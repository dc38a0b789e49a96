/**
 * The models the stand-in offers: ids, names, prices and contexts as one finds them at OpenRouter, rounded where they move.
 * Columns: id, name, USD per million input tokens, USD per million output tokens, context in tokens, first day listed, flags
 * (t: calls tools, i: sees images, r: reasons).
 */
const ROWS = [
  ['anthropic/claude-opus-4.8', 'Anthropic: Claude Opus 4.8', 5, 25, 1_000_000, '2026-07-14', 'tir'],
  ['anthropic/claude-sonnet-4.6', 'Anthropic: Claude Sonnet 4.6', 3, 15, 1_000_000, '2026-02-17', 'tir'],
  ['anthropic/claude-sonnet-4.5', 'Anthropic: Claude Sonnet 4.5', 3, 15, 1_000_000, '2025-09-29', 'tir'],
  ['anthropic/claude-haiku-4.5', 'Anthropic: Claude Haiku 4.5', 1, 5, 200_000, '2025-10-15', 'tir'],
  ['openai/gpt-5.4', 'OpenAI: GPT-5.4', 2.5, 15, 1_050_000, '2026-03-05', 'tir'],
  ['openai/gpt-5.4-pro', 'OpenAI: GPT-5.4 Pro', 30, 180, 1_050_000, '2026-03-05', 'tir'],
  ['openai/gpt-5.4-mini', 'OpenAI: GPT-5.4 Mini', 0.75, 4.5, 400_000, '2026-03-17', 'tir'],
  ['openai/gpt-5.4-nano', 'OpenAI: GPT-5.4 Nano', 0.2, 1.25, 400_000, '2026-03-17', 'tir'],
  ['openai/gpt-5.3-codex', 'OpenAI: GPT-5.3-Codex', 1.75, 14, 400_000, '2026-02-24', 'tir'],
  ['openai/gpt-4.1-mini', 'OpenAI: GPT-4.1 Mini', 0.4, 1.6, 1_047_576, '2025-04-14', 'ti'],
  ['openai/gpt-oss-120b', 'OpenAI: gpt-oss-120b', 0.04, 0.19, 131_072, '2025-08-05', 'tr'],
  ['openai/gpt-oss-20b:free', 'OpenAI: gpt-oss-20b (free)', 0, 0, 131_072, '2025-08-05', 'tr'],
  ['google/gemini-3.1-pro-preview', 'Google: Gemini 3.1 Pro Preview', 2, 12, 1_048_576, '2026-02-19', 'tir'],
  ['google/gemini-3-flash-preview', 'Google: Gemini 3 Flash Preview', 0.5, 3, 1_048_576, '2025-12-17', 'tir'],
  ['google/gemini-3.1-flash-lite', 'Google: Gemini 3.1 Flash Lite', 0.25, 1.5, 1_048_576, '2026-03-03', 'tir'],
  ['google/gemini-2.5-flash', 'Google: Gemini 2.5 Flash', 0.3, 2.5, 1_048_576, '2025-06-17', 'tir'],
  ['google/gemma-3-27b-it', 'Google: Gemma 3 27B', 0.08, 0.16, 131_072, '2025-03-12', 'i'],
  ['google/gemma-4-26b-a4b-it:free', 'Google: Gemma 4 26B A4B (free)', 0, 0, 262_144, '2026-04-03', 'tir'],
  ['deepseek/deepseek-v3.2', 'DeepSeek: DeepSeek V3.2', 0.26, 0.38, 163_840, '2025-12-01', 'tr'],
  ['deepseek/deepseek-v4-flash', 'DeepSeek: DeepSeek V4 Flash', 0.14, 0.28, 1_048_576, '2026-04-24', 'tr'],
  ['deepseek/deepseek-v4-pro', 'DeepSeek: DeepSeek V4 Pro', 0.435, 0.87, 1_048_576, '2026-04-24', 'tr'],
  ['deepseek/deepseek-r1-0528', 'DeepSeek: R1 0528', 0.45, 2.15, 163_840, '2025-05-28', 'tr'],
  ['deepseek/deepseek-chat-v3.1', 'DeepSeek: DeepSeek V3.1', 0.15, 0.75, 32_768, '2025-08-21', 'tr'],
  ['qwen/qwen3-max', 'Qwen: Qwen3 Max', 0.78, 3.9, 262_144, '2025-09-23', 't'],
  ['qwen/qwen3.5-plus', 'Qwen: Qwen3.5 Plus', 0.26, 1.56, 1_000_000, '2026-02-16', 'tir'],
  ['qwen/qwen3.5-flash', 'Qwen: Qwen3.5 Flash', 0.065, 0.26, 1_000_000, '2026-02-25', 'tir'],
  ['qwen/qwen3-coder', 'Qwen: Qwen3 Coder 480B A35B', 0.22, 1, 262_144, '2025-07-23', 't'],
  ['qwen/qwen3-coder-next', 'Qwen: Qwen3 Coder Next', 0.12, 0.75, 262_144, '2026-02-04', 't'],
  ['qwen/qwen3-coder:free', 'Qwen: Qwen3 Coder 480B A35B (free)', 0, 0, 262_000, '2025-07-23', 't'],
  ['qwen/qwen3-next-80b-a3b-instruct:free', 'Qwen: Qwen3 Next 80B A3B Instruct (free)', 0, 0, 262_144, '2025-09-11', 't'],
  ['x-ai/grok-4.20', 'xAI: Grok 4.20', 2, 6, 2_000_000, '2026-03-31', 'tir'],
  ['x-ai/grok-4.1-fast', 'xAI: Grok 4.1 Fast', 0.2, 0.5, 2_000_000, '2025-11-19', 'tir'],
  ['x-ai/grok-code-fast-1', 'xAI: Grok Code Fast 1', 0.2, 1.5, 256_000, '2025-08-26', 'tr'],
  ['mistralai/mistral-large-2512', 'Mistral: Mistral Large 3 2512', 0.5, 1.5, 262_144, '2025-12-01', 'ti'],
  ['mistralai/mistral-small-2603', 'Mistral: Mistral Small 4', 0.15, 0.6, 262_144, '2026-03-16', 'tir'],
  ['mistralai/devstral-2512', 'Mistral: Devstral 2 2512', 0.4, 2, 262_144, '2025-12-09', 't'],
  ['mistralai/mistral-nemo', 'Mistral: Mistral Nemo', 0.02, 0.04, 131_072, '2024-07-19', 't'],
  ['meta-llama/llama-4-maverick', 'Meta: Llama 4 Maverick', 0.15, 0.6, 1_048_576, '2025-04-05', 'ti'],
  ['meta-llama/llama-3.3-70b-instruct', 'Meta: Llama 3.3 70B Instruct', 0.1, 0.32, 131_072, '2024-12-06', 't'],
  ['meta-llama/llama-3.3-70b-instruct:free', 'Meta: Llama 3.3 70B Instruct (free)', 0, 0, 65_536, '2024-12-06', 't'],
  ['moonshotai/kimi-k2.6', 'MoonshotAI: Kimi K2.6', 0.75, 3.5, 262_144, '2026-04-20', 'tir'],
  ['moonshotai/kimi-k2.5', 'MoonshotAI: Kimi K2.5', 0.41, 2.06, 262_144, '2026-01-27', 'tir'],
  ['z-ai/glm-5', 'Z.ai: GLM 5', 0.6, 1.9, 202_752, '2026-02-11', 'tr'],
  ['z-ai/glm-4.7-flash', 'Z.ai: GLM 4.7 Flash', 0.06, 0.4, 202_752, '2026-01-19', 'tr'],
  ['z-ai/glm-4.5-air:free', 'Z.ai: GLM 4.5 Air (free)', 0, 0, 131_072, '2025-07-25', 'tr'],
  // A router has no price of its own, which OpenRouter writes as -1.
  ['openrouter/auto', 'Auto Router', -1e6, -1e6, 2_000_000, '2023-11-08', 't'],
] as const

export type SandboxModel = {
  readonly id: string
  readonly name: string
  /** Micro-dollars per million tokens, which is 10^-12 dollars per token. */
  readonly promptPrice: number
  readonly completionPrice: number
  readonly contextTokens: number
  readonly listedAt: Date
  readonly tools: boolean
  readonly images: boolean
  readonly reasoning: boolean
}

export const SANDBOX_MODELS: readonly SandboxModel[] = ROWS.map(
  ([id, name, prompt, completion, contextTokens, listed, flags]) => ({
    id,
    name,
    promptPrice: Math.round(prompt * 1e6),
    completionPrice: Math.round(completion * 1e6),
    contextTokens,
    listedAt: new Date(listed),
    tools: flags.includes('t'),
    images: flags.includes('i'),
    reasoning: flags.includes('r'),
  }),
)

/** Who runs it, as answers name it. */
export function providerOf(model: SandboxModel): string {
  return model.name.includes(': ') ? model.name.slice(0, model.name.indexOf(': ')) : 'OpenRouter'
}

/** USD per token as the decimal string OpenRouter sends: `0.000003`, `-1`. */
function perToken(price: number): string {
  return (price / 1e12).toFixed(12).replace(/\.?0+$/, '')
}

const TOOL_PARAMETERS = ['tool_choice', 'tools']
const COMMON_PARAMETERS = [
  'frequency_penalty',
  'max_tokens',
  'presence_penalty',
  'response_format',
  'seed',
  'stop',
  'temperature',
  'top_p',
]
const REASONING_PARAMETERS = ['include_reasoning', 'reasoning']

/** One entry of GET /models with every field the vendor's own client insists on. */
export function modelJson(model: SandboxModel) {
  const input = model.images ? ['text', 'image'] : ['text']
  const plainId = model.id.replace(/:free$/, '')
  return {
    id: model.id,
    canonical_slug: `${plainId}-${model.listedAt.toISOString().slice(0, 10).replaceAll('-', '')}`,
    hugging_face_id: null,
    name: model.name,
    created: model.listedAt.getTime() / 1000,
    description: `${model.name}, as the sandbox offers it: a canned model answers, prices and limits behave like the real one's.`,
    context_length: model.contextTokens,
    architecture: {
      modality: `${input.join('+')}->text`,
      input_modalities: input,
      output_modalities: ['text'],
      tokenizer: 'Other',
      instruct_type: null,
    },
    pricing: {
      prompt: perToken(model.promptPrice),
      completion: perToken(model.completionPrice),
      request: '0',
      image: '0',
      web_search: '0',
      internal_reasoning: '0',
      ...(model.promptPrice > 0 && { input_cache_read: perToken(Math.round(model.promptPrice / 10)) }),
    },
    top_provider: {
      context_length: model.contextTokens,
      max_completion_tokens: Math.min(65_536, model.contextTokens),
      is_moderated: false,
    },
    per_request_limits: null,
    supported_parameters: [
      ...COMMON_PARAMETERS,
      ...(model.tools ? TOOL_PARAMETERS : []),
      ...(model.reasoning ? REASONING_PARAMETERS : []),
    ].sort(),
    supported_voices: null,
    default_parameters: {},
    expiration_date: null,
    links: { details: `/api/v1/models/${plainId}/endpoints` },
  }
}
