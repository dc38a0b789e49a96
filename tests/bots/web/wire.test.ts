import { request as httpRequest } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SESSION_COOKIE } from '../../../bots/web/session.ts'
import type { FittedMessage } from '../../../core/chat/fit.ts'
import type { Incoming } from '../../../core/chat/incoming.ts'
import type { Receive } from '../../../core/chat/platform.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { openPage, type PageClient } from './page-client.ts'
import { buildWeb, serveWeb, type Web } from './web-server.ts'

let test: TestDatabase
let web: Web
let server: Awaited<ReturnType<typeof serveWeb>>
let received: Incoming[]
const closing: (() => Promise<void>)[] = []

const receive: Receive = async (incoming) => void received.push(incoming)

beforeEach(async () => {
  test = await createTestDatabase()
  received = []
  web = buildWeb({ database: test.database })
  server = await serveWeb(() => web)
  await web.start(receive)
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  await web.stop()
  await server.close()
  await test.close()
})

async function open(options: Parameters<typeof openPage>[1] = {}, root = server.root): Promise<PageClient> {
  const page = await openPage(root, options)
  closing.push(() => page.close())
  return page
}
const chatOf = async (page: PageClient): Promise<string> => {
  await page.says('hello')
  return received.at(-1)?.chat.id ?? ''
}
const text = (words: string): FittedMessage => ({ blocks: [{ kind: 'text', text: words }], rows: [], selects: [] })
const send = (chatId: string, words: string, more: object = {}, through: Web = web) =>
  through.deliver({ chatId, tone: 'info', message: text(words), ...more })
const texts = (page: PageClient) => page.messages().map((message) => message.text)
const post = (page: PageClient, body: unknown, headers: Record<string, string> = {}) =>
  page.request('/chat/messages', { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), headers })
const hello = { kind: 'text', clientId: 'client-id-1', text: 'hello' }

describe('the web chat over HTTP', () => {
  it('gives a browser a session no script can read and no other site can use', async () => {
    const page = await open()
    const [cookie] = page.document.headers.getSetCookie()
    expect(cookie).toMatch(new RegExp(`^${SESSION_COOKIE}=\\S{32,};.*HttpOnly.*SameSite=Strict`))
    const userId = (await chatOf(page)).replace('person:', '')
    expect(cookie).not.toContain(userId)
    const again = await open({ cookie: page.cookie() })
    expect(again.document.headers.getSetCookie()).toEqual([])
    expect(texts(again)).toEqual(['hello'])
  })

  it('allows nothing on the page but its own style and script', async () => {
    const page = await open()
    const policy = page.document.headers.get('content-security-policy') ?? ''
    const nonce = /script-src 'nonce-([^']+)'/.exec(policy)?.[1]
    expect(policy).toBe(
      `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    )
    expect((await open()).document.headers.get('content-security-policy')).not.toBe(policy)
    expect([...page.html.matchAll(/<(?:script|style)[^>]*nonce="([^"]+)"/g)].map((match) => match[1])).toEqual([nonce, nonce])
    expect(page.html).not.toMatch(/ style="| on[a-z]+="|https?:\/\/(?!www\.w3\.org)/)
  })

  it('answers 202 only when the message is stored', async () => {
    const page = await open()
    await web.start(() => Promise.reject(new Error('the database is away')))
    const refused = await post(page, hello)
    expect(refused.status).toBe(503)
    expect(await refused.json()).toMatchObject({ error: { code: 'unavailable', message: expect.stringContaining('again') } })
    await web.start(receive)
    expect((await post(page, hello)).status).toBe(202)
    expect(received).toMatchObject([{ content: { kind: 'text', text: 'hello' } }])
  })

  it('shows a message once however often it is sent, also at the same time', async () => {
    const page = await open()
    const answers = await Promise.all(Array.from({ length: 6 }, () => post(page, hello)))
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(202))
    expect(new Set(received.map(({ updateKey, messageRef }) => `${updateKey} ${messageRef}`)).size).toBe(1)
    expect(texts(await open({ cookie: page.cookie() }))).toEqual(['hello'])
  })

  it.each([
    ['another origin', { origin: 'https://evil.test' }, 403],
    ['no origin', { origin: '' }, 403],
    ['a cross-site fetch', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a stranger’s cookie jar', { cookie: '' }, 401],
  ])('takes nothing from %s', async (_who, headers, status) => {
    const page = await open()
    const answer = await post(page, hello, headers)
    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({ error: { message: expect.stringMatching(/[.]$/) } })
    expect(received).toEqual([])
  })

  it('serves no other host than its own, so that no foreign name can be pointed at it', async () => {
    const own = buildWeb({ database: test.database, publicUrl: 'https://chat.example.com' })
    const { root, close } = await serveWeb(() => own)
    closing.push(close)
    const status = (host: string) =>
      new Promise((resolve, reject) => {
        httpRequest(`${root}/chat`, { headers: { host } }, (answer) => resolve(answer.resume().statusCode))
          .on('error', reject)
          .end()
      })
    expect(await status('chat.example.com')).toBe(200)
    expect(await status('localhost:8787')).toBe(200)
    expect(await status('evil.test')).toBe(403)
  })

  it.each([
    ['no JSON', '{', 400],
    ['an unknown kind', { kind: 'dance' }, 400],
    ['20,001 characters', { ...hello, text: 'x'.repeat(20_001) }, 413],
    ['a megabyte', { ...hello, text: 'x'.repeat(1_000_000) }, 413],
  ])('refuses %s in words', async (_what, body, status) => {
    const answer = await post(await open(), body)
    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({ error: { message: expect.stringMatching(/[.]$/) } })
  })

  it('takes 10,000 characters, emoji and right-to-left script', async () => {
    const words = '👩‍🚀 שלום مرحبا 你好 '.repeat(600).slice(0, 10_000).trim()
    const page = await open()
    await page.says(words)
    expect(received[0]?.content).toEqual({ kind: 'text', text: words })
    expect(texts(await open({ cookie: page.cookie() }))).toEqual([words])
  })

  it('speaks the browser’s language, also in its refusals', async () => {
    const page = await open({ language: 'zh-CN,zh;q=0.9' })
    expect(page.html).toContain('<html lang="zh">')
    expect(await (await post(page, { kind: 'dance' })).json()).toMatchObject({
      error: { message: expect.stringContaining('重新加载') },
    })
    await page.says('你好')
    expect(received[0]?.sender.locale).toBe('zh-CN')
  })

  it('does not make a new person of a browser that comes back from the payment page', async () => {
    const answer = await fetch(`${server.root}/chat?room=Team`, { headers: { 'sec-fetch-site': 'cross-site' } })
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(await answer.text()).toContain('content="0; url=/chat?room=team"')
  })

  it('shows pictures and files to nobody else', async () => {
    const [ada, eve] = [await open(), await open()]
    const chatId = await chatOf(ada)
    const sent = await web.deliver({
      chatId,
      tone: 'info',
      message: {
        ...text('here'),
        image: { chart: { kind: 'daily-usage', days: [], allowanceMicros: 1, language: 'en' }, alt: 'chart' },
        file: { name: 'the “logs”.txt', mime: 'text/html', content: '<script>alert(1)</script>' },
      },
    })
    const id = sent.kind === 'delivered' ? sent.ref : ''
    for (const path of [`/chat/images/${id}.png`, `/chat/files/${id}/${encodeURIComponent('the “logs”.txt')}`]) {
      const own = await ada.request(path)
      expect([own.status, own.headers.get('x-content-type-options')]).toEqual([200, 'nosniff'])
      expect((await eve.request(path)).status).toBe(404)
      expect((await fetch(`${server.root}${path}`)).status).toBe(401)
    }
    const file = await ada.request(`/chat/files/${id}/${encodeURIComponent('the “logs”.txt')}`)
    expect(file.headers.get('content-disposition')).toBe(
      `attachment; filename="the__logs_.txt"; filename*=UTF-8''the%20%E2%80%9Clogs%E2%80%9D.txt`,
    )
    expect((await ada.request(`/chat/files/${id}/other.txt`)).status).toBe(404)
    expect((await ada.request('/chat/images/999999.png')).status).toBe(404)
  })

  it('keeps a pasted key out of the database', async () => {
    const key = `sk-or-v1-${'0123456789abcdef'.repeat(4)}`
    const page = await open()
    await page.says(key)
    expect(received[0]?.content).toEqual({ kind: 'text', text: key })
    const { rows } = await test.database.pool.query('select body::text from web_messages')
    expect(JSON.stringify(rows)).not.toContain(key)
  })
})

describe('the web chat’s events', () => {
  it('bring everything that happened while the page was away, edits and removals too', async () => {
    const ada = await open()
    const chatId = await chatOf(ada)
    const first = await send(chatId, 'first')
    await ada.until(() => texts(ada).includes('first'), 'the first message')
    const lastSeen = Number(
      (await test.database.pool.query(`select max((body->>'revision')::bigint) as revision from web_messages`)).rows[0]?.revision,
    )
    await ada.close()

    await send(chatId, 'second')
    if (first.kind === 'delivered') await send(chatId, 'first, changed', { edit: first.ref })
    const own = received[0]
    if (own) await web.removeIncoming(own)

    const stream = await ada.request(`/chat/events?after=0`, { headers: { 'last-event-id': String(lastSeen) } })
    const reader = stream.body?.getReader()
    let events = ''
    while (!events.includes('event: ping')) events += new TextDecoder().decode((await reader?.read())?.value)
    await reader?.cancel()
    expect([...events.matchAll(/^id: /gm)]).toHaveLength(3)
    expect(events).not.toContain('>first<')
    for (const part of ['second', 'first, changed', 'Message removed']) expect(events).toContain(part)
  })

  it('lose and double nothing of what forty writers write and edit at once', async () => {
    const ada = await open()
    const chatId = await chatOf(ada)
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const sent = await send(chatId, `draft ${index}`)
        if (sent.kind === 'delivered') await send(chatId, `final ${index}`, { edit: sent.ref })
      }),
    )
    await ada.until(() => texts(ada).filter((words) => words.startsWith('final')).length === 40, 'forty final messages')
    expect(new Set(texts(ada)).size).toBe(41)
    expect(texts(await open({ cookie: ada.cookie() }))).toEqual(texts(ada))
  })

  it('reach a page that hangs on another replica, with the note to a press', async () => {
    const other = buildWeb({ database: test.database })
    const second = await serveWeb(() => other)
    closing.push(second.close, () => other.stop())
    await other.start(receive)
    const ada = await open({}, second.root)
    const chatId = await chatOf(ada)
    await web.deliver({
      chatId,
      tone: 'info',
      message: { ...text('pick'), rows: [[{ label: 'Go', style: 'default', token: 'go' }]] },
    })
    await ada.until(() => texts(ada).includes('pick'), 'the message of the other replica')
    await ada.presses('Go')
    const press = received.at(-1)
    if (press) await web.acknowledge(press, 'Noted.')
    await ada.until(() => ada.toasts.includes('Noted.'), 'the note')
  })

  it('go on after PostgreSQL ended every connection', async () => {
    const ada = await open()
    const chatId = await chatOf(ada)
    await send(chatId, 'before')
    await ada.until(() => texts(ada).includes('before'), 'the message before')
    await test.database.pool.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
    )
    await expect.poll(async () => (await send(chatId, 'after')).kind).toBe('delivered')
    await ada.until(() => texts(ada).includes('after'), 'the message after')
  })

  it('show a message for one person alone to nobody else in the room', async () => {
    const [ada, bob] = [await open({ room: 'team' }), await open({ room: 'team' })]
    const chatId = await chatOf(ada)
    const adaId = received.at(-1)?.sender.id ?? ''
    await bob.says('hi all')
    await send(chatId, 'for Ada', { onlyFor: adaId })
    await send(chatId, 'for everybody')
    for (const page of [ada, bob]) await page.until(() => texts(page).includes('for everybody'), 'the common message')
    expect(texts(ada).join()).toContain('for Ada')
    expect(texts(bob).join()).not.toContain('for Ada')
    expect(texts(await open({ cookie: bob.cookie(), room: 'team' })).join()).not.toContain('for Ada')
  })

  it('wake only the pages of their own chat', async () => {
    const [ada, eve] = [await open(), await open()]
    const [adaChat, eveChat] = [await chatOf(ada), await chatOf(eve)]
    await send(adaChat, 'to Ada')
    await send(eveChat, 'to Eve')
    await eve.until(() => texts(eve).includes('to Eve'), 'her message')
    expect(texts(eve)).toEqual(['hello', 'to Eve'])
  })
})

describe('a long conversation', () => {
  it('opens with its newest hundred messages, and gives the earlier ones when asked', async () => {
    const ada = await open()
    const chatId = await chatOf(ada)
    for (let number = 1; number <= 130; number++) await send(chatId, `message ${number}`)
    const again = await open({ cookie: ada.cookie() })
    expect(texts(again)).toHaveLength(100)
    expect(texts(again)[0]).toBe('message 31')
    const earlier = await again.request(`/chat/earlier?before=${again.messages()[0]?.id}`)
    const { html, hasEarlier } = (await earlier.json()) as { html: string; hasEarlier: boolean }
    expect(hasEarlier).toBe(false)
    expect([...html.matchAll(/<article /g)]).toHaveLength(31)
    expect(html).toContain('message 30<')
  })
})
