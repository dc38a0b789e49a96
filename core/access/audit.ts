import type { PrismaClient } from '../../prisma/generated/client.ts'
import type { ChatContext, Effect, Reply } from '../chat/reply.ts'
import { splitToken } from '../chat/screen.ts'
import type { JsonObject } from '../chat/view.ts'

/** What is written down when it was done; each has a sentence `audit-<action>`. */
export type AuditAction =
  | 'deploy'
  | 'model'
  | 'fallbacks'
  | 'restart'
  | 'destroy'
  | 'renewal-off'
  | 'renewal-on'
  | 'role-given'
  | 'role-taken'
  | 'role-named'
  | 'role-unnamed'
  | 'link'
  | 'unlink'
  | 'language'
  | 'adopt'
  | 'connect'
  | 'disconnect'
  | 'token-rotated'
  | 'talk-given'
  | 'talk-denied'
  | 'talk-taken'
  | 'talk-open'
  | 'talk-closed'
  | 'key-replaced'
  | 'source'
  | 'source-undone'
  | 'backup-on'
  | 'backup-off'

/** Somebody who tries the same thing again and again fills no table: one row of it in this time. */
const SAME_REFUSAL_SECONDS = 60

const by = ({ incoming, personId }: ChatContext) => ({ personId, platform: incoming.platform })

/** Writes who did what from where, in the transaction of what was done. `args` are those of the action's sentence. */
export const audited =
  (context: ChatContext, action: AuditAction, args: JsonObject = {}, workspaceId = context.workspace.id): Effect =>
  async (transaction) => {
    await transaction.auditEntry.create({
      data: { workspaceId, ...by(context), action, outcome: 'done', detail: { by: context.incoming.sender.name, ...args } },
    })
  }

/** A refusal's answer, and the attempt (a command's or an action's name) written down with it. */
export const refused = (context: ChatContext, attempt: string, answer: Reply): Reply =>
  withEffect(answer, (transaction) => writeRefusal(transaction, context, context.workspace.id, attempt))

/**
 * The answer to a button that is not this workspace's: if it is another's, that one's admins can see who tried. Covers a
 * token carried over from another chat as well as a screen of a workspace that the chat no longer is.
 */
export const refusedPress = (context: ChatContext, token: string, answer: Reply): Reply => {
  const screenId = splitToken(token)?.screenId
  if (screenId === undefined) return answer
  return withEffect(answer, async (transaction) => {
    const screen = await transaction.screen.findUnique({ where: { id: screenId }, select: { workspaceId: true } })
    if (screen?.workspaceId && screen.workspaceId !== context.workspace.id)
      await writeRefusal(transaction, context, screen.workspaceId, FOREIGN.button)
  })
}

/** The answer to an order id that is not this workspace's, as `refusedPress`. */
export const refusedOrder = (context: ChatContext, orderId: string, answer: Reply): Reply =>
  withEffect(answer, async (transaction) => {
    const order = await transaction.order.findUnique({ where: { id: orderId }, select: { workspaceId: true } })
    if (order && order.workspaceId !== context.workspace.id)
      await writeRefusal(transaction, context, order.workspaceId, FOREIGN.order)
  })

/** Attempts from another workspace; their sentences are `audit-<attempt>`. */
const FOREIGN = { button: 'foreign-button', order: 'foreign-order' } as const

const withEffect = (answer: Reply, effect: Effect): Reply => ({ ...answer, effects: [...(answer.effects ?? []), effect] })

async function writeRefusal(
  transaction: Parameters<Effect>[0],
  context: ChatContext,
  workspaceId: string,
  attempt: string,
): Promise<void> {
  const { personId, platform } = by(context)
  const same = { workspaceId, personId, platform, action: attempt, outcome: 'refused' }
  const since = new Date(context.now.getTime() - SAME_REFUSAL_SECONDS * 1000)
  const known = await transaction.auditEntry.findFirst({ where: { ...same, createdAt: { gt: since } }, select: { id: true } })
  if (known) return
  await transaction.auditEntry.create({ data: { ...same, detail: { by: context.incoming.sender.name }, createdAt: context.now } })
}

/** Newest first, `limit` and one more if there are older ones; from just below the entry `before`. */
export const readAudit = (prisma: PrismaClient, workspaceId: string, before: bigint | null, limit: number) =>
  prisma.auditEntry.findMany({
    where: { workspaceId, ...(before !== null && { id: { lt: before } }) },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: limit + 1,
  })
