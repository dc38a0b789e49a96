import { gatewayOf } from '../instances/index.ts'
import type { Services } from '../services.ts'
import { type Channel, channelOf } from './channel.ts'
import { setupOf } from './check.ts'
import { sayHello } from './operations/steps.ts'
import { channelNoticeView } from './views.ts'

/** A bot that was to be made by a person and was not: its place is free again after that. */
const WAITING_HOURS = 24

/** While one of these works on a channel, what its platform says means nothing yet. */
const BUSY_KINDS = ['connect-channel', 'adopt-bot', 'rotate-token', 'register-feishu', 'disconnect-channel', 'restart', 'destroy']

/**
 *  row says                 OpenClaw says         we do
 *  ───────────────────────  ────────────────────  ──────────────────────────────────────────────
 *  anything                 connected             note it; if we had told of trouble, say it works again; say hello if still owed
 *  connected                conflict, refused     remember it; if it is still so at the next look, tell the owner once, with the fix
 *  conflict, refused        the same              nothing: it was told
 *  anything                 connecting            nothing: OpenClaw tries again by itself
 *  connected                no such channel       put it in again; one that never worked (a webhook, a missing right) waits for its owner
 *  anything                 no answer             nothing: the assistant's own supervisor sees to that
 *  waiting, for a day       —                     forget it
 */
export async function superviseChannels(services: Services): Promise<void> {
  const prisma = await services.database.prisma()
  const now = services.clock.now()
  await prisma.channel.deleteMany({
    where: { state: 'waiting', createdAt: { lt: new Date(now.getTime() - WAITING_HOURS * 3_600_000) } },
  })
  const rows = await prisma.channel.findMany({
    where: {
      state: { not: 'waiting' },
      instance: { state: 'running', operations: { none: { finishedAt: null, kind: { in: BUSY_KINDS } } } },
    },
    include: { instance: true },
  })
  const looks = await Promise.allSettled(rows.map(({ instance, ...row }) => look(services, channelOf(row), instance)))
  for (const each of looks)
    if (each.status === 'rejected') services.log.warn({ error: each.reason }, 'a channel could not be looked after')
  services.notices.wake()
}

type Instance = Parameters<typeof gatewayOf>[1] & {
  readonly name: string
  readonly platform: string
  readonly chatId: string
  readonly userId: string
  readonly language: string
}

async function look(services: Services, channel: Channel, instance: Instance): Promise<void> {
  const { channels } = await gatewayOf(services, instance)
  const status = await channels.status(channel.kind)
  if (!status.ok) return
  const { state, heard } = status.value
  switch (state) {
    case 'connecting':
      return
    case 'missing':
      if (channel.state === 'connected') await channels.connect(setupOf(services, channel))
      return
    case 'connected':
      await record(services, channel, instance, 'connected')
      // Many can't be written to before they wrote; whoever wrote first need not be the owner, so it may take several looks.
      if (heard && channel.greetedAt === null) await sayHello({ services }, channel)
      return
    case 'conflict':
    case 'refused':
      if (channel.state === state) return
      // Two looks: the minute after a restart may still show what is over.
      if (channel.settings.suspect === state) await record(services, channel, instance, state)
      else await remember(services, channel, state)
  }
}

async function remember(services: Services, channel: Channel, suspect: string): Promise<void> {
  // This word alone: who may talk may have been changed since the row was read.
  await services.database.pool.query(
    `UPDATE channels SET settings = settings || jsonb_build_object('suspect', $2::text) WHERE id = $1`,
    [channel.id, suspect],
  )
}

/** Writes what is so now, with the message to the owner if it is news. Whoever was quicker has told it. */
async function record(services: Services, channel: Channel, instance: Instance, state: 'connected' | 'conflict' | 'refused') {
  const prisma = await services.database.prisma()
  await prisma.$transaction(async (transaction) => {
    const count = await transaction.$executeRaw`
      UPDATE channels SET state = ${state}, settings = settings - 'suspect', checked_at = ${services.clock.now()}
      WHERE id = ${channel.id} AND state = ${channel.state}`
    const news = state !== channel.state && (state !== 'connected' || channel.state === 'conflict' || channel.state === 'refused')
    if (count === 0 || !news) return
    services.log.info({ channelId: channel.id, kind: channel.kind, from: channel.state, to: state }, 'a channel changed')
    await services.notices.post(transaction, {
      platform: instance.platform,
      chatId: instance.chatId,
      userId: instance.userId,
      language: instance.language,
      view: channelNoticeView(instance, channel, state),
      place: 'new',
    })
  })
}
