import { type Channel, findChannel } from '../../channels/index.ts'
import { t } from '../../chat/build.ts'
import type { ChatContext, Effect, Reply } from '../../chat/reply.ts'
import type { InstanceSummary } from '../../chat/store.ts'
import type { JsonObject } from '../../chat/view.ts'
import type { NewOperation } from '../../operations/index.ts'

export type Found = { readonly channel: Channel; readonly instance: InstanceSummary }

/** The channel a button is about, if it is one of an assistant of this workspace; else the answer that it is gone. */
export async function foundChannel(context: ChatContext, args: JsonObject): Promise<Found | Reply> {
  const channel = await findChannel(context.services, String(args.channelId))
  const instance = context.instances.find(({ id }) => id === channel?.instanceId)
  return channel && instance ? { channel, instance } : { views: [], toast: t('channel-gone') }
}

export const foundInstance = (context: ChatContext, args: JsonObject): InstanceSummary | null =>
  context.instances.find(({ id }) => id === args.instanceId) ?? null

/** Only a running assistant hears of changes. */
export const notRunning = (instance: InstanceSummary): Reply | null =>
  instance.state === 'running' ? null : { views: [], toast: t('instance-not-running', { name: instance.name }) }

export const starts =
  (context: ChatContext, operation: Omit<NewOperation, 'requestId'>): Effect =>
  async (transaction) => {
    await context.services.operations.start(transaction, { ...operation, requestId: context.requestId })
  }

/** A message that its operation fills in a moment later. */
export const PENDING = { state: 'pending', steps: [], note: null, problem: null } as const
