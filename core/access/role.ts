/**
 * What a person may do in a workspace. Only two of the four are given out so far: whoever owns the workspace is its
 * owner, everybody else in a group is a viewer.
 */
export type Role = 'owner' | 'admin' | 'member' | 'viewer'

const RANK: Readonly<Record<Role, number>> = { viewer: 0, member: 1, admin: 2, owner: 3 }

export const mayAct = (role: Role, needs: Role): boolean => RANK[role] >= RANK[needs]

export function roleIn(workspace: { readonly ownerPersonId: string }, personId: string): Role {
  return workspace.ownerPersonId === personId ? 'owner' : 'viewer'
}
