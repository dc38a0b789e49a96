import { orderView } from '../../core/billing/index.ts'
import type { ChatContext, Reply } from '../../core/chat/reply.ts'
import type { InstanceSummary } from '../../core/chat/store.ts'
import type { JsonObject, View } from '../../core/chat/view.ts'
import { commands, flows } from '../../core/commands/index.ts'
import { usageView } from '../../core/commands/usage-view.ts'
import type { Language } from '../../core/i18n/index.ts'
import {
  askView,
  crashView,
  deployView,
  destroyView,
  INSTANCE_STATES,
  readyView,
  restartView,
  switchView,
} from '../../core/instances/index.ts'
import { createCatalogue, createCatalogues } from '../../core/models/index.ts'
import type { OperationProgress } from '../../core/operations/index.ts'
import { accessScreens } from './access-screens.ts'
import { channelScreens } from './channel-screens.ts'
import { keyScreens } from './key-screens.ts'
import { databaseWith, MODEL_SETTINGS, modelScreens } from './model-screens.ts'
import type { Screen } from './render-goldens.ts'
import { quietLog } from './services.ts'

// Every screen a person can see, made by the code that makes it in production, at one fixed moment.

const NOW = new Date('2026-11-22T12:00:00Z')
const CYCLE_END = new Date('2026-12-22T00:00:00Z')

const MODELS = [
  ['anthropic/claude-sonnet-4.6', 'Claude Sonnet 4.6', 3, 15],
  ['openai/gpt-5.4-mini', 'GPT-5.4 Mini', 0.4, 1.6],
  ['google/gemini-3-flash-preview', 'Gemini 3 Flash', 0.3, 2.5],
  ['anthropic/claude-opus-4.8', 'Claude Opus 4.8', 15, 75],
  ['qwen/qwen3-coder:free', 'Qwen3 Coder (free)', 0, 0],
] as const

const catalogue = createCatalogue({
  fetchModels: async () =>
    MODELS.map(([id, name, input, output]) => ({
      id,
      name,
      contextTokens: 200_000,
      promptMicrosPerMillion: input * 1e6,
      completionMicrosPerMillion: output * 1e6,
    })),
  clock: { now: () => NOW },
  log: quietLog,
})

const catalogues = createCatalogues({
  managed: catalogue,
  listModels: async () => [{ id: 'anthropic/claude-sonnet-4.6' }, { id: 'openai/gpt-5.4-mini' }],
  clock: { now: () => NOW },
  log: quietLog,
})

const plans = [
  { id: 'lite', name: 'Lite', priceCents: 2900, currency: 'usd', creditMicros: 8_000_000 },
  { id: 'pro', name: 'Pro', priceCents: 4900, currency: 'usd', creditMicros: 25_000_000 },
  { id: 'max', name: 'Max', priceCents: 10_900, currency: 'usd', creditMicros: 60_000_000 },
]

const days = Array.from({ length: 30 }, (_, day) => ({
  date: new Date(Date.UTC(2026, 9, 24 + day)).toISOString().slice(0, 10),
  micros: (day % 7) * 40_000,
}))
const meter = {
  spentMicros: 2_140_000,
  allowanceMicros: 8_000_000,
  leftMicros: 5_860_000,
  share: 0.2675,
  cycleEndsAt: CYCLE_END,
  readAt: NOW,
  fresh: true,
  days,
  daysLeft: 19.4,
}

const scout: InstanceSummary = {
  id: 'ins_1',
  name: 'Scout',
  state: 'running',
  source: 'managed',
  model: 'anthropic/claude-sonnet-4.6',
  planId: 'lite',
  hostId: 'oc-1',
  platform: 'memory',
  chatId: 'c',
  gatewayTokenSealed: 'sealed',
  ownerPersonId: 'per_1',
  allowanceMicros: 8_000_000,
  baselineMicros: 0,
  usageMicros: 2_140_000,
  usageReadAt: NOW,
  cycleEndsAt: CYCLE_END,
  createdAt: NOW,
  readyAt: NOW,
  crashCount: 0,
  renewal: { orderId: 'ord_1', endsAt: null },
}

/** What the assistant is paid with. */
const paying = { id: 'ord_1', state: 'active', subscriptionId: 'sub_1', endsAt: null as Date | null }

const services = {
  ids: { create: (prefix: string) => `${prefix}_1`, screen: () => '0000000000' },
  catalogue,
  catalogues,
  plans: async () => plans,
  meter: { read: async () => meter, last: async () => meter },
  instanceLogs: async () => '2026-11-22T11:59:01Z gateway ready\n2026-11-22T11:59:30Z turn done in 1.2 s\n',
  hosts: { name: 'local', capacity: async () => ({ total: 10, used: 1 }) },
  database: { ...databaseWith(MODEL_SETTINGS), prisma: async () => ({ order: { findUnique: async () => paying } }) },
  settings: { brandName: 'ClawCloud', supportContact: 'help@example.com' },
}

function context(change: Partial<ChatContext> = {}): ChatContext {
  const known = {
    incoming: {
      platform: 'memory',
      updateKey: 'u',
      chat: { id: 'c', kind: 'private' },
      sender: { id: 'u', name: 'Ann' },
      at: 0,
      content: { kind: 'text', text: '' },
    },
    personId: 'per_1',
    workspace: { id: 'wsp_1', kind: 'personal', ownerPersonId: 'per_1' },
    role: 'owner',
    language: 'en',
    instances: [scout],
    orders: [],
    conversation: { id: 'con_1', flow: null, version: 0, step: null, answers: {}, revision: 1, expiresAt: null, viewId: null },
    services,
    log: quietLog,
    now: NOW,
    requestId: 'req_1',
    ...change,
  }
  return known as unknown as ChatContext
}

const first = (reply: Reply): View => {
  const view = reply.views[0]?.view
  if (!view) throw new Error('the reply shows nothing')
  return view
}

async function runCommand(name: string, argument: string, change: Partial<ChatContext>): Promise<View> {
  const command = commands.find((known) => known.name === name)
  if (!command) throw new Error(`no command ${name}`)
  return first(await command.run({ ...context(change), instance: change.instances?.[0] ?? scout }, { argument }))
}

async function walkTo(
  language: Language,
  name: string,
  step: string,
  given: JsonObject,
  typed?: string,
  other: typeof services = services,
): Promise<View> {
  const flow = flows.find((known) => known.name === name)
  if (!flow) throw new Error(`no flow ${name}`)
  const at = context({
    language,
    services: other as unknown as ChatContext['services'],
    conversation: {
      id: 'con_1',
      flow: name,
      version: 1,
      step,
      answers: { path: step === 'name' || step === 'confirm' ? [] : ['name'], given },
      revision: 1,
      expiresAt: null,
      viewId: `${name}:1`,
    } as ChatContext['conversation'],
  })
  return first(typed === undefined ? await flow.redraw(at) : await flow.answer(at, { kind: 'text', text: typed }))
}

const DEPLOY_STEPS = ['server', 'sub-key', 'gateway', 'model', 'probe']
function progress(state: OperationProgress['state'], names: readonly string[], done: number, prefix: string): OperationProgress {
  return {
    state,
    steps: names.map((name, position) => ({
      name,
      progress: `${prefix}-${name}`,
      state:
        position < done
          ? state === 'failed' || state === 'undoing'
            ? 'undone'
            : 'done'
          : position === done
            ? state === 'running'
              ? 'running'
              : state === 'succeeded'
                ? 'done'
                : 'failed'
            : 'waiting',
      ...(position < done && { seconds: 1.2 + position }),
    })),
    note: state === 'running' && prefix === 'deploy-progress' ? { id: 'deploy-note-runtime', args: { percent: 42 } } : null,
    problem:
      state === 'failed' || state === 'undoing' ? { code: 'step-timeout', retryable: false, text: { id: 'step-timeout' } } : null,
  }
}

const order = {
  id: 'ord_1',
  instanceName: 'Scout',
  planId: 'lite',
  priceCents: 2900,
  currency: 'usd',
  creditMicros: 8_000_000n,
  checkoutUrl: 'https://checkout.example/pay',
  checkoutExpiresAt: new Date('2026-11-22T12:30:00Z'),
  subscriptionId: 'sub_1',
  endsAt: null,
  instanceId: 'ins_1',
}
const ORDERS: readonly (readonly [string, string, string | null])[] = [
  ['awaiting', 'awaiting-payment', null],
  ['declined', 'awaiting-payment', 'declined'],
  ['again', 'awaiting-payment', null],
  ['checking', 'checking', null],
  ['paid', 'paid', null],
  ['active', 'active', null],
  ['past-due', 'past-due', null],
  ['disputed', 'disputed', null],
  ['lapsed', 'lapsed', null],
  ['lapsed-unpaid', 'lapsed', 'unpaid'],
  ['ended', 'ended', null],
  ['expired', 'expired', null],
  ['cancelled', 'cancelled', null],
  ['refunding-deploy-failed', 'refunding', 'deploy-failed'],
  ['refunding-late', 'refunding', 'late'],
  ['refunded', 'refunded', 'deploy-failed'],
  ['refund-failed', 'refund-failed', 'deploy-failed'],
]

/** What orders of a state have or lack: an unpaid one no assistant yet, a lapsed one no page unless its invoice can be paid. */
function differing(name: string, state: string): { readonly instanceId?: null; readonly checkoutUrl?: null } {
  const unpaid = state === 'awaiting-payment' && name !== 'again'
  return { ...(unpaid && { instanceId: null }), ...(name === 'lapsed' && { checkoutUrl: null }) }
}

/** What an assistant has not got while it is being set up. */
const unborn = { readyAt: null, cycleEndsAt: null, usageMicros: 0 }

const rtl = { ...scout, id: 'ins_2', name: 'مساعد 🦞' }

type Walk = Parameters<typeof walkTo> extends [Language, ...infer Rest] ? Rest : never

/** Name and view of every screen. Views have no language, but for what a person has chosen and what stands inside a picture. */
export async function allScreens(language: Language = 'en'): Promise<readonly Screen[]> {
  const run = (name: string, argument = '', change: Partial<ChatContext> = {}) =>
    runCommand(name, argument, { language, ...change })
  const flowStep = (...walk: Walk) => walkTo(language, ...walk)
  const deployed = {
    id: 'ins_1',
    name: 'Scout',
    orderId: 'ord_1',
    modelName: 'Claude Sonnet 4.6',
    creditMicros: 8_000_000,
    cycleEndsAt: CYCLE_END,
  }
  const screens: Record<string, View> = {
    welcome: await run('start', '', { instances: [] }),
    help: await run('help'),
    language: await run('language'),
    'cancel-nothing': await run('cancel'),
    'deploy-1-name': await flowStep('deploy', 'name', {}),
    'deploy-1-name-taken': await flowStep('deploy', 'name', {}, 'scout'),
    'deploy-1-name-long': await flowStep('deploy', 'name', {}, 'x'.repeat(10_000)),
    'deploy-2-plan': await flowStep('deploy', 'plan', { name: 'Luna' }),
    'deploy-2-plan-rtl': await flowStep('deploy', 'plan', { name: rtl.name }),
    'deploy-3-model': await flowStep('deploy', 'model', { name: 'Luna', planId: 'lite' }),
    'deploy-3-model-search': await flowStep('deploy', 'model', { name: 'Luna', planId: 'lite' }, 'claude'),
    'deploy-3-model-none': await flowStep('deploy', 'model', { name: 'Luna', planId: 'lite' }, 'zzzz'),
    'deploy-4-review': await flowStep('deploy', 'review', { name: 'Luna', planId: 'lite', model: 'anthropic/claude-sonnet-4.6' }),
    'deploy-4-review-full': await flowStep(
      'deploy',
      'review',
      { name: 'Luna', planId: 'lite', model: 'anthropic/claude-sonnet-4.6' },
      undefined,
      { ...services, hosts: { name: 'local', capacity: async () => ({ total: 10, used: 10 }) } },
    ),
    'deploy-4-review-hindered': await flowStep(
      'deploy',
      'review',
      { name: 'Luna', planId: 'lite', model: 'anthropic/claude-sonnet-4.6' },
      undefined,
      { ...services, hosts: { name: 'local', capacity: async () => ({ total: 1, used: 1, trouble: 'disk-full' }) } },
    ),
    'deploy-5-running': deployView(deployed, progress('running', DEPLOY_STEPS, 2, 'deploy-progress')),
    'deploy-6-ready': deployView(deployed, progress('succeeded', DEPLOY_STEPS, 5, 'deploy-progress')),
    'deploy-6-ready-push': readyView(scout),
    'deploy-7-failing': deployView(deployed, progress('undoing', DEPLOY_STEPS, 2, 'deploy-progress')),
    instances: await run('instances', '', { instances: [scout, rtl] }),
    'instances-none': await run('instances', '', { instances: [] }),
    usage: await run('usage'),
    'usage-stale': usageView(
      scout,
      { ...meter, fresh: false, readAt: new Date(NOW.getTime() - 1_200_000) },
      { language, now: NOW, mayChange: true },
    ),
    'usage-plenty': usageView(scout, { ...meter, daysLeft: 10_751 }, { language, now: NOW, mayChange: true }),
    'usage-used-up': usageView(
      scout,
      { ...meter, spentMicros: 8_010_000, leftMicros: 0, share: 1.001, daysLeft: 0 },
      { language, now: NOW, mayChange: true },
    ),
    'usage-viewer': usageView(scout, meter, { language, now: NOW, mayChange: false }),
    model: await run('model'),
    'model-search': await run('model', 'gemini'),
    'model-switching': switchView(scout, 'GPT-5.4 Mini', progress('running', ['configure', 'probe'], 1, 'switch-progress')),
    'model-switched': switchView(scout, 'GPT-5.4 Mini', progress('succeeded', ['configure', 'probe'], 2, 'switch-progress'), {
      answered: { model: 'openai/gpt-5.4-mini', seconds: 0.62 },
    }),
    'model-failed': switchView(scout, 'GPT-5.4 Mini', progress('failed', ['configure', 'probe'], 1, 'switch-progress')),
    logs: await run('logs'),
    'ask-how': await run('ask'),
    'ask-thinking': askView('ask:1', scout, progress('running', [], 0, '')),
    'ask-answer': askView('ask:1', scout, progress('succeeded', [], 0, ''), {
      text: 'Hello! **I** am Scout, <b>your</b> assistant.\n\n- one\n- two',
      model: 'anthropic/claude-sonnet-4.6',
    }),
    'ask-failed': askView('ask:1', scout, progress('failed', [], 0, '')),
    'restart-running': restartView(scout, progress('running', ['stop', 'start', 'probe'], 1, 'restart-progress')),
    'restart-done': restartView(scout, progress('succeeded', ['stop', 'start', 'probe'], 3, 'restart-progress')),
    'restart-failed': restartView(scout, progress('failed', ['stop', 'start', 'probe'], 1, 'restart-progress')),
    'destroy-1-confirm': await flowStep('destroy', 'confirm', { instanceId: 'ins_1' }),
    'destroy-2-wrong-name': await flowStep('destroy', 'confirm', { instanceId: 'ins_1' }, 'Skout'),
    'destroy-3-running': destroyView(scout, progress('running', ['subscription', 'server', 'sub-key'], 1, 'destroy-progress')),
    'destroy-4-done': destroyView(scout, progress('succeeded', ['subscription', 'server', 'sub-key'], 3, 'destroy-progress')),
    'crash-crashed': crashView(scout, 'crashed'),
    'crash-back': crashView(scout, 'back'),
    'crash-lost': crashView(scout, 'lost'),
    ...accessScreens(language),
    ...(await keyScreens((change) => context({ language, ...change }), scout)),
    'status-own-key': await run('status', '', { instances: [{ ...scout, source: 'anthropic', model: 'claude-sonnet-4-6' }] }),
    ...(await modelScreens(
      (settings) => context({ language, services: { ...services, database: databaseWith(settings) } as never }),
      scout,
    )),
    ...channelScreens(),
  }
  for (const state of INSTANCE_STATES)
    screens[`status-${state}`] = await run('status', '', {
      instances: [{ ...scout, ...(state === 'provisioning' && unborn), state }],
    })
  for (const [name, state, reason] of ORDERS)
    screens[`order-${name}`] = orderView(
      { ...order, ...differing(name, state), state, reason },
      { supportContact: 'help@example.com' },
    )
  screens['status-ending'] = await run('status', '', {
    instances: [{ ...scout, renewal: { orderId: 'ord_1', endsAt: CYCLE_END } }],
  })
  screens['order-ending'] = orderView(
    { ...order, state: 'active', reason: null, checkoutUrl: null, endsAt: CYCLE_END },
    { supportContact: 'help@example.com' },
  )
  return Object.entries(screens).map(([name, view]) => ({ name, view }))
}
