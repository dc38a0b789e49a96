import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { referenceOf } from '../../../core/gateway/index.ts'
import type { Source } from '../../../core/models/index.ts'
import { type Assistant, FIRST_MODEL, startAssistant } from '../../support/assistant.ts'
import { INSTALL_TIMEOUT_MS } from '../../support/openclaw.ts'

let assistant: Assistant
beforeAll(async () => {
  assistant = await startAssistant()
  expect((await assistant.gateway.probe()).ok).toBe(true)
}, INSTALL_TIMEOUT_MS)
afterAll(() => assistant?.stop())

/** Whoever sells the AI: how a model is typed there, the model before, and the id that must then stand in the seller's own log. */
const SELLERS: readonly {
  readonly source: Source
  readonly before: string
  readonly typed: Readonly<Record<'alias' | 'native' | 'managed', string>>
  readonly id: string
}[] = [
  {
    source: 'managed',
    before: FIRST_MODEL,
    typed: { alias: 'haiku', native: 'claude-haiku-4-5-20251001', managed: 'anthropic/claude-haiku-4.5' },
    id: 'anthropic/claude-haiku-4.5',
  },
  {
    source: 'managed',
    before: FIRST_MODEL,
    typed: { alias: 'gpt mini', native: 'gpt-5.4-mini', managed: 'openai/gpt-5.4-mini' },
    id: 'openai/gpt-5.4-mini',
  },
  {
    source: 'managed',
    before: FIRST_MODEL,
    typed: { alias: 'gemini pro', native: 'gemini-3.1-pro', managed: 'google/gemini-3.1-pro-preview' },
    id: 'google/gemini-3.1-pro-preview',
  },
  {
    source: 'anthropic',
    before: 'claude-sonnet-4-6',
    typed: { alias: 'haiku', native: 'claude-haiku-4-5', managed: 'anthropic/claude-haiku-4.5' },
    id: 'claude-haiku-4-5-20251001',
  },
  {
    source: 'openai',
    before: 'gpt-5.4',
    typed: { alias: 'gpt mini', native: 'gpt-5.4-mini', managed: 'openai/gpt-5.4-mini' },
    id: 'gpt-5.4-mini',
  },
  {
    source: 'google',
    before: 'gemini-3.1-pro-preview',
    typed: { alias: 'gemini flash', native: 'gemini-3-flash-preview', managed: 'openrouter/google/gemini-3-flash-preview' },
    id: 'gemini-3-flash-preview',
  },
  {
    source: 'openrouter',
    before: FIRST_MODEL,
    typed: { alias: 'kimi', native: 'kimi-k2.6', managed: 'moonshotai/kimi-k2.6' },
    id: 'moonshotai/kimi-k2.6',
  },
]
const PAIRS = SELLERS.flatMap(({ source, before, typed, id }) =>
  Object.entries(typed).map(([kind, name]) => ({ source, before, kind, name, id })),
)

describe('a switch, by the seller’s own request log', () => {
  it.each(PAIRS)('$source, $kind: “$name” is answered by $id', { timeout: 60_000 }, async ({ source, before, name, id }) => {
    await assistant.useSource(source, before)
    const resolution = await assistant.services.catalogues.of(source, { instanceId: assistant.id }).resolve(name)
    expect(resolution.kind === 'found' && resolution.model.id).toBe(id)
    assistant.called(source)
    expect(await assistant.operate('switch-model', { from: before, to: id, name })).toMatchObject({ state: 'succeeded' })
    expect(assistant.called(source)).toEqual([id])
    const state = await assistant.gateway.modelState(new Date())
    expect(state.ok && state.value.primary).toBe(referenceOf(source, id))
    expect(await assistant.row()).toMatchObject({ model: id })
  })
})
