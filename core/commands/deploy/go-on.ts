import { z } from 'zod'
import { note, t, view } from '../../chat/build.ts'
import type { ChatContext, Effect, Reply, ReplyView } from '../../chat/reply.ts'
import { deployFlow } from './flow.ts'

const Elsewhere = z.object({
  id: z.string(),
  version: z.number(),
  step: z.string(),
  answers: z.record(z.string(), z.json()),
  revision: z.number(),
})

/** The person's unfinished order in the private chat of another of their accounts. All by primary or unique keys. */
const UNFINISHED = {
  name: 'deploy_elsewhere',
  text: `SELECT c.id, c.version, c.step, c.answers, c.revision
         FROM identities i
         JOIN conversations c ON c.platform = i.platform AND c.chat_id = i.private_chat_id AND c.user_id = i.external_id
         WHERE i.person_id = $1 AND c.id <> $2 AND c.flow = $3 AND c.step IS NOT NULL AND c.expires_at > $4
         ORDER BY c.updated_at DESC LIMIT 1`,
}

/** An order begun on one platform goes on where it is asked for next, at the same question; null if there is none. */
export async function goOnFromElsewhere(context: ChatContext): Promise<Reply | null> {
  const { services, personId, conversation, workspace, now } = context
  if (workspace.kind !== 'personal' || conversation.flow === deployFlow.name) return null
  const asked = { ...UNFINISHED, values: [personId, conversation.id, deployFlow.name, now] }
  const found = Elsewhere.safeParse((await services.database.pool.query(asked)).rows[0])
  if (!found.success) return null
  const { id, version, step, answers, revision } = found.data
  const flow = { flow: deployFlow.name, version, step, answers, viewId: `${deployFlow.name}:${services.ids.create('run')}` }
  const drawn = await deployFlow.redraw({ ...context, conversation: { ...conversation, ...flow } })
  // What another build wrote can't be used: it begins anew.
  if (drawn.flow !== undefined) return null
  const close: Effect = async (transaction) => {
    await transaction.conversation.updateMany({
      where: { id, revision },
      data: { flow: null, step: null, answers: {}, viewId: null, expiresAt: null, revision: revision + 1 },
    })
  }
  const said: ReplyView = { view: view('deploy-goes-on', [note(t('deploy-goes-on'))]), place: 'new' }
  return {
    views: [said, ...drawn.views.map((shown) => ({ ...shown, place: 'new' as const }))],
    flow,
    effects: [...(drawn.effects ?? []), close],
  }
}
