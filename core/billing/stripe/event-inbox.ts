import type { Pool } from 'pg'

export type ArrivedEvent = {
  readonly id: string
  readonly type: string
  readonly payload: string
  readonly receivedAt: Date
  /** It calls for nothing: it is kept as processed. */
  readonly irrelevant: boolean
}

type Waiting = { readonly event: ArrivedEvent; resolve(isNew: boolean): void; reject(error: unknown): void }

/** Keeps a batch's statement well below a megabyte or two. */
const MOST_IN_BATCH = 200

const INSERT = {
  name: 'stripe_events_insert',
  text: `INSERT INTO stripe_events (id, type, payload, received_at, processed_at, outcome)
         SELECT id, type, payload::jsonb, received_at, CASE WHEN irrelevant THEN received_at END, CASE WHEN irrelevant THEN 'irrelevant' END
         FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::bool[]) AS arrived (id, type, payload, received_at, irrelevant)
         ON CONFLICT (id) DO NOTHING RETURNING id`,
}

/**
 * Stores events, many in one statement: those that arrive while one INSERT runs go into the next. The promise resolves
 * after the commit, with whether the event was new (a known one arriving again is a success too). One event that the database refuses does not take the others of its batch with it.
 */
export function createEventInbox(pool: Pool): { store(event: ArrivedEvent): Promise<boolean> } {
  let waiting: Waiting[] = []
  let running = false

  async function drain(): Promise<void> {
    running = true
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MOST_IN_BATCH)
      waiting = waiting.slice(MOST_IN_BATCH)
      await insertBatch(batch)
    }
    running = false
  }

  async function insertBatch(batch: readonly Waiting[]): Promise<void> {
    try {
      const inserted = await insert(batch.map(({ event }) => event))
      for (const { event, resolve } of batch) resolve(inserted.delete(event.id))
    } catch (error) {
      if (batch.length === 1) return batch[0]?.reject(error)
      for (const one of batch) await insertBatch([one])
    }
  }

  async function insert(events: readonly ArrivedEvent[]): Promise<Set<string>> {
    const { rows } = await pool.query<{ id: string }>({
      ...INSERT,
      values: [
        events.map((event) => event.id),
        events.map((event) => event.type),
        events.map((event) => event.payload),
        events.map((event) => event.receivedAt),
        events.map((event) => event.irrelevant),
      ],
    })
    return new Set(rows.map((row) => row.id))
  }

  return {
    store: (event) =>
      new Promise((resolve, reject) => {
        waiting.push({ event, resolve, reject })
        if (!running) void drain()
      }),
  }
}
