import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { ApiRequest, Route, RouteKind } from './api.ts'
import { Fault } from './fault.ts'
import { parseUpload } from './multipart.ts'
import { hex, type World } from './world.ts'

/** A call of the bot's, as it came. */
export type RecordedCall = { readonly method: string; readonly path: string; readonly kind: RouteKind; readonly body: unknown }

/** `drop` ends the connection before anything happened, `cut` after it happened, before the answer. */
export type PlannedFault = { readonly route: RouteKind | 'any'; readonly fault: Fault | 'drop' | 'cut' }

const TOKEN_ROUTE = '/open-apis/auth/v3/tenant_access_token/internal'
const ENDPOINT_ROUTE = '/callback/ws/endpoint'

/** The HTTP side: finds the route, asks for the token, plays planned faults, and answers as Feishu does. */
export function createApiServer(parts: {
  readonly world: World
  readonly routes: readonly Route[]
  readonly tokens: { issue: Route['run']; check(authorization: string | undefined): void }
  readonly endpoint: Route['run']
}) {
  const { world, routes, tokens, endpoint } = parts
  const calls: RecordedCall[] = []
  const plans: PlannedFault[] = []

  async function call(incoming: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
    const url = new URL(incoming.url ?? '/', 'http://feishu.test')
    const request = await read(incoming, url)
    if (url.pathname === TOKEN_ROUTE) return tokens.issue(request)
    if (url.pathname === ENDPOINT_ROUTE) return endpoint(request)

    const route = routes.find(({ method, path }) => method === incoming.method && path.test(url.pathname))
    const what = `${incoming.method} ${url.pathname}`
    if (!route) throw new Fault(404, 404, '404 page not found', { violation: `${what}: there is no such route` })
    calls.push({ method: route.method, path: url.pathname, kind: route.kind, body: request.json ?? request.upload?.fields })
    tokens.check(incoming.headers.authorization)

    const index = plans.findIndex((plan) => plan.route === route.kind || plan.route === 'any')
    const [plan] = index < 0 ? [] : plans.splice(index, 1)
    if (plan && plan.fault !== 'cut') throw plan.fault
    const result = route.run({ ...request, params: route.path.exec(url.pathname)?.slice(1).map(decodeURIComponent) ?? [] })
    if (plan) throw plan.fault
    return result
  }

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      answer(response, 200, { code: 0, msg: 'success', ...(await call(incoming)) })
    } catch (error) {
      if (error === 'drop' || error === 'cut') return void incoming.socket.destroy()
      const fault =
        error instanceof Fault ? error : new Fault(500, 2200, 'Internal Error', { violation: `the stand-in failed: ${error}` })
      const { status, code, msg, more } = fault
      if (more.violation !== undefined) world.violate(more.violation)
      answer(response, status, { code, msg, error: { log_id: hex(16) } }, more.headers)
    }
    world.changed()
  }

  return { server: createServer((incoming, response) => void handle(incoming, response)), calls, plans }
}

async function read(incoming: IncomingMessage, url: URL): Promise<ApiRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  const type = incoming.headers['content-type'] ?? ''
  const isUpload = type.startsWith('multipart/form-data')
  return {
    params: [],
    query: url.searchParams,
    json: isUpload || bytes.length === 0 ? undefined : parse(bytes.toString('utf8')),
    upload: isUpload ? parseUpload(bytes, type) : null,
    bytes: bytes.length,
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Fault(400, 9499, 'Bad Request', { violation: `a request body that is no JSON: ${text.slice(0, 80)}` })
  }
}

function answer(response: ServerResponse, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
  const text = JSON.stringify(body)
  const fixed = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'x-tt-logid': hex(16),
  }
  response.writeHead(status, { ...fixed, ...headers }).end(text)
}
