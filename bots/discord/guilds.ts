import { GuildCreate, GuildDelete, GuildRole, GuildRoleDelete, GuildUpdate, mayManage } from './payloads.ts'

type Guild = { name: string | undefined; ownerId: string | undefined; readonly adminRoles: Set<string> }
export type Guilds = ReturnType<typeof createGuilds>

/**
 * What the gateway tells of the servers we are in: their name, and who administers them. An interaction says the latter itself; a
 * message does not. Some hundred bytes a server: nothing else of it is kept.
 */
export function createGuilds() {
  const guilds = new Map<string, Guild>()

  function setRole(guild: Guild | undefined, role: { readonly id: string; readonly permissions: string }): void {
    if (mayManage(role.permissions)) guild?.adminRoles.add(role.id)
    else guild?.adminRoles.delete(role.id)
  }

  return {
    /** Follows an event; returns the id of a server that we were taken out of. */
    follow(event: string, data: unknown): string | null {
      switch (event) {
        case 'GUILD_CREATE': {
          const created = GuildCreate.safeParse(data).data
          if (!created || created.unavailable) return null
          const guild: Guild = { name: created.name, ownerId: created.owner_id, adminRoles: new Set() }
          for (const role of created.roles) setRole(guild, role)
          guilds.set(created.id, guild)
          return null
        }
        case 'GUILD_UPDATE': {
          const updated = GuildUpdate.safeParse(data).data
          const guild = updated && guilds.get(updated.id)
          if (guild) Object.assign(guild, { name: updated.name, ownerId: updated.owner_id })
          return null
        }
        case 'GUILD_ROLE_CREATE':
        case 'GUILD_ROLE_UPDATE': {
          const changed = GuildRole.safeParse(data).data
          if (changed) setRole(guilds.get(changed.guild_id), changed.role)
          return null
        }
        case 'GUILD_ROLE_DELETE': {
          const deleted = GuildRoleDelete.safeParse(data).data
          if (deleted) guilds.get(deleted.guild_id)?.adminRoles.delete(deleted.role_id)
          return null
        }
        case 'GUILD_DELETE': {
          const gone = GuildDelete.safeParse(data).data
          // Unavailable is an outage of Discord's: we are still a member.
          if (!gone || gone.unavailable === true) return null
          guilds.delete(gone.id)
          return gone.id
        }
        default:
          return null
      }
    },

    nameOf: (guildId: string): string | undefined => guilds.get(guildId)?.name,

    /** Undefined for a server the gateway has not told us of (yet). */
    roleOf(guildId: string, userId: string, roleIds: readonly string[]): 'admin' | 'member' | undefined {
      const guild = guilds.get(guildId)
      if (!guild) return undefined
      const isAdmin = guild.ownerId === userId || [guildId, ...roleIds].some((id) => guild.adminRoles.has(id))
      return isAdmin ? 'admin' : 'member'
    },
  }
}
