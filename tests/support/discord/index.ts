import { once } from 'node:events'
import { z } from 'zod'
import { createCommands, type SeenCommand } from './commands.ts'
import { createDelivery } from './delivery.ts'
import { createEndpoint, type Tampering } from './endpoint.ts'
import { createGateway, type Event } from './gateway.ts'
import { createInteractions } from './interactions.ts'
import { createMessages } from './messages.ts'
import { createNatives } from './natives.ts'
import { createPeople, type DiscordGuild, type DiscordPerson } from './people.ts'
import { type PlannedKind, type PlannedRoute, Plans } from './plans.ts'
import { createRoutes } from './rest.ts'
import { discordSchema } from './schema.ts'
import { createApiServer, type RecordedCall } from './server.ts'
import { type Guild, World } from './world.ts'

export type { Reaction } from './interactions.ts'
export { look } from './look.ts'
export type { DiscordChannelView, DiscordGuild, DiscordPerson } from './people.ts'
export type { SeenMessage, SeenModal } from './seen.ts'

export type DiscordOptions = {
  /** How many shards `GET /gateway/bot` recommends. Servers are spread over them in turn. */
  readonly shards?: number
  /** Judge every request and answer by Discord's description (default). Off for benchmarks. */
  readonly validate?: boolean
  readonly heartbeatSeconds?: number
  readonly botName?: string
}

/** A Discord of our own: REST, gateway and signed interactions for the bot, and people who use it. */
export type Discord = {
  /** What discord.js calls `rest.api`; calls go to `/v10/…` under it. */
  readonly url: string
  readonly token: string
  readonly applicationId: string
  /** 64 hex digits; the fake has the other half, and signs with it. */
  readonly publicKeyHex: string
  readonly botUserId: string
  /** Rules of Discord's that the bot broke, and mistakes of this fake itself. A good test ends with none. */
  readonly violations: string[]
  readonly calls: readonly RecordedCall[]
  /** `locale` as Discord writes it: `en-US`, `zh-CN`. */
  person(options: { readonly name: string; readonly locale?: string }): DiscordPerson
  /** A server with a text channel, of which the bot is a member. People join by acting there. */
  guild(options?: { readonly name?: string; readonly owner?: DiscordPerson; readonly botManagesMessages?: boolean }): DiscordGuild
  /** Interactions go as signed POSTs to this address, not over the gateway; null: back to the gateway. */
  interactionsTo(url: string | null): void
  /** As people see them while typing; `zh-CN` gives the Chinese ones where there are any. */
  commands(language?: 'en' | 'zh-CN'): readonly SeenCommand[]
  /** How often the list was written. Discord counts these, so that an unchanged list should not be. */
  commandWrites(): number

  /** The next call of this kind gets 429 with this wait; asking again earlier is a violation. */
  rateLimitNext(route: PlannedRoute, seconds: number, options?: { readonly global?: boolean }): void
  failNext(route: PlannedRoute, kind: PlannedKind, times?: number): void
  /** Cuts the connections. Resumable: RESUME is accepted, and what was missed told. If not: op 9. */
  dropGateway(options?: { readonly resumable?: boolean }): void
  /** Op 7: asks the connections to come back, as Discord does many times a day. */
  reconnectGateway(): void
  /** All interaction tokens given so far are over 15 minutes old now. */
  expireTokens(): void
  identifies(): number
  resumes(): number
  heartbeats(): number
  connected(): boolean
  /** The intents of the connection. */
  intents(): number | null
  /** Any event of the gateway, for what nobody has heard of. */
  raw(event: string, data: unknown): void
  /** A POST to the address of `interactionsTo`, signed, or spoilt in one way. */
  signedPost(
    body: unknown,
    options?: { readonly tamper?: Tampering; readonly timestampSeconds?: number },
  ): Promise<{ readonly status: number; readonly body: unknown }>
  /** Waits for something to become true; looks again whenever anything happened. */
  until<T>(read: () => T | undefined | null | false, what?: string): Promise<T>
  close(): Promise<void>
}

const UNTIL_SECONDS = 8
/** What changes inside the bot causes no event here. */
const LOOK_AGAIN_MS = 20
const CALLS_MAX = 1000

export async function createDiscord(options: DiscordOptions = {}): Promise<Discord> {
  const { shards = 1, validate = true, heartbeatSeconds = 41.25, botName = 'ClawCloud' } = options
  const token = 'MTIzNDU2Nzg5.fake.token-for-tests'
  const violations: string[] = []
  const calls: RecordedCall[] = []
  const violate = (what: string) => void violations.push(what)
  const world = new World(botName, shards)
  const plans = new Plans()
  // Compiling the schemas takes a while, so that benchmarks go without.
  const schema = validate ? discordSchema() : null
  let origin = ''
  const natives = createNatives(world, () => origin)

  const dispatch = (event: Event) => gateway.dispatch(event)
  const messages = createMessages(world, violate, (what, message) => {
    const guild = message.channel.guild
    if (guild && !guild.botIn) return
    const guildId = guild?.id ?? null
    const place = { id: message.id, channel_id: message.channel.id, ...(guildId && { guild_id: guildId }) }
    if (what === 'DELETE') return dispatch({ name: 'MESSAGE_DELETE', guildId, data: place })
    const member = guild?.members.get(message.author.id)
    const native = {
      ...natives.message(message),
      ...place,
      channel_type: natives.channel(message.channel).type,
      ...(guild && member && { member: natives.memberWithoutUser(guild, member) }),
    }
    const hidden = guild !== null && message.author !== world.bot && !message.content.includes(`<@${world.bot.id}>`)
    const empty = { content: '', embeds: [], components: [], attachments: [] }
    dispatch({
      name: `MESSAGE_${what}`,
      guildId,
      data: ({ content }: { content: boolean }) => (hidden && !content ? { ...native, ...empty } : native),
    })
  })
  const interactions = createInteractions(world, messages, violate)
  const commands = createCommands(world)
  const endpoint = createEndpoint(world.applicationId, () => world.ids.next(), violate)

  function leave(guild: Guild): void {
    guild.botIn = false
    dispatch({ name: 'GUILD_DELETE', guildId: guild.id, data: { id: guild.id } })
    world.changed()
  }

  const server = createApiServer({
    token,
    plans,
    schema,
    violate,
    routes: () => routes,
    recorded: (call) => {
      calls.push(call)
      if (calls.length > CALLS_MAX) calls.shift()
      world.changed()
    },
    spoilt: (id) => interactions.excuse(id),
    attachment: (path) => {
      const [, , , id = ''] = path.split('/')
      return [...world.messages.values()].flatMap(({ attachments }) => attachments).find((one) => one.id === id)?.bytes
    },
  })
  const gateway = createGateway({
    server,
    token,
    world,
    heartbeatSeconds,
    violate,
    url: () => `${origin.replace('http', 'ws')}/gateway`,
    user: () => natives.user(world.bot),
    guildIds: () => [...world.guilds.values()].filter(({ botIn }) => botIn).map(({ id }) => id),
    guildCreate: (id) => {
      const guild = world.guilds.get(id)
      return guild ? natives.guildCreate(guild) : { id, unavailable: true }
    },
  })
  const routes = createRoutes({
    world,
    natives,
    messages,
    interactions,
    commands,
    gateway,
    leave,
    publicKeyHex: endpoint.publicKeyHex,
  })
  const delivery = createDelivery({ world, natives, interactions, gateway, endpoint, schema, violate })
  const person = createPeople({ world, natives, messages, interactions, commands, gateway, delivery })

  function guildView(guild: Guild, channelId: string): DiscordGuild {
    return {
      id: guild.id,
      channelId,
      name: guild.name,
      removesBot: () => leave(guild),
      deletesChannel() {
        const channel = world.channels.get(channelId)
        if (!channel) return
        channel.deleted = true
        const name = channel.parentId === null ? 'CHANNEL_DELETE' : 'THREAD_DELETE'
        dispatch({ name, guildId: guild.id, data: natives.channel(channel) })
        world.changed()
      },
      thread() {
        const thread = world.addChannel({ name: 'a thread', guild, recipient: null, parentId: channelId })
        dispatch({ name: 'THREAD_CREATE', guildId: guild.id, data: { ...natives.channel(thread), newly_created: true } })
        return guildView(guild, thread.id)
      },
    }
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The fake Discord has no port')
  origin = `http://127.0.0.1:${address.port}`

  return {
    url: `${origin}/api`,
    token,
    applicationId: world.applicationId,
    publicKeyHex: endpoint.publicKeyHex,
    botUserId: world.bot.id,
    violations,
    calls,

    person: ({ name, locale = 'en-US' }) => person(world.addUser(name, locale)),
    guild({ name = 'The team', owner, botManagesMessages = false } = {}) {
      const user = owner ? world.users.get(owner.id) : world.addUser('Owner', 'en-US')
      if (!user) throw new Error(`nobody has the id ${owner?.id}`)
      const guild = world.addGuild(name, user, botManagesMessages)
      dispatch({ name: 'GUILD_CREATE', guildId: guild.id, data: natives.guildCreate(guild) })
      return guildView(guild, guild.channels[0]?.id ?? '')
    },
    interactionsTo: (url) => delivery.to(url),
    commands: (language = 'en') => commands.seen(language),
    commandWrites: () => commands.writes(),

    rateLimitNext: (route, seconds, { global = false } = {}) => plans.limit(route, seconds, global),
    failNext: (route, kind, times = 1) => plans.fail(route, kind, times),
    dropGateway: ({ resumable = true } = {}) => gateway.drop(resumable),
    reconnectGateway: () => gateway.askToReconnect(),
    expireTokens: () => interactions.expireTokens(),
    identifies: () => gateway.counts.identifies,
    resumes: () => gateway.counts.resumes,
    heartbeats: () => gateway.counts.heartbeats,
    connected: () => gateway.connected(),
    intents: () => gateway.intents(),
    raw(event, data) {
      const { guild_id: guildId = null } = z.object({ guild_id: z.string().nullish() }).safeParse(data).data ?? {}
      dispatch({ name: event, guildId, data })
    },
    async signedPost(body, how = {}) {
      const url = delivery.url()
      if (url === null) throw new Error('There is no address for signed interactions: call interactionsTo first')
      const { status, bytes } = await endpoint.post(url, body, how)
      const text = bytes.toString()
      return { status, body: /^\s*[[{"]/.test(text) ? JSON.parse(text) : text }
    },

    until: (read, what = 'what the test waits for') =>
      new Promise((resolve, reject) => {
        const look = () => {
          const value = read()
          if (value === undefined || value === null || value === false) return
          end()
          resolve(value)
        }
        const end = () => {
          clearTimeout(timer)
          clearInterval(again)
          forget()
        }
        const forget = world.onChange(look)
        const again = setInterval(look, LOOK_AGAIN_MS)
        const timer = setTimeout(() => {
          end()
          const recent = calls.slice(-6).map(({ operation }) => operation)
          const broken = violations.length > 0 ? ` Violations: ${violations.join('; ')}.` : ''
          reject(new Error(`Not within ${UNTIL_SECONDS} s: ${what}. Last calls: ${recent.join(', ') || 'none'}.${broken}`))
        }, UNTIL_SECONDS * 1000)
        look()
      }),

    async close() {
      interactions.close()
      await gateway.close()
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
