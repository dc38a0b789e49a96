import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { checkModels } from '../../../core/instances/index.ts'
import { type Assistant, FIRST_MODEL, startAssistant } from '../../support/assistant.ts'
import { INSTALL_TIMEOUT_MS } from '../../support/openclaw.ts'

const MINI = 'openai/gpt-5.4-mini'
const OPUS = 'anthropic/claude-opus-4.8'
const CHAT = { path: '/chat/completions' } as const

let assistant: Assistant

beforeAll(async () => {
  assistant = await startAssistant()
  expect((await assistant.gateway.probe()).ok).toBe(true)
}, INSTALL_TIMEOUT_MS)
afterAll(() => assistant?.stop())

beforeEach(async () => {
  assistant.openrouter.control.clearFaults()
  assistant.openrouter.control.restoreModels()
  await assistant.database.database.pool.query(
    `UPDATE instances SET model = $1, fallback_models = '{}', dearer_fallbacks = NULL, model_checked_at = NULL`,
    [FIRST_MODEL],
  )
  expect((await assistant.gateway.setModels({ primary: `openrouter/${FIRST_MODEL}`, fallbacks: [] })).ok).toBe(true)
  assistant.reports.length = 0
  assistant.called()
  await assistant.told()
})

const switchTo = (to: string) => assistant.operate('switch-model', { from: FIRST_MODEL, to, name: to })
const configured = async () => {
  const state = await assistant.gateway.modelState(new Date())
  return state.ok ? state.value : null
}

describe('a switch', () => {
  it('frees conversations that were held on another model', { timeout: 60_000 }, async () => {
    await assistant.gateway.ask('Hello', { key: 'op_a', session: 'clawcloud-per_1', timeoutSeconds: 40 })
    await assistant.rpc.call('sessions.patch', { key: 'agent:main:clawcloud-per_1', model: `openrouter/${OPUS}` })
    await switchTo(MINI)
    assistant.called()
    const answer = await assistant.gateway.ask('And now?', { key: 'op_b', session: 'clawcloud-per_1', timeoutSeconds: 40 })
    expect(answer).toMatchObject({ ok: true, value: { model: MINI } })
    expect(assistant.called()).toEqual([MINI])
  })

  it('changes nothing when the model went off the list between the press and the work', { timeout: 60_000 }, async () => {
    assistant.openrouter.control.removeModel(MINI)
    assistant.clock.advance(7200)
    expect(await switchTo(MINI)).toMatchObject({ state: 'failed', error: { code: 'model-gone' } })
    expect(await assistant.row()).toMatchObject({ model: FIRST_MODEL })
    expect((await configured())?.primary).toBe(`openrouter/${FIRST_MODEL}`)
    assistant.openrouter.control.restoreModels()
    assistant.clock.advance(7200)
  })
})

describe('a model that does not answer its test question', () => {
  it.each([
    [401, 'User not found.', 'model-key', ['model-key-refused']],
    [402, 'Insufficient credits. Add more using https://openrouter.ai/settings/credits', 'model-balance', ['model-balance']],
    [402, 'This request requires more credits, or fewer max_tokens. You requested up to 65536 tokens', 'model-max-tokens', []],
    [403, 'Key limit exceeded (total limit). Manage it using https://openrouter.ai/settings/keys', 'model-credit', []],
    [403, 'Your input was flagged for "violence" by moderation.', 'model-guardrail', []],
    [404, 'No endpoints found for openai/gpt-5.4-mini.', 'model-missing', []],
    [404, 'No endpoints found matching your guardrail restrictions and data policy.', 'model-guardrail', []],
    [429, 'Rate limit exceeded', 'model-rate-limited', []],
    [500, 'Internal Server Error', 'model-down', []],
    [503, 'No instances available', 'model-down', []],
    [418, 'Something nobody has heard of', 'model-failed', ['model-error-unknown']],
  ] as const)(
    '%i “%s”: the old one is back within seconds, the reason is told (%s)',
    { timeout: 60_000 },
    async (status, message, code, reports) => {
      assistant.openrouter.control.fault({ ...CHAT, model: MINI }, { kind: 'error', status, message }, 100)
      const ended = await switchTo(MINI)
      expect(ended).toMatchObject({ state: 'failed', error: { code } })
      expect(ended.seconds).toBeLessThan(30)
      expect((await configured())?.primary).toBe(`openrouter/${FIRST_MODEL}`)
      expect(await assistant.row()).toMatchObject({ model: FIRST_MODEL })
      expect(await assistant.told()).toEqual(expect.arrayContaining([code, 'switch-failed-text']))
      expect(assistant.reports.map(({ kind }) => kind)).toEqual(reports)
      if (reports.length > 0) expect(assistant.reports[0]?.detail.detail).toContain(message.slice(0, 20))
      expect(await assistant.gateway.probe()).toMatchObject({ ok: true, value: { model: FIRST_MODEL } })
    },
  )

  it('is not proven by another model of the chain that answers instead', { timeout: 60_000 }, async () => {
    await assistant.database.database.pool.query(`UPDATE instances SET fallback_models = '{z-ai/glm-5}'`)
    assistant.openrouter.control.fault({ ...CHAT, model: MINI }, { kind: 'error', status: 404 }, 100)
    expect(await switchTo(MINI)).toMatchObject({ state: 'failed', error: { code: 'model-missing' } })
    expect((await configured())?.primary).toBe(`openrouter/${FIRST_MODEL}`)
  })
})

describe('what is not on the model of its row', () => {
  const check = async () => {
    assistant.clock.advance(3600)
    await checkModels(assistant.services)
    await assistant.settle()
  }

  /** What is told once a day is looked at twice in one: never with midnight in between. */
  function stayInOneDay(): void {
    const leftSeconds = 86_400 - ((assistant.clock.now().getTime() / 1000) % 86_400)
    if (leftSeconds < 3 * 3600) assistant.clock.advance(leftSeconds)
  }

  it('is left alone while all is well', { timeout: 60_000 }, async () => {
    await check()
    expect(await assistant.told()).toEqual([])
    const { rows } = await assistant.database.database.pool.query(`SELECT kind FROM operations WHERE kind = 'heal-model'`)
    expect(rows).toEqual([])
  })

  it('a configuration that somebody edited is set back, and the owner told in one sentence', { timeout: 60_000 }, async () => {
    stayInOneDay()
    await assistant.gateway.setModels({ primary: `openrouter/${OPUS}`, fallbacks: null })
    await check()
    expect((await configured())?.primary).toBe(`openrouter/${FIRST_MODEL}`)
    expect(await assistant.told()).toContain('model-healed-configured')
    // Once a day, however often it happens.
    await assistant.gateway.setModels({ primary: `openrouter/${OPUS}`, fallbacks: null })
    await check()
    expect((await configured())?.primary).toBe(`openrouter/${FIRST_MODEL}`)
    expect(await assistant.told()).toEqual([])
  })

  it('conversations pinned to another model are freed', { timeout: 60_000 }, async () => {
    await assistant.database.database.pool.query('DELETE FROM notice_keys')
    await assistant.rpc.call('sessions.patch', { key: 'agent:main:clawcloud-per_1', model: `openrouter/${OPUS}` })
    expect((await configured())?.pinned).toEqual([{ session: 'agent:main:clawcloud-per_1', model: `openrouter/${OPUS}` }])
    await check()
    expect((await configured())?.pinned).toEqual([])
    expect(await assistant.told()).toContain('model-healed-pinned')
    assistant.called()
    await assistant.gateway.ask('Who are you?', { key: 'op_p', session: 'clawcloud-per_1', timeoutSeconds: 40 })
    expect(assistant.called()).toEqual([FIRST_MODEL])
  })

  it('a chain that is not the one of the row is set without a word', { timeout: 60_000 }, async () => {
    await assistant.database.database.pool.query(`UPDATE instances SET fallback_models = '{${MINI},gone/model}'`)
    await check()
    expect((await configured())?.fallbacks).toEqual([`openrouter/${MINI}`])
    expect(await assistant.told()).toEqual([])
  })

  it('is not looked at while an operation is under way', { timeout: 60_000 }, async () => {
    await assistant.gateway.setModels({ primary: `openrouter/${OPUS}`, fallbacks: null })
    await assistant.database.database.pool.query(
      `INSERT INTO operations (id, kind, instance_id, request_id, language, not_before) VALUES ('op_r', 'restart', 'ins_1', 'r', 'en', now() + interval '1 hour')`,
    )
    await check()
    expect((await configured())?.primary).toBe(`openrouter/${OPUS}`)
    await assistant.database.database.pool.query(`DELETE FROM operations WHERE id = 'op_r'`)
  })
})

describe('a chain of fallbacks', () => {
  const chain = async (models: string, dearer: string) => {
    await assistant.database.database.pool.query(
      `UPDATE instances SET fallback_models = '${models}', dearer_fallbacks = ${dearer}`,
    )
    expect(await assistant.operate('set-fallbacks')).toMatchObject({ state: 'succeeded' })
  }

  it('leaves out what is dearer unless that is allowed, and is emptied again', { timeout: 60_000 }, async () => {
    await chain(`{${OPUS},${MINI}}`, 'NULL')
    expect((await configured())?.fallbacks).toEqual([`openrouter/${MINI}`])
    await chain(`{${OPUS},${MINI}}`, 'true')
    expect((await configured())?.fallbacks).toEqual([`openrouter/${OPUS}`, `openrouter/${MINI}`])
    await chain('{}', 'NULL')
    expect((await configured())?.fallbacks).toEqual([])
  })

  it.each([402, 404, 429, 503] as const)('answers after a %i of the first, and says so', { timeout: 90_000 }, async (status) => {
    await chain(`{${MINI}}`, 'NULL')
    assistant.openrouter.control.fault({ ...CHAT, model: FIRST_MODEL }, { kind: 'error', status }, 100)
    const asked = await assistant.operate('ask', { message: 'Which model are you?', personId: 'per_1' })
    expect(asked).toMatchObject({ state: 'succeeded' })
    // OpenClaw alone would try the first one for two and a half minutes.
    expect(asked.seconds).toBeLessThan(30)
    expect(assistant.called().at(-1)).toBe(MINI)
    expect(await assistant.told()).toContain('ask-from-fallback')
  })

  it('may be a free model of the backup key, which answers when the credit is used up', { timeout: 90_000 }, async () => {
    await assistant.hasBackupKey()
    await chain('{qwen/qwen3-coder:free}', 'NULL')
    expect((await configured())?.fallbacks).toEqual(['backup/qwen/qwen3-coder:free'])
    // Another one is known to OpenClaw as soon as it is in the chain.
    await chain('{openai/gpt-oss-20b:free}', 'NULL')
    assistant.openrouter.control.fault({ ...CHAT, model: FIRST_MODEL }, { kind: 'error', status: 402 }, 100)
    const asked = await assistant.operate('ask', { message: 'Which model are you?', personId: 'per_1' })
    expect(asked).toMatchObject({ state: 'succeeded' })
    expect(assistant.called().at(-1)).toBe('openai/gpt-oss-20b:free')
    expect(await assistant.told()).toContain('ask-from-fallback')
    await assistant.database.database.pool.query('UPDATE instances SET backup_key_sealed = NULL')
  })

  it('that answered in a channel of the assistant is told to the owner once', { timeout: 90_000 }, async () => {
    await chain(`{${MINI}}`, 'NULL')
    assistant.openrouter.control.fault({ ...CHAT, model: FIRST_MODEL }, { kind: 'error', status: 404 }, 100)
    await assistant.database.database.pool.query(`UPDATE instances SET model_checked_at = now() - interval '1 hour'`)
    await assistant.gateway.ask('Hello', { key: 'op_c', session: 'telegram-42', timeoutSeconds: 60, mayFallBack: true })
    assistant.clock.set(new Date().toISOString())
    await assistant.told()
    await checkModels(assistant.services)
    expect(await assistant.told()).toContain('model-fell-back')
    await assistant.database.database.pool.query(`UPDATE instances SET model_checked_at = now() - interval '1 hour'`)
    await checkModels(assistant.services)
    expect(await assistant.told()).toEqual([])
  })
})
