import { randomUUID, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import { type HttpBindings, type ServerType, serve } from '@hono/node-server'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Log } from '../log.ts'
import { METRICS_TYPE, type Metrics } from '../metrics.ts'

/** One line of /readyz. `detail` is read by strangers: never an address with a password, never a token. */
export type Health = { readonly name: string; readonly ok: boolean; readonly detail: string }

export type HttpServerOptions = {
  readonly bind: string
  /** 0 takes any free port; see the result of `start`. */
  readonly port: number
  /** Without it /metrics answers this machine only. */
  readonly metricsToken: string | null
  readonly routes: readonly Hono[]
  /** Read Node's own request, so nothing may read it before them; they set limits of their own. Told apart because they are many. */
  readonly webhooks?: readonly Hono<{ Bindings: HttpBindings }>[]
  readonly metrics: Pick<Metrics, 'render'>
  readonly health: () => Promise<readonly Health[]>
  readonly log: Log
}

export type HttpServer = {
  /** Throws an error that says what to do when the port can't be had. */
  start(): Promise<{ readonly port: number }>
  /** Lets requests under way finish for a moment; open event streams are cut. */
  stop(): Promise<void>
}

/** The largest body is a long conversation on its way to the sandbox's model; `webhooks` set limits of their own. */
const BODY_MAX_BYTES = 16 * 1024 * 1024
/** A load balancer asks every few seconds; an answer later than this is none. */
const HEALTH_SECONDS = 5
const STOP_SECONDS = 2
const REQUEST_ID = 'x-request-id'
/** What may go into a log and an answer as it came. */
const REQUEST_ID_FORM = /^[\w=-]{1,255}$/

/** Health, metrics, and whatever the adapters mount. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const app = createApp(options)
  let server: ServerType | null = null

  return {
    start: () =>
      new Promise((resolve, reject) => {
        const { bind, port } = options
        server = serve({ fetch: app.fetch, hostname: bind, port }, (address) => resolve({ port: address.port }))
        server.once('error', (error) => reject(startProblem(error, bind, port)))
      }),
    async stop() {
      const running = server
      if (!running?.listening) return
      await new Promise<void>((resolve) => {
        running.close(() => resolve())
        if (!('closeAllConnections' in running)) return
        running.closeIdleConnections()
        setTimeout(() => running.closeAllConnections(), STOP_SECONDS * 1000).unref()
      })
    },
  }
}

type Environment = { Bindings: HttpBindings; Variables: { requestId: string } }

function createApp({ metricsToken, routes, webhooks = [], metrics, health, log }: HttpServerOptions): Hono<Environment> {
  const app = new Hono<Environment>()
  // Hono's own middleware makes a Headers of every request, which webhooks go without.
  app.use(({ env: { incoming, outgoing }, set }, next) => {
    const sent = incoming.headers[REQUEST_ID]?.toString() ?? ''
    const id = REQUEST_ID_FORM.test(sent) ? sent : randomUUID()
    set('requestId', id)
    outgoing.setHeader(REQUEST_ID, id)
    return next()
  })
  for (const webhook of webhooks) app.route('/', webhook)
  app.use(bodyLimit({ maxSize: BODY_MAX_BYTES, onError: (c) => c.text('This request is too large.\n', 413) }))

  app.get('/healthz', (c) => c.text('ok\n'))

  app.get('/readyz', async (c) => {
    const lines = await withDeadline(health())
    const text = lines
      .map(({ name, ok, detail }) => `${name}: ${ok ? 'ok' : 'failing'} (${detail.replace(/\s+/g, ' ')})\n`)
      .join('')
    return c.text(text, lines.every((line) => line.ok) ? 200 : 503)
  })

  app.get('/metrics', async (c) => {
    // A proxy on this machine speaks for others, and says so.
    const forwarded = c.req.header('x-forwarded-for') ?? c.req.header('forwarded')
    const local = !forwarded && isLoopback(c.env.incoming.socket.remoteAddress ?? '')
    if (!local && !isToken(c.req.header('authorization'), metricsToken)) {
      return c.text('Metrics are for this machine, or for whoever sends METRICS_TOKEN as a bearer token.\n', 403)
    }
    return c.body(await metrics.render(), 200, { 'content-type': METRICS_TYPE })
  })

  for (const route of routes) app.route('/', route)

  app.notFound((c) =>
    c.text(
      'There is nothing at this address. If a link brought you here, it may have expired: ask for a new one in the chat.\n',
      404,
    ),
  )
  app.onError((error, c) => {
    const id = c.get('requestId')
    log.error({ error, requestId: id, method: c.req.method, path: c.req.path }, 'a request failed')
    return c.text(`A fault on our side stopped this request. Please try again; if it stays, tell us this number: ${id}\n`, 500)
  })
  return app
}

async function withDeadline(health: Promise<readonly Health[]>): Promise<readonly Health[]> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<readonly Health[]>((resolve) => {
    const line = { name: 'health', ok: false, detail: `no answer within ${HEALTH_SECONDS} seconds` }
    timer = setTimeout(() => resolve([line]), HEALTH_SECONDS * 1000)
  })
  try {
    return await Promise.race([health, late])
  } finally {
    clearTimeout(timer)
  }
}

function isLoopback(address: string): boolean {
  const plain = address.replace(/^::ffff:/, '')
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'))
}

function isToken(header: string | undefined, token: string | null): boolean {
  if (!header || token === null) return false
  const given = Buffer.from(header)
  const expected = Buffer.from(`Bearer ${token}`)
  return given.length === expected.length && timingSafeEqual(given, expected)
}

function startProblem(error: Error, bind: string, port: number): Error {
  const code = 'code' in error ? error.code : ''
  const known: Record<string, string> = {
    EADDRINUSE: `Port ${port} on ${bind} is in use, perhaps by another ClawCloud. Stop that, or choose another port with PORT.`,
    EACCES: `Port ${port} is reserved for the system's own services. Choose one above 1023 with PORT, and put a proxy in front.`,
    EADDRNOTAVAIL: `This machine has no address ${bind}. Set BIND to one it has, or to 0.0.0.0 for all.`,
  }
  const message = known[String(code)]
  return message ? new Error(message, { cause: error }) : error
}
