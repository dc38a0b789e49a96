import { channelOf } from '../../channels/index.ts'
import { literal, press, t } from '../../chat/build.ts'
import type { ChatContext } from '../../chat/reply.ts'
import type { Block } from '../../chat/view.ts'

/** Who may talk to the assistants of this workspace, channel by channel: what /access shows beside the roles. Null without any channel. */
export async function talkBlock(context: ChatContext): Promise<Block | null> {
  const prisma = await context.services.database.prisma()
  const rows = await prisma.channel.findMany({
    where: { instanceId: { in: context.instances.map(({ id }) => id) }, state: { not: 'waiting' } },
    orderBy: { createdAt: 'asc' },
  })
  const options = rows.map(channelOf).flatMap((channel) => {
    const instance = context.instances.find(({ id }) => id === channel.instanceId)
    if (!instance) return []
    const who = channel.settings.open ? t('channel-who-anyone') : t('channel-who-some', { count: channel.allowed.length })
    return [
      {
        label: literal(`${instance.name} · ${channel.kind === 'telegram' ? `@${channel.name}` : channel.name}`),
        note: who,
        press: press('connect.people', { channelId: channel.id }),
      },
    ]
  })
  return options.length === 0 ? null : { kind: 'choice', name: 'channel', label: t('access-talk'), options }
}
