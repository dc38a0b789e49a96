import { setTimeout as wait } from 'node:timers/promises'
import { Api } from 'grammy'
import type { Hono } from 'hono'
import { cutText } from '../../core/chat/cut.ts'
import type { ChatPlatform, Draw, PlatformHealth, Receive } from '../../core/chat/platform.ts'
import type { Clock } from '../../core/clock.ts'
import type { Log } from '../../core/log.ts'
import { TOAST_MAX, telegramCapabilities } from './capabilities.ts'
import { placeOf } from './chat-key.ts'
import { publishCommands } from './commands.ts'
import { createDeliver } from './deliver.ts'
import { networkReason } from './faults.ts'
import { pause, poll, troubleOf } from './polling.ts'
import { ALLOWED_UPDATES, type Me, receive as receiveUpdate } from './receive.ts'
import { createTransport } from './transport.ts'
import { WEBHOOK_PATH, webhookRoutes } from './webhook.ts'

export type TelegramOptions = {
  readonly token: string
  /** Telegram's own, or a Bot API server of one's own; without a slash at the end. */
  readonly apiRoot: string
  /** Updates come to `<publicUrl>/telegram` with this secret; without it we poll. */
  readonly webhook?: { readonly secret: string; readonly publicUrl: string }
  readonly clock: Clock
  readonly log: Log
  readonly draw: Draw
  /** 0 to 1; spreads retries. */
  readonly random: () => number
}

/** `routes` is to be mounted at the root of the service's HTTP server; null when polling. */
export type Telegram = ChatPlatform & { readonly routes: Hono | null }

/** How long Telegram holds a getUpdates that has nothing to tell, and how long we then give the network. */
const POLL_SECONDS = 30
const POLL_GRACE_SECONDS = 10
/** A call that takes longer will not come back. Long enough to upload a picture over a bad line. */
const CALL_SECONDS = 20
const BATCH_MAX = 100
/** A first contact is tried again after this, then twice this, and so on up to a minute. */
const CONTACT_RETRY_SECONDS = 5
const CONTACT_RETRY_MAX_SECONDS = 60
/** How long a stop waits for what is being stored and confirmed just now: a hanging database must not hold it up. */
const STOP_GRACE_SECONDS = 2

/** Telegram as a chat platform. `start` resolves after the first contact, also when that failed: it is tried again behind. */
export function createTelegram(options: TelegramOptions): Telegram {
  const { token, webhook, clock, log, draw, random } = options
  const apiRoot = options.apiRoot.replace(/\/+$/, '')
  const stopping = new AbortController()
  const transport = createTransport()
  const pollTransport = createTransport(stopping.signal)
  const api = new Api(token, { apiRoot, fetch: transport.fetch, timeoutSeconds: CALL_SECONDS })
  const pollApi = new Api(token, { apiRoot, fetch: pollTransport.fetch, timeoutSeconds: POLL_SECONDS + POLL_GRACE_SECONDS })

  const acknowledgements = new Set<Promise<void>>()
  let me: Me | null = null
  let onIncoming: Receive | null = null
  let running: Promise<void> = Promise.resolve()
  let health: PlatformHealth = { ok: false, detail: 'Telegram: not started' }
  const report = (now: PlatformHealth) => {
    health = now
  }

  async function accept(update: unknown): Promise<void> {
    if (!me || !onIncoming || stopping.signal.aborted) throw new Error('Telegram is not ready to receive yet')
    const received = receiveUpdate(update, me, clock.now().getTime())
    if (received.kind === 'incoming') await onIncoming(received.incoming)
    else log.debug({ reason: received.reason }, 'Telegram update ignored')
  }

  /** Says who we are and how updates shall reach us. Both at once: it is all the start waits for. */
  async function makeContact(): Promise<void> {
    const [bot] = await Promise.all([
      api.raw.getMe(),
      webhook
        ? api.raw.setWebhook({
            url: new URL(WEBHOOK_PATH, webhook.publicUrl).href,
            secret_token: webhook.secret,
            allowed_updates: ALLOWED_UPDATES,
          })
        : // A webhook left from before would keep getUpdates from working.
          api.raw.deleteWebhook({}),
    ])
    me = { id: bot.id, username: bot.username }
    report({ ok: true, detail: `Telegram: @${bot.username} ${webhook ? 'waits for its webhook' : 'polls'}` })
  }

  /** One try. True when we are in contact, false to try again, null when trying again is useless. */
  async function tryContact(): Promise<boolean | null> {
    try {
      await makeContact()
      return true
    } catch (error) {
      const trouble = troubleOf(error)
      report({ ok: false, detail: trouble.message })
      log.error({}, trouble.message)
      return trouble.final ? null : false
    }
  }

  async function keepReceiving(firstContact: boolean | null): Promise<void> {
    let contact = firstContact
    for (let failures = 1; contact === false && !stopping.signal.aborted; failures += 1) {
      await pause(Math.min(CONTACT_RETRY_SECONDS * failures, CONTACT_RETRY_MAX_SECONDS), { random, signal: stopping.signal })
      if (!stopping.signal.aborted) contact = await tryContact()
    }
    if (contact !== true || webhook || stopping.signal.aborted) return

    const fetchBatch = (offset: number | undefined) =>
      pollApi.raw.getUpdates({
        timeout: POLL_SECONDS,
        limit: BATCH_MAX,
        allowed_updates: ALLOWED_UPDATES,
        ...(offset !== undefined && { offset }),
      })
    const offset = await poll({ fetchBatch, accept, report, log, random, signal: stopping.signal })
    // The last batch is stored but not confirmed. Without this it would come again after a restart, which only costs a look-up.
    if (offset !== undefined) {
      await api.raw
        .getUpdates({ offset, limit: 1, timeout: 0 })
        .catch((error: unknown) => log.debug({ reason: networkReason(error) }, 'The last Telegram updates stay unconfirmed'))
    }
  }

  async function answerPress(callbackId: string, note: string | undefined): Promise<void> {
    const text = note === undefined ? {} : { text: cutText(note, TOAST_MAX, 'utf16') }
    try {
      await api.raw.answerCallbackQuery({ callback_query_id: callbackId, ...text })
    } catch (error) {
      // Too late or twice: the button has stopped turning by itself.
      log.debug({ reason: troubleOf(error).message }, 'A Telegram press was not acknowledged')
    }
  }

  return {
    name: 'telegram',
    capabilities: telegramCapabilities,
    routes: webhook ? webhookRoutes({ secret: webhook.secret, accept, log }) : null,

    async start(receive) {
      onIncoming = receive
      running = keepReceiving(await tryContact())
    },

    async stop() {
      stopping.abort()
      const rest = Promise.all([running, ...acknowledgements])
      await Promise.race([rest, wait(STOP_GRACE_SECONDS * 1000, undefined, { ref: false })])
      transport.close()
      pollTransport.close()
      report({ ok: false, detail: 'Telegram: stopped' })
    },

    deliver: createDeliver({ api, draw, log }),

    /** Resolves at once, for nothing depends on it: the answer to the press must not wait for its spinner. */
    async acknowledge(incoming, note) {
      if (incoming.acknowledgement === undefined) return
      const answer = answerPress(incoming.acknowledgement, note)
      acknowledgements.add(answer)
      void answer.finally(() => acknowledgements.delete(answer))
    },

    async removeIncoming(incoming) {
      const place = placeOf(incoming.chat.id)
      if (!place || incoming.messageRef === undefined) return false
      try {
        return await api.raw.deleteMessage({ chat_id: place.chatId, message_id: Number(incoming.messageRef) })
      } catch (error) {
        log.warn({ reason: troubleOf(error).message }, 'Telegram did not let us delete a message')
        return false
      }
    },

    /** A private chat has its person's id. Whether they ever wrote to us shows when we send: `chat-gone` if not. */
    async privateChat(userId) {
      return /^[1-9]\d{0,15}$/.test(userId) ? userId : null
    },

    link: (payload) => (me ? `https://t.me/${me.username}?start=${encodeURIComponent(payload)}` : null),

    async publishCommands(menus) {
      try {
        await publishCommands(api, menus)
      } catch (error) {
        // The old menu stays, and typing a command works without any.
        log.warn(
          { reason: troubleOf(error).message },
          'The Telegram command menu could not be published; the next start tries again',
        )
      }
    },

    health: () => health,
  }
}
