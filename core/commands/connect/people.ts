import { audited } from '../../access/index.ts'
import { type Channel, isChannelKind, openConfirmView, pairingView, peopleView } from '../../channels/index.ts'
import { t } from '../../chat/build.ts'
import { type ChatContext, type Effect, type Reply, reply } from '../../chat/reply.ts'
import type { JsonObject } from '../../chat/view.ts'
import { ProblemError } from '../../problem.ts'
import { foundChannel, starts } from './found.ts'

export async function showPeople(context: ChatContext, args: JsonObject): Promise<Reply> {
  const found = await foundChannel(context, args)
  return 'views' in found ? found : reply(peopleView(found.instance, found.channel))
}

const changedMeanwhile = () => new ProblemError({ code: 'channel-changed', retryable: true, text: { id: 'channel-changed' } })

/** The row says at once who may; the operation tells the assistant, for as long as that takes. */
const changes = (context: ChatContext, before: Channel, after: Channel, told: JsonObject = {}): Effect[] => [
  async (transaction) => {
    const { allowed, settings } = after
    // Two people who decide at once: who is second looks at what the first did, and decides again.
    const { count } = await transaction.channel.updateMany({
      where: { id: before.id, allowed: { equals: before.allowed }, settings: { equals: before.settings } },
      data: { allowed, settings },
    })
    if (count === 0) throw changedMeanwhile()
  },
  starts(context, { kind: 'channel-access', instanceId: before.instanceId, args: { channelId: before.id, ...told } }),
]

const without = (channel: Channel, personId: string): Channel => ({
  ...channel,
  allowed: channel.allowed.filter((id) => id !== personId),
})

export async function removePerson(context: ChatContext, args: JsonObject): Promise<Reply> {
  const found = await foundChannel(context, args)
  if ('views' in found) return found
  const { channel, instance } = found
  const personId = String(args.personId)
  if (!channel.allowed.includes(personId)) return reply(peopleView(instance, channel))
  const name = channel.settings.names?.[personId] ?? personId
  const after = without(channel, personId)
  return {
    ...reply(peopleView(instance, after)),
    toast: t('people-removed', { who: name }),
    effects: [...changes(context, channel, after), audited(context, 'talk-taken', { name: instance.name, who: name })],
  }
}

/** Anyone may, or only those on the list. The first is said to be what it is before it is done. */
export async function setOpen(context: ChatContext, args: JsonObject, open: boolean): Promise<Reply> {
  const found = await foundChannel(context, args)
  if ('views' in found) return found
  const { channel, instance } = found
  if (open && args.sure !== true) return reply(openConfirmView(instance, channel))
  const after = { ...channel, settings: { ...channel.settings, open } }
  return {
    ...reply(peopleView(instance, after)),
    effects: [
      ...changes(context, channel, after),
      audited(context, open ? 'talk-open' : 'talk-closed', { name: instance.name, platform: channel.kind }),
    ],
  }
}

/** The owner says yes or no to somebody who wrote to the assistant. Without an owner yet, the first yes makes one. */
export async function decidePairing(context: ChatContext, args: JsonObject, yes: boolean): Promise<Reply> {
  const { services, personId, now } = context
  const prisma = await services.database.prisma()
  const pairing = await prisma.pairing.findUnique({ where: { id: String(args.pairingId) } })
  const instance = context.instances.find(({ id }) => id === pairing?.instanceId)
  if (!pairing || !instance || !isChannelKind(pairing.kind)) return { views: [], toast: t('channel-gone') }
  const asked = { ...pairing, kind: pairing.kind }
  // Decided already, or over: what is so now is shown.
  if (pairing.state !== 'open') return reply(pairingView(asked, instance, true))
  const row = await prisma.channel.findFirst({ where: { instanceId: instance.id, kind: pairing.kind }, select: { id: true } })
  const found = await foundChannel(context, { channelId: row?.id ?? '' })
  if ('views' in found) return found
  const { channel } = found
  const state = yes ? 'approved' : 'denied'
  const { senderId, senderName, requestId } = pairing
  const names = { ...channel.settings.names, [senderId]: senderName }
  const after: Channel = yes
    ? { ...channel, allowed: [...new Set([...channel.allowed, senderId])], settings: { ...channel.settings, names } }
    : channel
  const decide: Effect = async (transaction) => {
    const { count } = await transaction.pairing.updateMany({
      where: { id: pairing.id, state: 'open' },
      data: { state, decidedBy: personId, decidedAt: now },
    })
    // Somebody else decided first; their answer stands.
    if (count === 0) throw changedMeanwhile()
  }
  return {
    ...reply(pairingView({ ...asked, state }, instance, true)),
    effects: [
      decide,
      ...changes(context, channel, after, { requestId, ...(yes && { tell: senderId }) }),
      audited(context, yes ? 'talk-given' : 'talk-denied', { name: instance.name, who: senderName }),
    ],
  }
}
