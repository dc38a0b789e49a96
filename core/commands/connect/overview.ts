import { mayAct } from '../../access/index.ts'
import { channelsOf, channelsView } from '../../channels/index.ts'
import { type ChatContext, type Reply, reply } from '../../chat/reply.ts'
import type { InstanceSummary } from '../../chat/store.ts'

/** What the assistant is connected to; without one that is just being taken away. */
export async function overview(context: ChatContext, instance: InstanceSummary, without?: string): Promise<Reply> {
  const channels = await channelsOf(context.services, instance.id)
  return reply(
    channelsView(
      instance,
      channels.filter(({ id }) => id !== without),
      mayAct(context.role, 'admin'),
    ),
  )
}
