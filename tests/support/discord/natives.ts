import { attachmentName, type Component, Kind } from './components.ts'
import type { Attachment, Channel, Guild, Member, Message, User, World } from './world.ts'

/** How Discord shows the world to a bot: the JSON of its API and gateway. */
export function createNatives(world: World, origin: () => string) {
  const user = ({ id, name, username, bot }: User) => ({
    id,
    username,
    global_name: bot ? null : name,
    discriminator: bot ? '0001' : '0',
    avatar: null,
    bot,
    public_flags: 0,
    flags: 0,
    primary_guild: null,
  })

  const memberWithoutUser = (guild: Guild, one: Member) => ({
    nick: null,
    avatar: null,
    banner: null,
    roles: world.roleIds(guild, one),
    joined_at: one.joinedAt,
    premium_since: null,
    communication_disabled_until: null,
    deaf: false,
    mute: false,
    pending: false,
    flags: 0,
  })
  const member = (guild: Guild, one: Member) => ({ ...memberWithoutUser(guild, one), user: user(one.user) })

  /** As it comes with an interaction: with what the member may do in that channel. */
  const interactionMember = (guild: Guild, one: Member) => ({
    ...member(guild, one),
    permissions: world.permissions(guild, one).toString(),
  })

  function channel(one: Channel): Record<string, unknown> {
    const { id, name, guild, recipient, parentId } = one
    const common = { id, flags: 0, last_message_id: one.messages.at(-1)?.id ?? null }
    if (recipient) return { ...common, type: 1, recipients: [user(recipient)] }
    const inGuild = { ...common, guild_id: guild?.id, name, rate_limit_per_user: 0 }
    if (parentId === null) {
      return { ...inGuild, type: 0, position: 0, parent_id: null, topic: null, nsfw: false, permission_overwrites: [] }
    }
    return {
      ...inGuild,
      type: 11,
      parent_id: parentId,
      owner_id: guild?.ownerId,
      message_count: one.messages.length,
      member_count: 1,
      total_message_sent: one.messages.length,
      thread_metadata: {
        archived: false,
        auto_archive_duration: 1440,
        archive_timestamp: new Date(0).toISOString(),
        locked: false,
      },
    }
  }

  const role = ({ id, name, permissions }: Guild['roles'][number], position: number) => ({
    id,
    name,
    permissions: permissions.toString(),
    position,
    color: 0,
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
    description: null,
    hoist: false,
    icon: null,
    unicode_emoji: null,
    managed: false,
    mentionable: false,
    flags: 0,
  })

  const guild = (one: Guild) => ({
    id: one.id,
    name: one.name,
    owner_id: one.ownerId,
    preferred_locale: one.locale,
    roles: one.roles.map(role),
    icon: null,
    description: null,
    home_header: null,
    splash: null,
    discovery_splash: null,
    features: [],
    banner: null,
    application_id: null,
    region: 'deprecated',
    afk_channel_id: null,
    afk_timeout: 300,
    system_channel_id: null,
    system_channel_flags: 0,
    widget_enabled: false,
    widget_channel_id: null,
    verification_level: 0,
    default_message_notifications: 0,
    mfa_level: 0,
    explicit_content_filter: 0,
    max_presences: null,
    max_members: 500_000,
    max_stage_video_channel_users: 50,
    max_video_channel_users: 25,
    vanity_url_code: null,
    premium_tier: 0,
    premium_subscription_count: 0,
    rules_channel_id: null,
    safety_alerts_channel_id: null,
    public_updates_channel_id: null,
    premium_progress_bar_enabled: false,
    nsfw: false,
    nsfw_level: 0,
    emojis: [],
    stickers: [],
    incidents_data: null,
  })

  const botMember = (one: Guild) =>
    member(one, { user: world.bot, role: 'member', roleIds: [], joinedAt: new Date(0).toISOString() })

  /** As GUILD_CREATE has it: with channels and threads, and of the members only the bot, whose intents allow no more. */
  const guildCreate = (one: Guild) => ({
    ...guild(one),
    joined_at: new Date(0).toISOString(),
    large: false,
    unavailable: false,
    member_count: one.members.size + 1,
    members: [botMember(one)],
    channels: one.channels.filter(({ parentId, deleted }) => parentId === null && !deleted).map(channel),
    threads: one.channels.filter(({ parentId, deleted }) => parentId !== null && !deleted).map(channel),
    voice_states: [],
    presences: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  })

  const addressOf = (message: Message, { id, filename }: Attachment) =>
    `${origin()}/attachments/${message.channel.id}/${id}/${encodeURIComponent(filename)}`

  const attachment = (message: Message, one: Attachment) => ({
    id: one.id,
    filename: one.filename,
    size: one.bytes.length,
    url: addressOf(message, one),
    proxy_url: addressOf(message, one),
    ...(one.title !== null && { title: one.title }),
    ...(one.description !== null && { description: one.description }),
    ...(one.contentType !== null && { content_type: one.contentType }),
    ...(message.onlyFor && { ephemeral: true }),
  })

  function media(message: Message, url: string) {
    const name = attachmentName(url)
    const found = message.attachments.find(({ filename }) => filename === name)
    const address = found ? addressOf(message, found) : url
    return { id: found?.id ?? '0', url: address, proxy_url: address, ...(found && { attachment_id: found.id }) }
  }

  /** Components come back with what Discord fills in: ids, defaults, and addresses of the files they show. */
  function components(message: Message, list: readonly Component[]): readonly unknown[] {
    let nextId = 1
    const one = (component: Component): Record<string, unknown> => {
      const { items, file, media: picture, components: inside, accessory, ...plain } = component
      const name = attachmentName(file?.url)
      const known = message.attachments.find(({ filename }) => filename === name)
      return {
        ...plain,
        id: component.id ?? nextId++,
        ...(component.type === Kind.container && {
          accent_color: component.accent_color ?? null,
          spoiler: component.spoiler ?? false,
        }),
        ...(component.type === Kind.stringSelect && {
          min_values: component.min_values ?? 1,
          max_values: component.max_values ?? 1,
        }),
        ...(component.type === Kind.separator && { divider: component.divider ?? true, spacing: component.spacing ?? 1 }),
        ...(file && {
          file: media(message, file.url),
          name: known?.filename ?? '',
          size: known?.bytes.length ?? 0,
          spoiler: false,
        }),
        ...(picture && { media: media(message, picture.url), description: component.description ?? null, spoiler: false }),
        ...(items && {
          items: items.map((item) => ({
            media: media(message, item.media.url),
            description: item.description ?? null,
            spoiler: item.spoiler ?? false,
          })),
        }),
        ...(inside && { components: inside.map(one) }),
        ...(accessory && { accessory: one(accessory) }),
      }
    }
    return list.map(one)
  }

  function message(it: Message): Record<string, unknown> {
    return {
      id: it.id,
      type: it.origin?.type === 2 ? 20 : 0,
      channel_id: it.channel.id,
      author: user(it.author),
      content: it.content,
      timestamp: it.createdAt,
      edited_timestamp: it.editedAt,
      tts: false,
      pinned: false,
      mention_everyone: it.pings.includes('everyone'),
      mentions: mentioned(world, it.content).map(user),
      mention_roles: [],
      attachments: it.attachments.map((one) => attachment(it, one)),
      embeds: it.embeds.map((embed) => ({
        type: 'rich',
        ...embed,
        ...(embed.fields && { fields: embed.fields.map((field) => ({ inline: false, ...field })) }),
        ...(embed.image && { image: media(it, embed.image.url) }),
        ...(embed.thumbnail && { thumbnail: media(it, embed.thumbnail.url) }),
      })),
      components: components(it, it.components),
      flags: it.flags,
      ...(it.nonce !== null && { nonce: it.nonce }),
      ...(it.author.bot && { application_id: world.applicationId }),
      ...(it.origin && { webhook_id: world.applicationId, interaction_metadata: metadata(it) }),
    }
  }

  function metadata({ id, origin: from }: Message) {
    if (!from) return undefined
    const common = { id: from.id, user: user(from.user), authorizing_integration_owners: owners(from.guildId) }
    if (from.type === 3) return { ...common, type: 3, interacted_message_id: from.messageId ?? id }
    if (from.type !== 5) return { ...common, type: 2 }
    return { ...common, type: 5, triggering_interaction_metadata: { ...common, type: 2 } }
  }

  return { user, member, memberWithoutUser, interactionMember, channel, guild, guildCreate, botMember, message, role, owners }
}
export type Natives = ReturnType<typeof createNatives>

/** Who installed the app: the guild, or in a private chat nobody in particular. */
const owners = (guildId: string | null): Record<string, string> => ({ '0': guildId ?? '0' })

/** The people a text mentions. */
export function mentioned(world: World, content: string): readonly User[] {
  const ids = [...content.matchAll(/<@!?(\d+)>/g)].map(([, id]) => id)
  return [...new Set(ids)].flatMap((id) => world.users.get(id ?? '') ?? [])
}
