import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { HttpInstance, HttpRequestOptions } from '@larksuiteoapi/node-sdk'
import { z } from 'zod'
import { FeishuError } from './faults.ts'

/** A call that takes longer will not come back. Long enough to upload a picture over a bad line. */
const CALL_SECONDS = 20
/** More at once than Feishu's 50 calls a second ever need; the rest wait in the agent's queue. */
const SOCKETS_MAX = 64
/** The SDK tells refusals here apart itself, by the body. */
const ENDPOINT_PATH = '/callback/ws/endpoint'

export type Transport = {
  /** What the SDK's client and long connection send through. */
  readonly http: HttpInstance
  /** Closes the kept connections and aborts what is under way. */
  close(): void
}

const Refusal = z.object({ code: z.number(), msg: z.string().optional() })

type Outgoing = {
  readonly url: URL
  readonly method: string
  readonly headers: Record<string, string>
  readonly body: Buffer | null
}
type Answer = { readonly status: number; readonly headers: IncomingMessage['headers']; readonly text: string }

/**
 * HTTP for the SDK over kept connections, with a time limit (its own has neither). Refusals of any status become a FeishuError, which
 * holds no header and no body of ours: what the SDK would log of them has the app's secret and people's messages in it.
 */
export function createTransport(): Transport {
  const stop = new AbortController()
  const agents = {
    'http:': { request: httpRequest, agent: new HttpAgent({ keepAlive: true, maxSockets: SOCKETS_MAX }) },
    'https:': { request: httpsRequest, agent: new HttpsAgent({ keepAlive: true, maxSockets: SOCKETS_MAX }) },
  }

  function exchange({ url, method, headers, body }: Outgoing, timeoutMs: number, mayRepeat: boolean): Promise<Answer> {
    const { request, agent } = url.protocol === 'http:' ? agents['http:'] : agents['https:']
    return new Promise((resolve, reject) => {
      if (stop.signal.aborted) {
        reject(new Error('The service is stopping'))
        return
      }
      const length = body === null ? {} : { 'content-length': body.byteLength }
      const outgoing = request(url, { method, agent, headers: { ...headers, ...length } })
      const timer = setTimeout(() => outgoing.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs)
      const abort = () => outgoing.destroy(new Error('The service is stopping'))
      stop.signal.addEventListener('abort', abort, { once: true })
      outgoing.on('close', () => {
        clearTimeout(timer)
        stop.signal.removeEventListener('abort', abort)
      })
      outgoing.on('response', (response) => collect(response).then(resolve, reject))
      outgoing.on('error', (error) => {
        // The server closed a kept connection in the moment we took it up again: it has not seen this request.
        const stale = outgoing.reusedSocket && 'code' in error && error.code === 'ECONNRESET'
        if (stale && mayRepeat) exchange({ url, method, headers, body }, timeoutMs, false).then(resolve, reject)
        else reject(error)
      })
      outgoing.end(body ?? undefined)
    })
  }

  async function request<D>(options: HttpRequestOptions<D>) {
    const outgoing = await outgoingOf(options)
    const { status, headers, text } = await exchange(outgoing, options.timeout ?? CALL_SECONDS * 1000, true)
    const isFailure = status < 200 || status >= 300
    const body = isFailure ? quietly(text) : JSON.parse(text)
    const refusal = Refusal.safeParse(body).data
    const refused = isFailure || (refusal !== undefined && refusal.code !== 0 && outgoing.url.pathname !== ENDPOINT_PATH)
    if (refused) throw new FeishuError(status, refusal?.code ?? 0, refusal?.msg ?? '', resetSecondsOf(headers))
    return body
  }

  const as = (method: string) => (url: string, options?: HttpRequestOptions<unknown>) => request({ ...options, url, method })
  const withBody =
    (method: string) =>
    <D>(url: string, data?: D, options?: HttpRequestOptions<D>) =>
      request({ ...options, url, method, ...(data !== undefined && { data }) })

  return {
    http: {
      request,
      get: as('GET'),
      delete: as('DELETE'),
      head: as('HEAD'),
      options: as('OPTIONS'),
      post: withBody('POST'),
      put: withBody('PUT'),
      patch: withBody('PATCH'),
    },
    close() {
      stop.abort()
      agents['http:'].agent.destroy()
      agents['https:'].agent.destroy()
    },
  }
}

async function collect(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return { status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString('utf8') }
}

/** An error page that is no JSON is an outage like any other. */
function quietly(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function resetSecondsOf(headers: IncomingMessage['headers']): number | null {
  const seconds = Number(headers['x-ogw-ratelimit-reset'] ?? headers['retry-after'])
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null
}

async function outgoingOf<D>({
  url = '',
  method = 'GET',
  headers = {},
  params = {},
  data,
}: HttpRequestOptions<D>): Promise<Outgoing> {
  if (!URL.canParse(url)) throw new Error('The address of Feishu (FEISHU_DOMAIN) is no address')
  const address = new URL(url)
  for (const [name, value] of Object.entries(params)) if (value !== undefined) address.searchParams.set(name, String(value))
  const sent: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) sent[name.toLowerCase()] = String(value)
  if (method.toUpperCase() === 'GET' || data === undefined) return { url: address, method, headers: sent, body: null }
  if (sent['content-type']?.startsWith('multipart/form-data')) {
    const encoded = new Response(formOf(data))
    const type = encoded.headers.get('content-type') ?? 'multipart/form-data'
    return { url: address, method, headers: { ...sent, 'content-type': type }, body: Buffer.from(await encoded.arrayBuffer()) }
  }
  return {
    url: address,
    method,
    headers: { ...sent, 'content-type': 'application/json; charset=utf-8' },
    body: Buffer.from(JSON.stringify(data), 'utf8'),
  }
}

/** Fields and one file, whose name in the form Feishu does not look at. */
function formOf(data: unknown): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(data ?? {})) {
    if (Buffer.isBuffer(value)) form.append(name, new Blob([new Uint8Array(value)]), name)
    else if (value !== undefined) form.append(name, String(value))
  }
  return form
}
