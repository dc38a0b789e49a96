import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { Readable } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import { createTransport, type Transport } from '../../../bots/telegram/transport.ts'

describe('the transport', () => {
  let server: Server
  let transport: Transport

  async function listen(handle: RequestListener, stop?: AbortSignal): Promise<string> {
    server = createServer(handle).listen(0, '127.0.0.1')
    await once(server, 'listening')
    transport = createTransport(stop)
    const address = server.address()
    return address !== null && typeof address === 'object' ? `http://127.0.0.1:${address.port}/bot1:SECRET/getMe` : ''
  }
  afterEach(() => {
    transport.close()
    server.closeAllConnections()
    server.close()
  })
  const echo: RequestListener = async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    response.end(JSON.stringify({ body, length: request.headers['content-length'], type: request.headers['content-type'] }))
  }
  const post = (body: string | Readable) => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body })

  it('sends a text with its length in bytes, and a stream in chunks', async () => {
    const url = await listen(echo)
    expect(await (await transport.fetch(url, post('{"a":"你"}'))).json()).toMatchObject({ body: '{"a":"你"}', length: '11' })
    const stream = Readable.from([Buffer.from('one '), Buffer.from('two')])
    expect(await (await transport.fetch(url, post(stream))).json()).toMatchObject({ body: 'one two' })
  })

  it('keeps its connections between calls', async () => {
    let connections = 0
    const url = await listen(echo)
    server.on('connection', () => {
      connections += 1
    })
    for (let call = 0; call < 10; call += 1) await (await transport.fetch(url, post('{}'))).json()
    // A call that follows at once may come a moment before the first connection is free again.
    expect(connections).toBeLessThanOrEqual(2)
  })

  it('repeats a call once when the server had closed the kept connection', async () => {
    let calls = 0
    const url = await listen((request, response) => {
      calls += 1
      if (calls === 2) request.socket.destroy()
      else response.end('"ok"')
    })
    await transport.fetch(url, post('{}'))
    expect(await (await transport.fetch(url, post('{}'))).json()).toBe('ok')
    expect(calls).toBe(3)
  })

  it('does not hang on a stream that fails, and says why', async () => {
    const url = await listen(echo)
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from('x')
        throw new Error('the chart is broken')
      })(),
    )
    await expect(transport.fetch(url, post(broken))).rejects.toThrow('the chart is broken')
  })

  it('ends at once when its caller or the service stops, whether waiting or not begun', async () => {
    const stop = new AbortController()
    const url = await listen(() => {}, stop.signal)
    const caller = new AbortController()
    const waiting = transport.fetch(url, { ...post('{}'), signal: caller.signal })
    const other = transport.fetch(url, post('{}'))
    caller.abort()
    await expect(waiting).rejects.toThrow('aborted')
    stop.abort()
    await expect(other).rejects.toThrow('aborted')
    await expect(transport.fetch(url, post('{}'))).rejects.toThrow('aborted before it began')
  })

  it('never names the address in an error, for the token is in it', async () => {
    const url = await listen((request) => request.socket.destroy())
    const refused = url.replace(/:\d+\//, ':1/')
    for (const address of [url, refused, 'http://nowhere.invalid/bot1:SECRET/getMe', 'not an address SECRET']) {
      const error: unknown = await transport.fetch(address, post('{}')).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(Error)
      const shown = error instanceof Error ? JSON.stringify({ ...error, message: error.message, stack: error.stack }) : ''
      expect(shown).not.toContain('SECRET')
    }
  })
})
