import type { ProviderModel } from '../provider/stand-in.ts'

const model = (id: string, name: string, listedAt: string, more: Partial<ProviderModel> = {}): ProviderModel => ({
  id,
  name,
  listedAt,
  contextTokens: 1_048_576,
  outputTokens: 65_536,
  talks: true,
  ...more,
})

export const GOOGLE_MODELS: readonly ProviderModel[] = [
  model('gemini-3.1-pro-preview', 'Gemini 3.1 Pro Preview', '2026-02-19'),
  model('gemini-3-flash-preview', 'Gemini 3 Flash Preview', '2025-12-17'),
  model('gemini-3.1-flash-lite', 'Gemini 3.1 Flash Lite', '2026-03-03', { smallest: true }),
  model('gemini-2.5-flash', 'Gemini 2.5 Flash', '2025-06-17'),
  model('gemini-embedding-001', 'Gemini Embedding 001', '2025-07-14', { contextTokens: 2_048, outputTokens: 1, talks: false }),
]
