import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import { z } from 'zod'
import type { World } from './world.ts'

/** Numbers of the gateway protocol. */
const Op = {
  dispatch: 0,
  heartbeat: 1,
  identify: 2,
  resume: 6,
  reconnect: 7,
  requestMembers: 8,
  invalidSession: 9,
  hello: 10,
  ack: 11,
} as const
const Close = {
  unknownOpcode: 4001,
  decodeError: 4002,
  notAuthenticated: 4003,
  authenticationFailed: 4004,
  alreadyAuthenticated: 4005,
  invalidSequence: 4007,
  sessionTimedOut: 4009,
  invalidShard: 4010,
  invalidVersion: 4012,
} as const
/** Presence and voice updates: allowed, and nothing to us. */
const IGNORED_OPS = [3, 4, Op.requestMembers]
const SESSIONS_PER_DAY = 1000
/** Above what a test uses: how many shards may identify within five seconds. */
const CONCURRENCY = 16
/** Enough to replay; the benchmark must not fill the memory. */
const LOG_MAX = 2000
const MISSED_HEARTBEATS = 2

const Intent = { guilds: 1 << 0, members: 1 << 1, messages: 1 << 9, directMessages: 1 << 12, messageContent: 1 << 15 } as const

const Payload = z.object({ op: z.number(), d: z.unknown().optional() })
const Identify = z.object({
  token: z.string(),
  intents: z.number(),
  shard: z.tuple([z.number(), z.number()]).default([0, 1]),
  properties: z.record(z.string(), z.unknown()),
})
const Resume = z.object({ token: z.string(), session_id: z.string(), seq: z.number() })

type Session = {
  readonly id: string
  readonly shard: number
  readonly shards: number
  readonly intents: number
  readonly log: { readonly op: 0; readonly s: number; readonly t: string; readonly d: unknown }[]
  sequence: number
  socket: WebSocket | null
  /** False once Discord has forgotten it: an attempt to resume is answered with op 9. */
  alive: boolean
}

export type Event = {
  readonly name: string
  /** The guild it belongs to, which decides the shard; null for private chats. */
  readonly guildId: string | null
  /** The shape may depend on what the session may read. */
  readonly data: unknown | ((mayRead: { readonly content: boolean }) => unknown)
  readonly onDelivery?: () => void
}

type Options = {
  readonly server: Server
  readonly token: string
  readonly world: World
  readonly heartbeatSeconds: number
  readonly url: () => string
  readonly user: () => unknown
  readonly guildIds: () => readonly string[]
  readonly guildCreate: (guildId: string) => unknown
  readonly violate: (what: string) => void
}

/** The gateway: sessions of shards, their events by number, and what was missed told again after a RESUME. */
export function createGateway(options: Options) {
  const { server, token, world, heartbeatSeconds, violate } = options
  const sockets = new WebSocketServer({ server })
  const sessions = new Map<string, Session>()
  const counts = { identifies: 0, resumes: 0, heartbeats: 0 }

  const send = (socket: WebSocket, payload: unknown) => socket.send(JSON.stringify(payload))

  function record(session: Session, name: string, data: unknown): void {
    session.sequence += 1
    const event = { op: Op.dispatch, s: session.sequence, t: name, d: data }
    session.log.push(event)
    if (session.log.length > LOG_MAX) session.log.shift()
    if (session.socket?.readyState === WebSocket.OPEN) send(session.socket, event)
  }

  function dispatch({ name, guildId, data, onDelivery }: Event): void {
    for (const session of sessions.values()) {
      if (!session.alive || session.shard !== world.shard(guildId, session.shards) || !hears(session.intents, name, guildId))
        continue
      const content = (session.intents & Intent.messageContent) !== 0
      record(session, name, typeof data === 'function' ? data({ content }) : data)
      if (session.socket?.readyState === WebSocket.OPEN) onDelivery?.()
    }
  }

  function identify(socket: WebSocket, raw: unknown): Session | null {
    const parsed = Identify.safeParse(raw)
    if (!parsed.success) return refuse(socket, Close.decodeError, `IDENTIFY without ${parsed.error.issues[0]?.path.join('.')}`)
    if (parsed.data.token !== token) return refuse(socket, Close.authenticationFailed, 'IDENTIFY with a wrong token')
    const { intents, shard } = parsed.data
    const [id, count] = shard
    if (id >= count) return refuse(socket, Close.invalidShard, `shard ${id} of ${count}`)
    counts.identifies += 1
    const session: Session = {
      id: randomBytes(16).toString('hex'),
      shard: id,
      shards: count,
      intents,
      log: [],
      sequence: 0,
      socket,
      alive: true,
    }
    sessions.set(session.id, session)
    const guilds = options.guildIds().filter((guildId) => world.shard(guildId, count) === id)
    record(session, 'READY', {
      v: 10,
      user: options.user(),
      guilds: guilds.map((guildId) => ({ id: guildId, unavailable: true })),
      session_id: session.id,
      resume_gateway_url: options.url(),
      shard,
      application: { id: world.applicationId, flags: 0 },
    })
    if (hears(intents, 'GUILD_CREATE', '0'))
      for (const guildId of guilds) record(session, 'GUILD_CREATE', options.guildCreate(guildId))
    return session
  }

  function resume(socket: WebSocket, raw: unknown): Session | null {
    const parsed = Resume.safeParse(raw)
    if (!parsed.success) return refuse(socket, Close.decodeError, 'RESUME without its fields')
    if (parsed.data.token !== token) return refuse(socket, Close.authenticationFailed, 'RESUME with a wrong token')
    const session = sessions.get(parsed.data.session_id)
    const { seq } = parsed.data
    const first = session?.log[0]?.s ?? 1
    if (!session?.alive || seq < first - 1) {
      send(socket, { op: Op.invalidSession, d: false })
      return null
    }
    if (seq > session.sequence) return refuse(socket, Close.invalidSequence, `RESUME after ${seq}, which was never sent`)
    counts.resumes += 1
    session.socket?.terminate()
    session.socket = socket
    for (const event of session.log.filter(({ s }) => s > seq)) send(socket, event)
    record(session, 'RESUMED', {})
    return session
  }

  function refuse(socket: WebSocket, code: number, why: string): null {
    violate(`gateway: ${why}`)
    socket.close(code)
    return null
  }

  sockets.on('connection', (socket, request) => {
    const asked = new URL(request.url ?? '', 'ws://localhost').searchParams
    if ((asked.get('v') ?? '10') !== '10') refuse(socket, Close.invalidVersion, `version ${asked.get('v')}`)
    if (asked.has('compress')) refuse(socket, Close.decodeError, 'this fake compresses nothing')
    let session: Session | null = null
    let heartbeatAt = performance.now()
    send(socket, { op: Op.hello, d: { heartbeat_interval: heartbeatSeconds * 1000 } })
    const watch = setInterval(() => {
      if (performance.now() - heartbeatAt > heartbeatSeconds * 1000 * MISSED_HEARTBEATS) socket.close(Close.sessionTimedOut)
    }, heartbeatSeconds * 500)

    socket.on('message', (bytes) => {
      const payload = Payload.safeParse(parsed(bytes))
      if (!payload.success) return void refuse(socket, Close.decodeError, 'a payload that is no JSON with an op')
      const { op, d } = payload.data
      if (op === Op.heartbeat) {
        heartbeatAt = performance.now()
        counts.heartbeats += 1
        send(socket, { op: Op.ack })
      } else if (op === Op.identify || op === Op.resume) {
        if (session) return void refuse(socket, Close.alreadyAuthenticated, 'identified twice on one connection')
        session = op === Op.identify ? identify(socket, d) : resume(socket, d)
      } else if (!session) {
        refuse(socket, Close.notAuthenticated, `op ${op} before IDENTIFY`)
      } else if (!IGNORED_OPS.includes(op)) {
        refuse(socket, Close.unknownOpcode, `unknown op ${op}`)
      }
      world.changed()
    })

    socket.on('close', (code) => {
      clearInterval(watch)
      if (session?.socket === socket) session.socket = null
      // Whoever says goodbye properly has no session to come back to.
      if (session && (code === 1000 || code === 1001)) session.alive = false
      world.changed()
    })
    socket.on('error', () => socket.terminate())
  })

  const open = () => [...sessions.values()].flatMap((session) => (session.socket?.readyState === WebSocket.OPEN ? [session] : []))

  return {
    counts,
    dispatch,
    connected: (): boolean => open().length > 0,
    mayReadContent: (): boolean =>
      [...sessions.values()].some(({ alive, intents }) => alive && (intents & Intent.messageContent) !== 0),
    intents: (): number | null => open()[0]?.intents ?? null,
    info: () => ({
      url: options.url(),
      shards: world.shards,
      session_start_limit: {
        total: SESSIONS_PER_DAY,
        remaining: Math.max(0, SESSIONS_PER_DAY - counts.identifies),
        reset_after: 86_400_000,
        max_concurrency: CONCURRENCY,
      },
    }),

    /** Cuts every connection. The sessions wait to be resumed, or are forgotten. */
    drop(resumable: boolean): void {
      for (const session of sessions.values()) {
        session.socket?.terminate()
        session.socket = null
        if (!resumable) session.alive = false
      }
    },
    /** Op 7: asks every connection to come back elsewhere, as Discord does many times a day. */
    askToReconnect(): void {
      for (const { socket } of open()) if (socket) send(socket, { op: Op.reconnect, d: null })
    },

    async close(): Promise<void> {
      for (const client of sockets.clients) client.terminate()
      await new Promise<void>((resolve) => sockets.close(() => resolve()))
    },
  }
}
export type Gateway = ReturnType<typeof createGateway>

function parsed(bytes: RawData): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return undefined
  }
}

/** Which intent an event needs, in a server and in a private chat. The rest, interactions among them, need none. */
const NEEDED: readonly { readonly events: RegExp; readonly guild: number; readonly dm: number }[] = [
  { events: /^(GUILD_MEMBER|THREAD_MEMBERS)/, guild: Intent.members, dm: Intent.members },
  { events: /^(GUILD|CHANNEL|THREAD)/, guild: Intent.guilds, dm: Intent.guilds },
  { events: /^MESSAGE/, guild: Intent.messages, dm: Intent.directMessages },
]

function hears(intents: number, name: string, guildId: string | null): boolean {
  const needed = NEEDED.find(({ events }) => events.test(name))
  return !needed || (intents & (guildId === null ? needed.dm : needed.guild)) !== 0
}
