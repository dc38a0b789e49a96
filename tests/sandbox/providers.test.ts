import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Anthropic, { APIError as AnthropicError } from '@anthropic-ai/sdk'
import { ApiError as GoogleError, GoogleGenAI } from '@google/genai'
import OpenAI, { APIError as OpenAiError } from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type RunningProviders, startProviders, TEST_KEYS } from './provider-servers.ts'

// The judges are the vendors' own clients.
let providers: RunningProviders
const anthropic = (apiKey: string = TEST_KEYS.anthropic) =>
  new Anthropic({ apiKey, baseURL: providers.roots.anthropic, maxRetries: 0, timeout: 3000 })
const openai = (apiKey: string = TEST_KEYS.openai) =>
  new OpenAI({ apiKey, baseURL: providers.roots.openai, maxRetries: 0, timeout: 3000 })
const google = (apiKey: string = TEST_KEYS.google) =>
  new GoogleGenAI({ apiKey, httpOptions: { baseUrl: providers.roots.google, timeout: 3000, retryOptions: { attempts: 1 } } })

beforeAll(async () => {
  providers = await startProviders({ slowSeconds: 0.3 })
})
afterEach(() => {
  for (const control of [providers.anthropic, providers.openai, providers.google]) {
    control.clearFaults()
    control.restoreModels()
  }
})
afterAll(() => providers.stop())

async function refusal(call: Promise<unknown>): Promise<{ status: number | undefined; message: string }> {
  try {
    await call
    return { status: 200, message: '' }
  } catch (error) {
    if (error instanceof AnthropicError || error instanceof OpenAiError || error instanceof GoogleError)
      return { status: error.status, message: error.message }
    throw error
  }
}

const asks = {
  anthropic: (key?: string, model = 'claude-sonnet-4-6') =>
    anthropic(key).messages.create({ model, max_tokens: 50, messages: [{ role: 'user', content: 'What is 2 + 3?' }] }),
  openai: (key?: string, model = 'gpt-5.4') =>
    openai(key).responses.create({ model, input: 'What is 2 + 3?', max_output_tokens: 50 }),
  google: (key?: string, model = 'gemini-3-flash-preview') =>
    google(key).models.generateContent({ model, contents: 'What is 2 + 3?', config: { maxOutputTokens: 50 } }),
}

describe('the stand-in for Anthropic, driven by the vendor’s own client', () => {
  it('lists its models page by page, and knows one by its alias', async () => {
    const ids: string[] = []
    for await (const model of anthropic().models.list({ limit: 2 })) ids.push(model.id)
    expect(ids).toEqual(['claude-opus-4-8', 'claude-sonnet-4-6', 'claude-haiku-4-5-20251001', 'claude-sonnet-4-5-20250929'])
    expect((await anthropic().models.retrieve('claude-haiku-4-5')).display_name).toBe('Claude Haiku 4.5')
  })

  it('answers whole and streamed, naming the model and what it counted', async () => {
    const whole = await asks.anthropic()
    expect(whole).toMatchObject({ model: 'claude-sonnet-4-6', content: [{ text: '2 + 3 = 5' }], stop_reason: 'end_turn' })
    expect(whole.usage.output_tokens).toBeGreaterThan(0)
    const stream = anthropic().messages.stream({
      model: 'claude-haiku-4-5',
      max_tokens: 200,
      messages: [{ role: 'user', content: 'Which model are you?' }],
    })
    expect(await stream.finalText()).toContain('Claude Haiku 4.5')
    expect(await stream.finalMessage()).toMatchObject({ model: 'claude-haiku-4-5-20251001', stop_reason: 'end_turn' })
    const cut = await anthropic().messages.create({
      model: 'claude-haiku-4-5',
      max_tokens: 1,
      messages: [{ role: 'user', content: 'Hello' }],
    })
    expect(cut.stop_reason).toBe('max_tokens')
  })
})

describe('the stand-in for OpenAI, driven by the vendor’s own client', () => {
  it('lists its models, those that do not talk too', async () => {
    const ids: string[] = []
    for await (const model of openai().models.list()) ids.push(model.id)
    expect(ids).toEqual(expect.arrayContaining(['gpt-5.4', 'gpt-5.4-nano', 'whisper-1']))
  })

  it('answers whole and streamed, naming the model and what it counted', async () => {
    const whole = await asks.openai()
    expect(whole).toMatchObject({ model: 'gpt-5.4', output_text: '2 + 3 = 5', status: 'completed' })
    const stream = openai().responses.stream({ model: 'gpt-5.4-mini', input: 'Which model are you?' })
    const final = await stream.finalResponse()
    expect(final.output_text).toContain('GPT-5.4 Mini')
    expect(final.usage?.output_tokens).toBeGreaterThan(0)
    const cut = await openai().responses.create({ model: 'gpt-5.4-nano', input: 'Tell me about the sea.', max_output_tokens: 16 })
    expect(cut).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } })
  })
})

describe('the stand-in for Google, driven by the vendor’s own client', () => {
  it('lists its models page by page', async () => {
    const names: (string | undefined)[] = []
    for await (const model of await google().models.list({ config: { pageSize: 2 } })) names.push(model.name)
    expect(names).toHaveLength(5)
    expect(names).toContain('models/gemini-3.1-pro-preview')
  })

  it('answers whole and streamed, naming the model and what it counted', async () => {
    const whole = await asks.google()
    expect(whole.text).toBe('2 + 3 = 5')
    expect(whole.modelVersion).toBe('gemini-3-flash-preview')
    expect(whole.usageMetadata?.candidatesTokenCount).toBeGreaterThan(0)
    let said = ''
    for await (const chunk of await google().models.generateContentStream({
      model: 'gemini-2.5-flash',
      contents: 'Which model are you?',
    }))
      said += chunk.text ?? ''
    expect(said).toContain('Gemini 2.5 Flash')
  })
})

describe('all three', () => {
  it('turn a key away in the vendor’s own words, each reason by its own', async () => {
    const keys = {
      anthropic: (word: string) => `sk-ant-api03-sandbox-${word}-00000001`,
      openai: (word: string) => `sk-proj-sandbox-${word}-00000001`,
      google: (word: string) => `AIzaSandbox-${word}-000000000000000001`,
    }
    const of = async (word: string) => [
      await refusal(asks.anthropic(keys.anthropic(word))),
      await refusal(asks.openai(keys.openai(word))),
      await refusal(asks.google(keys.google(word))),
    ]
    const wrong = [
      await refusal(asks.anthropic('sk-ant-api03-nobodys-key-000000')),
      await refusal(asks.openai('sk-proj-nobodys-key-0000000')),
      await refusal(asks.google('AIzaNobodysKey0000000000000000000000000')),
    ]
    expect(wrong.map(({ status }) => status)).toEqual([401, 401, 400])
    expect((await of('nocredit')).map(({ status }) => status)).toEqual([400, 429, 429])
    expect((await of('noaccess')).map(({ status }) => status)).toEqual([403, 403, 403])
    expect((await of('limited')).map(({ status }) => status)).toEqual([429, 429, 429])
    expect((await of('down')).map(({ status }) => status)).toEqual([500, 500, 500])
    expect((await of('nocredit')).map(({ message }) => message)).toEqual([
      expect.stringContaining('credit balance is too low'),
      expect.stringContaining('exceeded your current quota'),
      expect.stringContaining('prepayment credits are depleted'),
    ])
    expect((await refusal(asks.anthropic(undefined, 'claude-next'))).status).toBe(404)
    expect((await refusal(asks.openai(undefined, 'whisper-1'))).status).toBe(404)
    expect((await refusal(asks.google(undefined, 'gemini-next'))).status).toBe(404)
  })

  it('take a while with a slow key, and fail as often as they are told to', async () => {
    const before = performance.now()
    await asks.anthropic('sk-ant-api03-sandbox-slow-00000001')
    expect(performance.now() - before).toBeGreaterThan(250)
    providers.openai.fault('overloaded', { times: 2, path: '/v1/responses' })
    expect((await refusal(asks.openai())).status).toBe(503)
    expect((await refusal(asks.openai())).status).toBe(503)
    expect((await refusal(asks.openai())).status).toBe(200)
  })

  it('write down what they were asked, without the key, and remember it over a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clawcloud-providers-'))
    const journal = (name: string) => join(folder, `${name}.jsonl`)
    const first = await startProviders({ journal })
    await new Anthropic({ apiKey: TEST_KEYS.anthropic, baseURL: first.roots.anthropic, maxRetries: 0 }).messages.create({
      model: 'claude-haiku-4-5',
      max_tokens: 10,
      messages: [{ role: 'user', content: 'Hello' }],
    })
    await first.stop()
    expect(readFileSync(journal('anthropic'), 'utf8')).not.toContain('sandbox-of-the-tests')
    const second = await startProviders({ journal })
    await second.stop()
    expect(second.anthropic.requests).toMatchObject([
      {
        method: 'POST',
        path: '/v1/messages',
        status: 200,
        key: '0001',
        model: 'claude-haiku-4-5-20251001',
        usage: { outputTokens: 10 },
      },
    ])
  })
})
