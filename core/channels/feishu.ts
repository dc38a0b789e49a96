import { gzipSync } from 'node:zlib'
import { z } from 'zod'
import { createHttpJson, HttpJsonError } from '../http-json.ts'
import { failed, ok, ProblemError, type Result } from '../problem.ts'
import { channelProblem, type Observe } from './problems.ts'

export type FeishuCredentials = { readonly appId: string; readonly appSecret: string; readonly domain: FeishuDomain }
/** Two worlds with the same API; an app lives in one of them. */
export type FeishuDomain = 'feishu' | 'lark'

/** An app that is being made: where the person says yes, and what we ask with whether they have. */
export type Registration = {
  readonly deviceCode: string
  readonly url: string
  readonly intervalSeconds: number
  readonly expiresInSeconds: number
}
export type Registered = FeishuCredentials & {
  /** The person who made it, as this app knows them. */
  readonly openId: string | null
}

/** Apps at Feishu and Lark. Every method throws ProblemError channel-vendor-down when they don't answer. */
export type FeishuVendor = {
  /** What OpenClaw is told where Feishu is, if it is not at its own address. */
  readonly apiRoot: string | null
  /** Problems: channel-token-refused, channel-token-ours, channel-no-bot, channel-scopes (with the names and the link in its args). */
  check(credentials: FeishuCredentials): Promise<Result<{ readonly name: string }>>
  begin(name: string): Promise<Registration>
  /** Null while the person has not decided. Problems: channel-registration-refused, channel-registration-over. */
  poll(deviceCode: string): Promise<Result<Registered | null>>
}

/** What the assistant needs to be spoken to and to answer; without the last one it hears everything and says nothing. */
const SCOPES = [
  'im:message.p2p_msg:readonly',
  'im:message.group_at_msg:readonly',
  'im:message:send_as_bot',
  'im:resource',
  'cardkit:card:write',
] as const
/** Scopes that contain others. */
const WIDER: Readonly<Record<string, readonly string[]>> = {
  'im:message.p2p_msg:readonly': ['im:message', 'im:message.p2p_msg', 'im:message:readonly'],
  'im:message.group_at_msg:readonly': ['im:message', 'im:message.group_at_msg', 'im:message:readonly', 'im:message.group_msg'],
  'im:message:send_as_bot': ['im:message'],
}
const EVENT = 'im.message.receive_v1'

const Token = z.object({ code: z.number(), msg: z.string().default(''), tenant_access_token: z.string().optional() })
const Bot = z.object({
  code: z.number(),
  bot: z.object({ app_name: z.string().default(''), activate_status: z.number().optional() }).optional(),
})
const Scopes = z.object({
  code: z.number(),
  data: z.object({ scopes: z.array(z.object({ scope_name: z.string(), grant_status: z.number() })).default([]) }).optional(),
})
const GRANTED = 1
const Begun = z.object({
  device_code: z.string(),
  verification_uri_complete: z.string(),
  interval: z.number().default(5),
  expires_in: z.number().default(600),
})
const Polled = z.object({
  client_id: z.string().optional(),
  client_secret: z.string().optional(),
  user_info: z.object({ open_id: z.string().optional(), tenant_brand: z.string().optional() }).optional(),
  error: z.string().optional(),
  error_description: z.string().optional(),
})

const API: Readonly<Record<FeishuDomain, string>> = { feishu: 'https://open.feishu.cn', lark: 'https://open.larksuite.com' }
const ACCOUNTS: Readonly<Record<FeishuDomain, string>> = {
  feishu: 'https://accounts.feishu.cn',
  lark: 'https://accounts.larksuite.com',
}
const REGISTRATION = '/oauth/v1/app/registration'

export function createFeishuVendor({
  domain,
  appId: ownAppId,
  observe,
}: {
  readonly domain: string
  readonly appId: string | null
  readonly observe?: Observe
}): FeishuVendor {
  const configured = domain.replace(/\/+$/, '')
  /** A stand-in, or an installation of one's own, is both worlds and their account pages. */
  const elsewhere = Object.values(API).includes(configured) ? null : configured
  const watched = observe ? { observe } : {}

  const api = (which: FeishuDomain) => createHttpJson({ root: elsewhere ?? API[which], ...watched })
  /** As RFC 8628 has it: the body is a form, and "not yet" comes with status 400. */
  const accounts = (which: FeishuDomain) =>
    createHttpJson({
      root: elsewhere ?? ACCOUNTS[which],
      ...watched,
      async fetch(url, init) {
        const fields = z.record(z.string(), z.string()).parse(JSON.parse(String(init?.body)))
        const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' }
        const answer = await fetch(url, { ...init, headers, body: new URLSearchParams(fields).toString() })
        return answer.status === 400 ? new Response(await answer.text(), { status: 200, headers: answer.headers }) : answer
      },
    })

  async function answered<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof HttpJsonError)) throw error
      throw new ProblemError(channelProblem('channel-vendor-down', { platform: 'Feishu' }, error.message))
    }
  }

  const register = (which: FeishuDomain, fields: Readonly<Record<string, string>>) =>
    answered(() => accounts(which)({ method: 'POST', path: REGISTRATION, body: fields, repeat: fields.action === 'poll' }))

  return {
    apiRoot: elsewhere,

    async check({ appId, appSecret, domain: which }) {
      if (appId === ownAppId) return failed(channelProblem('channel-token-ours'))
      const http = api(which)
      const token = Token.parse(
        await answered(() =>
          http({
            method: 'POST',
            path: '/open-apis/auth/v3/tenant_access_token/internal',
            body: { app_id: appId, app_secret: appSecret },
            repeat: true,
          }),
        ),
      )
      if (token.tenant_access_token === undefined)
        return failed(channelProblem('channel-token-refused', { platform: 'Feishu' }, `${token.code} ${token.msg}`))
      const headers = { authorization: `Bearer ${token.tenant_access_token}` }
      const { bot } = Bot.parse(await answered(() => http({ method: 'GET', path: '/open-apis/bot/v3/info', headers })))
      if (!bot) return failed(channelProblem('channel-no-bot', { link: `${API[which]}/app/${appId}/bot` }))
      const scopes = await http({ method: 'GET', path: '/open-apis/application/v6/scopes', headers }).catch(() => null)
      const known = Scopes.safeParse(scopes).data?.data?.scopes
      const missing = known ? missingScopes(known.filter((one) => one.grant_status === GRANTED).map((one) => one.scope_name)) : []
      if (missing.length > 0)
        return failed(
          channelProblem('channel-scopes', {
            scopes: missing.join(', '),
            link: `${API[which]}/app/${appId}/auth?q=${missing.map(encodeURIComponent).join(',')}&op_from=openapi&token_type=tenant`,
          }),
        )
      return ok({ name: bot.app_name })
    },

    async begin(name) {
      const begun = Begun.parse(
        await register('feishu', {
          action: 'begin',
          archetype: 'PersonalAgent',
          auth_method: 'client_secret',
          request_user_info: 'open_id',
        }),
      )
      const url = new URL(begun.verification_uri_complete)
      url.searchParams.set('from', 'sdk')
      url.searchParams.set('source', 'node-sdk')
      url.searchParams.set('tp', 'sdk')
      url.searchParams.set('name', name)
      url.searchParams.set('addons', addons())
      // Only a new app: one that exists has a connection of its own that ours would take over.
      url.searchParams.set('createOnly', 'true')
      return {
        deviceCode: begun.device_code,
        url: url.href,
        intervalSeconds: begun.interval,
        expiresInSeconds: begun.expires_in,
      }
    },

    async poll(deviceCode) {
      const ask = async (which: FeishuDomain) => Polled.parse(await register(which, { action: 'poll', device_code: deviceCode }))
      let which: FeishuDomain = 'feishu'
      let polled = await ask(which)
      // The person belongs to the other world: its page has the outcome.
      if (polled.user_info?.tenant_brand === 'lark' && polled.client_secret === undefined) {
        which = 'lark'
        polled = await ask(which)
      }
      const { client_id: appId, client_secret: appSecret, user_info: user, error } = polled
      if (appId && appSecret)
        return ok({
          appId,
          appSecret,
          domain: user?.tenant_brand === 'lark' ? 'lark' : which,
          openId: user?.open_id ?? null,
        })
      if (error === undefined || error === 'authorization_pending' || error === 'slow_down') return ok(null)
      return failed(
        channelProblem(
          error === 'access_denied' ? 'channel-registration-refused' : 'channel-registration-over',
          {},
          `${error} ${polled.error_description ?? ''}`,
        ),
      )
    },
  }
}

const missingScopes = (granted: readonly string[]): string[] =>
  SCOPES.filter((scope) => ![scope, ...(WIDER[scope] ?? [])].some((name) => granted.includes(name)))

/** The rights and the event that the confirmation page asks for beside its own: JSON, packed into the address as the SDK does. */
const addons = (): string =>
  gzipSync(
    JSON.stringify({ scopes: { tenant: [...SCOPES], user: [] }, events: { items: { tenant: [EVENT], user: [] } } }),
  ).toString('base64url')

export const feishuAppId = (typed: string): string | null => /^cli_[0-9a-z]{8,32}$/i.exec(typed.trim())?.[0] ?? null
