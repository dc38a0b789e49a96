import { generateKeyPairSync, sign } from 'node:crypto'
import { ACK_MS } from './interactions.ts'

export type Tampering = 'signature' | 'body' | 'old'
export type SignedAnswer = { readonly status: number; readonly contentType: string; readonly bytes: Buffer }

/** What is no longer believed: far more than any clock is wrong. */
const OLD_SECONDS = 3600
const ED25519_KEY_BYTES = 32

/** The other way interactions travel: signed POSTs to an address of the bot's. */
export function createEndpoint(applicationId: string, nextId: () => string, violate: (what: string) => void) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  let proven: string | null = null

  async function post(
    url: string,
    body: unknown,
    {
      tamper,
      timestampSeconds,
    }: { readonly tamper?: Tampering | undefined; readonly timestampSeconds?: number | undefined } = {},
  ): Promise<SignedAnswer> {
    const text = JSON.stringify(body)
    const now = Math.floor(Date.now() / 1000)
    const timestamp = String(timestampSeconds ?? (tamper === 'old' ? now - OLD_SECONDS : now))
    const signature = sign(null, Buffer.from(timestamp + text), privateKey)
    if (tamper === 'signature') signature[0] = (signature[0] ?? 0) ^ 1
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Discord-Interactions/1.0 (+https://discord.com)',
        'x-signature-ed25519': signature.toString('hex'),
        'x-signature-timestamp': timestamp,
      },
      body: tamper === 'body' ? `${text} ` : text,
      signal: AbortSignal.timeout(ACK_MS + 1000),
    })
    return {
      status: response.status,
      contentType: response.headers.get('content-type') ?? '',
      bytes: Buffer.from(await response.arrayBuffer()),
    }
  }

  return {
    /** As the developer portal shows it, and the bot's configuration has it. */
    publicKeyHex: publicKey.export({ format: 'der', type: 'spki' }).subarray(-ED25519_KEY_BYTES).toString('hex'),
    post,

    /** Discord takes an address only if it answers a PING, and refuses one whose signature is wrong. */
    async prove(url: string): Promise<void> {
      if (proven === url) return
      proven = url
      const ping = { id: nextId(), application_id: applicationId, type: 1, token: 'ping', version: 1 }
      const [honest, forged] = [await post(url, ping), await post(url, ping, { tamper: 'signature' })]
      const says = honest.status === 200 ? honest.bytes.toString().replaceAll(/\s/g, '') : ''
      if (says !== '{"type":1}') violate(`PING was answered with ${honest.status} ${honest.bytes}, not with 200 {"type":1}`)
      if (forged.status !== 401) violate(`a PING with a wrong signature was answered with ${forged.status}, not with 401`)
    },
  }
}
export type Endpoint = ReturnType<typeof createEndpoint>
