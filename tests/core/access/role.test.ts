import { describe, expect, it } from 'vitest'
import { mayAct, type RolePerson, type RoleWorkspace, roleIn, standingIn } from '../../../core/access/index.ts'

const personal: RoleWorkspace = { kind: 'personal', ownerPersonId: 'ann' }
const group = (rest: Partial<RoleWorkspace> = {}): RoleWorkspace => ({ kind: 'group', ownerPersonId: 'ann', ...rest })
const person = (id: string, groupRole?: 'admin' | 'member', groupRoleIds?: string[]): RolePerson => ({
  id,
  groupRole,
  groupRoleIds,
})

// workspace, person, role, why
const TABLE: readonly (readonly [string, RoleWorkspace, RolePerson, string, string])[] = [
  ['a personal workspace’s person', personal, person('ann'), 'owner', 'own-chat'],
  ['anybody else there', personal, person('bob'), 'nobody', 'everyone'],
  ['anybody else there, whatever a platform says', personal, person('bob', 'admin', ['r']), 'nobody', 'everyone'],

  ['told: the owner who administers the group', group(), person('ann', 'admin'), 'owner', 'owner'],
  ['told: the owner who no longer does', group(), person('ann', 'member'), 'viewer', 'everyone'],
  ['told: that owner, who was given a role', group({ grant: 'member' }), person('ann', 'member'), 'member', 'given'],
  [
    'told: that owner, who holds the named role',
    group({ adminRoleId: 'r' }),
    person('ann', 'member', ['r']),
    'admin',
    'named-role',
  ],
  ['told: another administrator', group(), person('bob', 'admin'), 'admin', 'platform'],
  ['told: an administrator can’t be lowered', group({ grant: 'viewer' }), person('bob', 'admin'), 'admin', 'platform'],
  ['told: a plain member', group(), person('bob', 'member'), 'viewer', 'everyone'],
  ['told: a holder of the named role', group({ adminRoleId: 'r' }), person('bob', 'member', ['q', 'r']), 'admin', 'named-role'],
  ['told: of another role', group({ adminRoleId: 'r' }), person('bob', 'member', ['q']), 'viewer', 'everyone'],
  [
    'told: the named role with less given',
    group({ adminRoleId: 'r', grant: 'member' }),
    person('bob', 'member', ['r']),
    'admin',
    'named-role',
  ],
  [
    'told: excluded from the named role',
    group({ adminRoleId: 'r', grant: 'viewer' }),
    person('bob', 'member', ['r']),
    'viewer',
    'given',
  ],
  ['told: given admin', group({ grant: 'admin' }), person('bob', 'member'), 'admin', 'given'],
  ['told: given member', group({ grant: 'member' }), person('bob', 'member'), 'member', 'given'],
  ['told: given a word of another version', group({ grant: 'king' }), person('bob', 'member'), 'viewer', 'everyone'],

  ['silent: the owner', group(), person('ann'), 'owner', 'owner'],
  ['silent: the owner can’t be lowered', group({ grant: 'viewer' }), person('ann'), 'owner', 'owner'],
  ['silent: anybody', group(), person('bob'), 'viewer', 'everyone'],
  ['silent: given admin', group({ grant: 'admin' }), person('bob'), 'admin', 'given'],
  ['silent: given member', group({ grant: 'member' }), person('bob'), 'member', 'given'],
  ['silent: given viewer', group({ grant: 'viewer' }), person('bob'), 'viewer', 'given'],
]

describe('a role', () => {
  it.each(TABLE)('%s', (_who, workspace, somebody, role, why) => {
    expect(standingIn(workspace, somebody)).toEqual({ role, why })
    expect(roleIn(workspace, somebody)).toBe(role)
  })

  it('includes all lower ones, and nobody is none', () => {
    const ranked = ['nobody', 'viewer', 'member', 'admin', 'owner'] as const
    for (const [higher, role] of ranked.entries())
      for (const [lower, needs] of ranked.entries()) expect(mayAct(role, needs)).toBe(higher >= lower)
  })
})
