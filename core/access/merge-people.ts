import type { PrismaTransaction } from '../../prisma/database.ts'
import { moveAssistants, type Renamed } from './move-assistants.ts'
import { mayAct, type Role } from './role.ts'

export const personalWorkspaceOf = (personId: string): string => `wsp_${personId}`

/**
 * Makes one person of two, in the caller's transaction: accounts, assistants, orders, groups, roles and what was written down of `gone`
 * become `stays`'s, and `gone` ceases to be. Assistants of one name are told apart by a number; the renamed ones are the result.
 * Throws ProblemError `order-name-clash`, and nothing has happened.
 */
export async function mergePeople(
  transaction: PrismaTransaction,
  { stays, gone }: { readonly stays: string; readonly gone: string },
): Promise<readonly Renamed[]> {
  // In one order, so that two that join each other at the same moment don't wait for each other for ever.
  const locked = await transaction.$queryRaw<{ id: string; language: string | null; notice_platform: string | null }[]>`
    SELECT id, language, notice_platform FROM people WHERE id IN (${stays}, ${gone}) ORDER BY id FOR UPDATE`
  const [kept, left] = [locked.find(({ id }) => id === stays), locked.find(({ id }) => id === gone)]
  if (!kept || !left) throw new Error(`${stays} and ${gone} are not two people`)
  const [to, from] = [personalWorkspaceOf(stays), personalWorkspaceOf(gone)]
  await transaction.workspace.createMany({ data: [{ id: to, kind: 'personal', ownerPersonId: stays }], skipDuplicates: true })
  const renamed = await moveAssistants(transaction, { from, to })

  // Also in groups: who pays is the same human being as before.
  await transaction.instance.updateMany({ where: { ownerPersonId: gone }, data: { ownerPersonId: stays } })
  await transaction.order.updateMany({ where: { personId: gone }, data: { personId: stays } })
  // A key that was handed over for an order that is not placed yet, and a bot that is still to be made.
  await transaction.providerKey.updateMany({ where: { workspaceId: from }, data: { workspaceId: to } })
  await transaction.providerKey.updateMany({ where: { addedByPersonId: gone }, data: { addedByPersonId: stays } })
  await transaction.channel.updateMany({ where: { addedByPersonId: gone }, data: { addedByPersonId: stays } })
  await transaction.workspace.updateMany({ where: { ownerPersonId: gone, kind: 'group' }, data: { ownerPersonId: stays } })
  await transaction.auditEntry.updateMany({ where: { workspaceId: from }, data: { workspaceId: to } })
  await transaction.auditEntry.updateMany({ where: { personId: gone }, data: { personId: stays } })
  await mergeGrants(transaction, stays, gone)
  // A payment provider's customer of each is kept if both have one: their subscriptions hang on it.
  await transaction.$executeRaw`
    UPDATE billing_customers SET person_id = ${stays} WHERE person_id = ${gone}
      AND NOT EXISTS (SELECT 1 FROM billing_customers WHERE person_id = ${stays})`
  // Buttons in their private chats go on working: what they mean has moved with them.
  await transaction.$executeRaw`
    UPDATE screens s SET workspace_id = ${to} FROM identities i
    WHERE i.person_id = ${gone} AND s.platform = i.platform AND s.chat_id = i.private_chat_id AND s.workspace_id = ${from}`
  await transaction.identity.updateMany({ where: { personId: gone }, data: { personId: stays } })
  await transaction.person.update({
    where: { id: stays },
    data: { language: kept.language ?? left.language, noticePlatform: kept.notice_platform ?? left.notice_platform },
  })
  await transaction.linkCode.deleteMany({ where: { personId: gone } })
  await transaction.workspace.deleteMany({ where: { id: from } })
  await transaction.person.delete({ where: { id: gone } })
  return renamed
}

/** Of two roles in one group the higher one. */
async function mergeGrants(transaction: PrismaTransaction, stays: string, gone: string): Promise<void> {
  for (const grant of await transaction.grant.findMany({ where: { personId: gone } })) {
    const at = { workspaceId_personId: { workspaceId: grant.workspaceId, personId: stays } }
    const own = await transaction.grant.findUnique({ where: at })
    if (!own) await transaction.grant.create({ data: { ...grant, personId: stays } })
    else if (!mayAct(own.role as Role, grant.role as Role))
      await transaction.grant.update({ where: at, data: { role: grant.role } })
  }
  await transaction.grant.deleteMany({ where: { personId: gone } })
}

/**
 * Makes a person of their own of one account. Assistants, orders, groups and roles stay with the others; what was told to the
 * account is told at `toldAt` from now on.
 */
export async function detachIdentity(
  transaction: PrismaTransaction,
  account: { readonly platform: string; readonly externalId: string; readonly personId: string },
  newPersonId: string,
  toldAt: { readonly platform: string; readonly chatId: string; readonly userId: string; readonly language: string },
): Promise<boolean> {
  const { platform, externalId, personId } = account
  const person = await transaction.person.findUniqueOrThrow({ where: { id: personId } })
  await transaction.person.create({ data: { id: newPersonId, language: person.language } })
  const { count } = await transaction.identity.updateMany({
    where: { platform, externalId, personId },
    data: { personId: newPersonId },
  })
  if (count === 0) return false
  await transaction.workspace.create({
    data: { id: personalWorkspaceOf(newPersonId), kind: 'personal', ownerPersonId: newPersonId },
  })
  const told = { workspaceId: personalWorkspaceOf(personId), platform, userId: externalId }
  await transaction.instance.updateMany({ where: told, data: toldAt })
  await transaction.order.updateMany({ where: told, data: toldAt })
  if (person.noticePlatform === platform)
    await transaction.person.update({ where: { id: personId }, data: { noticePlatform: null } })
  return true
}
