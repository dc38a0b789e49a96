import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { ZodError } from 'zod'
import { Fault, invalidForm, unauthorized } from './fault.ts'
import type { Uploads } from './messages.ts'
import { type PlannedRoute, type Plans, planned } from './plans.ts'
import { bytesOf, hasHalfCharacter, readBody } from './request.ts'
import { type Call, NO_CONTENT } from './rest.ts'
import type { DiscordSchema } from './schema.ts'

/** A request the bot made: `POST /channels/{channel_id}/messages` and what it sent. */
export type RecordedCall = {
  readonly operation: string
  readonly path: string
  readonly json: unknown
  readonly files: readonly string[]
}

type Options = {
  readonly token: string
  readonly routes: () => Readonly<Record<string, (call: Call) => unknown>>
  readonly plans: Plans
  readonly schema: DiscordSchema | null
  readonly violate: (what: string) => void
  readonly recorded: (call: RecordedCall) => void
  /** The answer to this interaction will be spoilt, so that nobody can blame the bot for its absence. */
  readonly spoilt: (interactionId: string) => void
  readonly attachment: (path: string) => Buffer | undefined
}

/** Discord lets so many requests through per bucket; we never run out but say the numbers. */
const BUCKET_LIMIT = 50
const API = /^\/api\/v10(\/[^?]*)/

/** The HTTP side: finds the operation, checks token, waits and schema, runs it, and answers as Discord does. */
export function createApiServer(options: Options) {
  const { schema, plans, violate } = options
  let patterns: readonly { readonly operation: string; readonly method: string; readonly parts: readonly string[] }[] | null =
    null

  function match(method: string, path: string) {
    patterns ??= Object.keys(options.routes()).map((operation) => {
      const [verb = '', route = ''] = operation.split(' ')
      return { operation, method: verb, parts: route.split('/') }
    })
    const parts = path.split('/')
    const one = patterns.find(
      (pattern) =>
        pattern.method === method &&
        pattern.parts.length === parts.length &&
        pattern.parts.every((part, index) => part.startsWith('{') || part === parts[index]),
    )
    if (!one) return null
    const params = one.parts.flatMap((part, index) =>
      part.startsWith('{') ? [[part.slice(1, -1), decodeURIComponent(parts[index] ?? '')]] : [],
    )
    return { operation: one.operation, params: Object.fromEntries(params) }
  }

  function judge(operation: string, json: unknown): void {
    if (!schema) return
    const errors = schema.request(operation, json)
    if (errors.length > 0) throw invalidForm(errors)
    for (const field of schema.unknownFields(operation, json)) violate(`${operation}: Discord knows no field ${field}`)
    if (hasHalfCharacter(json)) violate(`${operation}: a text is cut in the middle of a character`)
  }

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = API.exec(request.url ?? '')?.[1] ?? ''
    const method = request.method ?? 'GET'
    const found = match(method, path)
    const operation = found?.operation ?? `${method} ${request.url}`
    try {
      const bytes = await bytesOf(request)
      if (!found) throw new Fault(404, 0, '404: Not Found', { blame: 'a route this fake does not know' })
      const { params } = found
      const needsToken = !/^\w+ \/(interactions|webhooks)\//.test(operation)
      const authorization = request.headers.authorization
      if (needsToken && authorization !== `Bot ${options.token}`)
        throw unauthorized(`Authorization: ${authorization ? 'a wrong one' : 'none'}`)

      const { json, files } = await readBody(bytes, request.headers['content-type'] ?? '')
      options.recorded({ operation, path, json, files: [...files.values()].map(({ filename }) => filename) })
      const bucket = `${operation} ${params.channel_id ?? params.interaction_token ?? params.webhook_token ?? ''}`
      plans.checkWait(bucket, !needsToken)
      const spoil = params.interaction_id === undefined ? () => {} : () => options.spoilt(params.interaction_id ?? '')
      const kind = next(operation, files, bucket, spoil)
      if (kind !== null) spoil()
      if (kind === 'drop') return void request.socket.destroy()
      if (kind === '500' || kind === '400') throw planned(kind)

      judge(operation, json)
      const query = new URL(request.url ?? '', 'http://localhost').searchParams
      const answer = options.routes()[operation]?.({ params, query, json, files })
      if (kind === 'cut') return void request.socket.destroy()
      if (answer === NO_CONTENT) return void response.writeHead(204, limits(bucket)).end()
      const wrong = schema?.response(operation, answer) ?? []
      if (wrong.length > 0)
        violate(
          `the fake’s own answer to ${operation}: ${wrong.map((one) => `${one.path.join('.')}: ${one.message}`).join('; ')}`,
        )
      send(response, 200, answer, limits(bucket))
    } catch (error) {
      const fault = error instanceof Fault ? error : unexpected(operation, error)
      if (fault.more.blame !== undefined)
        violate(`${operation}: ${fault.message} (${fault.status}/${fault.code}): ${fault.more.blame}`)
      send(response, fault.status, fault.body, waitHeaders(fault))
    }
  }

  function next(operation: string, files: Uploads, bucket: string, spoil: () => void) {
    try {
      return plans.next(routesOf(operation, files), bucket)
    } catch (error) {
      spoil()
      throw error
    }
  }

  function unexpected(operation: string, error: unknown): Fault {
    if (error instanceof ZodError) {
      return invalidForm(
        error.issues.map(({ path, message }) => ({ path: path.map(String), code: 'BASE_TYPE_BAD_TYPE', message })),
      )
    }
    violate(`the fake failed in ${operation}: ${error instanceof Error ? error.stack : error}`)
    return new Fault(500, 0, '500: Internal Server Error')
  }

  return createServer((request, response) => {
    const path = request.url ?? ''
    if (path.startsWith('/attachments/')) {
      const bytes = options.attachment(path)
      return void response.writeHead(bytes ? 200 : 404).end(bytes)
    }
    void respond(request, response)
  })
}

function routesOf(operation: string, files: Uploads): readonly PlannedRoute[] {
  const routes: PlannedRoute[] = []
  if (files.size > 0) routes.push('upload')
  if (operation.startsWith('POST /interactions')) routes.push('interaction')
  else if (operation === 'POST /channels/{channel_id}/messages' || operation.startsWith('POST /webhooks')) routes.push('send')
  else if (operation.startsWith('PATCH ')) routes.push('edit')
  return routes
}

const limits = (bucket: string): Record<string, string> => ({
  'x-ratelimit-limit': String(BUCKET_LIMIT),
  'x-ratelimit-remaining': String(BUCKET_LIMIT - 1),
  'x-ratelimit-reset': (Date.now() / 1000 + 1).toFixed(3),
  'x-ratelimit-reset-after': '1.000',
  'x-ratelimit-bucket': createHash('md5').update(bucket.split(' ').slice(0, 2).join(' ')).digest('hex'),
})

function waitHeaders({ more: { retryAfter } }: Fault): Record<string, string> {
  if (!retryAfter) return {}
  const { seconds, global } = retryAfter
  return {
    'retry-after': String(seconds),
    'x-ratelimit-scope': global ? 'global' : 'user',
    'x-ratelimit-reset-after': String(seconds),
    'x-ratelimit-remaining': '0',
    'x-ratelimit-limit': String(BUCKET_LIMIT),
    ...(global && { 'x-ratelimit-global': 'true' }),
  }
}

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string>): void {
  const text = JSON.stringify(body)
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...headers })
    .end(text)
}
