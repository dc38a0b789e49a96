import { setTimeout as wait } from 'node:timers/promises'
import type { WebSocket } from 'ws'
import { z } from 'zod'

/** The gateway answered with an error. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  constructor(
    readonly method: string,
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}

/** No connection, or it broke before the answer: the call may or may not have had its effect. */
export class RpcUnreachable extends Error {
  override readonly name = 'RpcUnreachable'
}

/** Connected, but no answer in time. */
export class RpcTimeout extends Error {
  override readonly name = 'RpcTimeout'
}

export type RpcCallOptions = {
  readonly timeoutSeconds?: number
  /** For methods that answer twice: `accepted` at once, the outcome later. Waits for the second. */
  readonly untilDone?: boolean
}

export type Rpc = {
  /** Connects if need be. Resolves to the payload; throws RpcError, RpcUnreachable, RpcTimeout. */
  call(method: string, params: object, options?: RpcCallOptions): Promise<unknown>
  close(): Promise<void>
}

export type RpcOptions = {
  readonly open: () => Promise<{ readonly host: string; readonly port: number; close(): Promise<void> }>
  readonly token: string
  /** A connection nobody used for so long is closed; the next call opens another in some 100 ms. */
  readonly idleSeconds?: number
}

const PROTOCOL = 4
const CONNECT_SECONDS = 10
/** Most methods answer in milliseconds, a configuration change in one or two seconds; a busy machine multiplies both. */
const CALL_SECONDS = 30
const IDLE_SECONDS = 60
/** The gateway's own limit of a frame (25 MB) and a little. */
const MAX_FRAME_BYTES = 27 * 1024 * 1024

/**
 * The one identity that a gateway on loopback grants all scopes to without pairing a device first; any other id is refused.
 */
const CLIENT = { id: 'gateway-client', version: '1.0.0', platform: process.platform, mode: 'backend' }
const SCOPES = ['operator.admin', 'operator.read', 'operator.write', 'operator.approvals', 'operator.pairing']

const Frame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('event'), event: z.string() }),
  z.object({
    type: z.literal('res'),
    id: z.string(),
    ok: z.boolean(),
    payload: z.unknown().optional(),
    error: z.object({ code: z.string().default('UNKNOWN'), message: z.string().default('no reason given') }).optional(),
  }),
])
const Accepted = z.object({ status: z.literal('accepted') })

type Pending = {
  readonly method: string
  readonly untilDone: boolean
  resolve(payload: unknown): void
  reject(error: Error): void
}
type Connection = { readonly socket: WebSocket; readonly pending: Map<string, Pending>; readonly closed: Promise<void> }

/** A connection to one gateway's WebSocket RPC, opened at the first call and kept while it is used. */
export function createRpc({ open, token, idleSeconds = IDLE_SECONDS }: RpcOptions): Rpc {
  let connection: Promise<Connection> | null = null
  let lastId = 0
  let idle: NodeJS.Timeout | null = null

  function connected(): Promise<Connection> {
    if (connection) return connection
    const opening = connect(open, token)
    connection = opening
    const forget = () => {
      if (connection === opening) connection = null
    }
    opening.then(({ closed }) => closed.then(forget), forget)
    return opening
  }

  function closeWhenIdle(): void {
    if (idle) clearTimeout(idle)
    idle = setTimeout(() => void close(), idleSeconds * 1000)
    idle.unref()
  }

  async function close(): Promise<void> {
    if (idle) clearTimeout(idle)
    idle = null
    const closing = connection
    connection = null
    if (!closing) return
    const opened = await closing.catch(() => null)
    opened?.socket.close()
    await opened?.closed
  }

  return {
    async call(method, params, options = {}) {
      const { socket, pending } = await connected()
      const id = `c${++lastId}`
      const seconds = options.timeoutSeconds ?? CALL_SECONDS
      if (idle) clearTimeout(idle)
      const timer = new AbortController()
      try {
        const answer = new Promise<unknown>((resolve, reject) => {
          pending.set(id, { method, untilDone: options.untilDone ?? false, resolve, reject })
        })
        socket.send(JSON.stringify({ type: 'req', id, method, params }), (error) => {
          if (error) pending.get(id)?.reject(new RpcUnreachable(`${method}: ${error.message}`))
        })
        const late = wait(seconds * 1000, undefined, { signal: timer.signal, ref: false }).then(() => {
          throw new RpcTimeout(`${method}: no answer within ${seconds} s`)
        })
        return await Promise.race([answer, late])
      } finally {
        timer.abort()
        pending.delete(id)
        if (pending.size === 0) closeWhenIdle()
      }
    },
    close,
  }
}

async function connect(open: RpcOptions['open'], token: string): Promise<Connection> {
  const [{ WebSocket }, way] = await Promise.all([import('ws'), open().catch(unreachable)])
  const socket = new WebSocket(`ws://${way.host}:${way.port}`, {
    maxPayload: MAX_FRAME_BYTES,
    handshakeTimeout: CONNECT_SECONDS * 1000,
    perMessageDeflate: false,
  })
  const pending = new Map<string, Pending>()
  let reason = 'the connection was closed'
  const closed = new Promise<void>((resolve) => {
    socket.once('close', (code, text) => {
      const error = new RpcUnreachable(text.length > 0 ? `${text.toString()} (${code})` : reason)
      for (const call of pending.values()) call.reject(error)
      pending.clear()
      void way.close().finally(resolve)
    })
  })
  socket.on('error', (error) => {
    reason = error.message
  })

  await new Promise<void>((resolve, reject) => {
    const overdue = setTimeout(() => {
      reject(new RpcUnreachable(`no greeting within ${CONNECT_SECONDS} s`))
      socket.terminate()
    }, CONNECT_SECONDS * 1000)
    pending.set('connect', { method: 'connect', untilDone: false, resolve: () => resolve(), reject })
    void closed.then(() => clearTimeout(overdue))
    socket.on('message', (data) => {
      const frame = parseFrame(data.toString())
      if (!frame) return
      if (frame.type === 'event') {
        if (frame.event === 'connect.challenge') socket.send(JSON.stringify(hello(token)))
        return
      }
      settle(pending, frame)
      if (frame.id === 'connect') clearTimeout(overdue)
    })
  }).catch((error: unknown) => {
    socket.terminate()
    throw error
  })
  return { socket, pending, closed }
}

function unreachable(error: unknown): never {
  throw new RpcUnreachable(error instanceof Error ? error.message : String(error))
}

const hello = (token: string) => ({
  type: 'req',
  id: 'connect',
  method: 'connect',
  params: {
    minProtocol: PROTOCOL,
    maxProtocol: PROTOCOL,
    client: CLIENT,
    role: 'operator',
    scopes: SCOPES,
    caps: [],
    auth: { token },
  },
})

function parseFrame(text: string): z.infer<typeof Frame> | null {
  try {
    return Frame.safeParse(JSON.parse(text)).data ?? null
  } catch {
    // Not JSON: no gateway of ours, and the missing answer says so in time.
    return null
  }
}

function settle(pending: Map<string, Pending>, frame: Extract<z.infer<typeof Frame>, { type: 'res' }>): void {
  const call = pending.get(frame.id)
  if (!call) return
  if (!frame.ok) call.reject(new RpcError(call.method, frame.error?.code ?? 'UNKNOWN', frame.error?.message ?? 'no reason given'))
  else if (call.untilDone && Accepted.safeParse(frame.payload).success) return
  else call.resolve(frame.payload)
  pending.delete(frame.id)
}
