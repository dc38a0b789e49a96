import { z } from 'zod'
import { type Rpc, RpcError } from './rpc.ts'

/** A page at a time keeps frames small. */
const SESSIONS_PAGE = 200

const Session = z.object({
  key: z.string(),
  /** The model that would answer next: the pinned one, or the default. */
  modelProvider: z.string().nullish(),
  model: z.string().nullish(),
  modelOverrideSource: z.string().nullish(),
  /** When its last turn ended. */
  endedAt: z.number().nullish(),
})
export type Session = z.infer<typeof Session>

const Sessions = z.object({ sessions: z.array(Session) })

/** All sessions. Throws what the connection throws. */
export async function listSessions(rpc: Rpc): Promise<readonly Session[]> {
  const all: Session[] = []
  for (let offset = 0; ; offset += SESSIONS_PAGE) {
    const { sessions } = Sessions.parse(await listPage(rpc, offset))
    all.push(...sessions)
    if (sessions.length < SESSIONS_PAGE) return all
  }
}

// OpenClaw replaces its database reader now and then; a listing it caught in between is refused, the next one is not.
async function listPage(rpc: Rpc, offset: number): Promise<unknown> {
  const params = { limit: SESSIONS_PAGE, offset }
  try {
    return await rpc.call('sessions.list', params)
  } catch (error) {
    if (!(error instanceof RpcError) || error.code !== 'UNAVAILABLE') throw error
    return rpc.call('sessions.list', params)
  }
}
