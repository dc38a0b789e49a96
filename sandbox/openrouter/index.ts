import { setTimeout as sleep } from 'node:timers/promises'
import { type Context, Hono } from 'hono'
import type { Clock, Ids } from '../../core/clock.ts'
import { type Mood, moodOf } from '../provider/keys.ts'
import { modelJson, providerOf, SANDBOX_MODELS, type SandboxModel } from './catalogue.ts'
import { chatRoutes } from './chat-routes.ts'
import { MESSAGES, refuse } from './errors.ts'
import { createFaults, type Fault, type FaultTarget, type LoggedRequest } from './faults.ts'
import { keyRoutes, usageJson } from './key-routes.ts'
import { createStore, type KeyRecord, PICOS_PER_USD } from './store.ts'

const MOUNT = '/api/v1'
/** GET /activity reaches back this many completed UTC days. */
const ACTIVITY_DAYS = 30
/** OpenRouter's allowance of requests to free models for an account that has bought credit. */
const FREE_REQUESTS_PER_DAY = 1000
const DAY_MS = 86_400_000

/** Keys of customers' own accounts begin with it. What they spend is none of our account's business. */
const OPENROUTER_TEST_KEYS = 'sk-or-v1-sandbox'
const SLOW_SECONDS = 30

export type OpenRouterSandboxOptions = {
  readonly clock: Clock
  readonly ids: Ids
  /** The one key that may manage sub-keys and read the account; it can't call models. */
  readonly managementKey: string
  /** With it, keys and usage survive a restart. */
  readonly journalPath?: string
  /** How long the answer to a customer's own `slow` key takes. */
  readonly slowSeconds?: number
}

/** For tests: what a person could do on the vendor's own pages, and what only an outage does. */
export type OpenRouterControl = {
  /** The next `times` requests to a path meet the fault; several faults on one path add up. */
  fault(target: FaultTarget, fault: Fault, times?: number): void
  clearFaults(): void
  /** What is left on the account; 0 or less answers 402 to every key. */
  setAccountBalanceUsd(usd: number): void
  /** 403 "Key limit exceeded" (default) or 402, both of which OpenRouter uses for it. */
  setKeyLimitStatus(status: 402 | 403): void
  removeModel(id: string): void
  restoreModels(): void
  /** Adds use to a key, as if its model had been called. Today, by the sandbox's clock. */
  addUsageUsd(hash: string, usd: number): void
  setDisabled(hash: string, disabled: boolean): void
  keys(): readonly KeyRecord[]
  readonly requests: readonly LoggedRequest[]
}

export type OpenRouterSandbox = { readonly app: Hono; readonly control: OpenRouterControl }

/**
 * A stand-in for OpenRouter that speaks its HTTP under /api/v1: keys, key, credits, models, activity and chat completions
 * by a small canned model that meters tokens at the model's price.
 */
export function createOpenRouterSandbox(options: OpenRouterSandboxOptions): OpenRouterSandbox {
  const { clock, ids, managementKey } = options
  const store = createStore(options)
  let keyLimitStatus: 402 | 403 = 403

  const bearerOf = (context: Context) => /^Bearer\s+(\S+)$/i.exec(context.req.header('authorization') ?? '')?.[1] ?? null
  const subKeyOf = (context: Context): KeyRecord | null => {
    const secret = bearerOf(context)
    return secret ? store.keyOfSecret(secret) : null
  }
  const isManagement = (context: Context) => bearerOf(context) === managementKey
  const ownAccountOf = (context: Context): Mood | null => {
    const secret = bearerOf(context)
    return secret === null || secret === managementKey ? null : moodOf(secret, OPENROUTER_TEST_KEYS)
  }
  const callerOf = (context: Context) => {
    if (isManagement(context)) return 'management'
    if (ownAccountOf(context) !== null) return `own …${bearerOf(context)?.slice(-4)}`
    return subKeyOf(context)?.hash ?? null
  }
  const faults = createFaults(MOUNT, callerOf)
  const models = () => SANDBOX_MODELS.filter((model) => !store.removedModels().includes(model.id))
  const findModel = (id: string): SandboxModel | null => models().find((model) => model.id === id) ?? null

  /** Why this caller is turned away, or null. */
  function keyProblem(context: Context): string | null {
    if (!bearerOf(context)) return 'No auth credentials found'
    if (ownAccountOf(context) !== null) return null
    const key = subKeyOf(context)
    if (!key) return 'User not found.'
    if (key.disabled) return 'API key is disabled'
    return key.expiresAt && Date.parse(key.expiresAt) <= clock.now().getTime() ? 'API key has expired' : null
  }
  const requireManagement = async (context: Context, next: () => Promise<void>) => {
    if (isManagement(context)) return next()
    return subKeyOf(context)
      ? refuse(context, 403, 'Only management keys can perform this operation')
      : refuse(context, 401, bearerOf(context) ? 'Invalid management key' : 'Missing Authentication header')
  }

  const app = new Hono().basePath(MOUNT)
  app.use('*', faults.middleware)
  app.use('*', async (context, next) => {
    const mood = ownAccountOf(context)
    if (mood === 'slow') await sleep((options.slowSeconds ?? SLOW_SECONDS) * 1000)
    if (mood === 'rate-limited') return refuse(context, 429, MESSAGES[429] ?? '')
    return mood === 'down' ? refuse(context, 503, MESSAGES[503] ?? '') : next()
  })
  for (const path of ['/keys', '/keys/*', '/credits', '/activity']) app.use(path, requireManagement)
  app.route('/keys', keyRoutes(store))

  app.use('/chat/*', async (context, next) => {
    if (isManagement(context)) return refuse(context, 403, 'Management keys cannot be used to call models')
    const problem = keyProblem(context)
    return problem ? refuse(context, 401, problem) : next()
  })
  app.route(
    '/chat',
    chatRoutes({ store, clock, ids, findModel, keyLimitStatus: () => keyLimitStatus }, (context) => {
      const key = subKeyOf(context)
      const own = ownAccountOf(context)
      if (own !== null) return { own }
      if (!key) throw new Error('the chat route is reached only by callers with a key')
      return key
    }),
  )

  app.get('/key', (context) => {
    const problem = isManagement(context) ? null : keyProblem(context)
    if (problem) return refuse(context, 401, problem)
    const isOwn = ownAccountOf(context) !== null
    return context.json({ data: currentKeyJson(subKeyOf(context), isOwn) })
  })

  app.get('/credits', (context) => {
    const account = store.account()
    return context.json({ data: { total_credits: account.creditUsd, total_usage: account.spentPicos / PICOS_PER_USD } })
  })

  app.get('/models', (context) => {
    const offset = Number(context.req.query('offset') ?? 0)
    const limit = Number(context.req.query('limit') ?? 500)
    if (!(Number.isInteger(offset) && offset >= 0 && Number.isInteger(limit) && limit > 0)) {
      return refuse(context, 400, 'offset and limit: expected whole numbers')
    }
    const wanted = (context.req.query('q') ?? '').toLowerCase()
    const found = models().filter((model) => `${model.id} ${model.name}`.toLowerCase().includes(wanted))
    const next = offset + limit < found.length ? `${MOUNT}/models?offset=${offset + limit}&limit=${limit}` : null
    return context.json({ data: found.slice(offset, offset + limit).map(modelJson), links: { next }, total_count: found.length })
  })

  app.get('/activity', (context) => {
    const date = context.req.query('date')
    if (date !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(date)) return refuse(context, 400, 'date: expected YYYY-MM-DD')
    return context.json({ data: activity(date ?? null, context.req.query('api_key_hash') ?? null) })
  })

  app.notFound((context) => refuse(context, 404, 'Not Found'))

  function currentKeyJson(key: KeyRecord | null, isOwn: boolean) {
    const none: KeyRecord = {
      hash: '',
      name: isOwn ? 'own' : 'management',
      label: isOwn ? 'sk-or-v1-san...' : 'sk-or-v1-man...ment',
      disabled: false,
      limitUsd: null,
      limitReset: null,
      includeByokInLimit: false,
      externalUser: null,
      createdAt: '',
      updatedAt: null,
      expiresAt: null,
      usagePicos: 0,
      days: {},
    }
    return {
      ...usageJson(store, key ?? none),
      is_free_tier: false,
      is_management_key: key === null && !isOwn,
      is_provisioning_key: key === null && !isOwn,
      organization_id: null,
      allowed_data_regions: [],
      free_model_daily_requests: { limit: FREE_REQUESTS_PER_DAY, used: 0, remaining: FREE_REQUESTS_PER_DAY },
      rate_limit: { requests: -1, interval: '10s', note: 'This field is deprecated and safe to ignore.' },
    }
  }

  /** Only completed days, as at OpenRouter: today's use is nowhere in it. */
  function activity(date: string | null, hash: string | null) {
    const today = store.today()
    const first = new Date(Date.parse(today) - ACTIVITY_DAYS * DAY_MS).toISOString().slice(0, 10)
    return store
      .keys()
      .filter((key) => hash === null || key.hash === hash)
      .flatMap((key) => Object.entries(key.days))
      .filter(([day]) => day < today && day >= first && (date === null || day === date))
      .flatMap(([day, used]) => Object.entries(used).map(([id, use]) => activityItem(day, id, use)))
  }

  function activityItem(day: string, id: string, use: KeyRecord['days'][string][string]) {
    const model = SANDBOX_MODELS.find((known) => known.id === id)
    return {
      date: `${day} 00:00:00`,
      model: id,
      model_permaslug: model ? modelJson(model).canonical_slug : id,
      endpoint_id: `sandbox-${id}`,
      provider_name: model ? providerOf(model) : 'OpenRouter',
      usage: use.picos / PICOS_PER_USD,
      byok_usage_inference: 0,
      requests: use.requests,
      prompt_tokens: use.promptTokens,
      completion_tokens: use.completionTokens,
      reasoning_tokens: 0,
    }
  }

  const control: OpenRouterControl = {
    fault: faults.arm,
    clearFaults: faults.disarm,
    setAccountBalanceUsd: store.setBalanceUsd,
    setKeyLimitStatus: (status) => {
      keyLimitStatus = status
    },
    removeModel: (id) => store.setRemovedModels([...store.removedModels(), id]),
    restoreModels: () => store.setRemovedModels([]),
    addUsageUsd: (hash, usd) =>
      store.use({
        hash,
        model: 'anthropic/claude-sonnet-4.6',
        picos: Math.round(usd * PICOS_PER_USD),
        promptTokens: 0,
        completionTokens: 0,
      }),
    setDisabled: (hash, disabled) => {
      const key = store.key(hash)
      if (!key) throw new Error(`the sandbox has no key ${hash}`)
      store.change(key, { disabled })
    },
    keys: store.keys,
    requests: faults.requests,
  }
  return { app, control }
}
