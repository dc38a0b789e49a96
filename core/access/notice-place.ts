import type { PrismaTransaction } from '../../prisma/database.ts'

/** A person's private chat with us, for a notice. `language` is what they chose, or their platform's locale; null if neither is known. */
export type NoticePlace = {
  readonly platform: string
  readonly chatId: string
  readonly userId: string
  readonly language: string | null
}

/** Where a person wants to be told things that belong to no chat: where they said, else on `hint`, else where they last were. */
export async function noticePlaceOf(
  transaction: Pick<PrismaTransaction, '$queryRaw'>,
  personId: string,
  hint: string | null = null,
): Promise<NoticePlace | null> {
  const [place] = await transaction.$queryRaw<NoticePlace[]>`
    SELECT i.platform, i.private_chat_id AS "chatId", i.external_id AS "userId", coalesce(p.language, i.locale) AS language
    FROM people p
    JOIN identities i ON i.person_id = p.id AND i.private_chat_id IS NOT NULL
    LEFT JOIN conversations c ON c.platform = i.platform AND c.chat_id = i.private_chat_id AND c.user_id = i.external_id
    WHERE p.id = ${personId}
    ORDER BY coalesce(i.platform = p.notice_platform, false) DESC, coalesce(i.platform = ${hint}, false) DESC, c.updated_at DESC NULLS LAST
    LIMIT 1`
  return place ?? null
}

/** From now on a person is told things there: also what becomes of assistants they have already. Null if we can't write to them there. */
export async function moveNotices(
  transaction: PrismaTransaction,
  { personId, workspaceId, platform }: { readonly personId: string; readonly workspaceId: string; readonly platform: string },
): Promise<NoticePlace | null> {
  await transaction.person.update({ where: { id: personId }, data: { noticePlatform: platform } })
  const place = await noticePlaceOf(transaction, personId)
  if (place?.platform !== platform) return null
  const { chatId, userId } = place
  await transaction.instance.updateMany({ where: { workspaceId, destroyedAt: null }, data: { platform, chatId, userId } })
  return place
}
