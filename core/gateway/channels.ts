import { z } from 'zod'
import type { JsonObject } from '../chat/view.ts'
import { failed, ok, type Problem, type Result } from '../problem.ts'
import { gatewayProblem } from './problems.ts'
import { type Rpc, RpcError } from './rpc.ts'

export const CHANNEL_KINDS = ['telegram', 'discord', 'feishu'] as const
export type ChannelKind = (typeof CHANNEL_KINDS)[number]

/** Who may talk to the assistant in a channel. In groups it listens to the same people, and only when it is mentioned. */
export type ChannelAccess = {
  /** The platform's ids of people. */
  readonly allowed: readonly string[]
  /** Anyone may, the list does not matter. */
  readonly open: boolean
}

export type ChannelSetup = ChannelAccess & {
  readonly kind: ChannelKind
  /** Goes into OpenClaw's own secret store; its configuration holds a reference. */
  readonly secret: string
  /** Feishu's app id beside its secret. */
  readonly appId?: string
  /** Where the platform's API is, if not where OpenClaw looks for it: a Bot API root, or Feishu's domain. */
  readonly apiRoot?: string
}

export type ChannelState =
  | 'connected'
  /** Not up yet, or coming back by itself. */
  | 'connecting'
  /** Somebody else receives with the same token. */
  | 'conflict'
  /** The platform does not accept the token any more. */
  | 'refused'
  /** OpenClaw knows of no such channel. */
  | 'missing'

export type ChannelStatus = {
  readonly state: ChannelState
  /** OpenClaw's own words, for the log. */
  readonly detail: string
  /** Somebody wrote in it since it was started. */
  readonly heard: boolean
}

/** Somebody whom the assistant does not know and who wrote to it. OpenClaw told them to wait. */
export type PairingRequest = {
  readonly requestId: string
  readonly kind: ChannelKind
  readonly senderId: string
  readonly senderName: string
  readonly expiresAt: Date
}

/** The channels of one assistant, all of it while it runs. Problems as in Gateway, and channel-chat-closed. */
export type GatewayChannels = {
  /** Fetches what the channel needs and does not have yet; it can be done again. Takes about a minute where there is something to do. */
  prepare(kind: ChannelKind): Promise<Result<void>>
  /** Also puts in another token or other people: what is there is replaced. */
  connect(setup: ChannelSetup): Promise<Result<void>>
  /** Takes the channel and its secret out. One that is not there is success. */
  disconnect(kind: ChannelKind): Promise<Result<void>>
  /** A new token for the same bot; the channel starts again with it by itself. */
  replaceSecret(kind: ChannelKind, secret: string): Promise<Result<void>>
  /** Counts from the next message on. */
  setAccess(kind: ChannelKind, access: ChannelAccess): Promise<Result<void>>
  /** Asks the platform, too. */
  status(kind: ChannelKind): Promise<Result<ChannelStatus>>
  pairings(): Promise<Result<readonly PairingRequest[]>>
  /** Forgets a request, after it was allowed or denied: who is allowed is ours to say, see `setAccess`. One long gone is success. */
  dismissPairing(kind: ChannelKind, requestId: string): Promise<Result<void>>
  /** The assistant writes to a person by itself. The same `key` is sent once. Some can't be written to before they have written. */
  say(kind: ChannelKind, personId: string, text: string, key: string): Promise<Result<void>>
}

/** The name of a channel's secret in OpenClaw's store. */
const channelSecret = (kind: ChannelKind) => `CHANNEL_${kind.toUpperCase()}`

/** Someone else may write the configuration at the same moment. */
const PATCH_ATTEMPTS = 4
/** A channel that starts loads its plugin first. */
const PATCH_SECONDS = 90

/** Everything of one channel that is a list: OpenClaw takes nothing out of one unless it is named. */
const LISTS: Readonly<Record<ChannelKind, readonly string[]>> = {
  telegram: ['channels.telegram.allowFrom'],
  discord: ['channels.discord.allowFrom', 'channels.discord.guilds.*.users'],
  feishu: ['channels.feishu.allowFrom', 'channels.feishu.groupSenderAllowFrom'],
}

/**
 * What does not come with OpenClaw, in the version that goes with the pinned runtime. Only OpenClaw's own installer makes a plugin
 * trusted, and one folder for several assistants is refused, so each gets its own when it needs it: 69 s and some 500 MB for the
 * first, 45 s for the second (two cores, cold cache), while the assistant goes on answering.
 */
const PLUGINS: Readonly<Partial<Record<ChannelKind, string>>> = {
  discord: '@openclaw/discord@2026.9.6',
  feishu: '@openclaw/feishu@2026.9.5',
}
const INSTALL_SECONDS = 300

const Config = z.object({
  hash: z.string(),
  config: z.looseObject({
    plugins: z.looseObject({ allow: z.array(z.string()).default([]) }).default({ allow: [] }),
    channels: z.record(z.string(), z.unknown()).default({}),
  }),
})
type Config = z.infer<typeof Config>['config']

const Account = z.looseObject({
  connected: z.boolean().nullish(),
  running: z.boolean().nullish(),
  lastError: z.string().nullish(),
  lastInboundAt: z.number().nullish(),
  tokenStatus: z.string().nullish(),
  probe: z.looseObject({ ok: z.boolean().nullish(), status: z.number().nullish(), error: z.string().nullish() }).nullish(),
})
const Status = z.object({ channelAccounts: z.record(z.string(), z.array(Account)).default({}) })

const Plugins = z.object({ plugins: z.array(z.object({ id: z.string(), installed: z.boolean().default(false) })) })

const Pairings = z.object({
  requests: z.array(
    z.object({
      requestId: z.string(),
      channel: z.string(),
      senderId: z.string(),
      metadata: z.record(z.string(), z.unknown()).nullish(),
      expiresAt: z.coerce.date(),
    }),
  ),
})

/** `attempt` turns what the connection throws into Problems. */
export function createGatewayChannels(
  rpc: Rpc,
  attempt: <T>(what: string, work: () => Promise<Result<T>>) => Promise<Result<T>>,
): GatewayChannels {
  /** Changes the configuration against whatever others wrote meanwhile. Null changes nothing. */
  async function change(
    plan: (current: Config) => { readonly change: JsonObject; readonly lists: readonly string[] } | null,
  ): Promise<Result<void>> {
    for (let tries = 1; ; tries++) {
      const { hash, config } = Config.parse(await rpc.call('config.get', {}))
      const planned = plan(config)
      if (!planned) return ok(undefined)
      try {
        await rpc.call(
          'config.patch',
          { baseHash: hash, raw: JSON.stringify(planned.change), replacePaths: planned.lists },
          { timeoutSeconds: PATCH_SECONDS },
        )
        return ok(undefined)
      } catch (error) {
        if (!(error instanceof RpcError)) throw error
        const stale = /config changed since last load/i.test(error.message)
        if (!stale || tries === PATCH_ATTEMPTS) return failed(gatewayProblem('gateway-failed', `config.patch: ${error.message}`))
      }
    }
  }

  const store = async (kind: ChannelKind, value: string) => {
    await rpc.call('secrets.store.set', { name: channelSecret(kind), kind: 'secret', value })
  }

  return {
    prepare: (kind) =>
      attempt(`plugin of ${kind}`, async () => {
        const spec = PLUGINS[kind]
        if (spec === undefined) return ok(undefined)
        const { plugins } = Plugins.parse(await rpc.call('plugins.list', {}))
        if (plugins.some(({ id, installed }) => id === kind && installed)) return ok(undefined)
        await rpc.call('plugins.install', { source: 'npm', spec, pin: true }, { timeoutSeconds: INSTALL_SECONDS })
        return ok(undefined)
      }),

    connect: (setup) =>
      attempt(`connect ${setup.kind}`, async () => {
        await store(setup.kind, setup.secret)
        return change(({ plugins }) => ({
          change: {
            // A plugin is loaded only if it is named, which keeps an assistant without channels small.
            plugins: { allow: [...new Set([...plugins.allow, setup.kind])] },
            channels: { [setup.kind]: channelConfig(setup) },
          },
          lists: ['plugins.allow', ...LISTS[setup.kind]],
        }))
      }),

    disconnect: (kind) =>
      attempt(`disconnect ${kind}`, async () => {
        // The reference goes first: OpenClaw can't work with one that leads nowhere.
        const changed = await change(({ plugins, channels }) =>
          kind in channels || plugins.allow.includes(kind)
            ? {
                change: {
                  plugins: { allow: plugins.allow.filter((name) => name !== kind), entries: { [kind]: null } },
                  channels: { [kind]: null },
                },
                lists: ['plugins.allow', ...LISTS[kind]],
              }
            : null,
        )
        if (!changed.ok) return changed
        await rpc.call('secrets.store.delete', { name: channelSecret(kind) }).catch((error: unknown) => {
          if (!(error instanceof RpcError) || !/not found|no such|does not exist/i.test(error.message)) throw error
        })
        return ok(undefined)
      }),

    replaceSecret: (kind, secret) =>
      attempt(`secrets.store.set ${channelSecret(kind)}`, async () => {
        await store(kind, secret)
        return ok(undefined)
      }),

    setAccess: (kind, access) =>
      attempt(`access of ${kind}`, () =>
        change(({ channels }) =>
          kind in channels ? { change: { channels: { [kind]: accessConfig(kind, access) } }, lists: LISTS[kind] } : null,
        ),
      ),

    status: (kind) =>
      attempt('channels.status', async () => {
        const { channelAccounts } = Status.parse(await rpc.call('channels.status', { probe: true }))
        const [account] = channelAccounts[kind] ?? []
        return ok(account ? statusOf(account) : { state: 'missing' as const, detail: '', heard: false })
      }),

    pairings: () =>
      attempt('channels.pairing.list', async () => {
        const { requests } = Pairings.parse(await rpc.call('channels.pairing.list', {}))
        return ok(
          requests.flatMap(({ requestId, channel, senderId, metadata, expiresAt }) => {
            const kind = CHANNEL_KINDS.find((known) => known === channel)
            return kind ? [{ requestId, kind, senderId, senderName: nameOf(metadata ?? {}) ?? senderId, expiresAt }] : []
          }),
        )
      }),

    dismissPairing: (kind, requestId) =>
      attempt('channels.pairing.dismiss', async () => {
        await rpc.call('channels.pairing.dismiss', { channel: kind, accountId: 'default', requestId }).catch((error: unknown) => {
          // It ran out, or was decided by somebody else: gone is what was wanted.
          if (!(error instanceof RpcError)) throw error
        })
        return ok(undefined)
      }),

    say: (kind, personId, message, key) =>
      attempt('send', async () => {
        const to = kind === 'telegram' ? personId : `user:${personId}`
        try {
          await rpc.call('send', { channel: kind, accountId: 'default', to, message, idempotencyKey: key })
          return ok(undefined)
        } catch (error) {
          if (error instanceof RpcError) return failed(chatClosed(error.message))
          throw error
        }
      }),
  }
}

/** They have to write first, or have blocked the bot: no fault of the channel. */
const chatClosed = (detail: string): Problem => ({
  code: 'channel-chat-closed',
  retryable: false,
  text: { id: 'channel-chat-closed' },
  detail,
})

const fromStore = (kind: ChannelKind) => ({ source: 'store', provider: 'default', id: channelSecret(kind) })

/** One channel as OpenClaw's configuration has it. What people may change by writing in it is nothing: we own this. */
function channelConfig(setup: ChannelSetup): JsonObject {
  const { kind, appId, apiRoot } = setup
  const common = { enabled: true, configWrites: false, ...accessConfig(kind, setup) }
  switch (kind) {
    case 'telegram':
      return { ...common, botToken: fromStore(kind), groups: { '*': { requireMention: true } }, ...(apiRoot && { apiRoot }) }
    case 'discord':
      return { ...common, token: fromStore(kind) }
    case 'feishu':
      return { ...common, appId, appSecret: fromStore(kind), requireMention: true, ...(apiRoot && { domain: apiRoot }) }
  }
}

/**
 * In private chats who is not on the list asks (pairing); in groups the same people are heard, when they mention it. Approvals
 * never go through OpenClaw's own list of approved people, because nobody can be taken off that one again.
 */
function accessConfig(kind: ChannelKind, { allowed, open }: ChannelAccess): JsonObject {
  const allowFrom = open ? ['*'] : [...allowed]
  const privately = { dmPolicy: open ? 'open' : 'pairing', allowFrom }
  switch (kind) {
    case 'telegram':
      return { ...privately, groupPolicy: open ? 'open' : 'allowlist' }
    case 'discord':
      return { ...privately, groupPolicy: 'open', guilds: { '*': { requireMention: true, users: open ? null : [...allowed] } } }
    case 'feishu':
      return { ...privately, groupPolicy: 'open', groupSenderAllowFrom: allowFrom }
  }
}

function statusOf({ connected, running, lastError, lastInboundAt, probe }: z.infer<typeof Account>): ChannelStatus {
  const heard = typeof lastInboundAt === 'number'
  const detail = [probe?.error, lastError].filter(Boolean).join('; ')
  const state = ((): ChannelState => {
    if (probe?.ok === false && isRefusal(probe.status ?? null, probe.error ?? '')) return 'refused'
    if (connected === true) return 'connected'
    if (/conflict|terminated by other getUpdates/i.test(lastError ?? '')) return 'conflict'
    if (isRefusal(null, lastError ?? '')) return 'refused'
    // Not every channel tells whether its connection stands; then one that runs and that the platform knows counts.
    if ((connected === undefined || connected === null) && running === true && probe?.ok !== false) return 'connected'
    return 'connecting'
  })()
  return { state, detail, heard }
}

/** Telegram says 401 or 404, Discord closes with 4004, Feishu names its code for a wrong app secret. */
const isRefusal = (status: number | null, words: string): boolean =>
  status === 401 ||
  status === 404 ||
  /\b(401|4004|10014)\b|unauthori[sz]ed|authentication failed|invalid (bot )?token/i.test(words)

/** People are shown as they call themselves; which fields there are depends on the platform. */
function nameOf(metadata: Readonly<Record<string, unknown>>): string | null {
  const word = (name: string) => {
    const value = metadata[name]
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
  }
  const name =
    [word('firstName'), word('lastName')].filter(Boolean).join(' ') || word('name') || word('displayName') || word('tag')
  const handle = word('username')
  if (name && handle) return `${name} (@${handle})`
  return name ?? (handle && `@${handle}`)
}
