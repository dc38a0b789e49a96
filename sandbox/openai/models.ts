import type { ProviderModel } from '../provider/stand-in.ts'

const model = (
  id: string,
  name: string,
  listedAt: string,
  contextTokens: number,
  more: Partial<ProviderModel> = {},
): ProviderModel => ({
  id,
  name,
  listedAt,
  contextTokens,
  outputTokens: 128_000,
  talks: true,
  ...more,
})

/** As the provider lists them: in no order, and with those that make pictures, hear, or embed. */
export const OPENAI_MODELS: readonly ProviderModel[] = [
  model('gpt-5.4', 'GPT-5.4', '2026-03-05', 1_050_000),
  model('text-embedding-3-small', 'Embedding 3 Small', '2024-01-25', 8_191, { talks: false }),
  model('gpt-5.4-mini', 'GPT-5.4 Mini', '2026-03-17', 400_000),
  model('gpt-5.4-pro', 'GPT-5.4 Pro', '2026-03-05', 1_050_000),
  model('whisper-1', 'Whisper', '2023-03-01', 0, { talks: false }),
  model('gpt-5.4-nano', 'GPT-5.4 Nano', '2026-03-17', 400_000, { smallest: true }),
  model('gpt-image-1', 'GPT Image 1', '2025-04-23', 0, { talks: false }),
  model('gpt-5.3-codex', 'GPT-5.3-Codex', '2026-02-24', 400_000),
  model('gpt-4o-mini-tts', 'GPT-4o Mini TTS', '2025-03-19', 0, { talks: false }),
  model('gpt-4.1-mini', 'GPT-4.1 Mini', '2025-04-14', 1_047_576),
  model('gpt-realtime', 'GPT Realtime', '2025-08-28', 32_000, { talks: false }),
]
