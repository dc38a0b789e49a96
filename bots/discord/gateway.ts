import { setTimeout as wait } from 'node:timers/promises'
import type { REST } from '@discordjs/rest'
import type { SessionInfo } from '@discordjs/ws'
import type { PlatformHealth } from '../../core/chat/platform.ts'
import type { Log } from '../../core/log.ts'
import { isUnauthorized, networkReason, reasonOf } from './faults.ts'
import { Ready } from './payloads.ts'

/**
 * Servers with their roles, and messages in them and in private chats. None of these is privileged: without the intent for message
 * content Discord still gives us what is written to us, in a private chat or with our name in it.
 */
const INTENTS = (1 << 0) | (1 << 9) | (1 << 12)

const FIRST_RETRY_SECONDS = 2
const LAST_RETRY_SECONDS = 60
/** How long a start waits for the first connection; it goes on behind. */
const START_SECONDS = 8
/** How long a stop waits for Discord to say goodbye. */
const GOODBYE_MS = 1000

/** Close codes after which trying again is useless, with the cure. */
const FINAL: Readonly<Record<number, string>> = {
  4004: 'Discord refuses the bot token. Copy a valid one from the developer portal, set DISCORD_BOT_TOKEN and restart',
  4010: 'Discord refuses our shards; restart to ask for their number again',
  4011: 'Discord wants more shards; restart to ask for their number again',
  4012: 'Discord no longer speaks this version of its gateway: update ClawCloud',
  4013: 'Discord knows no such intents: update ClawCloud',
  4014: 'Discord does not allow our intents for this bot: look at its settings in the developer portal',
}

type Dependencies = {
  readonly rest: REST
  readonly token: string
  readonly log: Log
  /** 0 to 1; spreads the retries of several bots. */
  readonly random: () => number
  readonly report: (health: PlatformHealth) => void
  readonly onReady: (bot: { readonly id: string; readonly username: string }) => void
  readonly onEvent: (name: string, data: unknown) => void
}

export type Gateway = { start(): Promise<void>; stop(): Promise<void> }

/** The connections over which Discord tells us things: as many shards as it recommends, each resumed where it was cut. */
export function createGateway({ rest, token, log, random, report, onReady, onEvent }: Dependencies): Gateway {
  const stopping = new AbortController()
  const up = new Set<number>()
  /** Where each shard's session stands, to resume it. */
  const sessions = new Map<number, SessionInfo>()
  let shards = 0
  let name = ''
  let destroy: () => Promise<void> = async () => {}

  const tell = () => {
    const ok = shards > 0 && up.size === shards
    const state = ok ? 'connected' : `${up.size} of ${shards} shards connected`
    report({ ok, detail: `Discord: ${name === '' ? '' : `${name} `}${shards > 1 && ok ? `with ${shards} shards ` : ''}${state}` })
  }

  async function connect(): Promise<void> {
    const { WebSocketManager, WebSocketShardEvents } = await import('@discordjs/ws')
    const manager = new WebSocketManager({
      rest,
      token,
      intents: INTENTS,
      // The library's own memory is shared by everything in the process.
      retrieveSessionInfo: (id) => sessions.get(id) ?? null,
      updateSessionInfo(id, session) {
        if (session) sessions.set(id, session)
        else sessions.delete(id)
      },
    })
    manager.on(WebSocketShardEvents.Ready, ({ data, shardId }) => {
      const bot = Ready.parse(data).user
      name = bot.username
      up.add(shardId)
      onReady(bot)
      tell()
    })
    manager.on(WebSocketShardEvents.Resumed, ({ shardId }) => {
      up.add(shardId)
      log.info({ shardId }, 'Discord gateway resumed')
      tell()
    })
    manager.on(WebSocketShardEvents.Closed, ({ code, shardId }) => {
      up.delete(shardId)
      if (stopping.signal.aborted) return
      const final = FINAL[code]
      if (final === undefined) {
        log.info({ code, shardId }, 'Discord gateway closed; connecting again')
        tell()
      } else {
        log.error({ code, shardId }, final)
        report({ ok: false, detail: final })
      }
    })
    manager.on(WebSocketShardEvents.Error, ({ error, shardId }) => {
      log.warn({ reason: networkReason(error), shardId }, 'Trouble with the Discord gateway')
    })
    manager.on(WebSocketShardEvents.Dispatch, ({ data }) => {
      if (!stopping.signal.aborted) onEvent(data.t, data.d)
    })
    destroy = async () => manager.destroy({ code: 1000, reason: 'The service stops' })
    shards = await manager.getShardCount()
    await manager.connect()
  }

  async function keepConnecting(): Promise<void> {
    for (let failures = 1; !stopping.signal.aborted; failures += 1) {
      try {
        await connect()
        return
      } catch (error) {
        await destroy().catch(() => undefined)
        if (stopping.signal.aborted) return
        const final = isUnauthorized(error) ? FINAL[4004] : undefined
        const detail = final ?? `Discord could not be reached (${reasonOf(error)}); trying again`
        report({ ok: false, detail })
        log.error({}, detail)
        if (final !== undefined) return
        const seconds = Math.min(FIRST_RETRY_SECONDS * 2 ** (failures - 1), LAST_RETRY_SECONDS)
        await wait(seconds * 1000 * (0.5 + random() / 2), undefined, { signal: stopping.signal }).catch(() => undefined)
      }
    }
  }

  return {
    /** Resolves when the first connection stands, or has failed, or takes long. */
    async start() {
      const connecting = keepConnecting()
      const patience = new AbortController()
      await Promise.race([
        connecting,
        wait(START_SECONDS * 1000, undefined, { signal: patience.signal, ref: false }).catch(() => undefined),
      ])
      patience.abort()
    },
    async stop() {
      stopping.abort()
      await Promise.race([destroy().catch(() => undefined), wait(GOODBYE_MS, undefined, { ref: false })])
      up.clear()
    },
  }
}
