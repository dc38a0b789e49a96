/**
 * What a person may do in a workspace.
 *
 *   owner   everything; pays for it
 *   admin   everything in this workspace: deploys, changes and deletes, and gives roles
 *   member  uses the assistants: asks them (which spends their credit), sees their models
 *   viewer  looks at /status and /usage
 *   nobody  has no business here: somebody else's private chat
 */
export type Role = 'owner' | 'admin' | 'member' | 'viewer' | 'nobody'

/** The roles that can be given with /access. */
export const GIVEN_ROLES = ['admin', 'member', 'viewer'] as const
export type GivenRole = (typeof GIVEN_ROLES)[number]

const RANK: Readonly<Record<Role, number>> = { nobody: -1, viewer: 0, member: 1, admin: 2, owner: 3 }

export const mayAct = (role: Role, needs: Role): boolean => RANK[role] >= RANK[needs]

export type RoleWorkspace = {
  readonly kind: 'personal' | 'group'
  readonly ownerPersonId: string
  /** The platform's role whose holders administer it too. */
  readonly adminRoleId?: string | null
  /** What this person was given with /access. */
  readonly grant?: string | null
}

/** A person at this moment, as the platform tells it with what they just did. */
export type RolePerson = {
  readonly id: string
  readonly groupRole?: 'admin' | 'member' | undefined
  readonly groupRoleIds?: readonly string[] | undefined
}

/** A role and where it comes from. */
export type Standing = {
  readonly role: Role
  readonly why: 'own-chat' | 'owner' | 'platform' | 'named-role' | 'given' | 'everyone'
}

/**
 * The one place that decides who is what:
 *
 *   personal workspace    its person is its owner, everybody else nobody
 *   the platform says     admin. The workspace's owner stays owner only as long as the platform says admin; then they are what the
 *   admin                 platform and /access say, like everybody (and still who is written to about money)
 *   the platform says     the owner is who began there
 *   nothing
 *   in both               a role given with /access, the holders of the named role are admins, all others viewers.
 *                         `viewer` given by name takes the named role's rights away; nothing takes away what the platform says
 *
 * Nothing is remembered between two actions: who loses a permission loses it at the next one.
 */
export function standingIn(workspace: RoleWorkspace, person: RolePerson): Standing {
  const owns = workspace.ownerPersonId === person.id
  if (workspace.kind === 'personal') return owns ? { role: 'owner', why: 'own-chat' } : { role: 'nobody', why: 'everyone' }
  if (owns && person.groupRole !== 'member') return { role: 'owner', why: 'owner' }
  if (person.groupRole === 'admin') return { role: 'admin', why: 'platform' }
  const given = GIVEN_ROLES.find((role) => role === workspace.grant)
  if (given === 'viewer') return { role: 'viewer', why: 'given' }
  if (workspace.adminRoleId && person.groupRoleIds?.includes(workspace.adminRoleId)) return { role: 'admin', why: 'named-role' }
  return given ? { role: given, why: 'given' } : { role: 'viewer', why: 'everyone' }
}

export const roleIn = (workspace: RoleWorkspace, person: RolePerson | string): Role =>
  standingIn(workspace, typeof person === 'string' ? { id: person } : person).role
