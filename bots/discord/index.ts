import { setTimeout as wait } from 'node:timers/promises'
import { type APIInteractionResponse, InteractionResponseType } from 'discord-api-types/v10'
import type { Hono } from 'hono'
import { cutText } from '../../core/chat/cut.ts'
import type { Incoming } from '../../core/chat/incoming.ts'
import { KeyedQueue } from '../../core/chat/keyed-queue.ts'
import type { ChatPlatform, CoreLine, Draw, PlatformHealth, Receive } from '../../core/chat/platform.ts'
import type { Clock } from '../../core/clock.ts'
import type { Log } from '../../core/log.ts'
import { createAnswers } from './answers.ts'
import { createApi } from './api.ts'
import { discordCapabilities, TOAST_MAX } from './capabilities.ts'
import { publishCommands } from './commands.ts'
import { createDeliver } from './deliver.ts'
import { createEndpoint, warnOfEndpoint } from './endpoint.ts'
import { reasonOf } from './faults.ts'
import { createGateway } from './gateway.ts'
import { createGuilds } from './guilds.ts'
import { GuildRoles } from './payloads.ts'
import { receiveInteraction, receiveMessage } from './receive.ts'
import { isSnowflake } from './ref.ts'
import { renderNote } from './render.ts'
import { gatewayReply, httpReply, type Reply } from './reply.ts'
import { type HttpAnswer, interactionRoutes } from './webhook.ts'

export type DiscordOptions = {
  readonly token: string
  readonly applicationId: string
  /** Discord's own, or a stand-in. */
  readonly apiRoot: string
  /** 64 hex digits. Interactions come signed to `/discord` then, and no gateway is opened. */
  readonly publicKeyHex?: string
  readonly clock: Clock
  readonly log: Log
  readonly draw: Draw
  /** 0 to 1; spreads retries. */
  readonly random: () => number
}

/** `routes` is to be mounted at the root of the service's HTTP server; null with the gateway. */
export type Discord = ChatPlatform & { readonly routes: Hono | null }

/** The core's answer comes an instant after it says that it has one: for so long what it changes has the first word. */
const ANSWER_FOLLOWS_MS = 50
/** Between attempts to have an update stored; after a quarter of an hour nobody waits for its answer any more. */
const STORE_RETRY_MS = [200, 500, 1000, 2000, 5000]
const STORE_TRIES = 180
/** Choices that come later than this are not shown. */
const SUGGEST_MS = 2000
const SUGGESTIONS_MAX = 25
const CHOICE_MAX = 100
/** How long a stop waits for acknowledgements that are on their way. */
const STOP_GRACE_MS = 1500

/** Discord as a chat platform. `start` resolves after the first contact, also when that failed: it is tried again behind. */
export async function createDiscord(options: DiscordOptions): Promise<Discord> {
  const { token, publicKeyHex, clock, log, draw, random } = options
  const api = await createApi({ ...options, apiRoot: options.apiRoot.replace(/\/+$/, '') })
  const answers = createAnswers({ api, clock, log })
  const guilds = createGuilds()
  const queue = new KeyedQueue()
  const stopping = new AbortController()
  const acknowledgements = new Set<Promise<void>>()
  let botUserId: string | null = null
  let onIncoming: Receive | null = null
  let line: CoreLine | null = null
  /** Commands whose answers are for one person alone, as far as that is known before. */
  let onlyYou: ReadonlySet<string> = new Set()
  let health: PlatformHealth = { ok: false, detail: 'Discord: not started' }
  const report = (now: PlatformHealth) => {
    if (!stopping.signal.aborted) health = now
  }
  const around = () => ({ botUserId, nameOf: guilds.nameOf, roleOf: guilds.roleOf })

  const connection =
    publicKeyHex === undefined
      ? createGateway({
          rest: api.rest,
          token,
          log,
          random,
          report,
          onReady({ id }) {
            botUserId = id
          },
          onEvent,
        })
      : createEndpoint({ api, publicKeyHex, log, random, report })

  function onEvent(name: string, data: unknown): void {
    if (name === 'INTERACTION_CREATE') {
      if (onInteraction(data, (id, interactionToken) => gatewayReply(api, id, interactionToken)) === 'seen') {
        log.debug({}, 'Discord told of an interaction twice')
      }
    } else if (name === 'MESSAGE_CREATE') {
      const received = receiveMessage(data, around())
      if (received.kind === 'incoming') void store(received.incoming)
      else log.debug({ reason: received.reason }, 'Discord message ignored')
    } else {
      const left = guilds.follow(name, data)
      if (left !== null) void persist(async () => line?.groupLeft(left), 'That we left a Discord server could not be stored')
    }
  }

  /** Sees to it that an interaction is answered in time, whatever the core does. */
  function onInteraction<R extends Reply>(
    payload: unknown,
    replyTo: (id: string, token: string) => R,
  ): R | 'ignored' | 'ping' | 'seen' {
    const received = receiveInteraction(payload, around())
    if (received.kind === 'ping') return 'ping'
    if (received.kind === 'ignored') {
      log.warn({ reason: received.reason }, 'Discord interaction ignored')
      return 'ignored'
    }
    const { asked } = received
    const reply = replyTo(asked.id, asked.token)
    if (received.kind === 'form') {
      void send(reply, { type: InteractionResponseType.Modal, data: received.modal })
    } else if (received.kind === 'suggest') {
      void suggest(reply, received.suggest)
    } else {
      if (!answers.take(asked, reply.respond, asked.command !== null && onlyYou.has(asked.command))) return 'seen'
      void store(received.incoming)
    }
    return reply
  }

  async function send(reply: Reply, response: APIInteractionResponse): Promise<void> {
    try {
      await reply.send(response)
    } catch (error) {
      log.warn({ reason: reasonOf(error) }, 'Discord did not take an answer')
    }
  }

  async function suggest(reply: Reply, asked: Parameters<CoreLine['suggest']>[0]): Promise<void> {
    const patience = new AbortController()
    const late = wait(SUGGEST_MS, [], { signal: patience.signal, ref: false }).catch(() => [])
    const found = (await Promise.race([line?.suggest(asked), late])) ?? []
    patience.abort()
    const choices = found
      .filter(({ label, value }) => label !== '' && value !== '' && value.length <= CHOICE_MAX)
      .slice(0, SUGGESTIONS_MAX)
      .map(({ label, value }) => ({ name: cutText(label, CHOICE_MAX, 'utf16'), value }))
    await send(reply, { type: InteractionResponseType.ApplicationCommandAutocompleteResult, data: { choices } })
  }

  /** Discord tells an update once: it is kept here until the core has it. What one person says in one place stays in its order. */
  async function store(incoming: Incoming): Promise<void> {
    await queue.run(`${incoming.chat.id}\n${incoming.sender.id}`, () =>
      persist(async () => {
        if (!onIncoming) throw new Error('Discord is not ready to receive yet')
        await onIncoming(incoming)
      }, 'A Discord update could not be stored'),
    )
  }

  async function persist(work: () => Promise<unknown>, trouble: string): Promise<void> {
    for (let failures = 0; failures < STORE_TRIES && !stopping.signal.aborted; failures += 1) {
      try {
        await work()
        return
      } catch (error) {
        log.warn({ err: error, failures }, `${trouble}; trying again`)
      }
      const pause = STORE_RETRY_MS[Math.min(failures, STORE_RETRY_MS.length - 1)]
      await wait(pause, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
    log.error({}, `${trouble}; it is given up`)
  }

  async function accept(payload: unknown): Promise<HttpAnswer> {
    if (!onIncoming || stopping.signal.aborted) return { status: 503 }
    const taken = onInteraction(payload, (id, interactionToken) => httpReply(api, id, interactionToken))
    if (taken === 'ping') return { status: 200, json: { type: InteractionResponseType.Pong } }
    if (typeof taken === 'string') return { status: taken === 'seen' ? 409 : 400 }
    return taken.answer
  }

  /** Stops the waiting of a press, or says a word to whoever did something. */
  async function acknowledged(acknowledgement: string, note: string | undefined): Promise<void> {
    await wait(ANSWER_FOLLOWS_MS)
    if (note === undefined) return answers.heard(acknowledgement)
    const draft = { container: renderNote(cutText(note, TOAST_MAX, 'utf16')), files: [] }
    const answered = await answers.answer(acknowledgement, draft, true)
    if (answered.kind !== 'delivered') log.debug({ outcome: answered.kind }, 'A short word to a Discord user was not shown')
  }

  return {
    name: 'discord',
    capabilities: discordCapabilities,
    routes: publicKeyHex === undefined ? null : interactionRoutes({ publicKeyHex, clock, accept }),

    async start(receive, core) {
      onIncoming = receive
      line = core ?? null
      await connection.start()
      if (publicKeyHex === undefined) void warnOfEndpoint(api, log)
    },

    async stop() {
      stopping.abort()
      health = { ok: false, detail: 'Discord: stopped' }
      const rest = Promise.all([answers.stop(), connection.stop(), ...acknowledgements])
      await Promise.race([rest, wait(STOP_GRACE_MS, undefined, { ref: false })])
    },

    deliver: createDeliver({ api, answers, draw, log }),

    /** Resolves at once: what follows must not wait for it. */
    async acknowledge(incoming, note) {
      if (incoming.acknowledgement === undefined) return
      const done = acknowledged(incoming.acknowledgement, note).catch((error: unknown) =>
        log.debug({ reason: reasonOf(error) }, 'A Discord interaction was not acknowledged'),
      )
      acknowledgements.add(done)
      void done.finally(() => acknowledgements.delete(done))
    },

    // A person's message is theirs in a private chat, and Manage Messages we never ask for.
    removeIncoming: async () => false,

    async privateChat(userId) {
      if (!isSnowflake(userId)) return null
      try {
        return await api.openPrivateChat(userId)
      } catch (error) {
        log.warn({ reason: reasonOf(error) }, 'Discord did not open a private chat')
        return null
      }
    },

    async roleName(guildId, roleId) {
      if (!isSnowflake(guildId)) return null
      try {
        const { roles } = GuildRoles.parse(await api.guild(guildId))
        return roles.find(({ id }) => id === roleId)?.name ?? null
      } catch (error) {
        log.debug({ reason: reasonOf(error) }, 'Discord did not say what a role is called')
        return null
      }
    },

    // No address of Discord's says something in a chat with us.
    link: () => null,

    async publishCommands(menus) {
      onlyYou = new Set(menus.flatMap(({ commands }) => commands.filter((one) => one.onlyYou).map(({ name }) => name)))
      try {
        await publishCommands(api, menus)
      } catch (error) {
        log.warn({ reason: reasonOf(error) }, 'The Discord commands could not be published; the next start tries again')
      }
    },

    health: () => health,
  }
}
