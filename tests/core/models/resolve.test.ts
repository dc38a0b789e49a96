import { describe, expect, it } from 'vitest'
import { idParts, type Source } from '../../../core/models/index.ts'
import { KNOWN_MODELS, makerOf } from '../../../core/models/table.ts'
import { cataloguesOf, SOLD } from '../../support/catalogue.ts'

/** What providers list for a key, in their own names. */
const LISTED: Readonly<Record<string, readonly string[]>> = {
  anthropic: ['claude-opus-4-8', 'claude-sonnet-4-6', 'claude-sonnet-4-5-20250929', 'claude-haiku-4-5-20251001'],
  openai: ['gpt-5.4', 'gpt-5.4-mini', 'gpt-5.4-nano', 'gpt-5.3-codex', 'gpt-4o', 'gpt-4o-2024-08-06'],
  google: ['gemini-3.1-pro-preview', 'gemini-3-flash-preview', 'gemini-2.5-flash'],
  openrouter: ['anthropic/claude-sonnet-4.6', 'openai/gpt-5.4', 'qwen/qwen3-coder:free'],
}

function catalogueOf(source: Source) {
  const { catalogues } = cataloguesOf(
    () => SOLD,
    undefined,
    async (provider) => (LISTED[provider] ?? []).map((id) => ({ id })),
  )
  return catalogues.of(source, { instanceId: 'ins_1' })
}

const resolve = async (typed: string, source: Source = 'managed') => {
  const catalogue = catalogueOf(source)
  // Names of what is not sold here come from OpenRouter's list.
  if (source !== 'managed') await catalogueOf('managed').all()
  return catalogue.resolve(typed)
}
const idOf = async (typed: string, source: Source = 'managed') => {
  const resolution = await resolve(typed, source)
  return resolution.kind === 'found' ? resolution.model.id : resolution.why
}

describe('whatever a customer types', () => {
  it.each([
    ['anthropic/claude-sonnet-4.6', 'anthropic/claude-sonnet-4.6'],
    ['  Anthropic/Claude-Sonnet-4.6 ', 'anthropic/claude-sonnet-4.6'],
    ['openrouter/anthropic/claude-sonnet-4.6', 'anthropic/claude-sonnet-4.6'],
    ['`anthropic/claude-sonnet-4.6`', 'anthropic/claude-sonnet-4.6'],
    ['“Claude Sonnet 4.6”', 'anthropic/claude-sonnet-4.6'],
    ['<b>sonnet</b>', 'unknown'],
    ['sonnet', 'anthropic/claude-sonnet-4.6'],
    ['SONNET', 'anthropic/claude-sonnet-4.6'],
    ['claude-sonnet-4', 'anthropic/claude-sonnet-4.6'],
    ['claude sonnet 4', 'anthropic/claude-sonnet-4.6'],
    ['anthropic/claude-sonnet-4', 'anthropic/claude-sonnet-4.6'],
    ['claude-sonnet-4-6', 'anthropic/claude-sonnet-4.6'],
    ['claude-sonnet-4-5', 'anthropic/claude-sonnet-4.5'],
    ['claude-sonnet-4-5-20250929', 'anthropic/claude-sonnet-4.5'],
    ['anthropic/claude-sonnet-4-5-20250929', 'anthropic/claude-sonnet-4.5'],
    ['claude-haiku-4-5@20251001', 'anthropic/claude-haiku-4.5'],
    ['haiku', 'anthropic/claude-haiku-4.5'],
    ['opus', 'anthropic/claude-opus-4.8'],
    ['gpt-5.4', 'openai/gpt-5.4'],
    ['gpt 5.4 mini', 'openai/gpt-5.4-mini'],
    ['gpt-5.4-2026-03-05', 'openai/gpt-5.4'],
    ['gpt-5', 'openai/gpt-5.4'],
    ['models/gemini-3.1-pro-preview', 'google/gemini-3.1-pro-preview'],
    ['gemini-3.1-pro', 'google/gemini-3.1-pro-preview'],
    ['google/gemini-3.1-pro', 'google/gemini-3.1-pro-preview'],
    ['gemini flash', 'google/gemini-3-flash-preview'],
    ['kimi', 'moonshotai/kimi-k2.6'],
    ['glm', 'z-ai/glm-5'],
    ['deepseek r1', 'deepseek/deepseek-r1-0528'],
    ['qwen/qwen3-coder:free', 'qwen/qwen3-coder:free'],
    ['qwen3 coder free', 'qwen/qwen3-coder:free'],
    ['Qwen3 Coder 480B A35B (free)', 'qwen/qwen3-coder:free'],
    ['qwen3-coder', 'qwen/qwen3-coder'],
    ['backup/qwen/qwen3-coder:free', 'qwen/qwen3-coder:free'],
    ['openai/gpt-oss-20b', 'openai/gpt-oss-20b:free'],
    ['anthropic/claude-sonnet-4.6:free', 'no-free'],
    ['sonnet:free', 'no-free'],
    ['openai/claude-sonnet-4.6', 'unknown'],
    ['gpt-9', 'unknown'],
    ['', 'unknown'],
    ['   ', 'unknown'],
    ['🦞', 'unknown'],
    ['x'.repeat(10_000), 'unknown'],
    ['../../etc/passwd', 'unknown'],
    ["'; DROP TABLE instances; --", 'unknown'],
  ])('“%s” is %s with managed credit', async (typed, id) => {
    expect(await idOf(typed)).toBe(id)
  })

  it.each([
    ['anthropic', 'sonnet', 'claude-sonnet-4-6'],
    ['anthropic', 'anthropic/claude-sonnet-4.6', 'claude-sonnet-4-6'],
    ['anthropic', 'openrouter/anthropic/claude-sonnet-4.6', 'claude-sonnet-4-6'],
    ['anthropic', 'claude-sonnet-4.5', 'claude-sonnet-4-5-20250929'],
    ['anthropic', 'claude-sonnet-4-5-20250929', 'claude-sonnet-4-5-20250929'],
    ['anthropic', 'haiku', 'claude-haiku-4-5-20251001'],
    ['anthropic', 'Claude Haiku 4.5', 'claude-haiku-4-5-20251001'],
    ['anthropic', 'gpt-5.4', 'other-provider'],
    ['anthropic', 'openai/gpt-5.4', 'other-provider'],
    ['anthropic', 'claude-sonnet-4-6:free', 'no-free'],
    ['openai', 'openai/gpt-5.4', 'gpt-5.4'],
    ['openai', 'gpt mini', 'gpt-5.4-mini'],
    ['openai', 'codex', 'gpt-5.3-codex'],
    ['openai', 'gpt-4o-2024-11-20', 'gpt-4o'],
    ['openai', 'gpt-4o-2024-08-06', 'gpt-4o-2024-08-06'],
    ['openai', 'sonnet', 'other-provider'],
    ['google', 'google/gemini-3.1-pro', 'gemini-3.1-pro-preview'],
    ['google', 'models/gemini-2.5-flash', 'gemini-2.5-flash'],
    ['google', 'gemini flash', 'gemini-3-flash-preview'],
    ['openrouter', 'claude-sonnet-4-6', 'anthropic/claude-sonnet-4.6'],
    ['openrouter', 'gpt-5.4', 'openai/gpt-5.4'],
  ] as const)('with a key for %s, “%s” is %s', async (source, typed, id) => {
    expect(await idOf(typed, source)).toBe(id)
  })

  it('is never anything but a model of the live list, and what is not there leads to the nearest names', async () => {
    for (const source of ['managed', 'anthropic', 'openai', 'google', 'openrouter'] as const) {
      const sold = new Set((await catalogueOf(source).all()).map(({ id }) => id))
      for (const { id, native = [], aliases = [] } of KNOWN_MODELS)
        for (const typed of [id, `openrouter/${id}`, `${id}:free`, ...native, ...aliases]) {
          const resolution = await resolve(typed, source)
          const named = resolution.kind === 'found' ? [resolution.model] : resolution.nearest
          expect(
            named.filter((model) => !sold.has(model.id)),
            `${typed} at ${source}`,
          ).toEqual([])
        }
    }
    const misspelt = await resolve('anthropic/claude-sonet-4.6')
    expect(misspelt.kind === 'unknown' && misspelt.nearest[0]?.id).toBe('anthropic/claude-sonnet-4.6')
    const unfree = await resolve('claude-sonnet-4.6:free')
    expect(unfree.kind === 'unknown' && [unfree.meant, unfree.nearest[0]?.id]).toEqual([
      'Claude Sonnet 4.6',
      'anthropic/claude-sonnet-4.6',
    ])
  })
})

describe('the table of models', () => {
  it('leads from every name to its own model where that is sold', async () => {
    const sold = new Map(SOLD.map((model) => [model.id, model]))
    for (const { id, native = [] } of KNOWN_MODELS) {
      if (!sold.has(id)) continue
      for (const typed of [id, ...native]) expect(await idOf(typed), typed).toBe(id)
    }
  })

  it('has native names only for makers whose keys we take, and no name twice', () => {
    const natives = KNOWN_MODELS.flatMap(({ native = [] }) => native)
    expect(natives.length).toBe(new Set(natives).size)
    expect(new Set(KNOWN_MODELS.map(({ id }) => id)).size).toBe(KNOWN_MODELS.length)
    for (const { id, native } of KNOWN_MODELS) if (native) expect(makerOf(id), id).not.toBeNull()
    for (const { id } of KNOWN_MODELS) expect(idParts(id).vendor, id).not.toBeNull()
  })
})

describe('a provider’s own list', () => {
  it('has names, contexts and prices of the same model at OpenRouter', async () => {
    const sonnet = await catalogueOf('anthropic').find('claude-sonnet-4-5-20250929')
    const twin = SOLD.find(({ id }) => id === 'anthropic/claude-sonnet-4.5')
    expect(sonnet).toEqual({ ...twin, id: 'claude-sonnet-4-5-20250929' })
  })

  it('says of a model without a twin that its price is not known, instead of calling it free', async () => {
    const model = await catalogueOf('openai').find('gpt-4o')
    expect(model).toMatchObject({ id: 'gpt-4o', name: 'gpt-4o', unpriced: true })
    expect((await catalogueOf('openai').search('free', 9)).length).toBe(0)
  })

  it('has a short list in the provider’s names', async () => {
    expect((await catalogueOf('anthropic').curated()).map(({ id }) => id)).toEqual([
      'claude-sonnet-4-6',
      'claude-haiku-4-5-20251001',
      'claude-opus-4-8',
    ])
    expect((await catalogueOf('google').curated()).map(({ id }) => id)).toEqual([
      'gemini-3-flash-preview',
      'gemini-3.1-pro-preview',
    ])
  })

  it('is kept per key, and asked for again after a key was replaced', async () => {
    const asked: string[] = []
    const { catalogues } = cataloguesOf(
      () => SOLD,
      undefined,
      async (_provider, holder) => {
        asked.push(JSON.stringify(holder))
        return [{ id: 'gpt-5.4' }]
      },
    )
    await catalogues.of('openai', { instanceId: 'a' }).all()
    await catalogues.of('openai', { instanceId: 'a' }).all()
    await catalogues.of('openai', { keyId: 'k' }).all()
    catalogues.forget({ instanceId: 'a' })
    await catalogues.of('openai', { instanceId: 'a' }).all()
    expect(asked).toEqual(['{"instanceId":"a"}', '{"keyId":"k"}', '{"instanceId":"a"}'])
  })
})
