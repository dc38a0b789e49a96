import { z } from 'zod'
import { createHttpJson, HttpJsonError } from '../http-json.ts'
import { failed, ok, ProblemError, type Result } from '../problem.ts'
import { channelProblem, type Observe } from './problems.ts'

export type TelegramBot = { readonly id: string; readonly username: string; readonly name: string }

/** Bots at Telegram. Every method throws ProblemError channel-vendor-down when Telegram does not answer. */
export type TelegramVendor = {
  /** Telegram's own Bot API or another; without a slash at the end. */
  readonly apiRoot: string
  /** The control bot, if it may make bots for people; null if it may not or there is none. Asked anew every few minutes. */
  manager(): Promise<TelegramBot | null>
  /**
   * Problems: channel-token-refused, channel-token-ours, channel-webhook, channel-in-use. Whether somebody else receives is found out
   * by receiving for some seconds (`probe`), which disturbs whoever does: not where that is the assistant itself.
   */
  check(token: string, probe: boolean): Promise<Result<TelegramBot>>
  /** Of a bot that was made through our control bot. Problems: channel-token-refused. */
  managedToken(botId: string): Promise<Result<string>>
  /** A new token; the old one is worthless from then on, which also ends a conflict. */
  replaceManagedToken(botId: string): Promise<Result<string>>
}

/**
 * Who receives with the same token is cut off by our probe, comes back at once and cuts ours off. That takes as long as their client
 * waits before it tries again.
 */
const CONFLICT_PROBE_SECONDS = 4
const PROBE_GRACE_SECONDS = 8
const MANAGER_MINUTES = 5

const User = z.object({
  id: z.number(),
  first_name: z.string(),
  username: z.string().default(''),
  can_manage_bots: z.boolean().optional(),
})
const Answer = z.object({ result: z.unknown() })

export function createTelegramVendor({
  apiRoot,
  botToken,
  observe,
}: {
  readonly apiRoot: string
  readonly botToken: string | null
  readonly observe?: Observe
}): TelegramVendor {
  const root = apiRoot.replace(/\/+$/, '')
  let manager: { readonly until: number; readonly bot: Promise<TelegramBot | null> } | null = null

  /** The token stands in the address, so it is part of the root, which no error names. */
  async function call<T extends z.ZodType>(token: string, method: string, result: T, body: object = {}, timeoutSeconds?: number) {
    const http = createHttpJson({ root: `${root}/bot${token}`, ...(observe && { observe }) })
    const answer = await http({
      method: 'POST',
      path: `/${method}`,
      body,
      // Each of them only asks, or may be done twice.
      repeat: method !== 'getUpdates',
      ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    })
    return result.parse(Answer.parse(answer).result)
  }

  /** What Telegram refuses with one of these statuses is `refused`; the rest is an outage. */
  async function asking<T>(work: () => Promise<T>, statuses: readonly number[] = [401, 403, 404, 400]): Promise<Result<T>> {
    try {
      return ok(await work())
    } catch (error) {
      if (!(error instanceof HttpJsonError)) throw error
      if (error.status !== null && statuses.includes(error.status))
        return failed(channelProblem('channel-token-refused', { platform: 'Telegram' }, error.message))
      throw new ProblemError(channelProblem('channel-vendor-down', { platform: 'Telegram' }, error.message))
    }
  }

  async function isPolled(token: string): Promise<boolean> {
    try {
      const body = { timeout: CONFLICT_PROBE_SECONDS, limit: 1 }
      await call(token, 'getUpdates', z.unknown(), body, CONFLICT_PROBE_SECONDS + PROBE_GRACE_SECONDS)
      return false
    } catch (error) {
      if (error instanceof HttpJsonError && error.status === 409) return true
      // Whether somebody else is there could not be found out; the supervisor will see it.
      if (error instanceof HttpJsonError) return false
      throw error
    }
  }

  async function askManager(): Promise<TelegramBot | null> {
    if (botToken === null) return null
    const me = await call(botToken, 'getMe', User)
    return me.can_manage_bots ? botOf(me) : null
  }

  const ofManager = (botId: string, method: 'getManagedBotToken' | 'replaceManagedBotToken') =>
    botToken === null
      ? Promise.resolve(failed(channelProblem('channel-bots-not-managed')))
      : asking(() => call(botToken, method, z.string(), { user_id: Number(botId) }))

  return {
    apiRoot: root,

    manager() {
      if (manager && manager.until > performance.now()) return manager.bot
      // Not known is as good as no: a token can be pasted at any time.
      const bot = askManager().catch(() => {
        manager = null
        return null
      })
      manager = { until: performance.now() + MANAGER_MINUTES * 60_000, bot }
      return bot
    },

    async check(token, probe) {
      if (token === botToken) return failed(channelProblem('channel-token-ours'))
      const me = await asking(() => call(token, 'getMe', User))
      if (!me.ok) return me
      const ownId = botToken?.split(':')[0]
      if (`${me.value.id}` === ownId) return failed(channelProblem('channel-token-ours'))
      const hook = await asking(() => call(token, 'getWebhookInfo', z.object({ url: z.string().default('') })))
      if (!hook.ok) return hook
      if (hook.value.url !== '') return failed(channelProblem('channel-webhook', { host: hostOf(hook.value.url) }))
      if (probe && (await isPolled(token))) return failed(channelProblem('channel-in-use', { name: `@${me.value.username}` }))
      return ok(botOf(me.value))
    },

    managedToken: (botId) => ofManager(botId, 'getManagedBotToken'),
    replaceManagedToken: (botId) => ofManager(botId, 'replaceManagedBotToken'),
  }
}

const botOf = ({ id, username, first_name: name }: z.infer<typeof User>): TelegramBot => ({ id: `${id}`, username, name })
const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url)

/** A bot token as @BotFather gives it, and the bot's id in it; null if it does not look like one. */
export const telegramBotId = (token: string): string | null => /^(\d{5,14}):[\w-]{20,}$/.exec(token)?.[1] ?? null

/** Longest name of a bot, and of a user name with the `bot` it must end in. */
const BOT_NAME_MAX = 64
const USERNAME_MAX = 32

/** A name that is most likely free: what people will type, and a few random characters. */
export function suggestedUsername(assistant: string, random: string): string {
  const tail = `_${random
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .slice(0, 5)}_bot`
  const words = assistant
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .replaceAll(/^[_\d]+|_+$/g, '')
    .slice(0, USERNAME_MAX - tail.length)
  return `${words.length >= 2 ? words : 'assistant'}${tail}`
}

/** One tap from anywhere: Telegram shows the names filled in and asks for a confirmation. */
export const newBotLink = (manager: string, username: string, name: string): string =>
  `https://t.me/newbot/${encodeURIComponent(manager)}/${encodeURIComponent(username)}?name=${encodeURIComponent(name.slice(0, BOT_NAME_MAX))}`
