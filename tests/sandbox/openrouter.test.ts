import { appendFileSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OpenRouter } from '@openrouter/sdk'
import type { ChatResult, ChatStreamChunk } from '@openrouter/sdk/models'
import { OpenRouterError } from '@openrouter/sdk/models/errors'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { MANAGEMENT_KEY, type RunningOpenRouter, startOpenRouter, testClock } from './openrouter-server.ts'

// The judge is the vendor's own client: it checks every field of every answer.
const client = (root: string, apiKey: string) =>
  new OpenRouter({ apiKey, serverURL: root, retryConfig: { strategy: 'none' }, timeoutMs: 5000 })

const SONNET = 'anthropic/claude-sonnet-4.6'
let openrouter: RunningOpenRouter
let manager: OpenRouter

beforeAll(async () => {
  openrouter = await startOpenRouter()
  manager = client(openrouter.root, MANAGEMENT_KEY)
})
afterEach(() => {
  openrouter.control.clearFaults()
  openrouter.control.setAccountBalanceUsd(1000)
  openrouter.control.setKeyLimitStatus(403)
  openrouter.control.restoreModels()
})
afterAll(() => openrouter.stop())

async function newKey(name: string, limit: number | null = 8) {
  const created = await manager.apiKeys.create({ requestBody: { name, limit } })
  return { hash: created.data.hash, secret: created.key, caller: client(openrouter.root, created.key) }
}

async function ask(caller: OpenRouter, content: string, model = SONNET): Promise<ChatResult> {
  const result = await caller.chat.send({ chatRequest: { model, messages: [{ role: 'user', content }] } })
  if (!('choices' in result)) throw new Error('expected a whole answer')
  return result
}

const words = (result: ChatResult) => result.choices[0]?.message.content

async function statusOf(call: Promise<unknown>): Promise<number> {
  try {
    await call
    return 200
  } catch (error) {
    if (error instanceof OpenRouterError) return error.statusCode
    throw error
  }
}

describe('the OpenRouter stand-in, driven by the vendor’s own client', () => {
  it('leads a key through its whole life and shows the secret once', async () => {
    const created = await manager.apiKeys.create({ requestBody: { name: 'oc-one-g1', limit: 8 } })
    expect(created.key).toMatch(/^sk-or-v1-[0-9a-f]{64}$/)
    expect(created.data).toMatchObject({
      name: 'oc-one-g1',
      limit: 8,
      limitRemaining: 8,
      limitReset: null,
      usage: 0,
      disabled: false,
    })

    const { hash } = created.data
    expect((await manager.apiKeys.get({ hash })).data.name).toBe('oc-one-g1')
    const changed = await manager.apiKeys.update({ hash, requestBody: { limit: 12.5, disabled: true } })
    expect(changed.data).toMatchObject({ limit: 12.5, disabled: true })
    expect(JSON.stringify(await manager.apiKeys.list({ includeDisabled: true }))).not.toContain(created.key)

    expect(await manager.apiKeys.delete({ hash })).toEqual({ deleted: true })
    expect(await statusOf(manager.apiKeys.get({ hash }))).toBe(404)
    expect(await statusOf(manager.apiKeys.delete({ hash }))).toBe(404)
  })

  it('gives keys a hundred a page, newest first, and hides disabled ones unless asked', async () => {
    const own = await startOpenRouter()
    try {
      const many = client(own.root, MANAGEMENT_KEY)
      for (let number = 1; number <= 103; number++) await many.apiKeys.create({ requestBody: { name: `key-${number}` } })
      const first = await many.apiKeys.list({})
      const second = await many.apiKeys.list({ offset: 100 })
      expect([first.data.length, second.data.length]).toEqual([100, 3])
      expect(first.data[0]?.name).toBe('key-103')
      const hash = second.data[0]?.hash ?? ''
      await many.apiKeys.update({ hash, requestBody: { disabled: true } })
      expect((await many.apiKeys.list({ offset: 100 })).data).toHaveLength(2)
      expect((await many.apiKeys.list({ offset: 100, includeDisabled: true })).data).toHaveLength(3)
    } finally {
      await own.stop()
    }
  })

  it('lists models with prices per token, several of them free', async () => {
    const { data, totalCount } = await manager.models.list({}).then((page) => page.result)
    expect(data.length).toBe(totalCount)
    expect(data.length).toBeGreaterThanOrEqual(40)
    expect(data.find((model) => model.id === SONNET)?.pricing).toMatchObject({ prompt: '0.000003', completion: '0.000015' })
    expect(data.filter((model) => model.id.endsWith(':free')).length).toBeGreaterThanOrEqual(4)
    expect(new Set(data.map((model) => model.id.split('/')[0])).size).toBeGreaterThanOrEqual(10)
  })

  it('answers a chat, names the model that was asked for and says what it cost', async () => {
    const { hash, caller } = await newKey('chat')
    const result = await ask(caller, 'Hello!')
    expect(result.model).toBe(SONNET)
    expect(words(result)).toContain('Claude Sonnet 4.6')
    const { promptTokens = 0, completionTokens = 0, cost } = result.usage ?? {}
    expect(cost).toBeCloseTo((promptTokens * 3 + completionTokens * 15) / 1e6, 12)
    expect((await manager.apiKeys.get({ hash })).data.usage).toBeCloseTo(cost ?? 0, 12)
  })

  it('streams the same answer in pieces, then the usage', async () => {
    const { caller } = await newKey('stream')
    const question = { model: SONNET, messages: [{ role: 'user' as const, content: 'Tell me about tide pools' }] }
    const stream = await caller.chat.send({ chatRequest: { ...question, stream: true } })
    if ('choices' in stream) throw new Error('expected a stream')
    const chunks: ChatStreamChunk[] = []
    for await (const chunk of stream) chunks.push(chunk)
    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')
    expect(text).toContain('tide pools')
    expect(chunks.filter((chunk) => chunk.choices[0]?.delta.content).length).toBeGreaterThan(2)
    expect(chunks.at(-2)?.choices[0]?.finishReason).toBe('stop')
    expect(chunks.at(-1)?.usage?.cost).toBeGreaterThan(0)
  })

  it.each([
    ['Reply with exactly PROBE_OK and nothing else.', 'PROBE_OK'],
    ['Reply with exactly: PROBE_OK', 'PROBE_OK'],
    ['Please respond with only the word "blue sky".', 'blue sky'],
    ['[Sun 2026-11-22 21:50 UTC] Say just OK.', 'OK'],
    ['请只回复：好的', '好的'],
    ['What is 17 * 23?', '17 * 23 = 391'],
    ['what is 0.1 plus 0.2', '0.1 plus 0.2 = 0.3'],
    ['12乘以12等于多少', '12 乘以 12 = 144'],
  ])('follows %j', async (question, answer) => {
    const { caller } = await newKey('obeys')
    expect(words(await ask(caller, question))).toBe(answer)
  })

  it('takes what OpenClaw sends: content parts, developer and tool roles, tools, fields it does not know', async () => {
    const { secret } = await newKey('openclaw')
    const response = await fetch(`${openrouter.root}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: SONNET,
        messages: [
          { role: 'developer', content: 'You are an assistant.' },
          { role: 'user', content: [{ type: 'text', text: 'Which model are you?', cache_control: { type: 'ephemeral' } }] },
          {
            role: 'assistant',
            content: null,
            tool_calls: [{ id: 'c1', type: 'function', function: { name: 'exec', arguments: '{}' } }],
          },
          { role: 'tool', tool_call_id: 'c1', content: 'done' },
        ],
        tools: [{ type: 'function', function: { name: 'exec', parameters: { type: 'object' } } }],
        stream_options: { include_usage: true },
        reasoning: { effort: 'low' },
        store: false,
        unheard_of: true,
      }),
    })
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('anthropic/claude-sonnet-4.6')
  })

  it('reports a key to itself, and what was left on the account', async () => {
    const { caller, hash } = await newKey('self', 5)
    openrouter.control.addUsageUsd(hash, 1.25)
    expect((await caller.apiKeys.getCurrentKeyMetadata()).data).toMatchObject({
      limit: 5,
      limitRemaining: 3.75,
      usage: 1.25,
      usageMonthly: 1.25,
    })
    openrouter.control.setAccountBalanceUsd(42)
    const { totalCredits, totalUsage } = (await manager.credits.getCredits()).data
    expect(totalCredits - totalUsage).toBeCloseTo(42, 9)
  })

  it('tells the activity of completed days only', async () => {
    const { hash } = await newKey('activity')
    openrouter.control.addUsageUsd(hash, 0.5)
    const today = await manager.analytics.getUserActivity({ apiKeyHash: hash })
    expect(today.data).toEqual([])
    openrouter.clock.advance(86_400)
    const tomorrow = await manager.analytics.getUserActivity({ apiKeyHash: hash })
    expect(tomorrow.data).toMatchObject([{ usage: 0.5, requests: 1 }])
  })

  describe('refuses as OpenRouter does', () => {
    it('401 for an unknown, a disabled or a missing key', async () => {
      expect(await statusOf(ask(client(openrouter.root, 'sk-or-v1-nobody'), 'hi'))).toBe(401)
      const { hash, caller } = await newKey('disabled')
      openrouter.control.setDisabled(hash, true)
      expect(await statusOf(ask(caller, 'hi'))).toBe(401)
      expect((await fetch(`${openrouter.root}/key`)).status).toBe(401)
    })

    it('402 to every key when the account is empty', async () => {
      const { caller } = await newKey('empty account')
      openrouter.control.setAccountBalanceUsd(-0.01)
      expect(await statusOf(ask(caller, 'hi'))).toBe(402)
    })

    it('403 (or 402) when the key has reached its limit, and answers again after it is raised', async () => {
      const { hash, caller } = await newKey('limited', 1)
      openrouter.control.addUsageUsd(hash, 1)
      expect(await statusOf(ask(caller, 'hi'))).toBe(403)
      openrouter.control.setKeyLimitStatus(402)
      expect(await statusOf(ask(caller, 'hi'))).toBe(402)
      await manager.apiKeys.update({ hash, requestBody: { limit: 2 } })
      expect(await statusOf(ask(caller, 'hi'))).toBe(200)
    })

    it('403 when keys are mixed up: a sub-key that manages, the management key that chats', async () => {
      const { caller } = await newKey('mixed up')
      expect(await statusOf(caller.apiKeys.list({}))).toBe(403)
      expect(await statusOf(ask(manager, 'hi'))).toBe(403)
    })

    it('404 for a model it does not have, or no longer has', async () => {
      const { caller } = await newKey('models')
      expect(await statusOf(ask(caller, 'hi', 'no/such-model'))).toBe(404)
      openrouter.control.removeModel(SONNET)
      expect(await statusOf(ask(caller, 'hi'))).toBe(404)
    })

    it('400 for what makes no sense', async () => {
      const { secret } = await newKey('bad input')
      const post = (path: string, key: string, body: string) =>
        fetch(openrouter.root + path, {
          method: 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          body,
        })
      for (const response of [
        await post('/chat/completions', secret, '{not json'),
        await post('/chat/completions', secret, JSON.stringify({ model: SONNET, messages: [] })),
        await post('/keys', MANAGEMENT_KEY, JSON.stringify({ limit: 3 })),
        await post('/keys', MANAGEMENT_KEY, JSON.stringify({ name: 'x', limit_reset: 'hourly' })),
      ]) {
        expect(response.status).toBe(400)
        expect(await response.json()).toMatchObject({ error: { code: 400, message: expect.any(String) } })
      }
    })

    it('with an error of our choice for the next requests, 429 with its pause', async () => {
      const { caller, secret } = await newKey('faults')
      openrouter.control.fault({ path: '/chat' }, { kind: 'error', status: 503 })
      expect(await statusOf(ask(caller, 'hi'))).toBe(503)
      expect(await statusOf(ask(caller, 'hi'))).toBe(200)
      openrouter.control.fault({ path: '/key' }, { kind: 'error', status: 429, retryAfterSeconds: 7 })
      const limited = await fetch(`${openrouter.root}/key`, { headers: { authorization: `Bearer ${secret}` } })
      expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7'])
    })

    it('by breaking the connection after the work is done', async () => {
      openrouter.control.fault({ method: 'POST', path: '/keys' }, { kind: 'drop-after-work' })
      await expect(manager.apiKeys.create({ requestBody: { name: 'orphan' } })).rejects.toThrow()
      const names = (await manager.apiKeys.list({})).data.map((key) => key.name)
      expect(names).toContain('orphan')
    })
  })

  it('logs who asked for what', async () => {
    const { hash, caller } = await newKey('log')
    await ask(caller, 'hi')
    expect(openrouter.control.requests.slice(-2)).toMatchObject([
      { method: 'POST', path: '/keys', status: 201, caller: 'management', body: { name: 'log' } },
      { method: 'POST', path: '/chat/completions', status: 200, caller: hash, body: { model: SONNET } },
    ])
  })
})

describe('with a journal', () => {
  const journal = () => join(mkdtempSync(join(tmpdir(), 'openrouter-')), 'openrouter.jsonl')

  it('remembers keys, usage and balance over a restart, even with a torn last line, and keeps no secret', async () => {
    const journalPath = journal()
    const clock = testClock()
    const first = await startOpenRouter({ journalPath, clock })
    const created = await client(first.root, MANAGEMENT_KEY).apiKeys.create({ requestBody: { name: 'kept', limit: 8 } })
    const gone = await client(first.root, MANAGEMENT_KEY).apiKeys.create({ requestBody: { name: 'gone' } })
    await client(first.root, MANAGEMENT_KEY).apiKeys.delete({ hash: gone.data.hash })
    first.control.setAccountBalanceUsd(10)
    await ask(client(first.root, created.key), 'hello')
    const before = first.control.keys()
    await first.stop()
    appendFileSync(journalPath, '{"deleted":"')

    const second = await startOpenRouter({ journalPath, clock })
    try {
      expect(second.control.keys()).toEqual(before)
      expect(await statusOf(ask(client(second.root, created.key), 'hello again'))).toBe(200)
      const { totalCredits, totalUsage } = (await client(second.root, MANAGEMENT_KEY).credits.getCredits()).data
      expect(totalCredits - totalUsage).toBeLessThan(10)
      expect(readFileSync(journalPath, 'utf8')).not.toContain(created.key)
    } finally {
      await second.stop()
    }
  })
})
