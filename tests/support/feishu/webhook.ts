import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import type { Channel, Envelope, Outcome } from './channel.ts'
import { hex } from './world.ts'

export type Post = { readonly body: string; readonly headers: Readonly<Record<string, string>> }

/** `{"encrypt": …}`: AES-256-CBC, the key is sha256 of the Encrypt Key, the first 16 bytes are the IV. */
export function encrypt(value: unknown, encryptKey: string): { readonly encrypt: string } {
  const iv = randomBytes(16)
  const cipher = createCipheriv('aes-256-cbc', createHash('sha256').update(encryptKey).digest(), iv)
  return { encrypt: Buffer.concat([iv, cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]).toString('base64') }
}

/** The headers of a request: its signature is over the bytes as they are sent. */
export function sign(body: string, encryptKey: string, timestamp: string, nonce: string): Readonly<Record<string, string>> {
  return {
    'content-type': 'application/json; charset=utf-8',
    'x-request-id': hex(16),
    'x-lark-request-timestamp': timestamp,
    'x-lark-request-nonce': nonce,
    'x-lark-signature': createHash('sha256').update(`${timestamp}${nonce}${encryptKey}${body}`).digest('hex'),
  }
}

/** Posts and reads the answer: JSON if it is, else its text. */
export async function post(url: string, { body, headers }: Post, withinMs: number): Promise<Outcome> {
  const since = performance.now()
  const ms = () => performance.now() - since
  try {
    // A redirect is no answer.
    const init = { method: 'POST', body, headers, redirect: 'manual', signal: AbortSignal.timeout(withinMs) } as const
    const response = await fetch(url, init)
    const text = await response.text()
    return { kind: 'answered', status: response.status, body: parsed(text), ms: ms() }
  } catch (error) {
    return error instanceof Error && error.name === 'TimeoutError'
      ? { kind: 'late', ms: ms() }
      : { kind: 'unreachable', ms: ms() }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Events and callbacks as signed, encrypted POSTs. */
export const webhookChannel = (url: string, encryptKey: string): Channel => ({
  isReachable: () => true,
  attempt(envelope: Envelope, withinMs: number) {
    const body = JSON.stringify(encrypt(envelope, encryptKey))
    return post(url, { body, headers: sign(body, encryptKey, `${Math.floor(Date.now() / 1000)}`, hex(8)) }, withinMs)
  },
})
