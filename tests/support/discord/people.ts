import { type Commands, filledIn, offered, type Typing, typed } from './commands.ts'
import { Kind, LINK_STYLE, walk } from './components.ts'
import type { Delivery } from './delivery.ts'
import type { Gateway } from './gateway.ts'
import { type Choice, type Interactions, InteractionType, type Reaction } from './interactions.ts'
import type { Messages } from './messages.ts'
import type { Natives } from './natives.ts'
import { isVisibleTo, type SeenMessage, type SeenModal, seen, seenModal, submitted } from './seen.ts'
import type { Channel, Guild, Message, User, World } from './world.ts'

/** A server with the channel in it that people write to; or one of its threads. */
export type DiscordGuild = {
  readonly id: string
  readonly channelId: string
  readonly name: string
  /** The bot is thrown out. */
  removesBot(): void
  deletesChannel(): void
  /** A thread under this channel: the same server, another channel. */
  thread(): DiscordGuild
}

export type DiscordChannelView = {
  /** Oldest first, without what is deleted or for other eyes only. */
  messages(): readonly SeenMessage[]
  /** The newest message of the bot. */
  last(): SeenMessage | null
}

export type DiscordPerson = {
  readonly id: string
  readonly name: string
  /** The private chat with the bot. */
  dm(): DiscordChannelView
  /** The server's channel: everybody's messages, and those for this person alone. */
  in(guild: DiscordGuild): DiscordChannelView
  /** Types a plain message; returns its id. In a server the bot reads it only if it is mentioned. */
  says(text: string, guild?: DiscordGuild, options?: { readonly mention?: boolean }): string
  /** Sends a slash command; throws when the app would not offer it to this person here. */
  command(name: string, args?: Readonly<Record<string, string>>, guild?: DiscordGuild): Promise<Reaction>
  /** What is offered while an option is typed. */
  autocomplete(name: string, option: string, text: string, guild?: DiscordGuild): Promise<readonly Choice[]>
  /** Presses the newest button with this label, or that of one message. */
  presses(label: string, options?: { readonly messageId?: string; readonly guild?: DiscordGuild }): Promise<Reaction>
  /** Chooses an option of the newest select that has it. */
  selects(optionLabel: string, options?: { readonly messageId?: string; readonly guild?: DiscordGuild }): Promise<Reaction>
  /** Fills in and sends the open form; keys are labels or custom ids. Throws where the app would not let it be sent. */
  submits(values: Readonly<Record<string, string>>): Promise<Reaction>
  /** The form that is open for this person. */
  readonly modal: SeenModal | null
  deletes(messageId: string): void
  leaves(guild: DiscordGuild): void
  /** An admin has Manage Server. Other roles are made if the server does not have them. */
  setRole(guild: DiscordGuild, role: 'admin' | 'member', roleIds?: readonly string[]): void
  blocksDms(): void
}

type Parts = {
  readonly world: World
  readonly natives: Natives
  readonly messages: Messages
  readonly interactions: Interactions
  readonly commands: Commands
  readonly gateway: Gateway
  readonly delivery: Delivery
}

/** Makes the people of the fake Discord: what they do reaches the bot, what the bot does they see. */
export function createPeople({ world, natives, messages, interactions, commands, gateway, delivery }: Parts) {
  const guildOf = ({ id }: DiscordGuild): Guild => {
    const guild = world.guilds.get(id)
    if (!guild) throw new Error(`no server ${id}`)
    return guild
  }

  function viewOf(user: User, channel: Channel): DiscordChannelView {
    const all = () => {
      const outside = channel.guild && !channel.guild.members.has(user.id)
      return outside || channel.deleted
        ? []
        : channel.messages.filter((message) => isVisibleTo(user, message)).map((message) => seen(world, message))
    }
    return { messages: all, last: () => all().findLast(({ fromBot }) => fromBot) ?? null }
  }

  return function person(user: User): DiscordPerson {
    /** Where the person is: in the server, which they join by being there, or in the private chat. */
    function place(guild: DiscordGuild | undefined): Channel {
      if (!guild) return world.dm(user)
      const channel = world.channels.get(guild.channelId)
      if (!channel || channel.deleted) throw new Error(`${user.name} finds no channel ${guild.channelId}`)
      const there = guildOf(guild)
      if (there.left.has(user.id)) throw new Error(`${user.name} has left ${there.name}`)
      world.join(there, user)
      return channel
    }

    function typing(channel: Channel): Typing {
      const member = channel.guild?.members.get(user.id)
      return { locale: user.locale, permissions: channel.guild && member ? world.permissions(channel.guild, member) : null }
    }

    function commandFor(name: string, channel: Channel) {
      if (channel.guild && !channel.guild.botIn) throw new Error(`The bot is not in ${channel.guild.name}`)
      return offered(commands.all(), name, typing(channel))
    }

    /** The newest message this person sees that has what they look for. */
    function newest<T>(
      guild: DiscordGuild | undefined,
      messageId: string | undefined,
      find: (message: SeenMessage, real: Message) => T | undefined,
    ): { readonly message: Message; readonly what: T } | null {
      const named = messageId === undefined ? undefined : world.messages.get(messageId)
      const channel = named?.channel ?? place(guild)
      for (const message of channel.messages.toReversed()) {
        if (!isVisibleTo(user, message) || (named && message !== named)) continue
        const what = find(seen(world, message), message)
        if (what !== undefined) return { message, what }
      }
      return null
    }

    async function act(type: number, channel: Channel, message: Message | null, deed: string, data: unknown) {
      return await delivery.deliver({ type, user, channel, message, deed: `${user.name}’s ${deed}` }, data)
    }

    return {
      id: user.id,
      name: user.name,
      dm: () => viewOf(user, world.dm(user)),
      in: (guild) => {
        const channel = world.channels.get(guild.channelId)
        if (!channel) throw new Error(`no channel ${guild.channelId}`)
        return viewOf(user, channel)
      },

      says: (text, guild, { mention = false } = {}) =>
        messages.say(place(guild), user, mention ? `<@${world.bot.id}> ${text}` : text).id,

      async command(name, args = {}, guild) {
        const channel = place(guild)
        const command = commandFor(name, channel)
        const options = filledIn(command, args, user.locale)
        const data = { id: command.id, name: command.name, type: 1, ...(options.length > 0 && { options }) }
        return (await act(InteractionType.command, channel, null, `/${command.name}`, data)).reaction
      },

      async autocomplete(name, option, text, guild) {
        const channel = place(guild)
        const command = commandFor(name, channel)
        const data = { id: command.id, name: command.name, type: 1, options: typed(command, option, text, user.locale) }
        return (await act(InteractionType.autocomplete, channel, null, `typing of /${command.name}`, data)).interaction.choices
      },

      async presses(label, { messageId, guild } = {}) {
        const found = newest(guild, messageId, ({ buttons }) => buttons.find((button) => button.label === label))
        if (!found) {
          const labels = viewOf(user, place(guild))
            .messages()
            .flatMap(({ buttons }) => buttons.map((button) => button.label))
          throw new Error(`${user.name} sees no button "${label}" to press; there are: ${labels.join(' | ') || 'none'}`)
        }
        const { style, customId, disabled } = found.what
        if (style === LINK_STYLE) throw new Error(`"${label}" is a link`)
        if (disabled) throw new Error(`"${label}" is disabled`)
        const data = { component_type: 2, custom_id: customId, id: 1 }
        return (await act(InteractionType.component, found.message.channel, found.message, `press of "${label}"`, data)).reaction
      },

      async selects(optionLabel, { messageId, guild } = {}) {
        const found = newest(guild, messageId, (_seen, message) => {
          const selects = [...walk(message.components)]
            .map(({ component }) => component)
            .filter(({ type }) => type === Kind.stringSelect)
          return selects
            .flatMap((select) => (select.options ?? []).map((option) => ({ select, option })))
            .find(({ option }) => option.label === optionLabel)
        })
        if (!found) throw new Error(`${user.name} sees no option "${optionLabel}" to choose`)
        const { select, option } = found.what
        const data = { component_type: 3, custom_id: select.custom_id, id: 1, values: [option.value] }
        return (await act(InteractionType.component, found.message.channel, found.message, `choice of "${optionLabel}"`, data))
          .reaction
      },

      async submits(values) {
        const open = interactions.modalOf(user)
        if (!open) throw new Error(`${user.name} has no form open`)
        const { modal, from } = open
        const { inputs } = seenModal(world, modal, from.channel)
        const unknown = Object.keys(values).find(
          (name) => !inputs.some(({ label, customId }) => label === name || customId === name),
        )
        if (unknown !== undefined)
          throw new Error(`The form has no field "${unknown}"; there are: ${inputs.map(({ label }) => label).join(' | ')}`)
        const filled = new Map(
          inputs.map((input) => {
            const value = values[input.label] ?? values[input.customId] ?? input.value
            const { label, required, minLength, maxLength, kind, options } = input
            if (required && value === '') throw new Error(`The form can’t be sent without "${label}"`)
            if (kind !== 'select' && value !== '' && (value.length < minLength || value.length > maxLength)) {
              throw new Error(`"${label}" takes ${minLength} to ${maxLength} characters`)
            }
            return [input.customId, options.find((option) => option.label === value)?.value ?? value]
          }),
        )
        interactions.closeModal(user)
        const data = { custom_id: modal.custom_id, components: submitted(modal, filled) }
        return (await act(InteractionType.modal, from.channel, from.message, `form "${modal.title}"`, data)).reaction
      },

      get modal() {
        const open = interactions.modalOf(user)
        return open ? seenModal(world, open.modal, open.from.channel) : null
      },

      deletes(messageId) {
        const message = world.message(messageId)
        if (!message) throw new Error(`no message ${messageId} to delete`)
        messages.delete(message)
      },

      leaves(guild) {
        const left = guildOf(guild)
        left.members.delete(user.id)
        left.left.add(user.id)
        gateway.dispatch({ name: 'GUILD_MEMBER_REMOVE', guildId: left.id, data: { guild_id: left.id, user: natives.user(user) } })
      },

      setRole(guild, role, roleIds = []) {
        const there = guildOf(guild)
        const member = world.join(there, user)
        for (const id of roleIds.filter((one) => !there.roles.some((known) => known.id === one))) {
          const added = { id, name: `role ${id}`, permissions: 0n }
          there.roles.push(added)
          const data = { guild_id: there.id, role: natives.role(added, there.roles.length - 1) }
          gateway.dispatch({ name: 'GUILD_ROLE_CREATE', guildId: there.id, data })
        }
        member.role = role
        member.roleIds = roleIds
        const data = { guild_id: there.id, ...natives.member(there, member) }
        gateway.dispatch({ name: 'GUILD_MEMBER_UPDATE', guildId: there.id, data })
      },

      blocksDms: () => void world.closedDms.add(user.id),
    }
  }
}
