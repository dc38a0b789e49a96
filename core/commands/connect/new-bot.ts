import { audited } from '../../access/index.ts'
import {
  type Channel,
  channelOf,
  connectView,
  newBotView,
  ownIdOn,
  suggestedUsername,
  writeChannel,
} from '../../channels/index.ts'
import { literal, note, paragraph, press, t, title, view } from '../../chat/build.ts'
import { type ChatContext, type Effect, placeOf, type Reply, reply } from '../../chat/reply.ts'
import type { InstanceSummary } from '../../chat/store.ts'
import type { JsonObject } from '../../chat/view.ts'
import { ProblemError } from '../../problem.ts'
import { connectFlow } from './flow.ts'
import { foundChannel, foundInstance, PENDING } from './found.ts'
import { overview } from './overview.ts'

/**
 * The link that makes the assistant's bot in one tap, from any platform. What was asked for is kept under the user name we propose, so
 * that the bot finds its assistant whoever's Telegram it was made with. Where our own bot may not make bots, a token is asked for.
 */
export async function offerNewBot(context: ChatContext, instance: InstanceSummary): Promise<Reply> {
  const { services, personId, workspace } = context
  const manager = await services.channels.telegram.manager()
  if (!manager) return connectFlow.start(context, { instanceId: instance.id, kind: 'telegram' })
  const username = suggestedUsername(instance.name, services.ids.create('').replace(/^_/, ''))
  const prisma = await services.database.prisma()
  const present = await prisma.channel.findFirst({ where: { instanceId: instance.id, kind: 'telegram' } })
  const channelId = present?.id ?? services.ids.create('chn')
  const viewId = `channels:${instance.id}`
  const wait: Effect = async (transaction) => {
    // One that was connected since the question was drawn must not be lost for one that is only wished for.
    const others = await transaction.channel.count({
      where: { instanceId: instance.id, kind: 'telegram', state: { not: 'waiting' } },
    })
    if (others > 0) throw new ProblemError({ code: 'channel-changed', retryable: true, text: { id: 'channel-changed' } })
    await writeChannel(transaction, services, {
      workspaceId: workspace.id,
      instanceId: instance.id,
      kind: 'telegram',
      externalId: `@${username.toLowerCase()}`,
      addedByPersonId: personId,
      name: username,
      state: 'waiting',
      managed: true,
      token: '',
      last4: '',
      settings: { place: { ...placeOf(context, viewId) } },
      id: channelId,
    })
  }
  return { ...reply(newBotView(instance, { manager: manager.username, username, channelId })), effects: [wait] }
}

/** A bot was made through us, or its token or its owner changed. The update comes from whoever made it, in their own chat with us. */
export async function botMade(context: ChatContext, args: JsonObject): Promise<Reply> {
  const botId = String(args.botId)
  const username = String(args.username)
  const prisma = await context.services.database.prisma()
  const present = await prisma.channel.findUnique({ where: { kind_externalId: { kind: 'telegram', externalId: botId } } })
  if (present) return tokenChanged(context, channelOf(present))
  const proposed = await prisma.channel.findUnique({
    where: { kind_externalId: { kind: 'telegram', externalId: `@${username.toLowerCase()}` } },
  })
  // They may have changed the name we proposed; then it is theirs if they are waiting for one bot.
  const theirs = proposed ? [] : await prisma.channel.findMany({ where: { state: 'waiting', addedByPersonId: context.personId } })
  const [only] = theirs
  const waiting = proposed?.state === 'waiting' ? proposed : theirs.length === 1 ? only : undefined
  if (waiting) return adopt(context, channelOf(waiting), { botId, username })
  return reply(
    view(`bot:${botId}`, [
      title(t('bot-made-title', { name: `@${username}` })),
      paragraph(t(context.instances.length > 0 ? 'bot-made-which' : 'bot-made-none')),
      context.instances.length > 0 && {
        kind: 'choice',
        name: 'instance',
        label: t('bot-made-choose'),
        options: context.instances.map((instance) => ({
          label: literal(instance.name),
          press: press('connect.adopt', { instanceId: instance.id, botId, username }, { once: true }),
        })),
      },
    ]),
  )
}

/** Its owner made another token at @BotFather: the assistant gets it without anybody's doing. Ours does no harm. */
function tokenChanged(context: ChatContext, channel: Channel): Reply {
  if (!channel.managed || channel.state === 'waiting') return { views: [] }
  return {
    views: [],
    effects: [
      async (transaction) => {
        const busy = await transaction.operation.count({
          where: { instanceId: channel.instanceId, finishedAt: null, kind: { in: ['rotate-token', 'adopt-bot'] } },
        })
        if (busy > 0) return
        await context.services.operations.start(transaction, {
          kind: 'rotate-token',
          instanceId: channel.instanceId,
          args: { channelId: channel.id, renew: false },
          requestId: context.requestId,
        })
      },
    ],
  }
}

/** The bot has an assistant: its token is fetched, and it is connected where it was asked for. */
async function adopt(
  context: ChatContext,
  waiting: Channel,
  { botId, username }: { readonly botId: string; readonly username: string },
): Promise<Reply> {
  const { services, incoming } = context
  const { place } = waiting.settings
  const here = place?.chatId === incoming.chat.id && place.platform === incoming.platform
  const starting: Effect = async (transaction) => {
    // The assistant is for the person who connects it. Whoever made the bot is that person, unless we know better.
    const owner = (await ownIdOn(transaction, waiting.addedByPersonId, 'telegram')) ?? incoming.sender.id
    const { id } = await writeChannel(transaction, services, {
      workspaceId: waiting.workspaceId,
      instanceId: waiting.instanceId,
      kind: 'telegram',
      externalId: botId,
      addedByPersonId: waiting.addedByPersonId,
      name: username,
      managed: true,
      token: '',
      last4: '',
      allowed: [owner],
    })
    await services.operations.start(transaction, {
      kind: 'adopt-bot',
      instanceId: waiting.instanceId,
      args: { channelId: id },
      ...(place && { place }),
      requestId: context.requestId,
    })
  }
  const told = view(`bot:${botId}`, [note(t('bot-made-connecting', { name: `@${username}` }))], { tone: 'success' })
  return { views: here ? [] : [{ view: told, place: 'new' }], effects: [starting] }
}

/** The maker chose which assistant a bot is for. */
export async function adoptFor(context: ChatContext, args: JsonObject): Promise<Reply> {
  const instance = foundInstance(context, args)
  if (!instance) return { views: [], toast: t('instance-gone') }
  const viewId = `bot:${String(args.botId)}`
  const bot = { botId: String(args.botId), username: String(args.username) }
  const { services, personId, workspace, incoming } = context
  const shown = { id: '', kind: 'telegram' as const, instanceId: instance.id, allowed: [], name: bot.username }
  const starting: Effect = async (transaction) => {
    const { id } = await writeChannel(transaction, services, {
      workspaceId: workspace.id,
      instanceId: instance.id,
      kind: 'telegram',
      externalId: bot.botId,
      addedByPersonId: personId,
      name: bot.username,
      managed: true,
      token: '',
      last4: '',
      allowed: [incoming.sender.id],
    })
    const place = placeOf(context, viewId)
    const operation = { kind: 'adopt-bot', instanceId: instance.id, args: { channelId: id }, place, requestId: context.requestId }
    await services.operations.start(transaction, operation)
  }
  return {
    ...reply(connectView(viewId, shown, PENDING)),
    effects: [starting, audited(context, 'connect', { name: instance.name, platform: 'telegram' })],
  }
}

/** No bot after all. */
export async function stopWaiting(context: ChatContext, args: JsonObject): Promise<Reply> {
  const found = await foundChannel(context, args)
  if ('views' in found) return found
  const stop: Effect = async (transaction) => {
    await transaction.channel.deleteMany({ where: { id: found.channel.id, state: 'waiting' } })
  }
  return { ...(await overview(context, found.instance, found.channel.id)), effects: [stop] }
}
