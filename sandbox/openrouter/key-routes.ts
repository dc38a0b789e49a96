import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { refuse } from './errors.ts'
import { type KeyRecord, PICOS_PER_USD, periodStarts, type Store } from './store.ts'

const PAGE_KEYS = 100
/** Any account has one default workspace and one user; the stand-in's are fixed. */
const WORKSPACE_ID = '0df9e665-d932-5740-b2c7-b52af166bc11'
const USER_ID = 'user_sandbox'

const Fields = z.object({
  name: z.string().min(1),
  limit: z.number().nonnegative().nullable().optional(),
  limit_reset: z.enum(['daily', 'weekly', 'monthly']).nullable().optional(),
  include_byok_in_limit: z.boolean().optional(),
})
const CreateBody = Fields.extend({
  expires_at: z.iso.datetime().nullable().optional(),
  external: z.object({ user: z.string() }).optional(),
})
const ChangeBody = Fields.partial().extend({ disabled: z.boolean().optional() })

/** The numbers of a key as every endpoint reports them, in USD. */
export function usageJson(store: Store, key: KeyRecord) {
  const starts = periodStarts(store.today())
  const since = (day: string) => store.picosSince(key, day) / PICOS_PER_USD
  return {
    usage: key.usagePicos / PICOS_PER_USD,
    usage_daily: since(starts.daily),
    usage_weekly: since(starts.weekly),
    usage_monthly: since(starts.monthly),
    byok_usage: 0,
    byok_usage_daily: 0,
    byok_usage_weekly: 0,
    byok_usage_monthly: 0,
    limit: key.limitUsd,
    limit_remaining: limitRemainingUsd(store, key),
    limit_reset: key.limitReset,
    include_byok_in_limit: key.includeByokInLimit,
    creator_user_id: USER_ID,
    workspace_id: WORKSPACE_ID,
    expires_at: key.expiresAt,
    label: key.label,
  }
}

/** Without a reset the limit is compared with all-time usage; null is no limit. */
export function limitRemainingUsd(store: Store, key: KeyRecord): number | null {
  if (key.limitUsd === null) return null
  const used = key.limitReset ? store.picosSince(key, periodStarts(store.today())[key.limitReset]) : key.usagePicos
  return Math.max(0, key.limitUsd - used / PICOS_PER_USD)
}

function keyJson(store: Store, key: KeyRecord) {
  return {
    hash: key.hash,
    name: key.name,
    disabled: key.disabled,
    created_at: key.createdAt,
    updated_at: key.updatedAt,
    external_user: key.externalUser,
    ...usageJson(store, key),
  }
}

/** /keys: for the management key only. */
export function keyRoutes(store: Store): Hono {
  const app = new Hono()

  const withKey = (context: Context, act: (key: KeyRecord) => Response | Promise<Response>) => {
    const key = store.key(context.req.param('hash') ?? '')
    return key ? act(key) : refuse(context, 404, 'API key not found')
  }

  app.get('/', (context) => {
    const offset = Number(context.req.query('offset') ?? 0)
    if (!Number.isInteger(offset) || offset < 0) return refuse(context, 400, 'offset: expected an integer of at least 0')
    const all = store.keys().filter((key) => !key.disabled || context.req.query('include_disabled') === 'true')
    const newestFirst = [...all].reverse()
    return context.json({ data: newestFirst.slice(offset, offset + PAGE_KEYS).map((key) => keyJson(store, key)) })
  })

  app.post('/', async (context) => {
    const body = await parse(context, CreateBody)
    if (!body.success) return refuse(context, 400, sentence(body.error))
    const { key, secret } = store.create({
      name: body.data.name,
      limitUsd: body.data.limit ?? null,
      limitReset: body.data.limit_reset ?? null,
      includeByokInLimit: body.data.include_byok_in_limit ?? false,
      externalUser: body.data.external?.user ?? null,
      expiresAt: body.data.expires_at ?? null,
    })
    return context.json({ data: keyJson(store, key), key: secret }, 201)
  })

  app.get('/:hash', (context) => withKey(context, (key) => context.json({ data: keyJson(store, key) })))

  app.patch('/:hash', (context) =>
    withKey(context, async (key) => {
      const body = await parse(context, ChangeBody)
      if (!body.success) return refuse(context, 400, sentence(body.error))
      const { name, disabled, limit, limit_reset, include_byok_in_limit } = body.data
      const changed = store.change(key, {
        ...(name !== undefined && { name }),
        ...(disabled !== undefined && { disabled }),
        ...(limit !== undefined && { limitUsd: limit }),
        ...(limit_reset !== undefined && { limitReset: limit_reset }),
        ...(include_byok_in_limit !== undefined && { includeByokInLimit: include_byok_in_limit }),
      })
      return context.json({ data: keyJson(store, changed) })
    }),
  )

  app.delete('/:hash', (context) =>
    withKey(context, (key) => {
      store.delete(key.hash)
      return context.json({ deleted: true })
    }),
  )
  return app
}

async function parse<T>(context: Context, schema: z.ZodType<T>) {
  return schema.safeParse(await context.req.json().catch(() => null))
}

export function sentence(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; ')
}
