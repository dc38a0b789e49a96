import type { Component, Embed } from './components.ts'
import { missingAccess, unknownChannel } from './fault.ts'
import { Snowflakes, shardOf } from './ids.ts'

export type User = {
  readonly id: string
  readonly name: string
  readonly username: string
  readonly locale: string
  readonly bot: boolean
}
export type Role = { readonly id: string; readonly name: string; readonly permissions: bigint }
export type Member = { readonly user: User; role: 'admin' | 'member'; roleIds: readonly string[]; readonly joinedAt: string }

export type Guild = {
  readonly id: string
  readonly name: string
  readonly locale: string
  readonly ownerId: string
  readonly channels: Channel[]
  readonly members: Map<string, Member>
  /** Who went away, and does nothing here until somebody brings them back. */
  readonly left: Set<string>
  readonly roles: Role[]
  readonly botPermissions: bigint
  /** Whether the bot is a member now. */
  botIn: boolean
}

export type Channel = {
  readonly id: string
  readonly name: string
  readonly guild: Guild | null
  /** The person at the other end, in a private chat. */
  readonly recipient: User | null
  /** The channel a thread hangs on. */
  readonly parentId: string | null
  readonly messages: Message[]
  deleted: boolean
}

export type Attachment = {
  readonly id: string
  readonly filename: string
  readonly description: string | null
  readonly title: string | null
  readonly contentType: string | null
  readonly bytes: Buffer
}

/** What started a message that answers an interaction. */
export type Origin = {
  readonly id: string
  readonly type: number
  readonly user: User
  readonly guildId: string | null
  readonly messageId: string | null
}

export type Message = {
  readonly id: string
  readonly channel: Channel
  readonly author: User
  readonly createdAt: string
  readonly origin: Origin | null
  /** The one person who sees it; null for everybody. */
  readonly onlyFor: User | null
  readonly nonce: string | number | null
  content: string
  embeds: readonly Embed[]
  components: readonly Component[]
  attachments: readonly Attachment[]
  flags: number
  /** Whom it notifies: `everyone`, or ids of people and roles. */
  pings: readonly string[]
  editedAt: string | null
  deleted: boolean
}

const Permission = {
  administrator: 1n << 3n,
  manageGuild: 1n << 5n,
  viewChannel: 1n << 10n,
  sendMessages: 1n << 11n,
  manageMessages: 1n << 13n,
  embedLinks: 1n << 14n,
  attachFiles: 1n << 15n,
  readHistory: 1n << 16n,
  useExternalEmojis: 1n << 18n,
  useCommands: 1n << 31n,
  sendInThreads: 1n << 38n,
} as const
const EVERYONE =
  Permission.viewChannel |
  Permission.sendMessages |
  Permission.embedLinks |
  Permission.attachFiles |
  Permission.readHistory |
  Permission.useExternalEmojis |
  Permission.useCommands |
  Permission.sendInThreads

/** The state behind the fake: who is where, and every message as it is now. */
export class World {
  readonly ids = new Snowflakes()
  readonly applicationId: string
  readonly bot: User
  readonly guilds = new Map<string, Guild>()
  readonly channels = new Map<string, Channel>()
  readonly users = new Map<string, User>()
  readonly messages = new Map<string, Message>()
  /** Who takes no private messages. */
  readonly closedDms = new Set<string>()
  readonly shards: number
  private readonly dms = new Map<string, Channel>()
  private readonly listeners = new Set<() => void>()

  constructor(botName: string, shards: number) {
    this.shards = shards
    this.applicationId = this.ids.next()
    // Two ids, as old applications have them, so that a mix-up shows.
    this.bot = { id: this.ids.next(), name: botName, username: botName.toLowerCase(), locale: 'en-US', bot: true }
    this.users.set(this.bot.id, this.bot)
  }

  /** Tells everybody who waits that something happened. */
  changed(): void {
    for (const listener of [...this.listeners]) listener()
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  addUser(name: string, locale: string): User {
    const username = name.toLowerCase().replace(/[^a-z0-9._]/g, '') || 'someone'
    const user: User = { id: this.ids.next(), name, username, locale, bot: false }
    this.users.set(user.id, user)
    return user
  }

  addGuild(name: string, owner: User, mayDelete: boolean): Guild {
    const id = this.ids.onShard(this.guilds.size % this.shards, this.shards)
    const guild: Guild = {
      id,
      name,
      locale: 'en-US',
      ownerId: owner.id,
      channels: [],
      members: new Map(),
      left: new Set(),
      roles: [
        { id, name: '@everyone', permissions: EVERYONE },
        { id: this.ids.next(), name: 'Admins', permissions: EVERYONE | Permission.manageGuild },
      ],
      botPermissions: mayDelete ? EVERYONE | Permission.manageMessages : EVERYONE,
      botIn: true,
    }
    this.guilds.set(id, guild)
    this.addChannel({ name: 'general', guild, recipient: null, parentId: null })
    this.join(guild, owner)
    return guild
  }

  addChannel(fields: Pick<Channel, 'name' | 'guild' | 'recipient' | 'parentId'>): Channel {
    const channel: Channel = { ...fields, id: this.ids.next(), messages: [], deleted: false }
    this.channels.set(channel.id, channel)
    fields.guild?.channels.push(channel)
    return channel
  }

  join(guild: Guild, user: User): Member {
    const member: Member = guild.members.get(user.id) ?? { user, role: 'member', roleIds: [], joinedAt: new Date().toISOString() }
    guild.members.set(user.id, member)
    return member
  }

  /** The private chat between a person and the bot; there is one for ever. */
  dm(user: User): Channel {
    const channel =
      this.dms.get(user.id) ?? this.addChannel({ name: user.username, guild: null, recipient: user, parentId: null })
    this.dms.set(user.id, channel)
    return channel
  }

  /** The shard that hears of this guild; the first one hears of private chats. */
  shard(guildId: string | null, shards: number): number {
    return guildId === null ? 0 : shardOf(guildId, shards)
  }

  /** The channel as the bot may use it, or Discord's reason why not. */
  channelFor(id: string): Channel {
    const channel = this.channels.get(id)
    if (!channel || channel.deleted) throw unknownChannel()
    if (channel.guild && !channel.guild.botIn) throw missingAccess()
    return channel
  }

  message(id: string): Message | undefined {
    const message = this.messages.get(id)
    return message?.deleted ? undefined : message
  }

  roleIds(guild: Guild, { role, roleIds }: Member): readonly string[] {
    const admins = guild.roles[1]
    return role === 'admin' && admins ? [admins.id, ...roleIds] : roleIds
  }

  permissions(guild: Guild, member: Member): bigint {
    if (member.user.id === guild.ownerId) return EVERYONE | Permission.administrator | Permission.manageGuild
    return member.role === 'admin' ? EVERYONE | Permission.manageGuild : EVERYONE
  }

  botPermissions({ guild }: Channel): bigint {
    return guild ? guild.botPermissions : EVERYONE
  }

  mayDelete(channel: Channel): boolean {
    return (this.botPermissions(channel) & Permission.manageMessages) !== 0n
  }
}

export const isAdministrator = (permissions: bigint): boolean => (permissions & Permission.administrator) !== 0n
