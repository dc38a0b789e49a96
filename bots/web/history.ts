import type { Pool, PoolClient } from 'pg'
import { z } from 'zod'
import type { FittedMessage } from '../../core/chat/fit.ts'
import type { Tone } from '../../core/chat/view.ts'
import { storable } from './receive.ts'

/**
 * The chat as it stands, in `web_messages`: a browser that reloads sees what it saw before.
 *
 * Every row carries a revision, taken from the same sequence as its id and renewed by every edit, so "everything
 * after revision N" is all a browser has missed. That holds only if revisions of one chat are committed in order:
 * each write takes the chat's lock before it draws its number.
 */
export type History = ReturnType<typeof createHistory>

/** The row was written by this file only; its shape is checked as far as drawing relies on it. */
const Message = z.custom<FittedMessage>(
  (value) => z.object({ blocks: z.array(z.unknown()), rows: z.array(z.unknown()) }).safeParse(value).success,
)

const Body = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('person'),
    revision: z.number(),
    clientId: z.string(),
    userId: z.string(),
    name: z.string(),
    text: z.string(),
  }),
  z.object({
    kind: z.literal('service'),
    revision: z.number(),
    tone: z.enum(['info', 'success', 'warning', 'danger']),
    message: Message,
    onlyFor: z.string().optional(),
    edited: z.boolean().optional(),
  }),
  /** A person's message that was taken away (a pasted secret). The row stays, so that open pages hear of it. */
  z.object({ kind: z.literal('removed'), revision: z.number(), clientId: z.string(), userId: z.string() }),
])
type Body = z.infer<typeof Body>
export type Row = { readonly id: string; readonly body: Body; readonly at: Date }

export type ServiceMessage = { readonly tone: Tone; readonly message: FittedMessage; readonly onlyFor?: string }
export type PersonMessage = { readonly clientId: string; readonly userId: string; readonly name: string; readonly text: string }

/** PostgreSQL channel on which every write is announced, with the chat's id and no content. */
export const CHANNEL = 'web_chat'

const Rows = z.array(z.object({ id: z.string(), body: Body, at: z.date() }))
const LOCK = `select pg_advisory_xact_lock(hashtextextended('web ' || $1, 0))`
const NEXT = `nextval(pg_get_serial_sequence('web_messages', 'id'))`
const ANNOUNCE = `pg_notify('${CHANNEL}', json_build_object('kind', 'written', 'chatId', $1::text)::text)`
const SELECT = 'select id::text as id, body, created_at as at from web_messages'

export function createHistory(pool: Pool) {
  return {
    /** Adds a message of the service; gives its id. */
    async append(chatId: string, message: ServiceMessage): Promise<string> {
      const { rows } = await pool.query<{ id: string }>(
        `with locked as materialized (${LOCK}),
              numbered as materialized (select ${NEXT} as number from locked),
              stored as (insert into web_messages (id, chat_id, author, body)
                         select number, $1, 'service', $2::jsonb || jsonb_build_object('revision', number) from numbered returning id)
         select id::text as id, ${ANNOUNCE} from stored`,
        [chatId, json({ kind: 'service', ...message })],
      )
      const id = rows[0]?.id
      if (!id) throw new Error(`web_messages took no row for ${chatId}`)
      return id
    },

    /** Replaces a message of the service. False if this chat has no such message. An equal one is left as it is. */
    async replace(chatId: string, id: string, message: ServiceMessage): Promise<boolean> {
      const { rows } = await pool.query<{ found: boolean }>(
        `with locked as materialized (${LOCK}),
              changed as (update web_messages set body = $3::jsonb || jsonb_build_object('revision', ${NEXT}, 'edited', true) from locked
                          where id = $2 and chat_id = $1 and author = 'service' and body - 'revision' - 'edited' <> $3::jsonb returning id),
              announced as materialized (select ${ANNOUNCE} from changed)
         select exists (select from web_messages where id = $2 and chat_id = $1 and author = 'service') as found, (select count(*) from announced)`,
        [chatId, id, json({ kind: 'service', ...message })],
      )
      return rows[0]?.found ?? false
    },

    /** Adds what a person wrote, once for each `clientId` however often it is sent; gives the row's id. */
    async appendPerson(chatId: string, message: PersonMessage): Promise<string> {
      return inTransaction(pool, async (client) => {
        // A statement of its own: the next one must see what others committed while this waited for the lock.
        await client.query(LOCK, [chatId])
        const { rows } = await client.query<{ id: string }>(
          `with earlier as (select id from web_messages where chat_id = $1 and author = 'person'
                              and body->>'userId' = $2 and body->>'clientId' = $3),
                numbered as materialized (select ${NEXT} as number where not exists (select from earlier)),
                stored as (insert into web_messages (id, chat_id, author, body)
                           select number, $1, 'person', $4::jsonb || jsonb_build_object('revision', number) from numbered returning id),
                announced as materialized (select ${ANNOUNCE} from stored)
           select id::text as id, (select count(*) from announced) from (select id from earlier union all select id from stored) either`,
          [chatId, message.userId, message.clientId, json({ kind: 'person', ...message })],
        )
        const id = rows[0]?.id
        if (!id) throw new Error(`web_messages took no row for ${chatId}`)
        return id
      })
    },

    /** Takes the text of a person's message out of the history. False if this chat has no such message. */
    async removePerson(chatId: string, id: string): Promise<boolean> {
      const { rows } = await pool.query(
        `with locked as materialized (${LOCK}),
              changed as (update web_messages
                          set body = jsonb_build_object('kind', 'removed', 'revision', ${NEXT}, 'clientId', body->'clientId', 'userId', body->'userId')
                          from locked where id = $2 and chat_id = $1 and author = 'person' returning id)
         select id, ${ANNOUNCE} from changed`,
        [chatId, id],
      )
      return rows.length > 0
    },

    /** The newest messages before row `before`, oldest first. */
    async page(chatId: string, limit: number, before?: string): Promise<readonly Row[]> {
      const { rows } = await pool.query(
        `${SELECT} where chat_id = $1 and ($2::bigint is null or id < $2) order by web_messages.id desc limit $3`,
        [chatId, before ?? null, limit],
      )
      return Rows.parse(rows).reverse()
    },

    /** The revision up to which a page drawn now is complete. Ask before `page`: what comes between is only sent again. */
    async revision(chatId: string): Promise<number> {
      const { rows } = await pool.query<{ revision: string }>(
        `select coalesce(max((body->>'revision')::bigint), 0)::text as revision from web_messages where chat_id = $1`,
        [chatId],
      )
      return Number(rows[0]?.revision ?? 0)
    },

    /** What was written or edited after a revision, in that order. */
    async after(chatId: string, revision: number, limit: number): Promise<readonly Row[]> {
      const { rows } = await pool.query(
        `${SELECT} where chat_id = $1 and (body->>'revision')::bigint > $2 order by (body->>'revision')::bigint limit $3`,
        [chatId, revision, limit],
      )
      return Rows.parse(rows)
    },

    async find(chatId: string, id: string): Promise<Row | undefined> {
      const { rows } = await pool.query(`${SELECT} where id = $2 and chat_id = $1`, [chatId, id])
      return Rows.parse(rows)[0]
    },
  }
}

/** Whether somebody may see a row: messages for one person alone stay hidden from the others of a room. */
export const visibleTo = (row: Row, userId: string): boolean =>
  row.body.kind !== 'service' || row.body.onlyFor === undefined || row.body.onlyFor === userId

const json = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? storable(part) : part))

async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    client.release()
    return result
  } catch (error) {
    // Closing the connection rolls back, also when it is the connection that failed.
    client.release(true)
    throw error
  }
}
