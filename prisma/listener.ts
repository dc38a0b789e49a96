import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import type { Log } from '../core/log.ts'

type Handler = (payload: string) => void

/** Wait between attempts to reconnect, growing to the last: a database restart takes one or two seconds. */
const RECONNECT_SECONDS = [0.1, 0.5, 1, 2, 5] as const

/** One connection for all LISTENs, which comes back after a restart of the database. See Database.listen. */
export function createListener(url: string, log: Log | undefined) {
  const handlers = new Map<string, Set<Handler>>()
  const ending = new AbortController()
  let connection: Promise<pg.Client> | null = null

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url, application_name: 'clawcloud-listen', keepAlive: true })
    client.on('error', (error) => log?.warn({ error: error.message }, 'the notification connection was lost'))
    client.on('notification', ({ channel, payload }) => {
      for (const handler of handlers.get(channel) ?? []) handler(payload ?? '')
    })
    await client.connect()
    for (const channel of handlers.keys()) await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`)
    client.once('end', () => {
      connection = null
      if (!ending.signal.aborted && handlers.size > 0) connection = reconnect()
    })
    return client
  }

  async function reconnect(): Promise<pg.Client> {
    for (let attempt = 0; ; attempt++) {
      const seconds = RECONNECT_SECONDS[Math.min(attempt, RECONNECT_SECONDS.length - 1)] ?? 1
      await wait(seconds * 1000, undefined, { signal: ending.signal })
      try {
        const client = await connect()
        for (const set of handlers.values()) for (const handler of set) handler('')
        return client
      } catch (error) {
        log?.debug({ error: error instanceof Error ? error.message : String(error) }, 'no notification connection yet')
      }
    }
  }

  return {
    async listen(channel: string, handler: Handler): Promise<() => Promise<void>> {
      const known = handlers.get(channel)
      if (known) known.add(handler)
      else handlers.set(channel, new Set([handler]))
      try {
        connection ??= connect()
        const client = await connection
        if (!known) await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`)
      } catch (error) {
        connection = null
        handlers.get(channel)?.delete(handler)
        throw error
      }
      return async () => {
        const set = handlers.get(channel)
        set?.delete(handler)
        if (set?.size !== 0) return
        handlers.delete(channel)
        const client = await connection?.catch(() => null)
        await client?.query(`UNLISTEN ${pg.escapeIdentifier(channel)}`).catch(() => undefined) // a lost connection listens to nothing
      }
    },
    async close(): Promise<void> {
      ending.abort()
      const client = await connection?.catch(() => null)
      await client?.end()
    },
  }
}
