import type { Readable } from 'node:stream'
import { Agent } from 'undici'

/** The part of fetch's options grammY uses; it posts everything. A multipart upload arrives as a stream. */
type RequestOptions = {
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

/** A new connection to Telegram costs three trips round half the world; its servers keep an idle one for somewhat longer than this. */
const KEPT_MS = 60_000

/** What a connection ends with that the server closed before it answered. */
const CLOSED = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])

/**
 * HTTP for grammY over kept connections. grammY's own is node-fetch 2; undici needs a quarter of the CPU per call of what can be made of
 * node:http (measured: 26 and 118 us). Errors never hold the address, because the bot's token is part of it. `stop` aborts
 * whatever is under way.
 */
export function createTransport(stop?: AbortSignal): Transport {
  const agent = new Agent({ connections: SOCKETS_MAX, keepAliveTimeout: KEPT_MS })
  const destroy = () => void agent.destroy(new Error('The request was aborted'))
  stop?.addEventListener('abort', destroy, { once: true })

  async function send(url: URL, options: RequestOptions, mayRepeat: boolean): Promise<string> {
    const { headers = {}, body, signal } = options
    if (signal?.aborted || stop?.aborted) throw new Error('The request was aborted before it began')
    const answer = await agent
      .request({
        origin: url.origin,
        path: url.pathname + url.search,
        method: 'POST',
        headers,
        body: body ?? null,
        signal: signal ?? null,
      })
      .catch((error: unknown) => {
        // Most likely the server closed a kept connection in the moment we took it up again, and has not seen this request. If it
        // has, nothing is lost either: what fails is tried again by whoever called.
        if (mayRepeat && error instanceof Error && 'code' in error && CLOSED.has(`${error.code}`)) return null
        throw error
      })
    return answer ? answer.body.text() : send(url, options, false)
  }

  return {
    async fetch(url, options = {}) {
      const address = `${url}`
      if (!URL.canParse(address)) throw new Error('The address of the Bot API (TELEGRAM_API_ROOT) is no address')
      const answer = await send(new URL(address), options, typeof options.body === 'string')
      return { json: async () => JSON.parse(answer) }
    },
    close: destroy,
  }
}
