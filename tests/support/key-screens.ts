import type { ChatContext, Reply } from '../../core/chat/reply.ts'
import type { InstanceSummary } from '../../core/chat/store.ts'
import type { JsonObject, View } from '../../core/chat/view.ts'
import { deployFlow } from '../../core/commands/deploy/index.ts'
import { changeSourceFlow, replaceKeyFlow } from '../../core/commands/key/index.ts'
import { ownUsageView } from '../../core/commands/usage-view.ts'
import { backupView, changeView, deployView, keyCardView, rotateView } from '../../core/instances/index.ts'
import type { KeySummary } from '../../core/keys/index.ts'
import { PROVIDER_FACTS } from '../../core/keys/index.ts'
import { createCatalogue } from '../../core/models/index.ts'
import type { OperationProgress } from '../../core/operations/index.ts'
import { quietLog } from './services.ts'

const ADDED = new Date('2026-11-20T09:00:00Z')
const NOW = new Date('2026-11-22T12:00:00Z')

const key: KeySummary = {
  id: 'key_1',
  provider: 'anthropic',
  last4: '7f3a',
  state: 'valid',
  addedAt: ADDED,
  checkedAt: NOW,
}

const own = createCatalogue({
  source: 'anthropic',
  fetchModels: async () =>
    [
      ['claude-opus-4-8', 'Claude Opus 4.8', 5],
      ['claude-sonnet-4-6', 'Claude Sonnet 4.6', 3],
      ['claude-haiku-4-5-20251001', 'Claude Haiku 4.5', 1],
    ].map(([id, name, price]) => ({
      id: String(id),
      name: String(name),
      contextTokens: 200_000,
      promptMicrosPerMillion: Number(price) * 1e6,
      completionMicrosPerMillion: Number(price) * 5e6,
    })),
  clock: { now: () => NOW },
  log: quietLog,
})

/** Just enough of a database for a key that was handed over and the assistant it belongs to. */
const databaseOf = (state: KeySummary['state'], instance: { source: string; model: string }) => ({
  pool: { query: async () => ({ rows: [{ coming: 0, standbys: 0 }] }) },
  prisma: async () => ({
    providerKey: {
      findFirst: async () => ({ ...key, state, createdAt: ADDED }),
    },
    instance: {
      findUnique: async () => ({
        ...instance,
        id: 'ins_1',
        name: 'Scout',
        fallbackModels: ['openai/gpt-5.4-mini'],
        backupKeySealed: null,
      }),
    },
    operation: { findFirst: async () => null },
  }),
})

const progress = (
  state: OperationProgress['state'],
  prefix: string,
  names: readonly string[],
  done: number,
): OperationProgress => ({
  state,
  steps: names.map((name, at) => ({
    name,
    progress: `${prefix}-progress-${name}`,
    state:
      at < done
        ? state === 'failed'
          ? 'undone'
          : 'done'
        : at === done
          ? state === 'failed'
            ? 'failed'
            : 'running'
          : 'waiting',
    ...(at < done && { seconds: 0.4 + at }),
  })),
  note: null,
  problem:
    state === 'failed'
      ? { code: 'model-credit', retryable: false, text: { id: 'model-balance-own', args: { provider: 'Anthropic' } } }
      : null,
})

const first = (reply: Reply): View => {
  const view = reply.views[0]?.view
  if (!view) throw new Error('the reply shows nothing')
  return view
}

/** Own keys: handed over, checked, shown, replaced; another way of paying; free models. */
export async function keyScreens(
  base: (change: Partial<ChatContext>) => ChatContext,
  scout: InstanceSummary,
): Promise<Readonly<Record<string, View>>> {
  const ownScout = { ...scout, source: 'anthropic' as const, model: 'claude-sonnet-4-6' }
  const at = (
    flow: { readonly name: string },
    step: string,
    given: JsonObject,
    { state = 'valid', instance = scout }: { state?: KeySummary['state']; instance?: InstanceSummary } = {},
  ): ChatContext => {
    const plain = base({ instances: [instance] })
    const services = {
      ...plain.services,
      catalogues: { of: () => own, forget: () => undefined },
      database: databaseOf(state, instance),
      settings: { ...plain.services.settings, publicUrl: 'https://clawcloud.example' },
      clock: { now: () => NOW },
      log: quietLog,
    }
    return {
      ...plain,
      services: services as unknown as ChatContext['services'],
      conversation: {
        ...plain.conversation,
        flow: flow.name,
        version: 1,
        step,
        answers: { path: ['name'], given },
        viewId: `${flow.name}:1`,
      },
    }
  }
  const asked = { name: 'Luna', planId: 'lite', source: 'anthropic' }
  const ordering = { ...asked, keyId: 'key_1' }
  const deploy = (step: string, given: JsonObject, state?: KeySummary['state']) =>
    deployFlow.redraw(at(deployFlow, step, given, state === undefined ? {} : { state })).then(first)
  const changing = { instanceId: 'ins_1', source: 'anthropic', keyId: 'key_1', model: 'claude-sonnet-4-6' }
  const change = (step: string, given: JsonObject, instance = scout) =>
    changeSourceFlow.redraw(at(changeSourceFlow, step, given, { instance })).then(first)
  const card = { id: 'ins_1', name: 'Scout', source: 'anthropic' as const, key, backup: null, undo: null }
  const rotated = { provider: PROVIDER_FACTS.anthropic.name, last4: '7f3a' }
  const free = ['qwen/qwen3-coder:free', 'z-ai/glm-4.5-air:free']
  const toOwn = { to: 'anthropic' as const, operationId: null, answered: null }
  const CHANGE = ['key', 'configure', 'probe']
  return {
    'deploy-own-1-source': await deploy('source', { name: 'Luna', planId: 'lite' }),
    'deploy-own-2-key': await deploy('key', asked),
    'deploy-own-2-key-was-wrong': await deploy('key', { ...asked, wasWrong: true }),
    'deploy-own-3-checking': await deploy('checking', ordering, 'unchecked'),
    'deploy-own-3-valid': await deploy('checking', ordering, 'valid'),
    'deploy-own-3-no-credit': await deploy('checking', ordering, 'no-credit'),
    'deploy-own-3-no-access': await deploy('checking', { ...ordering, model: 'claude-opus-4-8' }, 'no-access'),
    'deploy-own-3-rate-limited': await deploy('checking', ordering, 'rate-limited'),
    'deploy-own-3-unreachable': await deploy('checking', ordering, 'unreachable'),
    'deploy-own-4-model': await deploy('model', ordering),
    'deploy-own-5-review': await deploy('review', { ...ordering, model: 'claude-sonnet-4-6' }),
    'deploy-own-6-ready': deployView(
      {
        id: 'ins_1',
        name: 'Scout',
        orderId: 'ord_1',
        modelName: 'claude-sonnet-4-6',
        creditMicros: 0,
        cycleEndsAt: null,
        ownKeyAt: 'anthropic',
        unproven: true,
      },
      { ...progress('succeeded', 'deploy', ['server', 'gateway', 'model', 'probe'], 4) },
    ),
    'key-own': keyCardView(card),
    'key-own-checking': keyCardView(card, { isChecking: true }),
    'key-own-no-credit': keyCardView({ ...card, key: { ...key, state: 'no-credit' } }),
    'key-own-missing': keyCardView({ ...card, key: null }),
    'key-managed': keyCardView({ ...card, source: 'managed', key: null, backup: free, undo: 'op_1' }),
    'key-replace': first(
      await replaceKeyFlow.redraw(
        at(replaceKeyFlow, 'key', { instanceId: 'ins_1', source: 'anthropic' }, { instance: ownScout }),
      ),
    ),
    'rotate-running': rotateView('rotate:1', scout, progress('running', 'rotate', ['set', 'probe'], 1), rotated),
    'rotate-done': rotateView('rotate:1', scout, progress('succeeded', 'rotate', ['set', 'probe'], 2), rotated),
    'rotate-failed': rotateView('rotate:1', scout, progress('failed', 'rotate', ['set', 'probe'], 1), rotated),
    'change-1-source': await change('source', { instanceId: 'ins_1' }),
    'change-2-model': await change('model', changing),
    'change-3-confirm': await change('confirm', changing),
    'change-3-confirm-managed': await change(
      'confirm',
      { instanceId: 'ins_1', source: 'managed', model: 'anthropic/claude-sonnet-4.6' },
      ownScout,
    ),
    'change-4-running': changeView('change:1', scout, progress('running', 'change', CHANGE, 1), toOwn),
    'change-5-done': changeView('change:1', scout, progress('succeeded', 'change', CHANGE, 3), {
      ...toOwn,
      operationId: 'op_1',
      answered: { model: 'claude-sonnet-4-6', seconds: 0.84 },
    }),
    'change-6-failed': changeView('change:1', scout, progress('failed', 'change', CHANGE, 2), toOwn),
    'change-6-unsettled': changeView('change:1', scout, { ...progress('failed', 'change', CHANGE, 2), undoFailed: true }, toOwn),
    'backup-running': backupView('backup:1', scout, progress('running', 'backup', ['key', 'configure'], 1), {
      on: true,
      models: free,
    }),
    'backup-on': backupView('backup:1', scout, progress('succeeded', 'backup', ['key', 'configure'], 2), {
      on: true,
      models: free,
    }),
    'backup-off': backupView('backup:1', scout, progress('succeeded', 'backup', ['key', 'configure'], 2), {
      on: false,
      models: [],
    }),
    'usage-own': ownUsageView(scout, 'anthropic', key),
    'usage-own-missing': ownUsageView(scout, 'anthropic', null),
  }
}
