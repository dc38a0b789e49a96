import { z } from 'zod'
import type { PrismaTransaction } from '../../prisma/database.ts'
import { CHANNEL_KINDS, type ChannelKind } from '../gateway/index.ts'
import { ProblemError } from '../problem.ts'
import { channelPurpose } from '../secrets/index.ts'
import type { Services } from '../services.ts'

/**
 *   waiting → connecting → connected ⇄ conflict, refused, unreachable
 *
 * `waiting`: its bot is to be made by a person first; until then `externalId` is the user name we proposed, with an @.
 */
const CHANNEL_STATES = ['waiting', 'connecting', 'connected', 'conflict', 'refused', 'unreachable'] as const
export type ChannelRowState = (typeof CHANNEL_STATES)[number]

const Place = z.object({
  platform: z.string(),
  chatId: z.string(),
  userId: z.string(),
  viewId: z.string(),
  language: z.string(),
})

/** What a platform needs beside the token, and what we remember of a channel. Never a secret. */
export const ChannelSettings = z.object({
  /** Anyone may talk to it. */
  open: z.boolean().optional(),
  /** What those who may talk to it call themselves. */
  names: z.record(z.string(), z.string()).optional(),
  /** Feishu's app and the world it lives in. */
  appId: z.string().optional(),
  domain: z.enum(['feishu', 'lark']).optional(),
  /** Discord's application, for the invitation. */
  applicationId: z.string().optional(),
  /** Where the making of the bot was begun, and is told of. */
  place: Place.optional(),
  /** Seen once; told when it is still so at the next look. */
  suspect: z.string().optional(),
})
export type ChannelSettings = z.infer<typeof ChannelSettings>

const Row = z.object({
  id: z.string(),
  workspaceId: z.string(),
  instanceId: z.string(),
  kind: z.enum(CHANNEL_KINDS),
  externalId: z.string(),
  name: z.string(),
  sealed: z.string(),
  last4: z.string(),
  managed: z.boolean(),
  state: z.enum(CHANNEL_STATES),
  settings: ChannelSettings,
  allowed: z.array(z.string()),
  addedByPersonId: z.string(),
  createdAt: z.date(),
  checkedAt: z.date().nullable(),
  greetedAt: z.date().nullable(),
})
export type Channel = z.infer<typeof Row>

/** A row of the table, checked. */
export const channelOf = (row: unknown): Channel => Row.parse(row)

export async function findChannel(services: Services, id: string): Promise<Channel | null> {
  const prisma = await services.database.prisma()
  const row = await prisma.channel.findUnique({ where: { id } })
  return row && channelOf(row)
}

/** The channel an operation is about, fresh from the row. */
export async function channelOfOperation({
  operation,
  services,
}: {
  readonly operation: {
    readonly args: { readonly [name: string]: unknown }
    /** An operation that makes its channel keeps its id there. */
    readonly data: { readonly [name: string]: unknown }
  }
  readonly services: Services
}): Promise<Channel> {
  const channel = await findChannel(services, String(operation.args.channelId ?? operation.data.channelId))
  if (!channel) throw new ProblemError({ code: 'channel-gone', retryable: false, text: { id: 'channel-gone' } })
  return channel
}

export async function channelsOf(services: Services, instanceId: string): Promise<readonly Channel[]> {
  const prisma = await services.database.prisma()
  const rows = await prisma.channel.findMany({ where: { instanceId }, orderBy: { createdAt: 'asc' } })
  return rows.map(channelOf)
}

export const tokenOf = (services: Services, channel: Channel): string =>
  services.box.open(channel.sealed, channelPurpose(channel.id))

export const isChannelKind = (word: unknown): word is ChannelKind => CHANNEL_KINDS.some((kind) => kind === word)

/** As people write it. */
export const platformNameOf = (kind: ChannelKind): string => kind.charAt(0).toUpperCase() + kind.slice(1)

export type NewChannel = Pick<Channel, 'workspaceId' | 'instanceId' | 'kind' | 'externalId' | 'addedByPersonId'> &
  Partial<Pick<Channel, 'name' | 'managed' | 'state' | 'settings' | 'allowed'>> & {
    /** The token or secret as it is; sealed here. Empty while there is none. */
    readonly token: string
    readonly last4: string
    /** For one who has to know it before it is written. */
    readonly id?: string
  }

/** `fresh`: there was none of this kind that ever had a token. */
export type WrittenChannel = { readonly id: string; readonly fresh: boolean }

/**
 * Writes a channel: a new one, or in place of the assistant's channel of that kind, for it has one of each.
 * Refused (ProblemError channel-taken) if another assistant has this bot.
 */
export async function writeChannel(
  transaction: PrismaTransaction,
  services: Services,
  wanted: NewChannel,
): Promise<WrittenChannel> {
  const { id: given, kind, externalId, instanceId, token, settings = {}, allowed, ...rest } = wanted
  const holder = await transaction.channel.findUnique({
    where: { kind_externalId: { kind, externalId } },
    include: { instance: { select: { name: true, workspaceId: true } } },
  })
  if (holder && holder.instanceId !== instanceId) {
    // Whose it is concerns nobody but its own workspace.
    const ours = holder.instance.workspaceId === wanted.workspaceId
    const text = ours
      ? { id: 'channel-taken-here', args: { name: holder.instance.name } }
      : { id: 'channel-taken', args: { platform: platformNameOf(kind) } }
    throw new ProblemError({ code: 'channel-taken', retryable: false, text })
  }
  const present = holder ?? (await transaction.channel.findFirst({ where: { instanceId, kind } }))
  const id = present?.id ?? given ?? services.ids.create('chn')
  const kept = present && channelOf(present)
  // Another bot is met anew; who may talk to the assistant stays, the owner first.
  const sameBot = kept?.externalId === externalId
  const data = {
    ...rest,
    name: rest.name ?? (sameBot ? (kept?.name ?? '') : ''),
    managed: rest.managed ?? false,
    kind,
    externalId,
    instanceId,
    sealed: services.box.seal(token, channelPurpose(id)),
    settings: { ...(kept?.settings.names && { names: kept.settings.names }), ...settings },
    allowed: [...new Set([...(allowed ?? []), ...(kept?.allowed ?? [])])],
    state: rest.state ?? 'connecting',
    ...(!sameBot && { greetedAt: null }),
  }
  if (present) await transaction.channel.update({ where: { id }, data })
  else await transaction.channel.create({ data: { id, ...data } })
  return { id, fresh: kept === null || kept.state === 'waiting' }
}

/** A person's id on a platform whose ids are the same for every bot; null if they never linked it, or at Feishu, where each app has its own. */
export async function ownIdOn(transaction: PrismaTransaction, personId: string, kind: ChannelKind): Promise<string | null> {
  if (kind === 'feishu') return null
  const identity = await transaction.identity.findFirst({ where: { personId, platform: kind }, orderBy: { externalId: 'asc' } })
  return identity?.externalId ?? null
}
