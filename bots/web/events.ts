import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { Log } from '../../core/log.ts'
import { type History, visibleTo } from './history.ts'
import type { Live } from './live.ts'
import { type Reader, renderRow } from './render.ts'

/**
 * Shorter than the 30 s after which common proxies close a silent connection. Each heartbeat also looks for new rows,
 * so a page is complete even while nothing can be heard from PostgreSQL.
 */
const HEARTBEAT_MS = 15_000
/** Rows sent per query: a page that was away for long catches up in bites. */
const BATCH = 100

type Dependencies = { readonly history: History; readonly live: Live; readonly log: Log }

/**
 * The event stream of one page: every row after its revision, in order, none left out, whatever happens in between.
 * `message` events carry the revision as their id, so the browser itself asks for the rest after a break.
 */
export function events(
  c: Context,
  chatId: string,
  after: number,
  reader: Reader,
  closing: AbortSignal,
  dependencies: Dependencies,
): Response {
  const { history, live, log } = dependencies
  return streamSSE(c, async (stream) => {
    const { promise: over, resolve: end } = deferred()
    let revision = after
    let reading = false
    let again = false

    async function readOn(): Promise<void> {
      again = true
      if (reading) return
      reading = true
      try {
        while (again && !stream.aborted) {
          again = false
          const rows = await history.after(chatId, revision, BATCH)
          for (const row of rows) {
            revision = row.body.revision
            if (!visibleTo(row, reader.userId)) continue
            await stream.writeSSE({ id: String(revision), data: JSON.stringify({ html: renderRow(row, reader).html }) })
          }
          if (rows.length === BATCH) again = true
        }
      } catch (error) {
        // The next heartbeat reads again from the same revision: late, not lost.
        log.warn({ error, chatId }, 'web chat could not read on for a page; it tries again')
      } finally {
        reading = false
      }
    }

    const leave = live.open({
      chatId,
      userId: reader.userId,
      wake: () => void readOn(),
      acknowledged: ({ clientId, note }) =>
        void stream.writeSSE({
          event: 'acknowledged',
          data: JSON.stringify(note === undefined ? { clientId } : { clientId, note }),
        }),
    })
    const heartbeat = setInterval(() => {
      void stream.writeSSE({ event: 'ping', data: '' })
      void readOn()
    }, HEARTBEAT_MS)
    stream.onAbort(end)
    closing.addEventListener('abort', end, { once: true })
    await readOn()
    // Headers reach the browser with the first bytes; without them it would not know that it is connected.
    await stream.writeSSE({ event: 'ping', data: '' })
    await over
    closing.removeEventListener('abort', end)
    clearInterval(heartbeat)
    leave()
  })
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
