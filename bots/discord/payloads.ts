import { z } from 'zod'

// What we read of Discord's payloads. They hold far more, and may hold what nobody has heard of yet.

export const InteractionType = { ping: 1, command: 2, component: 3, autocomplete: 4, modal: 5 } as const
export const MESSAGE_FLAG = { ephemeral: 1 << 6, loading: 1 << 7 } as const

/** An id: a number too big for JavaScript's, in digits. */
const Snowflake = z.string().regex(/^\d{1,20}$/)

const User = z.object({
  id: Snowflake,
  username: z.string(),
  global_name: z.string().nullish(),
  bot: z.boolean().optional(),
  system: z.boolean().optional(),
})
export type User = z.infer<typeof User>

const PressedMessage = z.object({
  id: Snowflake,
  flags: z.number().optional(),
  /** Read by form.ts. */
  components: z.unknown().optional(),
})

const Option = z.object({
  name: z.string(),
  value: z.union([z.string(), z.number(), z.boolean()]).optional(),
  focused: z.boolean().optional(),
})

export const Interaction = z.object({
  id: Snowflake,
  type: z.number(),
  token: z.string(),
  channel_id: Snowflake.optional(),
  guild_id: Snowflake.optional(),
  user: User.optional(),
  member: z.object({ user: User, roles: z.array(Snowflake), permissions: z.string().optional() }).optional(),
  locale: z.string().optional(),
  message: PressedMessage.optional(),
  data: z
    .looseObject({
      type: z.number().optional(),
      name: z.string().optional(),
      options: z.array(Option).optional(),
      custom_id: z.string().optional(),
      component_type: z.number().optional(),
      values: z.array(z.string()).optional(),
      components: z.unknown().optional(),
    })
    .optional(),
})
export type Interaction = z.infer<typeof Interaction>

export const Message = z.object({
  id: Snowflake,
  type: z.number(),
  channel_id: Snowflake,
  guild_id: Snowflake.optional(),
  author: User,
  webhook_id: Snowflake.optional(),
  member: z.object({ roles: z.array(Snowflake) }).optional(),
  content: z.string(),
  mentions: z.array(z.object({ id: Snowflake })).default([]),
  attachments: z.array(z.unknown()).default([]),
  sticker_items: z.array(z.unknown()).default([]),
  poll: z.unknown().optional(),
})
export type Message = z.infer<typeof Message>

const Role = z.object({ id: Snowflake, permissions: z.string() })
export const GuildCreate = z.object({
  id: Snowflake,
  unavailable: z.boolean().optional(),
  name: z.string().optional(),
  owner_id: Snowflake.optional(),
  roles: z.array(Role).default([]),
})
export const GuildUpdate = z.object({ id: Snowflake, name: z.string(), owner_id: Snowflake })
export const GuildDelete = z.object({ id: Snowflake, unavailable: z.boolean().optional() })
export const GuildRole = z.object({ guild_id: Snowflake, role: Role })
export const GuildRoleDelete = z.object({ guild_id: Snowflake, role_id: Snowflake })
/** What a server calls its roles, as its own route says it. */
export const GuildRoles = z.object({ roles: z.array(z.object({ id: Snowflake, name: z.string() })) })

export const Ready = z.object({ user: z.object({ id: Snowflake, username: z.string() }) })

/** Milliseconds from 1970 to Discord's epoch, the first second of 2015. */
const EPOCH_MS = 1_420_070_400_000
const TIME_SHIFT = 22n

/** When something with this id happened (epoch milliseconds). */
export const timeOf = (id: string): number => Number(BigInt(id) >> TIME_SHIFT) + EPOCH_MS

const ADMINISTRATOR = 1n << 3n
const MANAGE_GUILD = 1n << 5n

/** Whether a set of permissions includes what makes its holder an admin of the server's assistants. */
export const mayManage = (permissions: string): boolean =>
  /^\d+$/.test(permissions) && (BigInt(permissions) & (ADMINISTRATOR | MANAGE_GUILD)) !== 0n

export { MANAGE_GUILD }

/** PostgreSQL stores neither NUL nor half a surrogate pair, in text or in JSON: one such message would never be accepted. */
export const clean = (text: string): string => text.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\uFFFD')
