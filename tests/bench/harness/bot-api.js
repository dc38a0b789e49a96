import { createServer } from 'node:http'

/** Telegram accepts ids of any size; these lie in the range of real private chats. */
export const FIRST_CHAT = 500_000_001
const CHAT_SQL = `(${FIRST_CHAT} + n)::text`
/** Its people for `seedInstances`: a private chat has its person's id. */
export const TELEGRAM_PEOPLE = { platform: 'telegram', userSql: CHAT_SQL, chatSql: CHAT_SQL }
const LONGEST_BATCH = 100 // Telegram's own limit of one getUpdates

/**
 * A Bot API on loopback that is as quick as node:http allows, and the people who use it.
 *
 * The clock of an update starts when it is put in the queue (it exists), not when it is fetched: a bot that polls too
 * seldom pays for it. It stops when the answer's request has been read completely.
 */
export async function createBotApi() {
  const queue = [] // updates not confirmed yet, oldest first
  const waiting = new Map() // chat id -> { existsAt, expects, resolve }, in the order they came
  const keyboards = new Map() // chat id -> { messageId, buttons: [{ text, data }] }
  const slowChats = new Map() // chat id -> milliseconds its answers take
  const calls = new Map() // method -> how often
  let poll = null // the one getUpdates that is held open
  let handingOut = false
  let updateId = 1000
  let messageId = 1
  let firstPoll = null
  let onFirstPoll = []
  let onMessage = () => undefined

  function answer(response, result) {
    const body = JSON.stringify({ ok: true, result })
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    response.end(body)
  }

  function handOut() {
    handingOut = false
    if (!poll || queue.length === 0) return
    const { response, timer } = poll
    poll = null
    clearTimeout(timer)
    answer(response, queue.slice(0, LONGEST_BATCH))
  }

  function getUpdates(response, { offset = 0, timeout = 0 }) {
    if (firstPoll === null) {
      firstPoll = performance.now()
      for (const resolve of onFirstPoll) resolve(firstPoll)
    }
    let confirmed = 0
    while (confirmed < queue.length && queue[confirmed].update_id < offset) confirmed++
    if (confirmed > 0) queue.splice(0, confirmed)
    if (queue.length > 0) return answer(response, queue.slice(0, LONGEST_BATCH))
    if (poll) {
      clearTimeout(poll.timer)
      answer(poll.response, [])
    }
    const timer = setTimeout(() => {
      poll = null
      answer(response, [])
    }, timeout * 1000)
    poll = { response, timer }
    response.on('close', () => {
      if (poll?.response !== response) return
      clearTimeout(timer)
      poll = null
    })
  }

  function push(update) {
    queue.push({ update_id: ++updateId, ...update })
    // Everything that comes into being in one tick is one batch.
    if (handingOut) return
    handingOut = true
    setImmediate(handOut)
  }

  function message(chat, text) {
    const id = FIRST_CHAT + chat
    return {
      message_id: ++messageId,
      date: Math.floor(Date.now() / 1000),
      chat: { id, type: 'private', first_name: `Chat ${chat}` },
      from: { id, is_bot: false, first_name: `Chat ${chat}`, username: `chat_${chat}`, language_code: 'en' },
      text,
      ...(text.startsWith('/') && {
        entities: [{ type: 'bot_command', offset: 0, length: text.split(' ', 1)[0].length }],
      }),
    }
  }

  function expectAnswer(chat, expects) {
    return new Promise((resolve) => {
      const chatId = FIRST_CHAT + chat
      const line = waiting.get(chatId) ?? []
      line.push({ existsAt: performance.now(), expects, resolve })
      waiting.set(chatId, line)
    })
  }

  function answered(method, chatId, payload) {
    const buttons = (payload.reply_markup?.inline_keyboard ?? []).flat().filter((button) => button.callback_data)
    const id = method.startsWith('edit') ? payload.message_id : messageId
    if (buttons.length > 0) keyboards.set(chatId, { messageId: id, buttons })
    onMessage({ method, chat: chatId - FIRST_CHAT, payload })
    const line = waiting.get(chatId)
    if (!line || line.length === 0 || !line[0].expects.has(method)) return
    const { existsAt, resolve } = line.shift()
    resolve(performance.now() - existsAt)
  }

  function handle(method, payload, response) {
    calls.set(method, (calls.get(method) ?? 0) + 1)
    const chatId = Number(payload.chat_id)
    if (method === 'getUpdates') return getUpdates(response, payload)
    if (method === 'getMe') {
      return answer(response, { id: 42, is_bot: true, first_name: 'Bench', username: 'bench_bot', can_join_groups: true })
    }
    if (method === 'getWebhookInfo') return answer(response, { url: '', pending_update_count: queue.length })
    if (method.startsWith('send') && method !== 'sendChatAction') messageId++
    const known = {
      message_id: payload.message_id ?? messageId,
      date: 1,
      chat: { id: chatId, type: 'private' },
      text: payload.text,
    }
    if (!Number.isNaN(chatId) && method !== 'sendChatAction') answered(method, chatId, payload)
    const result = method.startsWith('send') || method.startsWith('edit') ? known : true
    const delay = slowChats.get(chatId - FIRST_CHAT)
    if (delay) setTimeout(answer, delay, response, result)
    else answer(response, result)
  }

  const server = createServer((request, response) => {
    const method = request.url.slice(request.url.lastIndexOf('/') + 1).split('?', 1)[0]
    const chunks = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
      handle(method, parseBody(request.headers['content-type'] ?? '', body, request.url), response)
    })
  })
  server.keepAliveTimeout = 60_000
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))

  const COMMAND_ANSWERS = new Set(['sendMessage', 'sendPhoto', 'sendDocument'])
  const PRESS_ANSWERS = new Set(['editMessageText', 'sendMessage'])

  return {
    root: `http://127.0.0.1:${server.address().port}`,
    calls,
    keyboards,
    /** Resolves with the time of the first getUpdates (`performance.now()`). */
    firstPoll: () => (firstPoll === null ? new Promise((resolve) => onFirstPoll.push(resolve)) : Promise.resolve(firstPoll)),
    /** Resolves with the milliseconds from the update's existence to its answer. */
    command(chat, text) {
      const done = expectAnswer(chat, COMMAND_ANSWERS)
      push({ message: message(chat, text) })
      return done
    },
    /** Presses a button of the chat's newest keyboard: `choose` picks it. */
    press(chat, choose) {
      const keyboard = keyboards.get(FIRST_CHAT + chat)
      const button = keyboard && choose(keyboard.buttons)
      if (!button) throw new Error(`Chat ${chat} has no such button. Its keyboard: ${JSON.stringify(keyboard?.buttons ?? [])}`)
      const done = expectAnswer(chat, PRESS_ANSWERS)
      const { from, chat: place } = message(chat, '')
      push({
        callback_query: {
          id: String(++messageId),
          from,
          chat_instance: '1',
          data: button.callback_data,
          message: {
            message_id: keyboard.messageId,
            date: 1,
            chat: place,
            from: { id: 42, is_bot: true, first_name: 'Bench' },
            text: '…',
          },
        },
      })
      return done
    },
    /** From now on Telegram takes that long to answer what is sent to this chat; 0 ends it. */
    slowDown(chat, milliseconds) {
      slowChats.set(chat, milliseconds)
    },
    /** Every message that the bot sends or edits, as `{ method, chat, payload }`. */
    watch(listener) {
      onMessage = listener
    },
    chatId: (chat) => FIRST_CHAT + chat,
    async close() {
      onFirstPoll = []
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** JSON, a form, or the fields of a multipart body; grammY sends `reply_markup` as an object, forms send it as a string. */
function parseBody(type, body, url) {
  if (type.startsWith('application/json')) return body.length === 0 ? {} : JSON.parse(body.toString())
  if (type.startsWith('multipart/form-data')) {
    const fields = {}
    for (const [, name, value] of body.toString('latin1').matchAll(/name="(\w+)"\r\n\r\n([^\r]*)\r\n/g)) {
      fields[name] = name === 'reply_markup' ? JSON.parse(Buffer.from(value, 'latin1').toString()) : value
    }
    return fields
  }
  return Object.fromEntries(new URLSearchParams(body.length > 0 ? body.toString() : (url.split('?')[1] ?? '')))
}
