import { z } from 'zod'
import type { ModelState } from './gateway.ts'
import type { Rpc } from './rpc.ts'
import { listSessions, type Session } from './sessions.ts'
import { configuredModels, readConfig } from './switch-model.ts'

/** Sessions whose last answer is looked at in one check, the newest first: each is a call. */
const MOST_SESSIONS = 20

const History = z.object({
  messages: z.array(
    z.object({
      role: z.string(),
      provider: z.string().optional(),
      model: z.string().optional(),
      timestamp: z.number().optional(),
    }),
  ),
})

/**
 * Reads only. The answer's own model stands in the transcript: a session's row names the model that would answer next, not the one
 * of a chain that did. Throws what the connection throws.
 */
export async function modelState(rpc: Rpc, since: Date): Promise<ModelState> {
  const [config, sessions] = await Promise.all([readConfig(rpc), listSessions(rpc)])
  const recent = sessions
    .filter((session) => (session.endedAt ?? 0) > since.getTime())
    .sort((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0))
    .slice(0, MOST_SESSIONS)
  const answered = await Promise.all(recent.map((session) => lastAnswer(rpc, session, since)))
  return {
    ...configuredModels(config),
    pinned: sessions
      .filter((session) => session.modelOverrideSource === 'user')
      .map((session) => ({ session: session.key, model: reference(session.modelProvider, session.model) })),
    answered: answered.filter((answer) => answer !== null),
  }
}

async function lastAnswer(rpc: Rpc, { key }: Session, since: Date): Promise<ModelState['answered'][number] | null> {
  const { messages } = History.parse(await rpc.call('chat.history', { sessionKey: key, limit: 1 }))
  const last = messages.findLast(({ role, model }) => role === 'assistant' && model !== undefined)
  if (!last || (last.timestamp ?? 0) <= since.getTime()) return null
  return { session: key, model: reference(last.provider, last.model), at: new Date(last.timestamp ?? 0) }
}

const reference = (provider: string | null | undefined, model: string | null | undefined) =>
  [provider, model].filter(Boolean).join('/')
