import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createOpenRouterModels, createOpenRouterSubKeys } from '../../../core/credits/openrouter/index.ts'
import { SubKeyError, type SubKeys } from '../../../core/credits/sub-keys.ts'
import { createHttpJson } from '../../../core/http-json.ts'
import { MANAGEMENT_KEY, type RunningOpenRouter, startOpenRouter } from '../../sandbox/openrouter-server.ts'
import { subKeysOf } from './support.ts'

let openrouter: RunningOpenRouter
let subKeys: SubKeys
beforeAll(async () => {
  openrouter = await startOpenRouter()
  subKeys = subKeysOf(openrouter)
})
afterEach(() => openrouter.control.clearFaults())
afterAll(() => openrouter.stop())

async function failure(call: Promise<unknown>): Promise<SubKeyError> {
  try {
    await call
  } catch (error) {
    if (error instanceof SubKeyError) return error
    throw error
  }
  throw new Error('expected a failure')
}

describe('the sub-key client', () => {
  it('creates, finds, changes and deletes a key, in micro-dollars', async () => {
    const { hash, secret } = await subKeys.create({ name: 'oc-a-g1', limitMicros: 8_000_001 })
    expect(secret).toMatch(/^sk-or-v1-/)
    expect(await subKeys.find(hash)).toEqual({
      hash,
      name: 'oc-a-g1',
      disabled: false,
      limitMicros: 8_000_001,
      usageMicros: 0,
      createdAt: new Date('2026-11-22T12:00:00Z'),
    })
    openrouter.control.addUsageUsd(hash, 0.123456)
    expect(await subKeys.update(hash, { limitMicros: 9_000_000 })).toMatchObject({ limitMicros: 9_000_000, usageMicros: 123_456 })
    expect(await subKeys.update(hash, { disabled: true })).toMatchObject({ disabled: true, limitMicros: 9_000_000 })
    await subKeys.delete(hash)
    expect(await subKeys.find(hash)).toBeNull()
    await subKeys.delete(hash)
  })

  it('pages through all keys, also disabled ones, and finds by exact name', async () => {
    const made: string[] = []
    for (let number = 0; number < 205; number++)
      made.push((await subKeys.create({ name: `page-${number % 200}`, limitMicros: 1 })).hash)
    await subKeys.update(made[0] ?? '', { disabled: true })
    expect((await subKeys.findByName('page-0')).map((key) => key.hash).sort()).toEqual([made[0], made[200]].sort())
    expect(await subKeys.findByName('page')).toEqual([])
    expect((await subKeys.list()).length).toBe(205)
    for (const hash of made) await subKeys.delete(hash)
  })

  it('reads the account', async () => {
    openrouter.control.setAccountBalanceUsd(-1.5)
    const { creditMicros, usageMicros } = await subKeys.accountBalance()
    expect(creditMicros - usageMicros).toBe(-1_500_000)
    openrouter.control.setAccountBalanceUsd(1000)
  })

  it('says whether trying again can help', async () => {
    const once = (status: 401 | 403 | 404 | 429 | 500, retryAfterSeconds = 60) =>
      openrouter.control.fault({ method: 'POST', path: '/keys' }, { kind: 'error', status, retryAfterSeconds })
    const create = () => failure(subKeys.create({ name: 'x', limitMicros: 1 }))
    once(429)
    expect(await create()).toMatchObject({ code: 'rate-limited', status: 429, retryable: true })
    once(500)
    expect(await create()).toMatchObject({ code: 'unreachable', status: 500, retryable: true })
    once(401)
    expect(await create()).toMatchObject({ code: 'unauthorised', status: 401, retryable: false })
    openrouter.control.fault({ path: '/keys' }, { kind: 'drop-before-work' })
    expect(await create()).toMatchObject({ code: 'unreachable', status: null, retryable: true })
    expect(openrouter.control.keys()).toEqual([])
  })

  it('outlives a short outage when it may ask again', async () => {
    const { hash } = await subKeys.create({ name: 'oc-b-g1', limitMicros: 1 })
    openrouter.control.fault({ path: '/keys' }, { kind: 'error', status: 503 }, 2)
    expect(await subKeys.find(hash)).toMatchObject({ hash })
    openrouter.control.fault({ path: '/keys' }, { kind: 'drop-after-work' })
    expect(await subKeys.update(hash, { limitMicros: 5 })).toMatchObject({ limitMicros: 5 })
    openrouter.control.fault({ path: '/keys' }, { kind: 'drop-after-work' })
    await subKeys.delete(hash)
    expect(openrouter.control.keys()).toEqual([])
  })

  it('never takes an outage for a missing key', async () => {
    openrouter.control.fault({ path: '/keys' }, { kind: 'error', status: 502 }, 3)
    expect(await failure(subKeys.find('gone'))).toMatchObject({ code: 'unreachable', retryable: true })
  })

  it('keeps the secret of a new key even if everything else in the answer is strange', async () => {
    const http = async () => ({ key: 'sk-or-v1-new', data: { hash: 'h', invented: [1], limit: 'many' } })
    expect(await createOpenRouterSubKeys(http).create({ name: 'x', limitMicros: 1 })).toEqual({
      hash: 'h',
      secret: 'sk-or-v1-new',
    })
  })

  it('never quotes a value of an answer it does not understand', async () => {
    const http = async () => ({ key: 'sk-or-v1-secret-without-hash', data: {} })
    const error = await failure(createOpenRouterSubKeys(http).create({ name: 'x', limitMicros: 1 }))
    expect(error).toMatchObject({ code: 'unreadable', retryable: false })
    expect(error.message).not.toContain('secret')
  })
})

const Operation = z.object({ query: z.record(z.string(), z.unknown()), body: z.unknown(), response: z.unknown() })
const Spec = z.object({ operations: z.record(z.string(), Operation), components: z.record(z.string(), z.unknown()) })

describe('by the official description of the API', () => {
  const spec = Spec.parse(JSON.parse(readFileSync(new URL('../../fixtures/specs/openrouter.json', import.meta.url), 'utf8')))
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  formats.default(ajv)
  const check = (schema: unknown, value: unknown, where: string) => {
    const validate = ajv.compile({ ...z.record(z.string(), z.unknown()).parse(schema), components: spec.components })
    validate(value)
    expect(validate.errors ?? [], where).toEqual([])
  }

  it('every request of ours is valid and every answer of the stand-in too', async () => {
    const calls: { operation: string; body: unknown; query: URLSearchParams; answer: unknown }[] = []
    const recording: typeof fetch = async (input, init) => {
      const url = new URL(String(input))
      const response = await fetch(input, init)
      const path = url.pathname.replace('/api/v1', '').replace(/^\/keys\/.+/, '/keys/{hash}')
      const text = typeof init?.body === 'string' ? init.body : null
      calls.push({
        operation: `${init?.method} ${path}`,
        body: text === null ? null : JSON.parse(text),
        query: url.searchParams,
        answer: await response.clone().json(),
      })
      return response
    }
    const http = createHttpJson({ root: openrouter.root, bearer: MANAGEMENT_KEY, fetch: recording })
    const judged = createOpenRouterSubKeys(http)
    const { hash } = await judged.create({ name: 'oc-spec-g1', limitMicros: 8_000_000 })
    openrouter.control.addUsageUsd(hash, 0.25)
    openrouter.clock.advance(86_400)
    await judged.find(hash)
    await judged.list()
    await judged.update(hash, { limitMicros: 9_500_000, disabled: false })
    await judged.accountBalance()
    await createOpenRouterModels(http)()
    await http({ method: 'GET', path: '/key' })
    await http({ method: 'GET', path: '/activity' })
    await judged.delete(hash)

    expect(new Set(calls.map((call) => call.operation))).toEqual(new Set(Object.keys(spec.operations)))
    for (const { operation, body, query, answer } of calls) {
      const described = spec.operations[operation]
      if (described?.body)
        check(
          { additionalProperties: false, ...z.record(z.string(), z.unknown()).parse(described.body) },
          body,
          `${operation} body`,
        )
      for (const name of query.keys()) expect(Object.keys(described?.query ?? {}), `${operation} query`).toContain(name)
      check(described?.response, answer, `${operation} answer`)
    }
  })
})

describe('the models fetcher', () => {
  it('gives prices per million tokens and leaves out what an assistant cannot use', async () => {
    const models = await createOpenRouterModels(createHttpJson({ root: openrouter.root }))()
    expect(models.find((model) => model.id === 'anthropic/claude-sonnet-4.6')).toEqual({
      id: 'anthropic/claude-sonnet-4.6',
      name: 'Anthropic: Claude Sonnet 4.6',
      contextTokens: 1_000_000,
      promptMicrosPerMillion: 3_000_000,
      completionMicrosPerMillion: 15_000_000,
    })
    const ids = models.map((model) => model.id)
    expect(ids).not.toContain('openrouter/auto')
    expect(ids).not.toContain('google/gemma-3-27b-it')
  })

  it('skips an entry it cannot read instead of losing the list', async () => {
    const good = { id: 'a/b', name: 'B', pricing: { prompt: '0.000000065', completion: '0' }, unheard_of: 1 }
    const http = async () => ({ data: [null, { id: 'x/y' }, { id: 'x/z', pricing: { prompt: 'soon', completion: null } }, good] })
    expect(await createOpenRouterModels(http)()).toEqual([
      { id: 'a/b', name: 'B', contextTokens: 0, promptMicrosPerMillion: 65_000, completionMicrosPerMillion: 0 },
    ])
  })
})
