import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { answerJson, bodyOf, createAnswers, createMoment } from './answers.js'

export const DISCORD_TOKEN = 'bench.token.of-a-bot-that-does-not-exist'
export const APPLICATION_ID = '800000000000000001'
const FIRST_USER = 900_000_000_000_000_000n
const FIRST_CHANNEL = 910_000_000_000_000_000n
const FIRST_INTERACTION = 1_000_000_000_000_000_000n

const HELLO = 10
const HEARTBEAT = 1
const HEARTBEAT_ACK = 11
const IDENTIFY = 2
const COMMAND = 2
const PRESS = 3
const EPHEMERAL = 64
/** First responses that show something: a new message, and the pressed message changed in place. */
const SHOWING = new Map([
  [4, 'new'],
  [7, 'edit'],
])

/** Discord's REST and gateway on loopback, as quick as node:http and ws allow, and the people who write to the bot in private. */
export async function createDiscordApi() {
  const answers = createAnswers()
  const connected = createMoment()
  const pages = new Map() // channel -> { messageId, components } of the newest message with buttons
  const tokens = new Map() // interaction token -> { chat, messageId of the pressed or own message }
  const acknowledged = [] // milliseconds from an interaction to its first response
  let sockets = []
  let sequence = 0
  let nextId = FIRST_INTERACTION
  let published = []

  const id = () => String(++nextId)
  const channelOf = (chat) => String(FIRST_CHANNEL + BigInt(chat))
  const chatOf = (channel) => Number(BigInt(channel) - FIRST_CHANNEL)

  function dispatch(event, data) {
    const frame = JSON.stringify({ op: 0, t: event, s: ++sequence, d: data })
    for (const socket of sockets) socket.send(frame)
  }

  function shown(chat, kind, messageId, body) {
    const buttons = buttonsIn(body?.components)
    if (buttons.length > 0) pages.set(chat, { messageId, components: body.components, buttons })
    answers.answered(chat, kind)
  }

  const messageOf = (chat, messageId, body = {}) => ({
    id: messageId,
    channel_id: channelOf(chat),
    author: { id: APPLICATION_ID, username: 'bench', discriminator: '0', avatar: null, bot: true },
    content: body.content ?? '',
    timestamp: '2026-11-22T12:00:00.000Z',
    edited_timestamp: null,
    tts: false,
    mention_everyone: false,
    mentions: [],
    mention_roles: [],
    attachments: [],
    embeds: [],
    pinned: false,
    type: 0,
    components: body.components ?? [],
    flags: body.flags ?? 0,
  })

  function respond(token, url, { type, data }, response) {
    const interaction = tokens.get(token)
    acknowledged.push(performance.now() - interaction.existsAt)
    const kind = SHOWING.get(type)
    const messageId = type === 7 ? interaction.messageId : id()
    interaction.messageId = type === 6 ? interaction.messageId : messageId
    if (url.searchParams.get('with_response') === 'true') {
      const message = messageOf(interaction.chat, messageId, data)
      answerJson(response, { interaction: { id: interaction.id, type: interaction.type }, resource: { type, message } })
    } else response.writeHead(204).end()
    if (kind) shown(interaction.chat, kind, messageId, data)
  }

  async function handle(request, response) {
    const url = new URL(request.url, 'http://discord')
    const path = url.pathname.replace(/^\/api\/v10/, '')
    const text = await bodyOf(request)
    const body = payloadOf(request.headers['content-type'] ?? '', text)
    const callback = /^\/interactions\/\d+\/([^/]+)\/callback$/.exec(path)
    if (callback) return respond(callback[1], url, body, response)
    const own = /^\/webhooks\/\d+\/([^/]+)(\/messages\/([^/]+))?$/.exec(path)
    if (own) {
      const interaction = tokens.get(own[1])
      const messageId = own[3] === undefined ? id() : own[3] === '@original' ? interaction.messageId : own[3]
      if (request.method === 'DELETE') return response.writeHead(204).end()
      answerJson(response, messageOf(interaction.chat, messageId, body))
      return shown(interaction.chat, own[3] === undefined ? 'new' : 'edit', messageId, body)
    }
    const channel = /^\/channels\/(\d+)\/messages(\/(\d+))?$/.exec(path)
    if (channel) {
      const chat = chatOf(channel[1])
      const messageId = channel[3] ?? id()
      answerJson(response, messageOf(chat, messageId, body))
      return shown(chat, channel[3] === undefined ? 'new' : 'edit', messageId, body)
    }
    if (path === '/gateway/bot') {
      const limit = { total: 1000, remaining: 1000, reset_after: 0, max_concurrency: 1 }
      return answerJson(response, { url: `ws://127.0.0.1:${server.address().port}`, shards: 1, session_start_limit: limit })
    }
    if (path.endsWith('/commands')) {
      if (request.method === 'PUT')
        published = body.map((command) => ({ ...command, id: id(), application_id: APPLICATION_ID, version: '1' }))
      return answerJson(response, published)
    }
    if (path === '/users/@me')
      return answerJson(response, { id: APPLICATION_ID, username: 'bench', discriminator: '0', avatar: null, bot: true })
    if (path.endsWith('/applications/@me')) return answerJson(response, { id: APPLICATION_ID, flags: 0, name: 'bench' })
    answerJson(response, { message: 'Unknown route', code: 0 }, 404)
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error) => answerJson(response, { message: String(error), code: 0 }, 500))
  })
  server.keepAliveTimeout = 60_000
  const gateway = new WebSocketServer({ server })
  gateway.on('connection', (socket) => {
    socket.send(JSON.stringify({ op: HELLO, d: { heartbeat_interval: 41_250 } }))
    socket.on('close', () => {
      sockets = sockets.filter((one) => one !== socket)
    })
    socket.on('message', (data) => {
      const { op, d } = JSON.parse(data.toString())
      if (op === HEARTBEAT) socket.send(JSON.stringify({ op: HEARTBEAT_ACK }))
      if (op !== IDENTIFY) return
      sockets.push(socket)
      const ready = {
        v: 10,
        user: { id: APPLICATION_ID, username: 'bench', discriminator: '0', avatar: null, bot: true },
        guilds: [],
        session_id: 'bench',
        resume_gateway_url: `ws://127.0.0.1:${server.address().port}`,
        shard: d.shard ?? [0, 1],
        application: { id: APPLICATION_ID, flags: 0 },
      }
      socket.send(JSON.stringify({ op: 0, t: 'READY', s: ++sequence, d: ready }))
      connected.happened()
    })
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))

  function interact(chat, type, more) {
    const interaction = { id: id(), chat, type, existsAt: performance.now(), messageId: more.message?.id ?? null }
    const token = `token-${interaction.id}`
    tokens.set(token, interaction)
    const user = String(FIRST_USER + BigInt(chat))
    dispatch('INTERACTION_CREATE', {
      id: interaction.id,
      application_id: APPLICATION_ID,
      type,
      token,
      version: 1,
      channel_id: channelOf(chat),
      channel: { id: channelOf(chat), type: 1, last_message_id: null },
      user: { id: user, username: `chat_${chat}`, global_name: `Chat ${chat}`, discriminator: '0', avatar: null },
      locale: 'en-US',
      app_permissions: '2147483647',
      entitlements: [],
      authorizing_integration_owners: {},
      context: 1,
      attachment_size_limit: 10_485_760,
      ...more,
    })
  }

  const NEW = new Set(['new', 'edit'])
  return {
    root: `http://127.0.0.1:${server.address().port}/api`,
    connected: () => connected.promise,
    /** Milliseconds from interactions to their first responses since the last call. */
    takeAcknowledged: () => acknowledged.splice(0),
    command(chat, text) {
      const name = text.slice(1)
      const done = answers.expect(chat, NEW)
      interact(chat, COMMAND, { data: { id: '820000000000000001', name, type: 1, options: [] } })
      return done
    },
    press(chat, choose) {
      const page = pages.get(chat)
      const button = page && choose(page.buttons)
      if (!button) throw new Error(`Chat ${chat} has no such button. It has: ${JSON.stringify(page?.buttons ?? [])}`)
      const done = answers.expect(chat, NEW)
      interact(chat, PRESS, {
        data: { custom_id: button.data, component_type: 2, id: 1 },
        message: messageOf(chat, page.messageId, { components: page.components, flags: page.flags & ~EPHEMERAL }),
      })
      return done
    },
    userSql: `(${FIRST_USER} + n)::text`,
    chatSql: `(${FIRST_CHANNEL} + n)::text`,
    async close() {
      for (const socket of gateway.clients) socket.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Buttons with a custom id at any depth of rows and containers, in reading order. */
function buttonsIn(components) {
  return (components ?? []).flatMap((component) =>
    component.type === 2
      ? component.custom_id
        ? [{ text: component.label ?? '', data: component.custom_id }]
        : []
      : buttonsIn([...(component.components ?? []), ...(component.accessory ? [component.accessory] : [])]),
  )
}

/** JSON, or the `payload_json` of a multipart body. */
function payloadOf(type, text) {
  if (text === '') return {}
  if (!type.startsWith('multipart/form-data')) return JSON.parse(text)
  const part = /name="payload_json"(?:\r\n[^\r\n]+)*\r\n\r\n([^\r]*)\r\n/.exec(text)
  return part ? JSON.parse(part[1]) : {}
}
