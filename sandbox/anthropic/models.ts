import type { ProviderModel } from '../provider/stand-in.ts'

/** As the provider lists them: newest first, an alias where a dated id has one. */
export const ANTHROPIC_MODELS: readonly ProviderModel[] = [
  {
    id: 'claude-opus-4-8',
    name: 'Claude Opus 4.8',
    listedAt: '2026-07-14',
    contextTokens: 1_000_000,
    outputTokens: 64_000,
    talks: true,
  },
  {
    id: 'claude-sonnet-4-6',
    name: 'Claude Sonnet 4.6',
    listedAt: '2026-02-17',
    contextTokens: 1_000_000,
    outputTokens: 64_000,
    talks: true,
  },
  {
    id: 'claude-haiku-4-5-20251001',
    aliases: ['claude-haiku-4-5'],
    name: 'Claude Haiku 4.5',
    listedAt: '2025-10-15',
    contextTokens: 200_000,
    outputTokens: 64_000,
    talks: true,
    smallest: true,
  },
  {
    id: 'claude-sonnet-4-5-20250929',
    aliases: ['claude-sonnet-4-5'],
    name: 'Claude Sonnet 4.5',
    listedAt: '2025-09-29',
    contextTokens: 200_000,
    outputTokens: 64_000,
    talks: true,
  },
]
