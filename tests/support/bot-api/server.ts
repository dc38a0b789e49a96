import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Fault } from './fault.ts'
import { createMethods, parseParameters } from './methods.ts'
import { parseMultipart, type Upload } from './multipart.ts'
import { type BotApiSchema, botApiSchema } from './schema.ts'
import type { Updates } from './updates.ts'
import type { World } from './world.ts'

/** A request the bot made. */
export type RecordedCall = { readonly method: string; readonly parameters: Readonly<Record<string, unknown>> }

/** What a test wants to go wrong: an answer of Telegram's, or the connection cut before (`drop`) or after the work is done (`cut`). */
export type PlannedFault = Fault | 'drop' | 'cut'

/** One bot behind the server: what it can do, what it did, and what shall go wrong. */
export type BotEnd = {
  readonly world: World
  readonly methods: ReturnType<typeof createMethods>
  readonly calls: RecordedCall[]
  readonly violations: string[]
  readonly plans: { readonly method: string; readonly fault: PlannedFault }[]
  /** Driven by somebody else's program: what we don't have is answered with `true`, and nothing is judged. */
  readonly foreign: boolean
}

export const botEnd = (world: World, updates: Updates, more: Partial<Pick<BotEnd, 'methods' | 'foreign'>> = {}): BotEnd => ({
  world,
  methods: { ...createMethods(world, updates), ...more.methods },
  calls: [],
  violations: [],
  plans: [],
  foreign: more.foreign ?? false,
})

export type WireOptions = {
  /** The bot a token is valid for at this moment. */
  readonly find: (token: string) => BotEnd | undefined
  /** Judge every request and answer by the published schema, and keep them. Costs time: off for benchmarks. */
  readonly validate: boolean
}

/** Parameters that are JSON inside a form body. */
const JSON_FIELDS = new Set(
  'chat_id message_id message_thread_id reply_markup entities caption_entities media link_preview_options allowed_updates commands scope show_alert'.split(
    ' ',
  ),
)

/** The HTTP side: `POST /bot<token>/<method>`, answers `{ ok, result }` or `{ ok: false, error_code, description }`. */
export function createWire({ find, validate }: WireOptions) {
  // Compiling the schemas takes a while, so that benchmarks go without.
  const schema: BotApiSchema | null = validate ? botApiSchema() : null

  async function call(end: BotEnd, method: string, request: IncomingMessage, closed: AbortSignal): Promise<unknown> {
    const { world, methods, calls, violations, plans, foreign } = end
    const { raw, files } = await readParameters(request)
    if (schema && foreign) {
      calls.push({ method, parameters: raw })
      world.changed()
    } else if (schema) {
      calls.push({ method, parameters: raw })
      world.changed()
      // JSON shows half a surrogate pair as an escape; Telegram refuses it.
      if (/(?<!\\)\\ud[89a-f]/.test(JSON.stringify(raw))) throw new Fault(400, 'Bad Request: strings must be encoded in UTF-8')
      const problem = schema.isMethod(method) ? schema.request(method, raw) : `unknown method ${method}`
      if (problem) {
        violations.push(`${method}: ${problem}`)
        throw new Fault(400, `Bad Request: ${problem}`)
      }
    }
    const run = methods[method]
    if (!run && !foreign) throw new Fault(404, 'Not Found: method not found')

    const index = plans.findIndex((plan) => plan.method === method || plan.method === '*')
    const [plan] = index < 0 ? [] : plans.splice(index, 1)
    if (plan && plan.fault !== 'cut') throw plan.fault
    const result = run ? await run({ parameters: parseParameters(raw), files, closed }) : true
    const wrong = foreign ? null : schema?.result(method, result)
    if (wrong) violations.push(`the fake's own answer to ${method}: ${wrong}`)
    if (plan) throw plan.fault
    return result
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, path = '', method = ''] = /^\/bot([^/]+)\/(\w+)/.exec(request.url ?? '') ?? []
    const closed = new AbortController()
    response.on('close', () => closed.abort())
    const end = find(path)
    try {
      if (!end) throw path === '' ? new Fault(404, 'Not Found') : new Fault(401, 'Unauthorized')
      answer(response, 200, { ok: true, result: await call(end, method, request, closed.signal) })
    } catch (error) {
      if (error === 'drop' || error === 'cut') return void request.socket.destroy()
      const fault = error instanceof Fault ? error : new Fault(500, `Internal Server Error: ${error}`)
      if (!(error instanceof Fault)) end?.violations.push(`the fake failed in ${method}: ${error}`)
      const { code, description, parameters } = fault
      answer(response, code, { ok: false, error_code: code, description, ...(parameters && { parameters }) })
    }
  }

  const server: Server = createServer((request, response) => void handle(request, response))
  return { server, schema }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text)
}

type Read = { readonly raw: Record<string, unknown>; readonly files: ReadonlyMap<string, Upload> }

async function readParameters(request: IncomingMessage): Promise<Read> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  const type = request.headers['content-type'] ?? ''
  if (type.startsWith('multipart/form-data')) {
    const { fields, files } = parseMultipart(body, type)
    return { raw: fromStrings(fields), files }
  }
  if (type.startsWith('application/x-www-form-urlencoded')) {
    return { raw: fromStrings(Object.fromEntries(new URLSearchParams(body.toString()))), files: new Map() }
  }
  return { raw: body.length > 0 ? JSON.parse(body.toString('utf8')) : {}, files: new Map() }
}

function fromStrings(fields: Readonly<Record<string, string>>): Record<string, unknown> {
  const isJson = (name: string, value: string) => JSON_FIELDS.has(name) && /^[[{\d\-tf]/.test(value)
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, isJson(name, value) ? JSON.parse(value) : value]),
  )
}
