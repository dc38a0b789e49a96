import type { ChatContext, Reply } from '../../core/chat/reply.ts'
import type { InstanceSummary } from '../../core/chat/store.ts'
import type { JsonObject, View } from '../../core/chat/view.ts'
import { commands } from '../../core/commands/index.ts'
import { askView, fellBackView, healedView, replacedView, switchView, vanishingView } from '../../core/instances/index.ts'
import type { OperationProgress } from '../../core/operations/index.ts'

/** A row as the statement gives it that reads an instance's models. */
export const MODEL_SETTINGS = {
  id: 'ins_1',
  source: 'managed',
  model: 'anthropic/claude-sonnet-4.6',
  fallback_models: [] as readonly string[],
  dearer_fallbacks: null as boolean | null,
  has_backup_key: false,
}

export const databaseWith = (settings: typeof MODEL_SETTINGS) => ({
  pool: {
    query: async (query: unknown) => ({
      rows: [JSON.stringify(query).includes('model_settings') ? settings : { coming: 0, standbys: 0 }],
    }),
  },
})

const CHAIN = ['openai/gpt-5.4-mini', 'anthropic/claude-opus-4.8', 'z-ai/glm-3']

const first = (reply: Reply): View => {
  const view = reply.views[0]?.view
  if (!view) throw new Error('the reply shows nothing')
  return view
}

const failed = (code: string): OperationProgress => ({
  state: 'failed',
  steps: [],
  note: null,
  problem: { code, retryable: false, text: { id: code } },
})

/** Everything around the choice of a model that the walk of the other screens does not pass. */
export async function modelScreens(
  contextWith: (settings: typeof MODEL_SETTINGS) => ChatContext,
  scout: InstanceSummary,
): Promise<Record<string, View>> {
  const model = commands.find(({ name }) => name === 'model')
  if (!model) throw new Error('no command model')
  const run = async (argument: string, settings = MODEL_SETTINGS) =>
    first(await model.run({ ...contextWith(settings), instance: scout }, { argument }))
  const act = async (name: string, args: JsonObject, settings = MODEL_SETTINGS) => {
    const action = model.actions?.[name]
    if (!action) throw new Error(`no action ${name}`)
    return first(await action.run(contextWith(settings), { instanceId: 'ins_1', ...args }))
  }
  const chain = { ...MODEL_SETTINGS, fallback_models: CHAIN }
  const done: OperationProgress = { state: 'succeeded', steps: [], note: null, problem: null }
  const replacement = { id: 'openai/gpt-5.4-mini', name: 'GPT-5.4 Mini', price: { id: 'model-price-free' } }
  const going = { id: 'z-ai/glm-4', name: 'GLM 4', endsOn: '2026-12-20', replacement }
  const problems = ['balance', 'max-tokens', 'rate-limited', 'down', 'guardrail', 'key', 'missing', 'credit']
  return {
    'model-cheaper': await run('gemini 3 flash'),
    'model-dearer': await act('choose', { model: 'anthropic/claude-opus-4.8' }),
    'model-no-free': await run('claude opus 4.8 free'),
    'model-own-key': await run('', { ...MODEL_SETTINGS, source: 'openrouter' }),
    'model-with-fallbacks': await run('', chain),
    'model-fallback-none': await run('fallback'),
    'model-fallback': await run('fallback', chain),
    'model-fallback-dearer': await run('fallback', { ...chain, dearer_fallbacks: true }),
    'model-healed': healedView(scout, 'Claude Sonnet 4.6', 'configured'),
    'model-healed-pinned': healedView(scout, 'Claude Sonnet 4.6', 'pinned'),
    'model-fell-back': fellBackView(scout, { first: 'Claude Sonnet 4.6', answered: 'GPT-5.4 Mini' }),
    'model-replaced': replacedView(scout, { gone: 'z-ai/glm-4', name: 'GLM 5' }),
    'model-vanishing-soon': vanishingView(scout, going),
    'model-vanishing-gone': vanishingView(scout, { ...going, endsOn: null, replacement: null }),
    'ask-fallback': askView('ask:1', scout, done, {
      text: 'Hello!',
      model: 'openai/gpt-5.4-mini',
      insteadOf: 'anthropic/claude-sonnet-4.6',
    }),
    'model-failed-rate-limited': switchView(scout, 'GPT-5.4 Mini', failed('model-rate-limited')),
    ...Object.fromEntries(problems.map((code) => [`ask-failed-${code}`, askView('ask:1', scout, failed(`model-${code}`))])),
  }
}
