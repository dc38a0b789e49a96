import { z } from 'zod'
import { createHttpJson, HttpJsonError } from '../http-json.ts'
import { failed, ok, ProblemError, type Result } from '../problem.ts'
import { channelProblem, type Observe } from './problems.ts'

export type DiscordApp = { readonly botId: string; readonly applicationId: string; readonly name: string }

/** Apps at Discord. Throws ProblemError channel-vendor-down when Discord does not answer. */
export type DiscordVendor = {
  /** Problems: channel-token-refused, channel-token-ours, channel-no-intent (with `applicationId` in its args). */
  check(token: string): Promise<Result<DiscordApp>>
}

const User = z.object({ id: z.string(), username: z.string() })
const Application = z.object({ id: z.string(), name: z.string(), flags: z.number().default(0) })

/** Application flags: the Message Content intent of a verified app, and of one in less than 100 servers. */
const MESSAGE_CONTENT = (1 << 18) | (1 << 19)

export function createDiscordVendor({
  apiRoot,
  applicationId,
  observe,
}: {
  readonly apiRoot: string
  readonly applicationId: string | null
  readonly observe?: Observe
}): DiscordVendor {
  const http = createHttpJson({ root: `${apiRoot.replace(/\/+$/, '')}/v10`, ...(observe && { observe }) })

  async function get<T extends z.ZodType>(token: string, path: string, shape: T): Promise<Result<z.output<T>>> {
    try {
      return ok(shape.parse(await http({ method: 'GET', path, headers: { authorization: `Bot ${token}` } })))
    } catch (error) {
      if (!(error instanceof HttpJsonError)) throw error
      if (error.status === 401 || error.status === 403)
        return failed(channelProblem('channel-token-refused', { platform: 'Discord' }, error.message))
      throw new ProblemError(channelProblem('channel-vendor-down', { platform: 'Discord' }, error.message))
    }
  }

  return {
    async check(token) {
      const user = await get(token, '/users/@me', User)
      if (!user.ok) return user
      const app = await get(token, '/applications/@me', Application)
      if (!app.ok) return app
      if (app.value.id === applicationId) return failed(channelProblem('channel-token-ours'))
      if ((app.value.flags & MESSAGE_CONTENT) === 0)
        return failed(channelProblem('channel-no-intent', { name: app.value.name, applicationId: app.value.id }))
      return ok({ botId: user.value.id, applicationId: app.value.id, name: user.value.username })
    },
  }
}

/** The id of the bot, which a token begins with; null if it does not look like a token. */
export function discordBotId(token: string): string | null {
  const [first = '', second, third] = token.split('.')
  if (!second || !third || !/^[\w-]+$/.test(first)) return null
  const id = Buffer.from(first, 'base64url').toString('latin1')
  return /^\d{15,21}$/.test(id) ? id : null
}

/** What an assistant does in a server: read and write, with files and in threads. Nothing that administers. */
const PERMISSIONS = [
  6n, // add reactions
  10n, // view channels
  11n, // send messages
  14n, // embed links
  15n, // attach files
  16n, // read message history
  38n, // send messages in threads
].reduce((all, bit) => all | (1n << bit), 0n)

export const discordInvite = (applicationId: string): string =>
  `https://discord.com/oauth2/authorize?client_id=${applicationId}&scope=bot+applications.commands&permissions=${PERMISSIONS}`

/** Where the owner of an app switches on what it may read. */
export const discordBotSettings = (applicationId: string): string =>
  `https://discord.com/developers/applications/${applicationId}/bot`
