import { text } from 'node:stream/consumers'
import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Hono } from 'hono'
import { afterEach, describe, expect, it } from 'vitest'
import { createHttpServer, type HttpServer, type HttpServerOptions } from '../../../core/http/index.ts'
import type { Log } from '../../../core/log.ts'

const lines: object[] = []
const record = (fields: object, message: string) => void lines.push({ ...fields, message })
const log: Log = { debug: record, info: record, warn: record, error: record, child: () => log }

const running: HttpServer[] = []
afterEach(async () => {
  lines.length = 0
  await Promise.all(running.splice(0).map((server) => server.stop()))
})

async function start(change: Partial<HttpServerOptions> = {}): Promise<string> {
  const server = createHttpServer({
    bind: '127.0.0.1',
    port: 0,
    metricsToken: 'a-token-for-metrics',
    routes: [],
    metrics: { render: async () => 'metric 1\n' },
    health: async () => [{ name: 'database', ok: true, detail: 'answers' }],
    log,
    ...change,
  })
  running.push(server)
  return `http://127.0.0.1:${(await server.start()).port}`
}

describe('the HTTP server', () => {
  it('says that it is alive, whatever fails behind it', async () => {
    const url = await start({ health: async () => [{ name: 'database', ok: false, detail: 'away' }] })
    const answer = await fetch(`${url}/healthz`)
    expect([answer.status, await answer.text()]).toEqual([200, 'ok\n'])
  })

  it('is ready when everything is, and otherwise says line by line what is not', async () => {
    const health = [
      { name: 'database', ok: true, detail: 'answers' },
      { name: 'telegram', ok: true, detail: 'polling' },
    ]
    const url = await start({ health: async () => health })
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    health[1] = { name: 'telegram', ok: false, detail: 'no answer\nfor a minute' }
    const answer = await fetch(`${url}/readyz`)
    expect([answer.status, await answer.text()]).toEqual([
      503,
      'database: ok (answers)\ntelegram: failing (no answer for a minute)\n',
    ])
  })

  it('shows metrics to this machine, and to others only with the token', async () => {
    const url = await start()
    const read = (headers: Record<string, string>) => fetch(`${url}/metrics`, { headers })
    expect(await (await read({})).text()).toBe('metric 1\n')
    const proxied = { 'x-forwarded-for': '203.0.113.9' }
    expect((await read(proxied)).status).toBe(403)
    expect((await read({ ...proxied, authorization: 'Bearer wrong' })).status).toBe(403)
    expect((await read({ ...proxied, authorization: 'Bearer a-token-for-metrics' })).status).toBe(200)
  })

  it('has no token that fits when none is set', async () => {
    const url = await start({ metricsToken: null })
    const headers = { 'x-forwarded-for': '203.0.113.9', authorization: 'Bearer null' }
    expect((await fetch(`${url}/metrics`, { headers })).status).toBe(403)
  })

  it('gives every request a number, and keeps the one it came with', async () => {
    const url = await start()
    expect((await fetch(`${url}/healthz`)).headers.get('x-request-id')).toMatch(/^[\w-]{8,}$/)
    expect((await fetch(`${url}/healthz`, { headers: { 'x-request-id': 'abc-123' } })).headers.get('x-request-id')).toBe(
      'abc-123',
    )
  })

  it('gives webhooks the request untouched, whatever way its body comes', async () => {
    const webhook = new Hono<{ Bindings: HttpBindings }>().post('/hook', async ({ env: { incoming, outgoing } }) => {
      outgoing.end(await text(incoming))
      return RESPONSE_ALREADY_SENT
    })
    const url = await start({ webhooks: [webhook] })
    for (const body of ['whole', new Blob(['in pieces']).stream()]) {
      const answer = await fetch(`${url}/hook`, { method: 'POST', body, duplex: 'half', headers: { 'x-request-id': 'abc-123' } })
      expect([await answer.text(), answer.headers.get('x-request-id')]).toEqual([
        typeof body === 'string' ? body : 'in pieces',
        'abc-123',
      ])
    }
  })

  it('answers unknown addresses in a plain sentence', async () => {
    const answer = await fetch(`${await start()}/nothing`)
    expect(answer.status).toBe(404)
    expect(await answer.text()).toContain('There is nothing at this address')
  })

  it('tells a stranger a number and the log the fault', async () => {
    const route = new Hono().get('/broken', () => {
      throw new Error('the canary in the row')
    })
    const answer = await fetch(`${await start({ routes: [route] })}/broken`)
    const said = await answer.text()
    expect(answer.status).toBe(500)
    expect(said).not.toContain('canary')
    expect(lines).toEqual([
      expect.objectContaining({ message: 'a request failed', path: '/broken', requestId: said.trim().split(' ').at(-1) }),
    ])
  })

  it('refuses bodies larger than anything of ours', async () => {
    const route = new Hono().post('/take', async (c) => c.text(String((await c.req.arrayBuffer()).byteLength)))
    const url = await start({ routes: [route] })
    expect(await (await fetch(`${url}/take`, { method: 'POST', body: 'x'.repeat(1000) })).text()).toBe('1000')
    expect((await fetch(`${url}/take`, { method: 'POST', body: 'x'.repeat(17 * 1024 * 1024) })).status).toBe(413)
  })

  it('says what to do when the port is taken', async () => {
    const port = Number(new URL(await start()).port)
    await expect(start({ port })).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is in use, perhaps by another ClawCloud. Stop that, or choose another port with PORT.`,
    )
  })

  it('cuts open streams when it stops', async () => {
    const route = new Hono().get(
      '/stream',
      () => new Response(new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('hello')) })),
    )
    const url = await start({ routes: [route] })
    const answer = await fetch(`${url}/stream`)
    const [server] = running.splice(0)
    await server?.stop()
    await expect(answer.text()).rejects.toThrow()
  })
})
