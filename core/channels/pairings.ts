import { z } from 'zod'
import { gatewayOf } from '../instances/index.ts'
import type { Services } from '../services.ts'
import { isChannelKind } from './channel.ts'
import { pairingView } from './views.ts'

/** OpenClaw forgets a request after that, and the person may ask again. */
const PAIRING_MINUTES = 60

const Instance = z.object({
  id: z.string(),
  name: z.string(),
  host_id: z.string(),
  gateway_token_sealed: z.string(),
  platform: z.string(),
  chat_id: z.string(),
  user_id: z.string(),
  language: z.string(),
})
type Instance = z.infer<typeof Instance>

/**
 * Who wrote to an assistant without being allowed is told to wait by OpenClaw; here their request reaches the owner, once. OpenClaw
 * pushes no event for it, so each assistant with a channel is asked, over the connection that is kept: a few milliseconds.
 */
export async function watchPairings(services: Services): Promise<void> {
  const { rows } = await services.database.pool.query({
    name: 'instances_with_channels',
    text: `SELECT id, name, host_id, gateway_token_sealed, platform, chat_id, user_id, language FROM instances i
           WHERE state = 'running' AND host_id IS NOT NULL AND gateway_token_sealed IS NOT NULL
             AND EXISTS (SELECT 1 FROM channels c WHERE c.instance_id = i.id AND c.state <> 'waiting')`,
  })
  const instances = z.array(Instance).parse(rows)
  const looks = await Promise.allSettled([...instances.map((instance) => look(services, instance)), expire(services)])
  for (const each of looks)
    if (each.status === 'rejected') services.log.warn({ error: each.reason }, 'requests to talk could not be looked for')
  services.notices.wake()
}

async function look(services: Services, instance: Instance): Promise<void> {
  const { id, host_id: hostId, gateway_token_sealed: gatewayTokenSealed } = instance
  const gateway = await gatewayOf(services, { id, hostId, gatewayTokenSealed })
  const requests = await gateway.channels.pairings()
  if (!requests.ok) return // the supervisor sees a gateway that does not answer
  if (requests.value.length === 0) return
  const prisma = await services.database.prisma()
  const known = await prisma.pairing.findMany({
    where: { instanceId: id, requestId: { in: requests.value.map(({ requestId }) => requestId) } },
  })
  for (const request of requests.value) {
    if (known.some(({ kind, requestId }) => kind === request.kind && requestId === request.requestId)) continue
    const channel = await prisma.channel.findFirst({ where: { instanceId: id, kind: request.kind } })
    if (!channel) continue
    await prisma.$transaction(async (transaction) => {
      const pairingId = services.ids.create('pai')
      const { count } = await transaction.pairing.createMany({
        data: {
          id: pairingId,
          instanceId: id,
          kind: request.kind,
          requestId: request.requestId,
          senderId: request.senderId,
          senderName: request.senderName,
          createdAt: services.clock.now(),
        },
        skipDuplicates: true,
      })
      if (count === 0) return
      const asked = { ...request, id: pairingId, state: 'open' }
      await services.notices.post(transaction, {
        platform: instance.platform,
        chatId: instance.chat_id,
        userId: instance.user_id,
        language: instance.language,
        view: pairingView(asked, instance, channel.allowed.length > 0),
        place: 'new',
        dedupeKey: `pairing:${pairingId}`,
      })
    })
  }
}

/** Says of requests that nobody decided that they are over. */
async function expire(services: Services): Promise<void> {
  const prisma = await services.database.prisma()
  const before = new Date(services.clock.now().getTime() - PAIRING_MINUTES * 60_000)
  const over = await prisma.pairing.findMany({ where: { state: 'open', createdAt: { lt: before } }, include: { instance: true } })
  for (const pairing of over) {
    const { instance, kind } = pairing
    await prisma.$transaction(async (transaction) => {
      const { count } = await transaction.pairing.updateMany({
        where: { id: pairing.id, state: 'open' },
        data: { state: 'expired' },
      })
      if (count === 0 || !isChannelKind(kind)) return
      await services.notices.post(transaction, {
        platform: instance.platform,
        chatId: instance.chatId,
        userId: instance.userId,
        language: instance.language,
        view: pairingView({ ...pairing, kind, state: 'expired' }, instance, true),
        place: 'edit',
      })
    })
  }
}
