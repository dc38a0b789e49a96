import { type AuditAction, audited } from '../access/index.ts'
import { checkOrder, orderActions } from '../billing/index.ts'
import { note, t, view } from '../chat/build.ts'
import { type ChatContext, type Effect, reply } from '../chat/reply.ts'
import { type Action, command } from './command.ts'

/** States in which an order waits for something its owner can do. */
const WAITING = ['awaiting-payment', 'past-due', 'lapsed', 'disputed', 'expired']

/** Of these one at a time is what its owner is asked about first, however many were ordered since. */
const OWED = ['awaiting-payment', 'past-due', 'lapsed', 'disputed']

/** The buttons of an order's message; typed, it shows the newest order that waits for its owner, or else the newest. */
export const order = command({
  name: 'order',
  description: 'command-order',
  needs: 'member',
  argument: 'text',
  actions: {
    ...orderActions,
    stop: written(orderActions.stop, 'renewal-off'),
    renew: written(orderActions.renew, 'renewal-on'),
  },
  async run(context) {
    const prisma = await context.services.database.prisma()
    const owed = await prisma.order.findFirst({
      where: { workspaceId: context.workspace.id, state: { in: OWED } },
      orderBy: { createdAt: 'desc' },
      select: { id: true },
    })
    const newest = owed ?? context.orders[0]
    if (!newest) return reply(view('no-order', [note(t('billing-no-order'))]))
    if (context.workspace.kind === 'personal') await goOnHere(context, newest.id)
    return checkOrder(context, newest.id)
  },
})

/** The action of an order with a line of the audit log, in the transaction of what it does. */
function written(action: Action, word: AuditAction): Action {
  return {
    ...action,
    async run(context, args) {
      const answer = await action.run(context, args)
      const write: Effect = async (transaction) => {
        const order = await transaction.order.findUnique({ where: { id: String(args.orderId) }, select: { instanceName: true } })
        await audited(context, word, { name: order?.instanceName ?? '' })(transaction)
      }
      return answer.effects ? { ...answer, effects: [...answer.effects, write] } : answer
    },
  }
}

/** An order that waits, begun in another of the person's chats, goes on in this one: what becomes of it is told here. */
async function goOnHere({ services, incoming, workspace, language }: ChatContext, orderId: string): Promise<void> {
  const place = { platform: incoming.platform, chatId: incoming.chat.id }
  const prisma = await services.database.prisma()
  await prisma.order.updateMany({
    where: { id: orderId, workspaceId: workspace.id, state: { in: WAITING }, NOT: place },
    data: { ...place, userId: incoming.sender.id, language },
  })
}
