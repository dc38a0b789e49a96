import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Readable } from 'node:stream'

/** The part of fetch's options grammY uses. A multipart upload arrives as a stream. */
type RequestOptions = {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Readable
  /** grammY aborts it on its own timeouts, too. */
  readonly signal?: Pick<AbortSignal, 'aborted' | 'addEventListener'>
}
export type Transport = {
  fetch(url: string | URL, options?: RequestOptions): Promise<{ json(): Promise<unknown> }>
  /** Closes the kept connections. */
  close(): void
}

/** More at once than Telegram's 30 messages a second ever needs; the rest wait in the agent's queue. */
const SOCKETS_MAX = 64

/**
 * HTTP for grammY over kept connections. grammY's own is node-fetch 2, which costs twice the CPU per call.
 * Errors never hold the address, because the bot's token is part of it. `stop` aborts whatever is under way.
 */
export function createTransport(stop?: AbortSignal): Transport {
  const agents = {
    'http:': { request: httpRequest, agent: new HttpAgent({ keepAlive: true, maxSockets: SOCKETS_MAX }) },
    'https:': { request: httpsRequest, agent: new HttpsAgent({ keepAlive: true, maxSockets: SOCKETS_MAX }) },
  }

  function send(url: URL, options: RequestOptions, mayRepeat: boolean): Promise<Buffer> {
    const { method = 'GET', headers = {}, body, signal } = options
    const { request, agent } = url.protocol === 'http:' ? agents['http:'] : agents['https:']
    return new Promise((resolve, reject) => {
      if (signal?.aborted || stop?.aborted) {
        reject(new Error('The request was aborted before it began'))
        return
      }
      const length = typeof body === 'string' ? { 'content-length': Buffer.byteLength(body) } : {}
      const outgoing = request(url, { method, agent, headers: { ...headers, ...length } })
      outgoing.on('response', (response) => collect(response).then(resolve, reject))
      outgoing.on('error', (error) => {
        // The server closed a kept connection in the moment we took it up again: it has not seen this request.
        const stale = outgoing.reusedSocket && 'code' in error && error.code === 'ECONNRESET'
        if (stale && mayRepeat && !signal?.aborted) send(url, options, false).then(resolve, reject)
        else reject(error)
      })
      const abort = () => outgoing.destroy(new Error('The request was aborted'))
      signal?.addEventListener('abort', abort, { once: true })
      // This signal lives as long as the service, so a finished request must not stay on it.
      stop?.addEventListener('abort', abort, { once: true })
      outgoing.on('close', () => stop?.removeEventListener('abort', abort))
      if (body === undefined || typeof body === 'string') outgoing.end(body)
      else {
        body.on('error', (error) => outgoing.destroy(error))
        body.pipe(outgoing)
      }
    })
  }

  return {
    async fetch(url, options = {}) {
      const address = `${url}`
      if (!URL.canParse(address)) throw new Error('The address of the Bot API (TELEGRAM_API_ROOT) is no address')
      const answer = await send(new URL(address), options, typeof options.body === 'string')
      return { json: async () => JSON.parse(answer.toString('utf8')) }
    },
    close() {
      agents['http:'].agent.destroy()
      agents['https:'].agent.destroy()
    },
  }
}

async function collect(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return Buffer.concat(chunks)
}
