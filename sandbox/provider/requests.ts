import { z } from 'zod'
import { openJournal } from './journal.ts'

const LoggedRequest = z.object({
  at: z.string(),
  method: z.string(),
  /** Behind the stand-in's own mount, without the query. */
  path: z.string(),
  status: z.union([z.number(), z.literal('dropped')]),
  /** The last four characters of the key; the key itself is not kept. */
  key: z.string().nullable(),
  model: z.string().nullable(),
  /** Of a turn: what was billed. */
  usage: z.object({ inputTokens: z.number(), outputTokens: z.number() }).nullable(),
})
export type LoggedRequest = z.infer<typeof LoggedRequest>

/** Enough to look back at; bounded for a sandbox that runs for weeks. */
const MOST_REQUESTS = 500

/** What was asked and answered, newest last; with a path it survives a restart. */
export function createRequestLog(journalPath?: string) {
  const requests: LoggedRequest[] = []
  const add = (request: LoggedRequest) => {
    requests.push(request)
    if (requests.length > MOST_REQUESTS) requests.shift()
  }
  const journal = journalPath
    ? openJournal(
        journalPath,
        (entry) => {
          const logged = LoggedRequest.safeParse(entry)
          if (logged.success) add(logged.data)
        },
        () => requests,
      )
    : null
  return {
    requests: requests as readonly LoggedRequest[],
    record(request: LoggedRequest) {
      journal?.append(request)
      add(request)
    },
  }
}
