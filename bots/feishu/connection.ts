import { setTimeout as wait } from 'node:timers/promises'
import type { HttpInstance } from '@larksuiteoapi/node-sdk'
import type { Log } from '../../core/log.ts'
import { type Credentials, type loadSdk, sdkLogging } from './api.ts'
import type { PressAnswer } from './presses.ts'

type Dependencies = {
  readonly sdk: Awaited<ReturnType<typeof loadSdk>>
  readonly credentials: Credentials
  readonly http: HttpInstance
  /** Resolves when an event is stored, with nothing; or with what a press is answered with. Rejects for what shall be given again. */
  readonly handle: (body: unknown) => Promise<PressAnswer | undefined>
  readonly report: (state: { readonly ok: boolean; readonly detail: string }) => void
  readonly log: Log
}

export type Connection = {
  /** Resolves when it is up, or after some seconds in any case. */
  start(): Promise<void>
  /** Which connection it is, counted from the first; null while there is none. What goes over one that broke may be lost. */
  current(): number | null
  close(): void
}

const HANDSHAKE_SECONDS = 10
/** An answer to a ping that takes longer does not come. */
const PONG_SECONDS = 10
/** How long a start waits for the connection before the service goes on without. */
const START_PATIENCE_MS = 5000
/** After a refusal the SDK gives up; what is wrong may be mended in the developer console without a restart of ours. */
const RESTART_MS = 30_000

/**
 * The long connection. The SDK connects, pings, puts events together and connects anew; what it would make of an event (no check, any
 * answer) is replaced by `handle`, which is given the body as Feishu sent it.
 */
export function createConnection({ sdk, credentials, http, handle, report, log }: Dependencies): Connection {
  const logging = sdkLogging(sdk, log)
  const dispatcher = new sdk.EventDispatcher(logging)
  dispatcher.invoke = (body: unknown) =>
    handle(body).catch((error: unknown) => {
      log.warn({ err: error }, 'A Feishu event could not be stored; Feishu will repeat it')
      // Makes the SDK answer 500.
      throw error
    })

  const closing = new AbortController()
  let ready: () => void = () => undefined
  let ordinal = 0

  const socket = new sdk.WSClient({
    ...credentials,
    ...logging,
    httpInstance: http,
    handshakeTimeoutMs: HANDSHAKE_SECONDS * 1000,
    wsConfig: { pingTimeout: PONG_SECONDS },
    onReady: connected,
    onReconnected: connected,
    onReconnecting: () => {
      ordinal += 1
      report({ ok: false, detail: 'the long connection broke; connecting anew' })
    },
    onError: (error) => {
      const detail = `the long connection is refused (${error.message}). In the developer console, under Events and Callbacks, choose to receive both through a long connection`
      report({ ok: false, detail })
      log.error({}, `Feishu: ${detail}`)
      void again()
    },
  })

  function connected(): void {
    report({ ok: true, detail: 'connected' })
    ready()
  }

  async function again(): Promise<void> {
    await wait(RESTART_MS, undefined, { signal: closing.signal, ref: false }).catch(() => undefined)
    if (!closing.signal.aborted) await socket.start({ eventDispatcher: dispatcher })
  }

  return {
    async start() {
      const up = new Promise<void>((resolve) => {
        ready = resolve
      })
      void socket.start({ eventDispatcher: dispatcher })
      await Promise.race([up, wait(START_PATIENCE_MS, undefined, { signal: closing.signal, ref: false }).catch(() => undefined)])
    },
    current: () => (socket.getConnectionStatus().state === 'connected' ? ordinal : null),
    close() {
      closing.abort()
      socket.close({ force: true })
    },
  }
}
