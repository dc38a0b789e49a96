import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { createHttpJson, HttpJsonError, type HttpJsonRequest } from '../../core/http-json.ts'

const SECRET = 'sk-or-v1-0123456789abcdef0123456789abcdef'
let server: Server | undefined

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** A server that answers one request after the other as listed, the last answer again and again. */
async function serving(...answers: ((request: IncomingMessage, response: ServerResponse) => void)[]) {
  const seen: string[] = []
  const waits: number[] = []
  const statuses: (number | 'no-answer')[] = []
  const started = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`)
    answers[Math.min(seen.length, answers.length) - 1]?.(request, response)
  })
  server = started
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve))
  const address = started.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const http = createHttpJson({
    root: `http://127.0.0.1:${address.port}`,
    bearer: SECRET,
    timeoutSeconds: 0.3,
    wait: async (seconds) => {
      waits.push(seconds)
    },
    observe: (status) => statuses.push(status),
  })
  const failure = async (request: HttpJsonRequest): Promise<HttpJsonError> => {
    try {
      await http(request)
    } catch (error) {
      if (error instanceof HttpJsonError) return error
      throw error
    }
    throw new Error('expected a failure')
  }
  return { http, failure, seen, waits, statuses }
}

const answer =
  (status: number, body: unknown = {}, headers: Record<string, string> = {}) =>
  (_request: IncomingMessage, response: ServerResponse) =>
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))

describe('a JSON request', () => {
  it('sends the bearer and the body, and gives the parsed answer', async () => {
    const { http } = await serving((request, response) => {
      request
        .setEncoding('utf8')
        .on('data', (body) =>
          answer(200, { authorization: request.headers.authorization, body: JSON.parse(body) })(request, response),
        )
    })
    expect(await http({ method: 'POST', path: '/x', body: { a: 1 } })).toEqual({
      authorization: `Bearer ${SECRET}`,
      body: { a: 1 },
    })
  })

  it.each(['GET', 'PATCH', 'DELETE'] as const)(
    'repeats a %s after 429, 5xx or silence, as long as the vendor asks',
    async (method) => {
      const { http, seen, waits, statuses } = await serving(
        answer(429, {}, { 'retry-after': '2' }),
        answer(503),
        answer(200, { fine: true }),
      )
      expect(await http({ method, path: '/x' })).toEqual({ fine: true })
      expect(seen).toHaveLength(3)
      expect(waits).toEqual([2, 0.6])
      expect(statuses).toEqual([429, 503, 200])
    },
  )

  it('understands a Retry-After that is a date, by the vendor’s own clock', async () => {
    const headers = { date: 'Sun, 22 Nov 2026 12:00:00 GMT', 'retry-after': 'Sun, 22 Nov 2026 12:00:03 GMT' }
    const { http, waits } = await serving(answer(429, {}, headers), answer(200))
    await http({ method: 'GET', path: '/x' })
    expect(waits).toEqual([3])
  })

  it('never repeats a POST, whatever went wrong', async () => {
    for (const wrong of [
      answer(503),
      answer(429, {}, { 'retry-after': '1' }),
      (_: IncomingMessage, response: ServerResponse) => void response.destroy(),
    ]) {
      const { failure, seen } = await serving(wrong, answer(200))
      expect((await failure({ method: 'POST', path: '/keys', body: {} })).retryable).toBe(true)
      expect(seen).toHaveLength(1)
    }
  })

  it('does not repeat what was refused', async () => {
    const { failure, seen } = await serving(answer(404, { error: { message: 'no such key' } }))
    expect(await failure({ method: 'GET', path: '/x' })).toMatchObject({ status: 404, retryable: false })
    expect(seen).toHaveLength(1)
  })

  it('leaves a pause longer than a few seconds to the caller', async () => {
    const { failure, seen } = await serving(answer(429, {}, { 'retry-after': '600' }))
    expect(await failure({ method: 'GET', path: '/x' })).toMatchObject({ status: 429, retryable: true, retryAfterSeconds: 600 })
    expect(seen).toHaveLength(1)
  })

  it('gives up on a silent server in the time it was given, status unknown', async () => {
    const { failure, seen, statuses } = await serving(() => undefined)
    expect(await failure({ method: 'GET', path: '/x', repeat: false })).toMatchObject({ status: null, retryable: true })
    expect(seen).toHaveLength(1)
    expect(statuses).toEqual(['no-answer'])
  })

  it('never quotes a secret in an error', async () => {
    const other = 'sk-ant-api03-abcdefghijklmnop'
    const { failure } = await serving(answer(400, `bad key ${SECRET} and ${other}`))
    const error = await failure({ method: 'GET', path: '/x' })
    expect(error.message).toContain('[redacted]')
    expect(error.message).not.toContain(SECRET)
    expect(error.message).not.toContain(other)
  })

  it('calls a page that is not JSON what it is', async () => {
    const { failure } = await serving(answer(200, '<html>'))
    expect((await failure({ method: 'GET', path: '/x', repeat: false })).message).toContain('not JSON')
  })
})
