import { z } from 'zod'
import { type HttpJson, HttpJsonError } from '../../http-json.ts'
import { type SubKey, SubKeyError, type SubKeys } from '../sub-keys.ts'
import { microsFromUsd, usdFromMicros } from '../usd.ts'

/** OpenRouter's fixed page of GET /keys; a shorter page is the last one. */
const PAGE_KEYS = 100
/** 100,000 keys: more pages mean that the offset is being ignored, and the loop must end. */
const MOST_PAGES = 1000

// Only what we read, and tolerant of everything else: the vendor's own client rejects answers that lack a field it knows,
// which loses the secret of a key that was just created.
const Key = z
  .object({
    hash: z.string().min(1),
    name: z.string().catch(''),
    disabled: z.boolean().catch(false),
    limit: z.number().nullish(),
    usage: z.number(),
    created_at: z.string().nullish(),
  })
  .transform((key): SubKey => {
    const createdAt = new Date(key.created_at ?? Number.NaN)
    return {
      hash: key.hash,
      name: key.name,
      disabled: key.disabled,
      limitMicros: key.limit == null ? null : microsFromUsd(key.limit),
      usageMicros: microsFromUsd(key.usage),
      createdAt: Number.isNaN(createdAt.getTime()) ? null : createdAt,
    }
  })
const OneKey = z.object({ data: Key })
const Page = z.object({ data: z.array(Key) })
const Created = z.object({ key: z.string().min(1), data: z.object({ hash: z.string().min(1) }) })
const Credits = z.object({ data: z.object({ total_credits: z.number(), total_usage: z.number() }) })

/** OpenRouter's key API behind the SubKeys port. `http` carries the management key, which cannot call models. */
export function createOpenRouterSubKeys(http: HttpJson): SubKeys {
  const path = (hash: string) => `/keys/${encodeURIComponent(hash)}`

  async function list(): Promise<readonly SubKey[]> {
    const found = new Map<string, SubKey>()
    for (let page = 0; page < MOST_PAGES; page++) {
      const query = `/keys?include_disabled=true&offset=${page * PAGE_KEYS}`
      const keys = read(Page, await call(http, { method: 'GET', path: query }), query).data
      const before = found.size
      for (const key of keys) found.set(key.hash, key)
      if (keys.length < PAGE_KEYS || found.size === before) break
    }
    return [...found.values()]
  }

  return {
    list,

    async create({ name, limitMicros }) {
      const body = { name, limit: usdFromMicros(limitMicros), limit_reset: null, include_byok_in_limit: true }
      const created = read(Created, await call(http, { method: 'POST', path: '/keys', body }), 'POST /keys')
      return { hash: created.data.hash, secret: created.key }
    },

    async findByName(name) {
      return (await list()).filter((key) => key.name === name)
    },

    async find(hash) {
      try {
        return read(OneKey, await call(http, { method: 'GET', path: path(hash) }), 'GET /keys/{hash}').data
      } catch (error) {
        if (error instanceof SubKeyError && error.code === 'not-found') return null
        throw error
      }
    },

    async update(hash, { limitMicros, disabled }) {
      const body = {
        ...(limitMicros !== undefined && { limit: usdFromMicros(limitMicros), limit_reset: null }),
        ...(disabled !== undefined && { disabled }),
      }
      return read(OneKey, await call(http, { method: 'PATCH', path: path(hash), body }), 'PATCH /keys/{hash}').data
    },

    async delete(hash) {
      try {
        await call(http, { method: 'DELETE', path: path(hash) })
      } catch (error) {
        if (!(error instanceof SubKeyError && error.code === 'not-found')) throw error
      }
    },

    async accountBalance() {
      const { data } = read(Credits, await call(http, { method: 'GET', path: '/credits' }), 'GET /credits')
      return { creditMicros: microsFromUsd(data.total_credits), usageMicros: microsFromUsd(data.total_usage) }
    },
  }
}

async function call(http: HttpJson, request: Parameters<HttpJson>[0]): Promise<unknown> {
  try {
    return await http(request)
  } catch (error) {
    if (!(error instanceof HttpJsonError)) throw error
    throw new SubKeyError(error.message, codeOf(error.status), error.status, error.retryable)
  }
}

function codeOf(status: number | null): SubKeyError['code'] {
  if (status === null || status >= 500 || status === 408) return 'unreachable'
  if (status === 429) return 'rate-limited'
  if (status === 401 || status === 403) return 'unauthorised'
  if (status === 404) return 'not-found'
  return status < 300 ? 'unreadable' : 'refused'
}

/** The issues name fields and types, never the values: a secret stays out of the message. */
function read<T>(schema: z.ZodType<T>, answer: unknown, what: string): T {
  const parsed = schema.safeParse(answer)
  if (parsed.success) return parsed.data
  const where = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.code}`).join('; ')
  throw new SubKeyError(`${what}: an answer we do not understand (${where})`, 'unreadable', 200, false)
}
