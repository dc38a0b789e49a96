import { once } from 'node:events'
import { z } from 'zod'
import type { RouteKind } from './api.ts'
import { createCallbacks } from './callbacks.ts'
import type { Envelope } from './channel.ts'
import { Delivery, type SentEvent } from './delivery.ts'
import { Fault } from './fault.ts'
import { createLongConnection } from './long-connection.ts'
import { look } from './look.ts'
import { messageRoutes } from './messages.ts'
import { createPeople, type FeishuGroup, type FeishuPerson } from './people.ts'
import { resourceRoutes } from './resources.ts'
import { createApiServer, type RecordedCall } from './server.ts'
import { createTokens } from './tokens.ts'
import { encrypt, post, sign, webhookChannel } from './webhook.ts'
import { hex, type Locale, World } from './world.ts'

export type { CardReaction } from './callbacks.ts'
export type { SeenMessage } from './look.ts'
export type { FeishuChatView, FeishuGroup, FeishuPerson } from './people.ts'

/** What faults are planned for: new messages, changes of messages, uploads, or any call but the one for a token. */
type FaultRoute = Exclude<RouteKind, 'other'> | 'any'

type PostResult = { readonly status: number; readonly body: unknown; readonly ms: number }

/** A Feishu of our own: an open platform for the bot, and people who use it. */
export type Feishu = {
  /** FEISHU_DOMAIN. */
  readonly url: string
  readonly appId: string
  readonly appSecret: string
  readonly encryptKey: string
  readonly verificationToken: string
  readonly botOpenId: string
  readonly tenantKey: string
  /** Rules the bot broke, and mistakes of this stand-in itself. A good test ends with none. */
  readonly violations: string[]
  /** Every call but those for tokens and connections. */
  readonly calls: readonly RecordedCall[]
  /** Every event and callback that was sent, with its id. */
  readonly events: readonly SentEvent[]

  person(options: { readonly name: string; readonly locale?: Locale }): FeishuPerson
  /** A group with the bot in it. Its owner and managers are what GET chats/{id} says. */
  group(options?: { readonly name?: string; readonly owner?: FeishuPerson }): FeishuGroup
  /** Switches event and card callbacks from the long connection to signed, encrypted HTTP POSTs at this address. null: back. */
  callbacksTo(url: string | null): void

  /**
   * The next call is refused for its rate. Without a code HTTP 429 from the gateway (99991400); 230020 is a chat's own limit
   * with HTTP 400, 11232 a tenant's with HTTP 200, 99991400 the gateway's for old routes with HTTP 400. All say how long to wait.
   */
  rateLimitNext(route: FaultRoute, seconds: number, code?: 230020 | 11232 | 99991400): void
  /** The next card is refused as Feishu refuses card JSON. */
  refuseNextCard(reason?: string): void
  /** `drop` ends the connection before anything happened; `cut` after it happened, so that only the answer is lost. */
  failNext(route: FaultRoute, kind: 'drop' | 'cut' | '500', times?: number): void
  /** The long connection breaks; the SDK connects again. */
  dropConnection(): void
  connections(): number
  /** Tenant tokens are refused with 99991663 from now on; a new one has to be asked for. */
  expireTenantTokens(): void
  /** Whether the app may look people up (permission `contact:user.base:readonly`); it may, until told otherwise. */
  permitContacts(yes: boolean): void
  /** Time passes for messages, update tokens and uuids; not for rates and tenant tokens, which have their own switches. */
  advance(seconds: number): void

  /** An event or callback the people here can't cause. Resolves when it was acknowledged. */
  rawEvent(type: string, event: unknown): Promise<void>
  /** A whole event as Feishu would send it, for `signedPost`. */
  envelope(type: string, event: unknown): Envelope
  /** A callback POST by hand: for forged, replayed, late and re-formatted bodies. Takes a whole envelope. */
  signedPost(
    event: unknown,
    options?: {
      readonly tamper?: 'signature' | 'token' | 'body'
      readonly timestampSeconds?: number
      readonly nonce?: string
      /** Not encrypted. */
      readonly plain?: boolean
      /** Signed as it is, but with other white space than JSON.stringify makes. */
      readonly reformatted?: boolean
    },
  ): Promise<PostResult>
  /** What Feishu asks when an address is entered in the console: encrypted, not signed. */
  challenge(options?: { readonly tamper?: 'token' }): Promise<PostResult>
  /** The same event again. Resolves when it was acknowledged. */
  redeliver(eventId: string): Promise<void>
  /** Waits for something to become true; looks again whenever anything happened. Rejects with the last messages when it takes too long. */
  until<T>(read: () => T | undefined | null | false, what?: string): Promise<T>
  close(): Promise<void>
}

const CHALLENGE_WITHIN_MS = 1000
const BY_HAND_WITHIN_MS = 10_000
const UNTIL_SECONDS = 8
const LOOK_AGAIN_MS = 20

export async function createFeishu(): Promise<Feishu> {
  const world = new World()
  const secrets = { appSecret: hex(16), encryptKey: hex(16), verificationToken: hex(16) }
  const refusals: string[] = []
  const tokens = createTokens(world, secrets.appSecret)
  const longConnection = createLongConnection(world, secrets.appSecret)
  let callbackUrl: string | null = null
  const delivery = new Delivery(world, secrets.verificationToken, () =>
    callbackUrl === null ? longConnection.channel : webhookChannel(callbackUrl, secrets.encryptKey),
  )
  const callbacks = createCallbacks(world, delivery)
  const { person, group } = createPeople(world, delivery, callbacks.press)
  const { server, calls, plans } = createApiServer({
    world,
    routes: [...messageRoutes(world, () => refusals.shift()), ...resourceRoutes(world)],
    tokens,
    endpoint: longConnection.endpoint,
  })

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The fake Feishu has no port')
  const url = `http://127.0.0.1:${address.port}`
  longConnection.attach(server, url)

  async function postByHand(body: string, headers: Readonly<Record<string, string>>): Promise<PostResult> {
    if (callbackUrl === null) throw new Error('There is no address to post to: call callbacksTo first')
    const outcome = await post(callbackUrl, { body, headers }, BY_HAND_WITHIN_MS)
    if (outcome.kind !== 'answered') throw new Error(`${callbackUrl} is ${outcome.kind}`)
    return { status: outcome.status, body: outcome.body, ms: outcome.ms }
  }

  return {
    url,
    ...secrets,
    appId: world.appId,
    botOpenId: world.bot.openId,
    tenantKey: world.tenantKey,
    violations: world.violations,
    calls,
    events: delivery.events,
    person,
    group,
    callbacksTo: (to) => {
      callbackUrl = to
    },

    rateLimitNext: (route, seconds, code) => void plans.push({ route, fault: rateLimit(seconds, code) }),
    refuseNextCard: (reason = 'refused by the test') => void refusals.push(reason),
    failNext: (route, kind, times = 1) => {
      const fault = kind === '500' ? new Fault(500, 2200, 'Internal Error') : kind
      plans.push(...Array.from({ length: times }, () => ({ route, fault })))
    },
    dropConnection: longConnection.drop,
    connections: longConnection.connections,
    expireTenantTokens: tokens.expireAll,
    permitContacts: (yes) => {
      world.contactsPermitted = yes
    },
    advance: (seconds) => world.advance(seconds),

    rawEvent: (type, event) => (type.startsWith('card.') ? callbacks.raw(type, event) : delivery.push(type, event, type)),
    envelope: (type, event) => delivery.envelope(type, event),
    signedPost(event, { tamper, timestampSeconds, nonce = hex(8), plain = false, reformatted = false } = {}) {
      const content = tamper === 'token' ? withToken(event, hex(16)) : event
      const outer = plain ? content : encrypt(content, secrets.encryptKey)
      const body = JSON.stringify(outer, null, reformatted ? 4 : undefined)
      const headers = sign(body, secrets.encryptKey, `${timestampSeconds ?? Math.floor(Date.now() / 1000)}`, nonce)
      const signature = headers['x-lark-signature'] ?? ''
      const forged = { ...headers, 'x-lark-signature': `${signature.slice(0, -1)}${signature.endsWith('0') ? '1' : '0'}` }
      return postByHand(tamper === 'body' ? `${body} ` : body, tamper === 'signature' ? forged : headers)
    },
    async challenge({ tamper } = {}) {
      const token = tamper === 'token' ? hex(16) : secrets.verificationToken
      const question = { challenge: hex(16), token, type: 'url_verification' }
      const body = JSON.stringify(encrypt(question, secrets.encryptKey))
      const result = await postByHand(body, { 'content-type': 'application/json; charset=utf-8' })
      if (result.ms > CHALLENGE_WITHIN_MS)
        world.violate(`url_verification took ${Math.round(result.ms)} ms, it has ${CHALLENGE_WITHIN_MS}`)
      if (tamper === undefined && JSON.stringify(result.body) !== JSON.stringify({ challenge: question.challenge })) {
        world.violate(`url_verification was answered with ${JSON.stringify(result.body)}`)
      }
      return result
    },
    redeliver: (eventId) => delivery.redeliver(eventId),

    until: (read, what = 'what the test waits for') =>
      new Promise((resolve, reject) => {
        const check = () => {
          const value = read()
          if (value === undefined || value === null || value === false) return
          stop()
          resolve(value)
        }
        const forget = world.onChange(check)
        // What changed inside the bot causes no event here.
        const again = setInterval(check, LOOK_AGAIN_MS)
        const timer = setTimeout(() => {
          stop()
          reject(new Error(`Not within ${UNTIL_SECONDS} s: ${what}. ${report(world, calls)}`))
        }, UNTIL_SECONDS * 1000)
        const stop = () => {
          clearTimeout(timer)
          clearInterval(again)
          forget()
        }
        check()
      }),

    async close() {
      delivery.close()
      longConnection.drop()
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

function rateLimit(seconds: number, code: 230020 | 11232 | 99991400 | undefined): Fault {
  const headers = { 'x-ogw-ratelimit-limit': '50', 'x-ogw-ratelimit-reset': `${seconds}` }
  if (code === 230020) return new Fault(400, code, 'This operation triggers the frequency limit.', { headers })
  if (code === 11232) return new Fault(200, code, 'frequency limited', { headers })
  return new Fault(code === undefined ? 429 : 400, 99991400, 'request trigger frequency limit', { headers })
}

const Forgeable = z.looseObject({ header: z.looseObject({ token: z.string() }) })

function withToken(event: unknown, token: string): unknown {
  const envelope = Forgeable.parse(event)
  return { ...envelope, header: { ...envelope.header, token } }
}

function report(world: World, calls: readonly RecordedCall[]): string {
  const last = (lines: readonly string[]) => lines.slice(-6).join('\n') || 'none'
  const messages = [...world.messages.values()].map((message) => {
    const { text, buttons } = look(message, world)
    const sender = message.senderId === null ? world.bot.name : world.name(message.senderId)
    return `${sender}: ${text.slice(0, 200)}${buttons.map(({ label }) => ` [${label}]`).join('')}`
  })
  const paths = calls.map(({ method, path }) => `${method} ${path}`)
  return `Violations: ${last(world.violations)}. Last calls: ${last(paths)}. Last messages:\n${last(messages)}`
}
