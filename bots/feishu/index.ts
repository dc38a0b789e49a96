import { setTimeout as wait } from 'node:timers/promises'
import type { Hono } from 'hono'
import { cutText } from '../../core/chat/cut.ts'
import { KeyedQueue } from '../../core/chat/keyed-queue.ts'
import type { ChatPlatform, CoreLine, Draw, PlatformHealth, Receive } from '../../core/chat/platform.ts'
import type { Clock } from '../../core/clock.ts'
import type { Localiser } from '../../core/i18n/index.ts'
import type { Log } from '../../core/log.ts'
import { createApi, loadSdk } from './api.ts'
import { feishuCapabilities, TOAST_MAX } from './capabilities.ts'
import { placeOf } from './chat-key.ts'
import { createConnection } from './connection.ts'
import { createDeliver } from './deliver.ts'
import { isNotPermitted, reasonOf } from './faults.ts'
import { createPace } from './pace.ts'
import { createPeople, type WorkspaceKind } from './people.ts'
import { createPictures } from './pictures.ts'
import { createPresses, type PressAnswer } from './presses.ts'
import { type Me, type Received, receive as receiveEvent } from './receive.ts'
import { toastTexts } from './toasts.ts'
import { createTransport } from './transport.ts'
import { webhookRoutes } from './webhook.ts'

export type FeishuOptions = {
  readonly appId: string
  readonly appSecret: string
  /** open.feishu.cn, open.larksuite.com or a stand-in; without a slash at the end. */
  readonly domain: string
  /** Events and presses come to `/feishu` of ours; without it they come through a long connection. */
  readonly webhook?: { readonly encryptKey: string; readonly verificationToken: string }
  readonly workspaces: WorkspaceKind
  readonly clock: Clock
  readonly log: Log
  readonly draw: Draw
  readonly localiser: Localiser
}

/** `routes` is to be mounted at the root of the service's HTTP server; null with a long connection. */
export type Feishu = ChatPlatform & { readonly routes: Hono | null }

/** A first contact is tried again after this, then twice this, and so on up to a minute. */
const CONTACT_RETRY_SECONDS = 5
const CONTACT_RETRY_MAX_SECONDS = 60
/** Our HTTP server is up a moment before we know who we are: what comes in between waits, as long as it can be answered in time. */
const READY_PATIENCE_MS = 1500
/** How long a stop waits for what is being stored just now: a hanging database must not hold it up. */
const STOP_GRACE_MS = 1500

/** Feishu, or Lark, as a chat platform. `start` resolves after the first contact, also when that failed: it is tried again behind. */
export async function createFeishu(options: FeishuOptions): Promise<Feishu> {
  const { webhook, workspaces, clock, log, draw, localiser } = options
  const sdk = await loadSdk()
  const credentials = { appId: options.appId, appSecret: options.appSecret, domain: options.domain.replace(/\/+$/, '') }
  const { http, close } = createTransport()
  const api = createApi(sdk, credentials, http, log)
  const people = createPeople({ api, log, workspaces })
  const toasts = toastTexts(localiser)
  // Over HTTP every answer has a connection of its own.
  const presses = createPresses(toasts, () => (connection ? connection.current() : 0), webhook === undefined)
  const stopping = new AbortController()
  /** What came from one chat goes to the core in the order it came, whatever has to be asked for meanwhile. */
  const queue = new KeyedQueue()

  let me: Me | null = null
  let isReady: () => void = () => undefined
  const ready = new Promise<void>((resolve) => {
    isReady = resolve
  })
  let onIncoming: Receive | null = null
  let line: CoreLine | null = null
  let running: Promise<void> = Promise.resolve()
  let health: PlatformHealth = { ok: false, detail: 'Feishu: not started' }
  const report = ({ ok, detail }: PlatformHealth) => {
    if (!stopping.signal.aborted) health = { ok, detail: `Feishu: ${detail}` }
  }

  const connection = webhook
    ? null
    : createConnection({ sdk, credentials, http, handle, log, report: ({ ok, detail }) => report({ ok, detail }) })

  /** An event from either way in. Resolves when it may be forgotten; a press with what it is answered. */
  async function handle(body: unknown): Promise<PressAnswer | undefined> {
    if (!me) await Promise.race([ready, wait(READY_PATIENCE_MS, undefined, { ref: false })])
    if (!me || !onIncoming || stopping.signal.aborted) throw new Error('Feishu is not ready to receive yet')
    const received = receiveEvent(body, me, clock.now().getTime())
    switch (received.kind) {
      case 'ignored':
        log.debug({ reason: received.reason }, 'Feishu event ignored')
        return undefined
      case 'unknown-press':
        log.warn({ reason: received.reason }, 'A press on a card that is none of ours')
        return { toast: toasts.unknown }
      case 'left':
        // An organisation is not left with one of its groups.
        if (workspaces === 'group') await line?.groupLeft(received.groupId)
        return undefined
      case 'incoming':
        return take(received, onIncoming)
    }
  }

  function take(
    { incoming, person }: Extract<Received, { kind: 'incoming' }>,
    toCore: Receive,
  ): Promise<PressAnswer | undefined> {
    const store = () =>
      queue.run(incoming.chat.id, async () => {
        const completed = await people.complete(incoming, person)
        if (completed) await toCore(completed)
        else log.debug({ chatId: incoming.chat.id }, 'Something from a group that we are not in any more was ignored')
      })
    return incoming.acknowledgement === undefined ? store().then(() => undefined) : presses.take(incoming, store)
  }

  async function tryContact(): Promise<boolean> {
    try {
      const bot = await api.bot()
      me = { openId: bot.openId }
      isReady()
      report({ ok: true, detail: `${bot.name} ${webhook ? 'waits for its webhook' : 'is connecting'}` })
      return true
    } catch (error) {
      const detail = isNotPermitted(error)
        ? `${reasonOf(error)}. Compare FEISHU_APP_ID and FEISHU_APP_SECRET with the developer console, and see that the app has a bot and is published`
        : reasonOf(error)
      report({ ok: false, detail })
      log.error({}, `Feishu: ${detail}; trying again`)
      return false
    }
  }

  async function keepTrying(): Promise<void> {
    for (let failures = 1; !stopping.signal.aborted; failures += 1) {
      const seconds = Math.min(CONTACT_RETRY_SECONDS * failures, CONTACT_RETRY_MAX_SECONDS)
      await wait(seconds * 1000, undefined, { signal: stopping.signal }).catch(() => undefined)
      if (!stopping.signal.aborted && (await tryContact())) return connection?.start()
    }
  }

  return {
    name: 'feishu',
    capabilities: feishuCapabilities,
    routes: webhook ? webhookRoutes({ ...webhook, handle, clock, log }) : null,

    async start(receive, core) {
      onIncoming = receive
      line = core ?? null
      if (await tryContact()) await connection?.start()
      else running = keepTrying()
    },

    async stop() {
      stopping.abort()
      presses.stop()
      await Promise.race([Promise.all([running, queue.idle()]), wait(STOP_GRACE_MS, undefined, { ref: false })])
      // What was answered in this moment still goes out.
      await new Promise((resolve) => setImmediate(resolve))
      connection?.close()
      close()
      health = { ok: false, detail: 'Feishu: stopped' }
    },

    deliver: createDeliver({
      api,
      draw,
      log,
      presses,
      pictures: createPictures(api),
      pace: createPace(),
    }),

    async acknowledge({ acknowledgement }, note) {
      if (acknowledgement !== undefined)
        presses.acknowledge(acknowledgement, note === undefined ? undefined : cutText(note, TOAST_MAX, 'utf16'))
    },

    /** We never ask to be a group's administrator, and in a private chat nobody can take back the other's words. */
    removeIncoming: async () => false,

    privateChat: async (userId) => (placeOf(userId)?.kind === 'private' ? userId : null),

    /** Feishu's links open a chat, but say nothing in it. */
    link: () => null,

    /** The menu is part of the app: it is entered in the developer console (README) and can't be published from here. */
    async publishCommands() {},

    health: () => health,
  }
}
