import { audited } from '../../access/index.ts'
import {
  channelsOf,
  channelView,
  connectView,
  disconnectConfirmView,
  disconnectView,
  isChannelKind,
  registrationView,
} from '../../channels/index.ts'
import { t } from '../../chat/build.ts'
import { type ChatContext, placeOf, type Reply, reply } from '../../chat/reply.ts'
import type { InstanceSummary } from '../../chat/store.ts'
import type { JsonObject } from '../../chat/view.ts'
import { command } from '../command.ts'
import { connectFlow } from './flow.ts'
import { foundChannel, foundInstance, notRunning, PENDING, starts } from './found.ts'
import { adoptFor, botMade, offerNewBot, stopWaiting } from './new-bot.ts'
import { overview } from './overview.ts'
import { decidePairing, removePerson, setOpen, showPeople } from './people.ts'

export { connectFlow } from './flow.ts'
export { talkBlock } from './talk.ts'

/** Where people meet their assistant: its own bot at Telegram, Discord or Feishu. */
export const connect = command({
  name: 'connect',
  description: 'command-connect',
  needs: 'member',
  argument: 'instance',
  run: (context) => overview(context, context.instance),

  actions: {
    show: { needs: 'member', run: (context, args) => withInstance(context, args, (instance) => overview(context, instance)) },
    channel: { needs: 'admin', run: showChannel },
    add: { needs: 'admin', run: (context, args) => withInstance(context, args, (instance) => add(context, instance, args.kind)) },
    paste: {
      needs: 'admin',
      run: (context, args) =>
        withInstance(context, args, (instance) =>
          connectFlow.start(context, { instanceId: instance.id, kind: String(args.kind) }),
        ),
    },
    stop: { needs: 'admin', run: stopWaiting },
    check: { needs: 'admin', run: (context, args) => work(context, args, 'connect-channel', {}) },
    rotate: { needs: 'admin', run: (context, args) => work(context, args, 'rotate-token', { renew: true }) },
    disconnect: { needs: 'admin', run: disconnect },
    people: { needs: 'admin', run: showPeople },
    remove: { needs: 'admin', run: removePerson },
    open: { needs: 'admin', run: (context, args) => setOpen(context, args, true) },
    close: { needs: 'admin', run: (context, args) => setOpen(context, args, false) },
    approve: { needs: 'admin', run: (context, args) => decidePairing(context, args, true) },
    deny: { needs: 'admin', run: (context, args) => decidePairing(context, args, false) },
    /** Telegram says that a person made a bot through ours; nobody presses this. */
    made: { needs: 'admin', run: botMade },
    adopt: { needs: 'admin', run: adoptFor },
  },
})

async function withInstance(
  context: ChatContext,
  args: JsonObject,
  then: (instance: InstanceSummary) => Promise<Reply>,
): Promise<Reply> {
  const instance = foundInstance(context, args)
  return instance ? then(instance) : { views: [], toast: t('instance-gone') }
}

async function showChannel(context: ChatContext, args: JsonObject): Promise<Reply> {
  const found = await foundChannel(context, args)
  if ('views' in found) return found
  return found.channel.state === 'waiting'
    ? offerNewBot(context, found.instance)
    : reply(channelView(found.instance, found.channel))
}

/** The easiest way there is on each platform, with the other one beside it. */
async function add(context: ChatContext, instance: InstanceSummary, kind: unknown): Promise<Reply> {
  if (!isChannelKind(kind)) return { views: [], toast: t('button-expired') }
  const stopped = notRunning(instance)
  if (stopped) return stopped
  const present = (await channelsOf(context.services, instance.id)).find((channel) => channel.kind === kind)
  if (present && present.state !== 'waiting') return reply(channelView(instance, present))
  switch (kind) {
    case 'telegram':
      return offerNewBot(context, instance)
    case 'discord':
      return connectFlow.start(context, { instanceId: instance.id, kind })
    case 'feishu': {
      const viewId = `feishu:${context.services.ids.create('run')}`
      return {
        ...reply(registrationView(viewId, instance.id, PENDING, { url: null, minutes: 0 })),
        effects: [
          starts(context, {
            kind: 'register-feishu',
            instanceId: instance.id,
            args: { personId: context.personId },
            place: placeOf(context, viewId),
          }),
          audited(context, 'connect', { name: instance.name, platform: kind }),
        ],
      }
    }
  }
}

/** An operation on a channel that is there, told in the message that was pressed. */
async function work(context: ChatContext, args: JsonObject, kind: 'connect-channel' | 'rotate-token', more: JsonObject) {
  const found = await foundChannel(context, args)
  if ('views' in found) return found
  const { channel, instance } = found
  const stopped = notRunning(instance)
  if (stopped) return stopped
  const viewId = `channels:${instance.id}`
  const operation = { kind, instanceId: instance.id, args: { channelId: channel.id, ...more }, place: placeOf(context, viewId) }
  return {
    ...reply(connectView(viewId, channel, PENDING)),
    effects: [
      starts(context, operation),
      ...(kind === 'rotate-token' ? [audited(context, 'token-rotated', { name: instance.name, platform: channel.kind })] : []),
    ],
  }
}

async function disconnect(context: ChatContext, args: JsonObject): Promise<Reply> {
  const found = await foundChannel(context, args)
  if ('views' in found) return found
  const { channel, instance } = found
  if (channel.state === 'waiting') return stopWaiting(context, args)
  if (args.sure !== true) return reply(disconnectConfirmView(instance, channel))
  const viewId = `channels:${instance.id}`
  const operation = { kind: 'disconnect-channel', instanceId: instance.id, args: { channelId: channel.id } }
  return {
    ...reply(disconnectView(viewId, channel, PENDING)),
    effects: [
      starts(context, { ...operation, place: placeOf(context, viewId) }),
      audited(context, 'disconnect', { name: instance.name, platform: channel.kind }),
    ],
  }
}
