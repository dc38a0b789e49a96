import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import protobuf from 'protobufjs/light.js'
import { WebSocketServer } from 'ws'
import { answerJson, bodyOf, createAnswers, createMoment } from './answers.js'

export const FEISHU_APP = { id: 'cli_0123456789abcdef', secret: 'bench-secret-of-an-app-that-does-not-exist' }
const TENANT = 'bench_tenant'
const DATA_FRAME = 1
const PING_SECONDS = 120

/** The frames of the long connection, as the SDK reads and writes them. */
const Frame = protobuf.Root.fromJSON({
  nested: {
    Header: { fields: { key: { type: 'string', id: 1 }, value: { type: 'string', id: 2 } } },
    Frame: {
      fields: {
        SeqID: { type: 'uint64', id: 1 },
        LogID: { type: 'uint64', id: 2 },
        service: { type: 'int32', id: 3 },
        method: { type: 'int32', id: 4 },
        headers: { rule: 'repeated', type: 'Header', id: 5 },
        payloadEncoding: { type: 'string', id: 6 },
        payloadType: { type: 'string', id: 7 },
        payload: { type: 'bytes', id: 8 },
        LogIDNew: { type: 'string', id: 9 },
      },
    },
  },
}).lookupType('Frame')

/** Feishu's open platform on loopback, REST and long connection, and the people who write to the bot in private. */
export async function createFeishuApi() {
  const answers = createAnswers()
  const connected = createMoment()
  const pages = new Map() // chat -> { messageId, buttons } of the newest card with buttons
  const chats = new Map() // message id -> chat
  const presses = new Map() // event id -> { chat, messageId, existsAt }
  const acknowledged = []
  let socket = null
  let count = 0

  const chatIdOf = (chat) => `oc_${hex(chat)}`
  const userIdOf = (chat) => `ou_${hex(chat)}`
  const chatOf = (id) => Number.parseInt(id.slice(3), 16)

  function shown(chat, kind, messageId, card) {
    chats.set(messageId, chat)
    const buttons = buttonsIn(card)
    if (buttons.length > 0) pages.set(chat, { messageId, buttons })
    answers.answered(chat, kind)
  }

  const cardIn = (body) => (body.msg_type === 'interactive' || body.msg_type === undefined ? JSON.parse(body.content) : null)

  async function handle(request, response) {
    const url = new URL(request.url, 'http://feishu')
    const text = await bodyOf(request)
    const body = text.startsWith('{') ? JSON.parse(text) : {}
    const ok = (data) => answerJson(response, { code: 0, msg: 'success', data })
    if (url.pathname.endsWith('/tenant_access_token/internal'))
      return answerJson(response, { code: 0, msg: 'ok', tenant_access_token: 't-bench', expire: 7200 })
    if (url.pathname === '/callback/ws/endpoint') {
      const config = { PingInterval: PING_SECONDS, ReconnectCount: -1, ReconnectInterval: 1, ReconnectNonce: 1 }
      return ok({ URL: `ws://127.0.0.1:${server.address().port}/ws?device_id=1&service_id=1`, ClientConfig: config })
    }
    const message = /^\/open-apis\/im\/v1\/messages(\/([^/]+))?(\/reply)?$/.exec(url.pathname)
    if (message) {
      const isNew = request.method === 'POST'
      const messageId = isNew ? `om_${++count}` : message[2]
      const chat = message[2] !== undefined ? chats.get(message[2]) : chatOf(body.receive_id)
      ok({ message_id: messageId, chat_id: chatIdOf(chat) })
      return shown(chat, isNew ? 'new' : 'edit', messageId, cardIn(body))
    }
    if (url.pathname === '/open-apis/bot/v3/info')
      return answerJson(response, { code: 0, msg: 'ok', bot: { open_id: 'ou_bench_bot', app_name: 'Bench', activate_status: 2 } })
    ok({})
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error) => answerJson(response, { code: 1, msg: String(error) }, 500))
  })
  server.keepAliveTimeout = 60_000
  const connections = new WebSocketServer({ server })
  connections.on('connection', (one) => {
    socket = one
    connected.happened()
    one.on('message', (data) => {
      const frame = Frame.decode(data)
      const press = frame.method === DATA_FRAME && presses.get(headerOf(frame, 'message_id'))
      if (!press) return
      presses.delete(headerOf(frame, 'message_id'))
      acknowledged.push(performance.now() - press.existsAt)
      const { data: answer } = JSON.parse(Buffer.from(frame.payload).toString())
      const { card } = answer ? JSON.parse(Buffer.from(answer, 'base64').toString()) : {}
      if (card) shown(press.chat, 'edit', press.messageId, card.data)
    })
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))

  function emit(type, event) {
    const id = randomUUID()
    const header = {
      event_id: id,
      event_type: type,
      create_time: String(Date.now()),
      token: '',
      app_id: FEISHU_APP.id,
      tenant_key: TENANT,
    }
    const headers = Object.entries({ type: 'event', message_id: id, sum: '1', seq: '0', trace_id: id })
    const frame = {
      SeqID: ++count,
      LogID: count,
      service: 1,
      method: DATA_FRAME,
      headers: headers.map(([key, value]) => ({ key, value })),
      payload: Buffer.from(JSON.stringify({ schema: '2.0', header, event })),
    }
    socket.send(Frame.encode(Frame.create(frame)).finish())
    return id
  }

  const personOf = (chat) => ({ open_id: userIdOf(chat), user_id: `u${chat}`, union_id: `on_${hex(chat)}` })

  return {
    root: `http://127.0.0.1:${server.address().port}`,
    connected: () => connected.promise,
    takeAcknowledged: () => acknowledged.splice(0),
    command(chat, text) {
      const done = answers.expect(chat, new Set(['new', 'edit']))
      emit('im.message.receive_v1', {
        sender: { sender_id: personOf(chat), sender_type: 'user', tenant_key: TENANT },
        message: {
          message_id: `om_in_${++count}`,
          create_time: String(Date.now()),
          chat_id: chatIdOf(chat),
          chat_type: 'p2p',
          message_type: 'text',
          content: JSON.stringify({ text }),
        },
      })
      return done
    },
    press(chat, choose) {
      const page = pages.get(chat)
      const button = page && choose(page.buttons)
      if (!button) throw new Error(`Chat ${chat} has no such button. It has: ${JSON.stringify(page?.buttons ?? [])}`)
      const done = answers.expect(chat, new Set(['new', 'edit']))
      const existsAt = performance.now()
      const id = emit('card.action.trigger', {
        operator: { tenant_key: TENANT, ...personOf(chat) },
        token: `c-${++count}`,
        action: { tag: 'button', value: button.data },
        host: 'im_message',
        context: { open_message_id: page.messageId, open_chat_id: chatIdOf(chat) },
      })
      presses.set(id, { chat, messageId: page.messageId, existsAt })
      return done
    },
    userSql: `'ou_' || lpad(to_hex(n), 32, '0')`,
    chatSql: `'oc_' || lpad(to_hex(n), 32, '0')`,
    async close() {
      for (const one of connections.clients) one.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const hex = (chat) => chat.toString(16).padStart(32, '0')

const headerOf = (frame, key) => frame.headers.find((header) => header.key === key)?.value

/** Buttons that call back, at any depth of a card, in reading order. */
function buttonsIn(part) {
  if (Array.isArray(part)) return part.flatMap(buttonsIn)
  if (part === null || typeof part !== 'object') return []
  if (part.tag === 'button') {
    const callback = (part.behaviors ?? []).find(({ type }) => type === 'callback')
    return callback ? [{ text: part.text?.content ?? '', data: callback.value }] : []
  }
  return Object.values(part).flatMap(buttonsIn)
}
