import { once } from 'node:events'
import { serve } from '@hono/node-server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTelegram, type Telegram, type TelegramOptions } from '../../../bots/telegram/index.ts'
import type { Incoming } from '../../../core/chat/incoming.ts'
import type { Delivery } from '../../../core/chat/platform.ts'
import type { Log } from '../../../core/log.ts'
import { type BotApi, createBotApi, fault } from '../../support/bot-api/index.ts'

const SECRET = 'a-webhook-secret_42'

describe('Telegram on the wire', () => {
  let api: BotApi
  let logged: string[]
  const closing: (() => Promise<unknown>)[] = []

  beforeEach(async () => {
    api = await createBotApi()
    logged = []
  })
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
    await api.close()
    expect(api.violations).toEqual([])
    expect(logged.join('\n')).not.toContain(api.token.split(':')[1])
  })

  function create(more: Partial<TelegramOptions> = {}): Telegram {
    const write = (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields, errorsToo)}`)
    const log: Log = { debug: write, info: write, warn: write, error: write, child: () => log }
    const telegram = createTelegram({
      token: api.token,
      apiRoot: api.url,
      clock: { now: () => new Date(0) },
      log,
      draw: async () => Buffer.alloc(0),
      random: () => 0,
      ...more,
    })
    closing.push(() => telegram.stop())
    return telegram
  }
  const say = (telegram: Telegram, chatId: string, text: string, edit?: string): Promise<Delivery> =>
    telegram.deliver({
      chatId,
      tone: 'info',
      message: { blocks: [{ kind: 'text', text }], rows: [], selects: [] },
      ...(edit !== undefined && { edit }),
    })
  const textsOf = (received: readonly Incoming[]) =>
    received.map(({ content }) => ('text' in content ? content.text : content.kind))

  describe('polling', () => {
    it('starts with two calls at once and then polls for what it uses', async () => {
      await create().start(async () => {})
      await api.until(() => api.isPolled())
      expect(api.calls.map(({ method }) => method).sort()).toEqual(['deleteWebhook', 'getMe', 'getUpdates'])
      expect(api.calls.at(-1)?.parameters).toEqual({
        timeout: 30,
        limit: 100,
        allowed_updates: ['message', 'callback_query', 'managed_bot'],
      })
    })

    it('confirms nothing that is not stored, so that a killed process loses nothing', async () => {
      const ada = api.person()
      const stuck = create()
      const taken: string[] = []
      // Killed while storing: the promise never settles.
      await stuck.start(({ updateKey }) => new Promise(() => taken.push(updateKey)))
      ada.sends('one')
      ada.sends('two')
      await api.until(() => taken.length > 0 && api.pending() === 2)

      const received: Incoming[] = []
      const next = create()
      await next.start(async (incoming) => void received.push(incoming))
      await api.until(() => api.pending() === 0)
      expect(textsOf(received)).toEqual(['one', 'two'])
    })

    it('gives the whole batch to the core at once and repeats only what failed', async () => {
      const people = ['Ada', 'Bob', 'Cid'].map((name) => api.person({ name }))
      for (const { sends, user } of people) sends(`I am ${user.first_name}`)
      const attempts: string[] = []
      let together = 0
      let most = 0
      await create().start(async ({ sender: { name } }) => {
        attempts.push(name)
        most = Math.max(most, ++together)
        await Promise.resolve()
        together -= 1
        if (name === 'Bob' && attempts.length < 5) throw new Error('connection refused')
      })
      await api.until(() => api.pending() === 0)
      expect(most).toBe(3)
      expect(attempts).toEqual(['Ada', 'Bob', 'Cid', 'Bob', 'Bob'])
    })

    it('confirms the last batch when it stops', async () => {
      const telegram = create()
      await telegram.start(async () => {})
      await api.until(() => api.isPolled())
      api.person().sends('last words')
      await api.until(() => api.calls.filter(({ method }) => method === 'getUpdates').length === 2)
      await telegram.stop()
      expect(api.pending()).toBe(0)
    })

    it('takes over from a webhook that was left behind', async () => {
      await create({ webhook: { secret: SECRET, publicUrl: 'http://127.0.0.1:9' } }).start(async () => {})
      const received: Incoming[] = []
      await create().start(async (incoming) => void received.push(incoming))
      api.person().sends('polled')
      await api.until(() => received.length === 1)
    })

    it('says that somebody else polls, and goes on when they stop', async () => {
      const telegram = create()
      await telegram.start(async () => {})
      await api.until(() => api.isPolled())
      const other = await fetch(`${api.url}/bot${api.token}/getUpdates?`, { method: 'POST' })
      expect(other.status).toBe(200)
      await api.until(() => logged.some((line) => line.includes('stop the other process')))
      await api.until(() => api.isPolled() && telegram.health().ok === false)
      api.person().sends('hello')
      await api.until(() => api.pending() === 0)
      expect(telegram.health()).toEqual({ ok: true, detail: 'Telegram: polling' })
    })

    it('says clearly that the token is wrong, stops asking, and does not stop the service', async () => {
      const telegram = create({ token: `1:wrong-${api.token.split(':')[1]?.slice(0, 3)}` })
      await telegram.start(async () => {})
      expect(telegram.health()).toEqual({ ok: false, detail: expect.stringContaining('Get a valid one from @BotFather') })
      await telegram.stop()
      expect(api.calls).toEqual([])
    })

    it('stops when the token is revoked later', async () => {
      const telegram = create()
      await telegram.start(async () => {})
      await api.until(() => api.isPolled())
      api.failNext('getUpdates', fault(401, 'Unauthorized'))
      api.person().sends('hi')
      await api.until(() => logged.some((line) => line.includes('refuses the bot token')))
      expect(telegram.health().ok).toBe(false)
    })

    it('gets over outages, nonsense and rate limits of Telegram', async () => {
      const received: Incoming[] = []
      api.failNext('getUpdates', 'drop', 2)
      api.failNext('getUpdates', fault(502, 'Bad Gateway'))
      api.rateLimitNext('getUpdates', 1)
      await create().start(async (incoming) => void received.push(incoming))
      api.person().sends('still here')
      await api.until(() => received.length === 1)
      expect(logged.filter((line) => line.includes('trying again')).length).toBeGreaterThanOrEqual(2)
    })

    it('ignores what is not meant for it, and confirms it', async () => {
      const received: Incoming[] = []
      await create().start(async (incoming) => void received.push(incoming))
      const [ada, group] = [api.person(), api.group()]
      await api.until(() => api.isPolled())
      ada.sends('lunch?', { in: group })
      ada.sends('/usage@AnotherBot', { in: group })
      ada.sends(`/usage@${api.bot.username}`, { in: group })
      await api.until(() => received.length === 1 && api.pending() === 0)
      expect(received[0]?.content).toEqual({ kind: 'command', name: 'usage', argument: '' })
    })
  })

  describe('a webhook', () => {
    async function listen(telegram: Telegram): Promise<string> {
      if (!telegram.routes) throw new Error('no routes')
      const server = serve({ fetch: telegram.routes.fetch, port: 0, hostname: '127.0.0.1' })
      await once(server, 'listening')
      closing.push(
        () =>
          new Promise((resolve) => {
            server.close(resolve)
          }),
      )
      const address = server.address()
      if (address === null || typeof address === 'string') throw new Error('no port')
      return `http://127.0.0.1:${address.port}`
    }
    /** The address must be known before the adapter, the routes after: a server in front that learns them. */
    async function start(receive: (incoming: Incoming) => Promise<void>): Promise<{ telegram: Telegram; url: string }> {
      const probe = create({ webhook: { secret: SECRET, publicUrl: 'http://127.0.0.1:9' } })
      await probe.start(receive)
      const url = await listen(probe)
      // The same bot, told where it really listens.
      await fetch(`${api.url}/bot${api.token}/setWebhook`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ url: `${url}/telegram`, secret_token: SECRET }),
      })
      return { telegram: probe, url }
    }

    it('is registered with our address, our secret and the updates we use', async () => {
      await create({ webhook: { secret: SECRET, publicUrl: 'https://claw.example.com' } }).start(async () => {})
      expect(api.calls.find(({ method }) => method === 'setWebhook')?.parameters).toEqual({
        url: 'https://claw.example.com/telegram',
        secret_token: SECRET,
        allowed_updates: ['message', 'callback_query', 'managed_bot'],
      })
      expect(api.calls.some(({ method }) => method === 'getUpdates')).toBe(false)
    })

    it('answers only when the update is stored, and gets it again until then', async () => {
      let refusals = 2
      const keys: string[] = []
      await start(async ({ updateKey }) => {
        keys.push(updateKey)
        if (refusals-- > 0) throw new Error('database away')
      })
      api.person().sends('keep me')
      await api.until(() => keys.length === 3 && api.pending() === 0)
      expect(new Set(keys).size).toBe(1)
    })

    it('refuses a forged, oversized or broken update', async () => {
      const received: Incoming[] = []
      const { url } = await start(async (incoming) => void received.push(incoming))
      const post = (body: string, secret?: string) =>
        fetch(`${url}/telegram`, {
          method: 'POST',
          body,
          ...(secret && { headers: { 'x-telegram-bot-api-secret-token': secret } }),
        }).then(({ status }) => status)
      expect(await post('{}')).toBe(401)
      expect(await post('{}', `${SECRET}x`)).toBe(401)
      expect(await post('{', SECRET)).toBe(400)
      expect(await post(`"${'x'.repeat(1100 * 1024)}"`, SECRET)).toBe(413)
      expect(await post('{"update_id":1}', SECRET)).toBe(200)
      expect(received).toEqual([])
    })
  })

  describe('places', () => {
    it('keeps the topics of a forum apart and answers in the same topic', async () => {
      const received: Incoming[] = []
      const telegram = create()
      await telegram.start(async (incoming) => void received.push(incoming))
      const [ada, forum] = [api.person(), api.group({ forum: true })]
      ada.sends(`/status@${api.bot.username}`, { in: forum, threadId: 7 })
      ada.sends(`/status@${api.bot.username}`, { in: forum, threadId: 8 })
      await api.until(() => received.length === 2)
      expect(received.map(({ chat }) => chat.id)).toEqual([`${forum.id}:7`, `${forum.id}:8`])
      for (const { chat } of received) expect((await say(telegram, chat.id, `for ${chat.id}`)).kind).toBe('delivered')
      expect(forum.last(7)?.text).toBe(`for ${forum.id}:7`)
      expect(forum.last(8)?.text).toBe(`for ${forum.id}:8`)
    })

    it('follows a group that became a supergroup', async () => {
      const telegram = create()
      await telegram.start(async () => {})
      const group = api.group()
      await say(telegram, `${group.id}`, 'before')
      const supergroup = api.migrate(group)
      expect((await say(telegram, `${group.id}`, 'after')).kind).toBe('delivered')
      expect((await say(telegram, `${group.id}`, 'again')).kind).toBe('delivered')
      expect(supergroup.messages().map(({ text }) => text)).toEqual(['after', 'again'])
      // Once learned, the old address is not tried again.
      expect(api.calls.filter(({ method }) => method === 'sendMessage')).toHaveLength(4)
    })

    it('never shows the whole group what is for one person', async () => {
      const telegram = create()
      await telegram.start(async () => {})
      const group = api.group()
      const message = { blocks: [{ kind: 'text', text: 'secret' } as const], rows: [], selects: [] }
      expect(await telegram.deliver({ chatId: `${group.id}`, tone: 'info', message, onlyFor: '42' })).toMatchObject({
        kind: 'refused',
      })
      expect(group.messages()).toEqual([])
    })

    it('does not name a stranger as reachable, nor delete messages in groups', async () => {
      const telegram = create()
      const received: Incoming[] = []
      await telegram.start(async (incoming) => void received.push(incoming))
      const [ada, group] = [api.person(), api.group()]
      expect(await telegram.privateChat('not-a-number')).toBeNull()
      const chatId = await telegram.privateChat(`${ada.user.id}`)
      expect(await say(telegram, chatId ?? '', 'hi')).toEqual({
        kind: 'chat-gone',
        reason: "Forbidden: bot can't initiate conversation with a user",
      })
      ada.sends(`@${api.bot.username} my key`, { in: group })
      const [incoming] = await api.until(() => received.length > 0 && received)
      expect(incoming && (await telegram.removeIncoming(incoming))).toBe(false)
    })
  })

  describe('the command menu', () => {
    it('is only written when it changed', async () => {
      const telegram = create()
      await telegram.start(async () => {})
      const menu = (description: string) => [{ language: 'en', commands: [{ name: 'usage', description }] }]
      const writes = () => api.calls.filter(({ method }) => method === 'setMyCommands').length
      await telegram.publishCommands(menu('Show usage'))
      expect(writes()).toBe(2)
      expect([api.commands(), api.commands('en')]).toEqual([
        api.commands('en'),
        [{ command: 'usage', description: 'Show usage' }],
      ])
      await telegram.publishCommands(menu('Show usage'))
      expect(writes()).toBe(2)
      await telegram.publishCommands(menu('Show what was spent'))
      expect(writes()).toBe(4)
    })

    it('is no reason to fail', async () => {
      const telegram = create()
      await telegram.start(async () => {})
      api.rateLimitNext('*', 30, 5)
      await telegram.publishCommands([{ language: 'en', commands: [{ name: 'usage', description: 'x' }] }])
      expect(logged.some((line) => line.includes('command menu could not be published'))).toBe(true)
      api.expirePresses()
    })
  })

  it('keeps within a chat’s rate by passing on Telegram’s wait', async () => {
    const telegram = create()
    await telegram.start(async () => {})
    const ada = api.person()
    ada.sends('/start')
    api.limitRate({ messages: 2, perSeconds: 60 })
    const outcomes = [
      await say(telegram, `${ada.chat.id}`, '1'),
      await say(telegram, `${ada.chat.id}`, '2'),
      await say(telegram, `${ada.chat.id}`, '3'),
    ]
    expect(outcomes.map(({ kind }) => kind)).toEqual(['delivered', 'delivered', 'retry-later'])
    expect(outcomes[2]).toMatchObject({ afterSeconds: 60 })
  })

  it('deletes a picture that becomes words, so that only the words stay', async () => {
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAGg4SZAAAAABJRU5ErkJggg==',
      'base64',
    )
    const telegram = create({ draw: async () => png })
    await telegram.start(async () => {})
    const ada = api.person()
    ada.sends('/usage')
    const chart = { kind: 'daily-usage', days: [], allowanceMicros: 1, language: 'en' } as const
    const delivery = await telegram.deliver({
      chatId: `${ada.chat.id}`,
      tone: 'info',
      message: { blocks: [], rows: [], selects: [], image: { chart, alt: 'Nothing spent yet' } },
    })
    expect(ada.chat.last()).toMatchObject({ text: 'Nothing spent yet', photo: png })
    expect(await say(telegram, `${ada.chat.id}`, 'words', delivery.kind === 'delivered' ? delivery.ref : '')).toEqual({
      kind: 'message-gone',
    })
    expect(ada.chat.last()).toBeUndefined()
  })
})

/** Errors as a log would show them, with everything that hangs on them. */
function errorsToo(_key: string, value: unknown): unknown {
  return value instanceof Error ? { ...value, message: value.message, stack: value.stack } : value
}
