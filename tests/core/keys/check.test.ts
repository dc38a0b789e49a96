import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createKeyApi, type KeyApi, providerOfKey, shapeProblem } from '../../../core/keys/index.ts'
import { PROVIDERS, type Provider } from '../../../core/models/index.ts'
import { MANAGEMENT_KEY, type RunningOpenRouter, startOpenRouter } from '../../sandbox/openrouter-server.ts'
import { type RunningProviders, startProviders, TEST_KEYS } from '../../sandbox/provider-servers.ts'

let openrouter: RunningOpenRouter
let providers: RunningProviders
let keys: KeyApi

beforeAll(async () => {
  openrouter = await startOpenRouter()
  providers = await startProviders()
  keys = createKeyApi({ ...providers.roots, openrouter: openrouter.root }, { timeoutSeconds: 1 })
})
afterEach(() => {
  openrouter.control.clearFaults()
  for (const control of [providers.anthropic, providers.openai, providers.google]) control.clearFaults()
})
afterAll(() => Promise.all([openrouter.stop(), providers.stop()]))

const WITH_WORD: Readonly<Record<Provider, (word: string) => string>> = {
  anthropic: (word) => `sk-ant-api03-sandbox-${word}-00000001`,
  openai: (word) => `sk-proj-sandbox-${word}-00000001`,
  google: (word) => `AIzaSandbox-${word}-000000000000000001`,
  openrouter: (word) => `sk-or-v1-sandbox${word}000000000000000001`,
}
const NOBODYS: Readonly<Record<Provider, string>> = {
  anthropic: 'sk-ant-api03-nobody-knows-this-one-0001',
  openai: 'sk-proj-nobody-knows-this-one-0002',
  google: 'AIzaNobodyKnowsThisOne00000000000000003',
  openrouter: 'sk-or-v1-nobodyknowsthisone00000000004',
}
const FLAGSHIP: Readonly<Record<Provider, string>> = {
  anthropic: 'claude-opus-4-8',
  openai: 'gpt-5.4-pro',
  google: 'gemini-3.1-pro-preview',
  openrouter: 'anthropic/claude-opus-4.8',
}

describe.each(PROVIDERS)('a key for %s', (provider) => {
  it('is found good by the cheapest calls, and its models are listed', async () => {
    expect(await keys.check(provider, TEST_KEYS[provider])).toEqual({ state: 'valid', detail: '' })
    const models = await keys.listModels(provider, TEST_KEYS[provider])
    expect(models.map(({ id }) => id)).toContain(FLAGSHIP[provider])
    expect(models.map(({ id }) => id).filter((id) => /whisper|embedding|image|tts|realtime/.test(id))).toEqual([])
  })

  it('is told apart: wrong, without credit, without access, asked too often, and a provider that is down', async () => {
    const stateOf = async (key: string, model?: string) => (await keys.check(provider, key, model)).state
    expect(await stateOf(NOBODYS[provider])).toBe('wrong-key')
    expect(await stateOf(WITH_WORD[provider]('nocredit'))).toBe('no-credit')
    expect(await stateOf(WITH_WORD[provider]('noaccess'), FLAGSHIP[provider])).toBe('no-access')
    expect(await stateOf(WITH_WORD[provider]('limited'))).toBe('rate-limited')
    expect(await stateOf(WITH_WORD[provider]('down'))).toBe('unreachable')
  })

  it('that takes half a minute to be answered is left for later', async () => {
    const before = performance.now()
    expect((await keys.check(provider, WITH_WORD[provider]('slow'))).state).toBe('unreachable')
    expect(performance.now() - before).toBeLessThan(3000)
  })

  it('of a model that there is not is told as one that it may not use', async () => {
    expect((await keys.check(provider, TEST_KEYS[provider], 'no-such-model')).state).toBe('no-access')
  })

  it('is recognised by its looks, and named when it is handed over for another provider', () => {
    expect(providerOfKey(TEST_KEYS[provider])).toBe(provider)
    for (const other of PROVIDERS) {
      const problem = shapeProblem(other, TEST_KEYS[provider])
      if (other === provider) expect(problem).toBeNull()
      else expect(problem).toMatchObject({ id: 'key-of-other' })
    }
  })
})

describe('a check', () => {
  it('costs one token where the provider lets it', async () => {
    await keys.check('anthropic', TEST_KEYS.anthropic)
    expect(providers.anthropic.requests.at(-1)).toMatchObject({ model: 'claude-haiku-4-5-20251001', usage: { outputTokens: 1 } })
    await keys.check('openai', TEST_KEYS.openai)
    expect(providers.openai.requests.at(-1)).toMatchObject({ model: 'gpt-5.4-nano' })
    await keys.check('google', TEST_KEYS.google)
    expect(providers.google.requests.at(-1)).toMatchObject({ model: 'gemini-3.1-flash-lite', usage: { outputTokens: 1 } })
  })

  it('does not take a key that manages an account for one that can be used', async () => {
    expect(await keys.check('openrouter', MANAGEMENT_KEY)).toMatchObject({ state: 'wrong-key' })
    expect(shapeProblem('anthropic', 'sk-ant-admin01-0123456789abcdef')).toMatchObject({ id: 'key-other-kind' })
    expect(shapeProblem('openai', 'sk-proj-short')).toMatchObject({ id: 'key-no-key' })
    expect(shapeProblem('openai', 'my key is 0123456789abcdef0123')).toMatchObject({ id: 'key-no-key' })
  })

  it('takes silence, and an answer that nobody can read, for no judgement on the key', async () => {
    const nowhere = createKeyApi({
      anthropic: 'http://127.0.0.1:9',
      openai: 'http://127.0.0.1:9',
      google: 'http://127.0.0.1:9',
      openrouter: 'http://127.0.0.1:9',
    })
    for (const provider of PROVIDERS) expect((await nowhere.check(provider, TEST_KEYS[provider])).state).toBe('unreachable')
    const page = createKeyApi(
      { ...providers.roots, openrouter: openrouter.root },
      { fetch: async () => new Response('<html>', { status: 200 }) },
    )
    for (const provider of PROVIDERS) expect((await page.check(provider, TEST_KEYS[provider])).state).toBe('unreachable')
  })

  it('never says the key in what it tells', async () => {
    for (const provider of PROVIDERS) {
      const { detail } = await keys.check(provider, NOBODYS[provider])
      expect(detail).not.toContain(NOBODYS[provider])
    }
  })
})
