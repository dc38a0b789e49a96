import type { PrismaTransaction } from '../../prisma/database.ts'
import { ProblemError } from '../problem.ts'
import type { GivenRole } from './role.ts'

/** People offered on one screen; others are named in words. */
const MOST_PEOPLE = 20

export type PersonHere = {
  readonly personId: string
  readonly name: string
  readonly username: string | null
  readonly externalId: string
  readonly grant: string | null
}

/** Who wrote to us in this group, in whichever of its threads, or was given a role in it: the most recent first. */
export async function peopleHere(
  transaction: Pick<PrismaTransaction, '$queryRaw'>,
  workspace: { readonly id: string; readonly platform: string; readonly groupId: string },
): Promise<readonly PersonHere[]> {
  return transaction.$queryRaw<PersonHere[]>`
    WITH seen AS (
      SELECT user_id, max(updated_at) AS at FROM conversations
      WHERE platform = ${workspace.platform} AND group_id = ${workspace.groupId} GROUP BY user_id
    )
    SELECT i.person_id AS "personId", i.display_name AS name, i.username, i.external_id AS "externalId", g.role AS grant
    FROM identities i
    LEFT JOIN seen ON seen.user_id = i.external_id
    LEFT JOIN grants g ON g.workspace_id = ${workspace.id} AND g.person_id = i.person_id
    WHERE i.platform = ${workspace.platform} AND (
      i.external_id IN (SELECT user_id FROM seen)
      OR i.person_id IN (SELECT person_id FROM grants WHERE workspace_id = ${workspace.id})
      OR i.person_id IN (SELECT person_id FROM audit_entries WHERE workspace_id = ${workspace.id}))
    ORDER BY (g.role IS NOT NULL) DESC, seen.at DESC NULLS LAST, i.display_name
    LIMIT ${MOST_PEOPLE * 10}`
}

/** The people whom typed words can mean: a mention, a user name, the platform's id or the shown name. */
export function meantBy(people: readonly PersonHere[], typed: string): readonly PersonHere[] {
  const bare = typed
    .trim()
    .replace(/^<?@[!&]?|>$/g, '')
    .toLocaleLowerCase()
  const exactly = people.filter(
    ({ externalId, username }) => externalId.toLocaleLowerCase() === bare || username?.toLocaleLowerCase() === bare,
  )
  return exactly.length > 0 ? exactly : people.filter(({ name }) => name.toLocaleLowerCase() === bare)
}

/**
 * Gives somebody a role in a workspace, or takes it (`null`). It counts from their next action on.
 * Throws ProblemError `last-owner`: who owns the workspace stays what they are.
 */
export async function giveRole(
  transaction: PrismaTransaction,
  given: { readonly workspaceId: string; readonly personId: string; readonly role: GivenRole | null; readonly by: string },
): Promise<void> {
  const { workspaceId, personId, role } = given
  const workspace = await transaction.workspace.findUniqueOrThrow({ where: { id: workspaceId }, select: { ownerPersonId: true } })
  if (workspace.ownerPersonId === personId)
    throw new ProblemError({ code: 'last-owner', retryable: false, text: { id: 'access-last-owner' } })
  if (role === null) {
    await transaction.grant.deleteMany({ where: { workspaceId, personId } })
    return
  }
  await transaction.grant.upsert({
    where: { workspaceId_personId: { workspaceId, personId } },
    create: { workspaceId, personId, role, grantedBy: given.by },
    update: { role, grantedBy: given.by },
  })
}

/**
 * Where the platform tells who administers a group, its first administrator who orders something owns the workspace: whoever merely
 * said something first does not. Nothing changes once there is an assistant or an order that counts.
 */
export async function takeOwnership(
  transaction: PrismaTransaction,
  { workspaceId, personId }: { readonly workspaceId: string; readonly personId: string },
): Promise<void> {
  await transaction.$executeRaw`
    UPDATE workspaces w SET owner_person_id = ${personId}
    WHERE w.id = ${workspaceId} AND w.kind = 'group' AND w.owner_person_id <> ${personId}
      AND NOT EXISTS (SELECT 1 FROM instances i WHERE i.workspace_id = w.id AND i.destroyed_at IS NULL)
      AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.workspace_id = w.id AND o.person_id <> ${personId}
                        AND o.state NOT IN ('cancelled', 'expired', 'ended', 'refunded'))`
}
