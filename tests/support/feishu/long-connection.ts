import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { z } from 'zod'
import { type ApiRequest, body } from './api.ts'
import type { Channel, Envelope, Outcome } from './channel.ts'
import { decodeFrame, encodeFrame, type Frame } from './frames.ts'
import { hex, type World } from './world.ts'

const CONTROL = 0
const DATA = 1
const SERVICE_ID = 33554678
/** What is longer comes in several frames, which the receiver joins. */
const FRAME_BYTES = 4096
/** Seconds. A dropped connection is taken up at once, where Feishu says 120 and 30. */
const CLIENT_CONFIG = { ReconnectCount: -1, ReconnectInterval: 0.1, ReconnectNonce: 0, PingInterval: 5 }
const CONNECTIONS_MAX = 50

const Credentials = z.strictObject({ AppID: z.string(), AppSecret: z.string() })
const Acknowledgement = z.strictObject({ code: z.number(), data: z.base64().optional() })

type Waiting = { readonly socket: WebSocket; readonly settle: (outcome: Outcome) => void; readonly since: number }

/** The long connection: asks for an address over HTTP, then frames over a WebSocket. Of several connections one gets each event. */
export function createLongConnection(world: World, appSecret: string) {
  /** Those that said hello: the SDK pings first, and hears nothing that comes before it is ready to. */
  const sockets = new Set<WebSocket>()
  const tickets = new Set<string>()
  const waiting = new Map<string, Waiting>()
  const webSockets = new WebSocketServer({ noServer: true })
  let turn = 0
  let baseUrl = ''

  function endpoint({ json }: ApiRequest): Readonly<Record<string, unknown>> {
    const { AppID, AppSecret } = body(Credentials, json, 'POST callback/ws/endpoint')
    if (AppID !== world.appId || AppSecret !== appSecret) return { code: 514, msg: 'auth failed', data: {} }
    if (sockets.size >= CONNECTIONS_MAX) return { code: 1000040350, msg: 'exceed conn limit', data: {} }
    const ticket = hex(16)
    tickets.add(ticket)
    const url = `${baseUrl}/ws/v2?fpid=493&aid=552564&device_id=${hex(8)}&access_key=${hex(8)}&service_id=${SERVICE_ID}&ticket=${ticket}`
    return { data: { URL: url, ClientConfig: CLIENT_CONFIG } }
  }

  function accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const ticket = new URL(request.url ?? '/', baseUrl).searchParams.get('ticket') ?? ''
    if (!tickets.delete(ticket)) {
      world.violate('a long connection without a fresh ticket: ask for the address anew each time')
      return void socket.end('HTTP/1.1 403 Forbidden\r\nhandshake-status: 514\r\n\r\n')
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('message', (data: Buffer) => read(webSocket, data))
      webSocket.on('close', () => {
        sockets.delete(webSocket)
        for (const one of [...waiting.values()]) {
          if (one.socket === webSocket) one.settle({ kind: 'unreachable', ms: performance.now() - one.since })
        }
        world.changed()
      })
      webSocket.on('error', () => webSocket.terminate())
    })
  }

  function read(socket: WebSocket, data: Buffer): void {
    let frame: Frame
    try {
      frame = decodeFrame(data)
    } catch (error) {
      world.violate(`a frame that can't be read: ${error}`)
      return
    }
    if (frame.method === CONTROL && frame.headers.type === 'ping') {
      const payload = Buffer.from(JSON.stringify(CLIENT_CONFIG))
      socket.send(encodeFrame({ method: CONTROL, service: frame.service, headers: { type: 'pong' }, payload }))
      sockets.add(socket)
      world.changed()
      return
    }
    const one = waiting.get(frame.headers.message_id ?? '')
    // Not ours any more: an acknowledgement after its time.
    if (frame.method !== DATA || !one) return
    const ms = performance.now() - one.since
    try {
      const { code, data: encoded } = Acknowledgement.parse(JSON.parse(frame.payload.toString('utf8')))
      const answer: unknown = encoded === undefined ? undefined : JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'))
      one.settle({ kind: 'answered', status: code, body: answer, ms })
    } catch (error) {
      world.violate(`an acknowledgement that can't be read: ${error}`)
      one.settle({ kind: 'answered', status: 500, body: undefined, ms })
    }
  }

  const channel: Channel = {
    isReachable: () => sockets.size > 0,
    attempt(envelope: Envelope, withinMs: number): Promise<Outcome> {
      const socket = [...sockets][turn++ % Math.max(1, sockets.size)]
      if (!socket) return Promise.resolve({ kind: 'unreachable', ms: 0 })
      const messageId = hex(16)
      const since = performance.now()
      return new Promise((resolve) => {
        const settle = (outcome: Outcome) => {
          clearTimeout(timer)
          waiting.delete(messageId)
          resolve(outcome)
        }
        const timer = setTimeout(() => settle({ kind: 'late', ms: performance.now() - since }), withinMs)
        waiting.set(messageId, { socket, settle, since })
        const payload = Buffer.from(JSON.stringify(envelope))
        const sum = Math.ceil(payload.length / FRAME_BYTES)
        for (let seq = 0; seq < sum; seq += 1) {
          const headers = { type: 'event', message_id: messageId, sum: `${sum}`, seq: `${seq}`, trace_id: hex(8) }
          const part = payload.subarray(seq * FRAME_BYTES, (seq + 1) * FRAME_BYTES)
          socket.send(encodeFrame({ method: DATA, service: SERVICE_ID, headers, payload: part }))
        }
      })
    },
  }

  return {
    channel,
    endpoint,
    connections: () => sockets.size,
    drop: () => {
      for (const socket of webSockets.clients) socket.terminate()
    },
    /** Takes WebSockets on this server, known to the bot by this address. */
    attach(server: Server, url: string) {
      baseUrl = url.replace(/^http/, 'ws')
      server.on('upgrade', accept)
    },
  }
}
