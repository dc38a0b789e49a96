import type { Pool } from 'pg'
import { z } from 'zod'
import type { Log } from '../log.ts'
import type { Letter } from './letter.ts'

/** Delivered rows are cleared together: one statement for many messages instead of one each. */
const CLEAR_AFTER_MS = 100
const CLEAR_ROWS = 100

/** A message that could not be sent for this long is given up: older news only confuses. */
const MOST_AGE_HOURS = 24

/** Below a claim's hold; a row that nobody had claimed is seldom older. */
const LEFT_BEHIND_SECONDS = 20

const Expired = z.array(z.object({ expired: z.boolean() }))
const Refs = z.array(z.object({ message_refs: z.array(z.string()) }))
const Shown = z.array(z.object({ message_refs: z.array(z.string()), newer: z.boolean() }))

type Delivered = { readonly id: string; readonly screenId: string; readonly refs: readonly string[] }

/** The outbox's statements. `cleared` hears the ids whose rows are gone after delivery. */
export function createTable(pool: Pool, log: Log, cleared: (id: string) => void) {
  const delivered: Delivered[] = []
  let clearing: ReturnType<typeof setTimeout> | null = null
  let clearRun: Promise<void> = Promise.resolve()
  let closed = false

  /** Clears what was delivered; rows that can't be cleared now are tried again with the next. */
  function flush(): Promise<void> {
    if (clearing) clearTimeout(clearing)
    clearing = null
    clearRun = clearRun.then(async () => {
      const rows = delivered.splice(0)
      if (rows.length === 0) return
      try {
        await pool.query({ name: 'chat_delivered', text: 'SELECT chat_delivered($1::json)', values: [JSON.stringify(rows)] })
        for (const row of rows) cleared(row.id)
      } catch (error) {
        delivered.push(...rows)
        log.warn({ error }, 'delivered messages could not be cleared yet')
        if (!closed) clearing ??= setTimeout(() => void flush(), CLEAR_AFTER_MS * 10)
      }
    })
    return clearRun
  }

  return {
    flush,

    clear(row: Delivered): void {
      delivered.push(row)
      if (delivered.length >= CLEAR_ROWS) void flush()
      else clearing ??= setTimeout(() => void flush(), CLEAR_AFTER_MS)
    },

    /** Clears for the last time. */
    async close(): Promise<void> {
      closed = true
      await flush()
    },

    async claim(platforms: readonly string[], rows: number, holdSeconds: number): Promise<readonly unknown[]> {
      const text = `SELECT *, created_at < now() - make_interval(secs => ${LEFT_BEHIND_SECONDS}) AS left_behind FROM outbox_claim($1, $2, $3)`
      return (await pool.query(text, [platforms, rows, holdSeconds])).rows
    },

    /** Keeps other replicas (and our own sweep) from rows for so long from now. */
    async hold(ids: readonly string[], seconds: number): Promise<void> {
      await pool.query('UPDATE outbox SET next_attempt_at = now() + make_interval(secs => $2) WHERE id = ANY ($1::bigint[])', [
        ids,
        seconds,
      ])
    },

    /** Notes a failure. `expired`: the message is too old for another attempt; `gone`: somebody deleted its row. */
    async failed(letter: Letter): Promise<'waits' | 'expired' | 'gone'> {
      const { rows } = await pool.query(
        `UPDATE outbox SET attempts = $2 WHERE id = $1 RETURNING created_at < now() - make_interval(hours => ${MOST_AGE_HOURS}) AS expired`,
        [letter.id, letter.attempts],
      )
      const row = Expired.parse(rows)[0]
      if (!row) return 'gone'
      return row.expired ? 'expired' : 'waits'
    },

    async remove(letter: Letter): Promise<void> {
      await pool.query('DELETE FROM outbox WHERE id = $1', [letter.id])
    },

    /** The newest message of a view in its chat beside the letter's own, and whether it shows something newer than the letter. */
    async shown(letter: Letter): Promise<{ readonly refs: readonly string[]; readonly newer: boolean }> {
      await flush()
      const { rows } = await pool.query(
        `SELECT s.message_refs, coalesce(s.created_at > own.created_at, false) AS newer
         FROM screens s LEFT JOIN screens own ON own.id = $4
         WHERE s.platform = $1 AND s.chat_id = $2 AND s.view_id = $3 AND s.message_refs <> '{}' AND s.id <> $4
         ORDER BY s.created_at DESC LIMIT 1`,
        [letter.platform, letter.chatId, letter.view.id, letter.screenId],
      )
      const row = Shown.parse(rows)[0]
      return { refs: row?.message_refs ?? [], newer: row?.newer ?? false }
    },

    /** The parts of a message that an earlier attempt sent. */
    async parts(letter: Letter): Promise<string[]> {
      const { rows } = await pool.query('SELECT message_refs FROM screens WHERE id = $1', [letter.screenId])
      return Refs.parse(rows)[0]?.message_refs ?? []
    },

    async saveParts(letter: Letter, refs: readonly string[]): Promise<void> {
      await pool.query('UPDATE screens SET message_refs = $2 WHERE id = $1', [letter.screenId, refs])
    },
  }
}
