import { z } from 'zod'
import type { Incoming } from '../../core/chat/incoming.ts'
import type { CommandOption, CoreLine } from '../../core/chat/platform.ts'
import { FORM_PREFIX, formOf, MODAL_PREFIX, modalOf } from './form.ts'
import { clean, Interaction, InteractionType, MESSAGE_FLAG, Message, mayManage, timeOf, type User } from './payloads.ts'
import { formatRef } from './ref.ts'
import { BUTTON_PREFIX } from './render.ts'

/** What of an interaction matters for its answer. */
export type Asked = {
  readonly id: string
  /** A credential for 15 minutes: it goes into no log. */
  readonly token: string
  /** The message a button or a form hangs on: the answer may change it in place. */
  readonly pressed: string | null
  /** A command by its name: some are answered to one person alone. */
  readonly command: string | null
  readonly inGroup: boolean
}

/** What an interaction is to us. All but `ignored` must be answered within three seconds. */
export type ReceivedInteraction =
  | { readonly kind: 'incoming'; readonly incoming: Incoming; readonly asked: Asked }
  | { readonly kind: 'ping' }
  /** A form's button: its modal is the answer, and nobody else hears of it. */
  | { readonly kind: 'form'; readonly modal: ReturnType<typeof modalOf>; readonly asked: Asked }
  | { readonly kind: 'suggest'; readonly suggest: Parameters<CoreLine['suggest']>[0]; readonly asked: Asked }
  | { readonly kind: 'ignored'; readonly reason: string }

export type ReceivedMessage =
  | { readonly kind: 'incoming'; readonly incoming: Incoming }
  | { readonly kind: 'ignored'; readonly reason: string }

/** What the world around a payload adds to it. */
export type Surroundings = {
  readonly botUserId: string | null
  nameOf(guildId: string): string | undefined
  roleOf(guildId: string, userId: string, roleIds: readonly string[]): 'admin' | 'member' | undefined
}

const CHAT_INPUT = 1
const STRING_SELECT = 3
/** A message somebody wrote, and one that replies to another; all others are Discord's own ("joined", "pinned"). */
const WRITTEN = [0, 19]

const ignored = (reason: string) => ({ kind: 'ignored', reason }) as const

/** Interaction → what it is to us. Pure; any value may come in, none throws. */
export function receiveInteraction(payload: unknown, around: Surroundings): ReceivedInteraction {
  const parsed = Interaction.safeParse(payload)
  if (!parsed.success) return ignored(`an interaction we can't read: ${parsed.error.issues[0]?.path.join('.')}`)
  const interaction = parsed.data
  if (interaction.type === InteractionType.ping) return { kind: 'ping' }
  const user = interaction.member?.user ?? interaction.user
  if (!user || !interaction.channel_id) return ignored(`an interaction of type ${interaction.type} without a person or a channel`)

  const asked: Asked = {
    id: interaction.id,
    token: interaction.token,
    pressed: interaction.message?.id ?? null,
    command: interaction.type === InteractionType.command ? (interaction.data?.name ?? '') : null,
    inGroup: interaction.guild_id !== undefined,
  }
  const chat = chatOf(interaction.channel_id, interaction.guild_id, around)
  const sender = senderOf(user, interaction)

  switch (interaction.type) {
    case InteractionType.autocomplete: {
      const option = interaction.data?.options?.find(({ focused }) => focused)
      const name = optionName(option?.name)
      if (!interaction.data?.name || !option || !name) return ignored('typing in an option that is none of ours')
      const typed = clean(String(option.value ?? ''))
      return { kind: 'suggest', suggest: { sender, chat, command: interaction.data.name, option: name, typed }, asked }
    }
    case InteractionType.command:
    case InteractionType.component:
    case InteractionType.modal: {
      const { custom_id: customId = '' } = interaction.data ?? {}
      if (interaction.type === InteractionType.component && customId.startsWith(FORM_PREFIX)) {
        const form = formOf(customId, interaction.message?.components)
        if (form) return { kind: 'form', modal: modalOf(form), asked }
      }
      return {
        kind: 'incoming',
        asked,
        incoming: {
          platform: 'discord',
          updateKey: `i${interaction.id}`,
          chat,
          sender,
          at: timeOf(interaction.id),
          content: contentOf(interaction),
          acknowledgement: formatAcknowledgement(asked),
        },
      }
    }
    default:
      return ignored(`an interaction of the unknown type ${interaction.type}`)
  }
}

function contentOf({ type, data = {}, message, token }: Interaction): Incoming['content'] {
  if (type === InteractionType.command) {
    // A command on a person or a message is not ours; its name tells the core so.
    const known = data.type === undefined || data.type === CHAT_INPUT
    return { kind: 'command', name: clean(data.name ?? '').toLowerCase(), argument: known ? argumentOf(data.options ?? []) : '' }
  }
  const messageRef =
    message && formatRef(isEphemeral(message.flags) ? { messageId: message.id, token } : { messageId: message.id })
  const where = messageRef === undefined ? {} : { messageRef }
  const customId = clean(data.custom_id ?? '')
  if (type === InteractionType.modal) {
    return { kind: 'form', token: after(MODAL_PREFIX, customId), values: valuesOf(data.components), ...where }
  }
  const chosen = data.component_type === STRING_SELECT ? data.values?.[0] : undefined
  return { kind: 'press', token: chosen === undefined ? after(BUTTON_PREFIX, customId) : clean(chosen), ...where }
}

const isEphemeral = (flags = 0): boolean => (flags & MESSAGE_FLAG.ephemeral) !== 0

/** A custom id that is none of ours stays as it is: the core knows no such button, and says so. */
const after = (prefix: string, customId: string): string =>
  customId.startsWith(prefix) ? customId.slice(prefix.length) : customId

const OPTIONS: readonly CommandOption['name'][] = ['assistant', 'text']
const optionName = (name: string | undefined) => OPTIONS.find((known) => known === name)

/** The options as they would have been typed: in one order, whichever they were filled in. */
function argumentOf(options: readonly { readonly name: string; readonly value?: unknown }[]): string {
  return OPTIONS.map((name) => clean(String(options.find((option) => option.name === name)?.value ?? '')).trim())
    .filter((words) => words !== '')
    .join(' ')
}

const Input = z.object({ custom_id: z.string(), value: z.string() })

/** The answers of a modal, at whatever depth Discord puts them. */
function valuesOf(components: unknown): Record<string, string> {
  if (!Array.isArray(components)) return {}
  return Object.fromEntries(
    components.flatMap((component: unknown): [string, string][] => {
      const input = Input.safeParse(component)
      if (input.success) return [[clean(input.data.custom_id), clean(input.data.value)]]
      const { component: inside, components: row } = Object(component)
      return Object.entries({ ...valuesOf(row), ...valuesOf(inside === undefined ? [] : [inside]) })
    }),
  )
}

/** MESSAGE_CREATE → what it is to us. Pure; any value may come in, none throws. */
export function receiveMessage(payload: unknown, around: Surroundings): ReceivedMessage {
  const parsed = Message.safeParse(payload)
  if (!parsed.success) return ignored(`a message we can't read: ${parsed.error.issues[0]?.path.join('.')}`)
  const message = parsed.data
  const { author } = message
  if (author.bot || author.system || message.webhook_id !== undefined) return ignored('a message of a bot')
  if (!WRITTEN.includes(message.type)) return ignored(`Discord's own message of type ${message.type}`)
  const content = wordsOf(message, around.botUserId)
  if (typeof content === 'string') return ignored(content)
  const { guild_id: guildId, member } = message
  const groupRole = guildId === undefined ? undefined : around.roleOf(guildId, author.id, member?.roles ?? [])
  return {
    kind: 'incoming',
    incoming: {
      platform: 'discord',
      updateKey: `m${message.id}`,
      chat: chatOf(message.channel_id, guildId, around),
      sender: {
        ...nameOf(author),
        ...(groupRole !== undefined && { groupRole }),
        ...(guildId !== undefined && member && { groupRoleIds: member.roles }),
      },
      at: timeOf(message.id),
      content,
      messageRef: message.id,
    },
  }
}

/** The content of a message that is meant for us, or the reason why it is not. */
function wordsOf(message: Message, botUserId: string | null): Incoming['content'] | string {
  const isPrivate = message.guild_id === undefined
  const mentionsUs = botUserId !== null && message.mentions.some(({ id }) => id === botUserId)
  if (!isPrivate && !mentionsUs) return 'talk in a server, not meant for us'

  const words = botUserId === null ? message.content : message.content.replace(new RegExp(`<@!?${botUserId}>`), '')
  const text = clean(isPrivate && !mentionsUs ? message.content : words.trim())
  if (text.trim() === '') {
    const what = unsupported(message)
    if (what !== null) return { kind: 'unsupported', what }
    // Somebody who only calls our name wants to know what we can do.
    return mentionsUs ? { kind: 'command', name: 'help', argument: '' } : 'an empty message'
  }
  const [, name, argument] = /^\/([\p{L}\p{N}_-]{1,32})(?:\s+([\s\S]*))?$/u.exec(text.trim()) ?? []
  if (name === undefined) return { kind: 'text', text }
  return { kind: 'command', name: name.toLowerCase(), argument: (argument ?? '').trim() }
}

function unsupported({ attachments, sticker_items: stickers, poll }: Message): string | null {
  if (attachments.length > 0) return 'file'
  if (stickers.length > 0) return 'sticker'
  return poll === undefined ? null : 'poll'
}

/** A server owns what is deployed in it, whichever of its channels and threads it is asked for in. */
function chatOf(channelId: string, guildId: string | undefined, around: Surroundings): Incoming['chat'] {
  if (guildId === undefined) return { id: channelId, kind: 'private' }
  const title = around.nameOf(guildId)
  return { id: channelId, kind: 'group', groupId: guildId, ...(title !== undefined && { title: clean(title) }) }
}

const nameOf = (user: User) => ({
  id: user.id,
  name: clean(user.global_name ?? user.username),
  username: clean(user.username),
})

function senderOf(user: User, { member, locale }: Interaction): Incoming['sender'] {
  return {
    ...nameOf(user),
    ...(locale !== undefined && { locale }),
    ...(member && {
      ...(member.permissions !== undefined && {
        groupRole: mayManage(member.permissions) ? ('admin' as const) : ('member' as const),
      }),
      groupRoleIds: member.roles,
    }),
  }
}

/** What of an interaction is kept with its update and its answers, so that any process can go on answering it. */
const formatAcknowledgement = ({ id, token }: Asked): string => `${id}.${token}`

export function parseAcknowledgement(acknowledgement: string): { readonly id: string; readonly token: string } | null {
  const [, id, token] = /^(\d{1,20})\.(.+)$/.exec(acknowledgement) ?? []
  return id !== undefined && token !== undefined ? { id, token } : null
}
