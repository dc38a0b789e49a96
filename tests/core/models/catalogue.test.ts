import { describe, expect, it } from 'vitest'
import { createLocaliser } from '../../../core/i18n/index.ts'
import { CURATED } from '../../../core/models/curated.ts'
import { comparePrice, createCatalogue, isFree, type Model, modelPrice, turnMicros } from '../../../core/models/index.ts'
import { indexModels, nearestModels, searchModels } from '../../../core/models/search.ts'
import { SANDBOX_MODELS } from '../../../sandbox/openrouter/catalogue.ts'
import { testClock } from '../../sandbox/openrouter-server.ts'
import { memoryLog } from '../credits/support.ts'

const MODELS: readonly Model[] = SANDBOX_MODELS.filter((model) => model.tools && model.promptPrice >= 0).map((model) => ({
  id: model.id,
  name: model.name,
  contextTokens: model.contextTokens,
  promptMicrosPerMillion: model.promptPrice,
  completionMicrosPerMillion: model.completionPrice,
}))
const model = (id: string): Model => {
  const found = MODELS.find((known) => known.id === id)
  if (!found) throw new Error(`no model ${id}`)
  return found
}
const INDEX = indexModels(MODELS)
const ids = (models: readonly Model[]) => models.map((found) => found.id)

/** A catalogue over a source that can be made to fail, wait or change. */
function catalogueOver(models: readonly Model[] = MODELS) {
  const clock = testClock()
  const log = memoryLog()
  const source = { models, fetches: 0, failure: null as Error | null, hold: null as Promise<void> | null }
  const catalogue = createCatalogue({
    clock,
    log,
    patienceSeconds: 0.05,
    async fetchModels() {
      source.fetches++
      await source.hold
      if (source.failure) throw source.failure
      return source.models
    },
  })
  return { catalogue, clock, log, source }
}

describe('the catalogue', () => {
  it('is fetched once an hour, and once for all who ask at the same time', async () => {
    const { catalogue, clock, source } = catalogueOver()
    await Promise.all([catalogue.all(), catalogue.find('x'), catalogue.search('claude', 3), catalogue.curated()])
    clock.advance(3599)
    await catalogue.all()
    expect(source.fetches).toBe(1)
    clock.advance(1)
    source.models = MODELS.slice(0, 3)
    expect(await catalogue.all()).toHaveLength(3)
    expect(source.fetches).toBe(2)
  })

  it('gives a stale copy rather than none, says so, and asks again soon but not at every press', async () => {
    const { catalogue, clock, log, source } = catalogueOver()
    await catalogue.all()
    clock.advance(7200)
    source.failure = new Error('down')
    for (let press = 0; press < 5; press++) expect(await catalogue.all()).toHaveLength(MODELS.length)
    expect(source.fetches).toBe(2)
    expect(catalogue.state()).toMatchObject({ stale: true, models: MODELS.length })
    expect(log.lines.filter((line) => line.level === 'warn')).toHaveLength(1)
    clock.advance(31)
    source.failure = null
    await catalogue.all()
    expect(catalogue.state().stale).toBe(false)
  })

  it('waits no longer than its patience when it has a copy', async () => {
    const { catalogue, clock, source } = catalogueOver()
    await catalogue.all()
    clock.advance(7200)
    let release = () => {}
    source.hold = new Promise((resolve) => {
      release = resolve
    })
    source.models = MODELS.slice(0, 5)
    expect(await catalogue.all()).toHaveLength(MODELS.length)
    release()
    await expect.poll(async () => (await catalogue.all()).length).toBe(5)
    expect(source.fetches).toBe(2)
  })

  it('throws only while there never was a copy, and an empty list is no copy', async () => {
    const { catalogue, source } = catalogueOver()
    source.failure = new Error('down')
    await expect(catalogue.all()).rejects.toMatchObject({ problem: { code: 'catalogue-unavailable', detail: 'Error: down' } })
    source.failure = null
    source.models = []
    await expect(catalogue.all()).rejects.toThrow(/empty/)
    source.models = MODELS
    expect(await catalogue.all()).toHaveLength(MODELS.length)
  })

  it('finds an exact id, with or without OpenClaw’s prefix', async () => {
    const { catalogue } = catalogueOver()
    for (const id of ['z-ai/glm-5', 'openrouter/z-ai/glm-5', ' Z-AI/GLM-5 '])
      expect((await catalogue.find(id))?.id).toBe('z-ai/glm-5')
    expect(await catalogue.find('z-ai/glm')).toBeNull()
  })
})

describe('the short list', () => {
  it('names models that the sandbox has, in its order, at honest prices', async () => {
    const curated = await catalogueOver().catalogue.curated()
    expect(ids(curated)).toEqual(CURATED.map((known) => known.id))
    expect(curated.length).toBeGreaterThanOrEqual(8)
    expect(curated.length).toBeLessThanOrEqual(10)
    for (const known of curated) {
      const turn = turnMicros(known)
      expect(known.priceClass, known.id).toBe(isFree(known) ? 0 : turn < 6_000 ? 1 : turn < 25_000 ? 2 : 3)
    }
  })

  it('has words for each in both languages', () => {
    const localiser = createLocaliser()
    for (const { strength } of CURATED)
      for (const language of localiser.languages) expect(localiser.text({ id: strength }, language)).toMatch(/\S/)
    expect(new Set(CURATED.map((known) => known.strength)).size).toBe(CURATED.length)
  })

  it('leaves out what the catalogue no longer has and tells the log', async () => {
    const { catalogue, log } = catalogueOver(MODELS.filter((known) => known.id !== 'z-ai/glm-5'))
    expect(ids(await catalogue.curated())).not.toContain('z-ai/glm-5')
    expect(log.lines).toMatchObject([{ level: 'warn', fields: { gone: ['z-ai/glm-5'] } }])
  })

  it('is what an empty search gives', async () => {
    expect(ids(await catalogueOver().catalogue.search('  ', 3))).toEqual(CURATED.slice(0, 3).map((known) => known.id))
  })
})

describe('search', () => {
  const search = (query: string, limit = 5) => ids(searchModels(INDEX, query, limit))

  it('puts the exact id first, then names', () => {
    expect(search('z-ai/glm-5')[0]).toBe('z-ai/glm-5')
    expect(search('openrouter/z-ai/glm-5')[0]).toBe('z-ai/glm-5')
    expect(search('sonnet')).toEqual(['anthropic/claude-sonnet-4.6', 'anthropic/claude-sonnet-4.5'])
    expect(search('Claude Haiku 4.5')).toEqual(['anthropic/claude-haiku-4.5'])
  })

  it('does not care for case, dots, dashes and blanks', () => {
    for (const query of ['gpt5.4 mini', 'GPT-5.4-MINI', 'gpt 5 4 mini']) expect(search(query)[0]).toBe('openai/gpt-5.4-mini')
  })

  it('understands cheap, free, coding and fast, alone and with names, also in Chinese', () => {
    expect(search('free', 20).every((id) => id.endsWith(':free'))).toBe(true)
    expect(search('免费', 20)).toEqual(search('free', 20))
    const cheap = searchModels(INDEX, 'cheap', 20)
    expect(cheap.some(isFree)).toBe(false)
    expect(cheap.map(turnMicros)).toEqual(cheap.map(turnMicros).sort((a, b) => a - b))
    expect(search('coding', 20)).toEqual(
      expect.arrayContaining(['openai/gpt-5.3-codex', 'qwen/qwen3-coder', 'mistralai/devstral-2512']),
    )
    expect(search('free coding')).toEqual(['qwen/qwen3-coder:free'])
    expect(search('fast claude')).toEqual(['anthropic/claude-haiku-4.5'])
    expect(search('便宜 qwen')[0]).toBe('qwen/qwen3.5-flash')
    expect(search('grok code fast')).toEqual(['x-ai/grok-code-fast-1'])
  })

  it('forgives typing errors, and finds nothing for nonsense', () => {
    expect(search('claud sonet')[0]).toMatch(/claude-sonnet/)
    expect(search('gemni flash')[0]).toMatch(/gemini.*flash/)
    expect(search('qzx wvk')).toEqual([])
    expect(search('x'.repeat(10_000))).toEqual([])
    expect(search('🦞🦞')).toEqual([])
  })

  it('gives no more than asked for', () => {
    expect(search('a', 3)).toHaveLength(3)
  })
})

describe('an id that does not exist', () => {
  it('leads to the nearest names', () => {
    expect(ids(nearestModels(INDEX, 'openrouter/anthropic/claude-sonet-4.6', 3))[0]).toBe('anthropic/claude-sonnet-4.6')
    expect(ids(nearestModels(INDEX, 'deepseek/deepseek-v9', 3)).every((id) => id.startsWith('deepseek/'))).toBe(true)
    expect(nearestModels(INDEX, '', 3)).toEqual([])
  })
})

describe('prices in words', () => {
  const localiser = createLocaliser()
  const english = (text: Parameters<typeof localiser.text>[0]) => localiser.text(text, 'en').replace(/[\u2066-\u2069]/g, '')

  it('say what a million tokens cost', () => {
    expect(english(modelPrice(model('anthropic/claude-sonnet-4.6')))).toBe('$3.00 in, $15.00 out per 1M')
    expect(english(modelPrice(model('qwen/qwen3-coder:free')))).toBe('free')
  })

  it.each([
    ['anthropic/claude-opus-4.8', 'google/gemini-3-flash-preview', 'about 10 times cheaper'],
    ['google/gemini-3-flash-preview', 'anthropic/claude-opus-4.8', 'about 10 times the price'],
    ['anthropic/claude-sonnet-4.6', 'anthropic/claude-sonnet-4.5', 'about the same price'],
    ['anthropic/claude-sonnet-4.6', 'openai/gpt-5.4', 'about 15% cheaper'],
    ['anthropic/claude-sonnet-4.6', 'qwen/qwen3-coder:free', 'free instead of paid'],
    ['qwen/qwen3-coder:free', 'anthropic/claude-sonnet-4.6', 'paid instead of free'],
  ])('compare %s with %s', (from, to, words) => {
    expect(english(comparePrice(model(from), model(to)))).toBe(words)
  })
})
