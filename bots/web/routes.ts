import { randomBytes } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { getCookie, setCookie } from 'hono/cookie'
import { secureHeaders } from 'hono/secure-headers'
import { z } from 'zod'
import type { CommandMenu, Draw, Receive } from '../../core/chat/platform.ts'
import type { Clock, Ids } from '../../core/clock.ts'
import type { Localiser } from '../../core/i18n/index.ts'
import type { Log } from '../../core/log.ts'
import { events } from './events.ts'
import { type History, type Row, visibleTo } from './history.ts'
import type { Live } from './live.ts'
import { contentSecurityPolicy, ICON, renderPage, renderReturning } from './page.ts'
import { receive, TEXT_MAX } from './receive.ts'
import { type Reader, renderRow } from './render.ts'
import {
  COOKIE_SECONDS,
  chatOf,
  cleanName,
  NAME_COOKIE,
  preferredLocale,
  randomName,
  roomName,
  SESSION_COOKIE,
  userIdOf,
  type Visitor,
  type WebChat,
} from './session.ts'
import { type Words, wordsIn } from './words.ts'

/** Messages drawn with the page; the ones before come with a button. */
const PAGE_MESSAGES = 100
/** The longest text in its longest encoding (6 bytes for an escaped UTF-16 unit), and the rest of the JSON. */
const BODY_MAX_BYTES = TEXT_MAX * 6 + 8 * 1024

export type RouteDependencies = {
  readonly history: History
  readonly live: Live
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly draw: Draw
  readonly localiser: Localiser
  readonly brandName: string
  readonly publicUrl?: string
  readonly closing: AbortSignal
  /** Undefined until `start`. */
  receiver(): Receive | undefined
  commands(language: string): CommandMenu['commands']
}

type Visit = { readonly visitor: Visitor; readonly chat: WebChat; readonly query: string; readonly reader: Reader }
type Refusal = 'origin' | 'body' | 'too-long' | 'session' | 'unavailable' | 'not-found' | 'name'

const STATUS: Readonly<Record<Refusal, 400 | 401 | 403 | 404 | 413 | 503>> = {
  origin: 403,
  body: 400,
  'too-long': 413,
  session: 401,
  unavailable: 503,
  'not-found': 404,
  name: 400,
}

const RowId = z.string().regex(/^[0-9]{1,18}$/)
const Revision = z.coerce.number().int().min(0).catch(0)

/** The pages and calls of the web chat, all below /chat. */
export function createRoutes(dependencies: RouteDependencies): Hono {
  const { history, live, clock, ids, log, draw, localiser, brandName } = dependencies
  const secure = dependencies.publicUrl?.startsWith('https:') ?? false
  const cookie = { path: '/chat', httpOnly: true, sameSite: 'Strict', secure, maxAge: COOKIE_SECONDS } as const

  const words = (c: Context): Words => wordsIn(localiser, localiser.nearest(preferredLocale(c.req.header('accept-language'))))

  function refuse(c: Context, refusal: Refusal, detail?: string): Response {
    const message = words(c)(`web-error-${refusal}`, refusal === 'too-long' ? { max: TEXT_MAX } : undefined)
    return c.json({ error: { code: refusal, message, ...(detail === undefined ? {} : { detail }) } }, STATUS[refusal])
  }

  function visit(c: Context, session: string): Visit {
    const userId = userIdOf(session)
    const locale = preferredLocale(c.req.header('accept-language'))
    const name = cleanName(getCookie(c, NAME_COOKIE) ?? '') ?? randomName(userId)
    const visitor = { userId, name, ...(locale === undefined ? {} : { locale }) }
    const room = roomName(c.req.query('room'))
    const query = room ? `?room=${encodeURIComponent(room)}` : ''
    const said = words(c)
    const commands = new Set(dependencies.commands(said.language).map((command) => command.name))
    return { visitor, chat: chatOf(visitor, room), query, reader: { words: said, userId, brandName, commands, query } }
  }

  /** The visit of a browser that has a session, or what to answer instead. */
  function known(c: Context): Visit | undefined {
    const session = getCookie(c, SESSION_COOKIE)
    return session ? visit(c, session) : undefined
  }

  const drawAll = (rows: readonly Row[], { reader }: Visit) =>
    rows.filter((row) => visibleTo(row, reader.userId)).map((row) => renderRow(row, reader))

  const app = new Hono().basePath('/chat')
  app.use(secureHeaders({ referrerPolicy: 'same-origin', xFrameOptions: 'DENY', strictTransportSecurity: secure }))
  app.use(async (c, next) => {
    // A page of another site whose name was pointed at this address (DNS rebinding) is told by its host.
    if (!hostAllowed(c.req.header('host'), dependencies.publicUrl)) return refuse(c, 'origin')
    if (c.req.method === 'POST' && !sameOrigin(c)) return refuse(c, 'origin')
    return next()
  })
  app.use(bodyLimit({ maxSize: BODY_MAX_BYTES, onError: (c) => refuse(c, 'too-long') }))
  app.onError((error, c) => {
    log.error({ error, path: c.req.path }, 'web chat request failed')
    return refuse(c, 'unavailable')
  })

  app.get('/', async (c) => {
    let session = getCookie(c, SESSION_COOKIE)
    if (!session && c.req.header('sec-fetch-site') === 'cross-site') {
      const room = roomName(c.req.query('room'))
      return c.html(renderReturning(words(c), brandName, room ? `/chat?room=${encodeURIComponent(room)}` : '/chat'))
    }
    if (!session) {
      // Two of them: 160 bits, beyond all guessing.
      session = `${ids.create('web')}${ids.create('')}`
      setCookie(c, SESSION_COOKIE, session, cookie)
    }
    const here = visit(c, session)
    const after = await history.revision(here.chat.id)
    const rows = await history.page(here.chat.id, PAGE_MESSAGES + 1)
    const nonce = randomBytes(16).toString('base64')
    c.header('content-security-policy', contentSecurityPolicy(nonce))
    c.header('cache-control', 'no-store')
    return c.html(
      renderPage({
        words: here.reader.words,
        brandName,
        nonce,
        visitor: here.visitor,
        chat: here.chat,
        query: here.query,
        messages: drawAll(rows.slice(-PAGE_MESSAGES), here),
        after,
        hasEarlier: rows.length > PAGE_MESSAGES,
        commands: dependencies.commands(here.reader.words.language),
      }),
    )
  })

  app.get('/earlier', async (c) => {
    const here = known(c)
    if (!here) return refuse(c, 'session')
    const before = RowId.safeParse(c.req.query('before'))
    if (!before.success) return refuse(c, 'body')
    const rows = await history.page(here.chat.id, PAGE_MESSAGES + 1, before.data)
    const html = drawAll(rows.slice(-PAGE_MESSAGES), here)
      .map((message) => message.html)
      .join('')
    return c.json({ html, hasEarlier: rows.length > PAGE_MESSAGES })
  })

  app.get('/events', (c) => {
    const here = known(c)
    if (!here) return refuse(c, 'session')
    if (dependencies.closing.aborted) return refuse(c, 'unavailable')
    const after = Math.max(Revision.parse(c.req.header('last-event-id')), Revision.parse(c.req.query('after')))
    c.header('cache-control', 'no-store')
    c.header('x-accel-buffering', 'no')
    return events(c, here.chat.id, after, here.reader, dependencies.closing, { history, live, log })
  })

  app.post('/messages', async (c) => {
    const here = known(c)
    if (!here) return refuse(c, 'session')
    const receiver = dependencies.receiver()
    if (!receiver) return refuse(c, 'unavailable')
    const body = await readJson(c)
    const received = receive(body, { visitor: here.visitor, chat: here.chat, at: clock.now().getTime() })
    if (!received.ok) return refuse(c, received.tooLong ? 'too-long' : 'body', received.reason)
    const { incoming, said } = received
    try {
      if (!said) {
        await receiver(incoming)
        return c.json({ ok: true }, 202)
      }
      const { userId, name } = here.visitor
      const id = await history.appendPerson(here.chat.id, { userId, name, ...said })
      await receiver({ ...incoming, messageRef: id })
      return c.json({ ok: true, id }, 202)
    } catch (error) {
      // Not stored: the page keeps the message and sends it again with the same id.
      log.error({ error, updateKey: incoming.updateKey }, 'web chat could not store a message')
      return refuse(c, 'unavailable')
    }
  })

  app.post('/name', async (c) => {
    const here = known(c)
    if (!here) return refuse(c, 'session')
    const body = z.object({ name: z.string() }).safeParse(await readJson(c))
    const name = body.success ? cleanName(body.data.name) : null
    if (!name) return refuse(c, 'name')
    setCookie(c, NAME_COOKIE, name, cookie)
    return c.json({ name })
  })

  /** A service message of this chat that this person may see. */
  async function find(here: Visit, id: string) {
    const row = RowId.safeParse(id).success ? await history.find(here.chat.id, id) : undefined
    return row?.body.kind === 'service' && visibleTo(row, here.visitor.userId) ? row.body.message : undefined
  }

  app.get('/images/:file{[0-9]+\\.png}', async (c) => {
    const here = known(c)
    if (!here) return refuse(c, 'session')
    const message = await find(here, c.req.param('file').replace('.png', ''))
    if (!message?.image) return refuse(c, 'not-found')
    const png = await draw(message.image.chart)
    // The revision is part of the address, so what it shows never changes; the cookie decides who may see it.
    c.header('cache-control', 'private, max-age=86400, immutable')
    return c.body(new Uint8Array(png), 200, { 'content-type': 'image/png' })
  })

  app.get('/files/:id/:name', async (c) => {
    const here = known(c)
    if (!here) return refuse(c, 'session')
    const message = await find(here, c.req.param('id'))
    if (!message?.file || message.file.name !== c.req.param('name')) return refuse(c, 'not-found')
    c.header('cache-control', 'no-store')
    c.header('content-security-policy', "sandbox; default-src 'none'")
    const type = message.file.mime.startsWith('text/') ? `${message.file.mime}; charset=utf-8` : message.file.mime
    return c.body(message.file.content, 200, { 'content-type': type, 'content-disposition': attachment(message.file.name) })
  })

  app.get('/icon.svg', (c) => {
    c.header('cache-control', 'public, max-age=86400')
    return c.body(ICON, 200, { 'content-type': 'image/svg+xml' })
  })
  return app
}

/** RFC 6266: a name in plain ASCII for old clients, the true one in UTF-8. */
function attachment(name: string): string {
  const plain = name.replace(/[^\w.-]/g, '_')
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)}`
}

async function readJson(c: Context): Promise<unknown> {
  try {
    return await c.req.json()
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i

function hostAllowed(host: string | undefined, publicUrl: string | undefined): boolean {
  if (publicUrl === undefined) return true
  return host !== undefined && (LOOPBACK.test(host) || host === new URL(publicUrl).host)
}

/** Browsers send Origin with every POST; it must be the host they sent it to. */
function sameOrigin(c: Context): boolean {
  const origin = c.req.header('origin')
  const site = c.req.header('sec-fetch-site')
  if (origin === undefined || (site !== undefined && site !== 'same-origin')) return false
  return URL.canParse(origin) && new URL(origin).host === c.req.header('host')
}
