import type { PrismaTransaction } from '../../prisma/database.ts'
import { OPEN_ORDER_STATES } from '../billing/index.ts'
import { ProblemError } from '../problem.ts'

/** Names are compared as people read them: case, width and composition do not make two names of one. */
const fold = (name: string) => name.normalize('NFKC').toLocaleLowerCase()

/** Room for a number behind a name of the longest kind. */
const CUT_CHARACTERS = 28

export type Renamed = { readonly from: string; readonly to: string }

/** The name, or with the lowest number behind it that makes it free. */
function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(fold(name))) return name
  const base = [...name].slice(0, CUT_CHARACTERS).join('').trim()
  for (let number = 2; ; number++) if (!taken.has(fold(`${base} ${number}`))) return `${base} ${number}`
}

type Move = {
  readonly from: string
  readonly to: string
  /** Only what this person pays for; all if absent. */
  readonly paidBy?: string
}

/**
 * What moving the assistants and orders of one workspace into another will rename: two of one name can't stand side by side.
 * Throws ProblemError `order-name-clash`: an unpaid order's name stands on its payment page, so it can't be renamed.
 */
export async function planMove(
  transaction: Pick<PrismaTransaction, 'instance' | 'order'>,
  { from, to, paidBy }: Move,
): Promise<{ readonly instances: readonly { readonly id: string; readonly name: string; readonly newName: string }[] }> {
  const living = { destroyedAt: null }
  const open = { state: { in: [...OPEN_ORDER_STATES] } }
  const instances = await transaction.instance.findMany({
    where: { workspaceId: from, ...living, ...(paidBy !== undefined && { ownerPersonId: paidBy }) },
    orderBy: { createdAt: 'asc' },
    select: { id: true, name: true },
  })
  const orders = await transaction.order.findMany({
    where: { workspaceId: from, ...open, ...(paidBy !== undefined && { personId: paidBy }) },
    select: { instanceName: true },
  })
  const there = await transaction.instance.findMany({ where: { workspaceId: to, ...living }, select: { name: true } })
  const orderedThere = await transaction.order.findMany({ where: { workspaceId: to, ...open }, select: { instanceName: true } })

  const taken = new Set([...there.map(({ name }) => name), ...orderedThere.map(({ instanceName }) => instanceName)].map(fold))
  const clash = orders.find(({ instanceName }) => taken.has(fold(instanceName)))
  if (clash)
    throw new ProblemError({
      code: 'order-name-clash',
      retryable: false,
      text: { id: 'link-order-clash', args: { name: clash.instanceName } },
    })
  for (const { instanceName } of orders) taken.add(fold(instanceName))
  return {
    instances: instances.map(({ id, name }) => {
      const newName = freeName(name, taken)
      taken.add(fold(newName))
      return { id, name, newName }
    }),
  }
}

export const renamedIn = (plan: Awaited<ReturnType<typeof planMove>>): readonly Renamed[] =>
  plan.instances.flatMap(({ name, newName }) => (name === newName ? [] : [{ from: name, to: newName }]))

/**
 * Moves assistants, orders and the ledger's lines of one workspace into another; what is deleted or over goes along. Both rows are
 * locked, so that nothing is ordered in either meanwhile. Throws as `planMove`.
 */
export async function moveAssistants(transaction: PrismaTransaction, move: Move): Promise<readonly Renamed[]> {
  const { from, to, paidBy } = move
  await transaction.$queryRaw`SELECT id FROM workspaces WHERE id IN (${from}, ${to}) ORDER BY id FOR UPDATE`
  const plan = await planMove(transaction, move)
  for (const { id, name, newName } of plan.instances) {
    if (name === newName) continue
    await transaction.instance.update({ where: { id }, data: { name: newName } })
    await transaction.order.updateMany({ where: { instanceId: id }, data: { instanceName: newName } })
  }
  const orders = await transaction.order.findMany({
    where: { workspaceId: from, ...(paidBy !== undefined && { personId: paidBy }) },
    select: { id: true, providerKeyId: true },
  })
  await transaction.instance.updateMany({
    where: { workspaceId: from, ...(paidBy !== undefined && { ownerPersonId: paidBy }) },
    data: { workspaceId: to },
  })
  // Keys and channels go where their assistant or their order goes.
  const keyIds = orders.flatMap(({ providerKeyId }) => providerKeyId ?? [])
  await transaction.providerKey.updateMany({
    where: { workspaceId: from, OR: [{ instance: { workspaceId: to } }, { id: { in: keyIds } }] },
    data: { workspaceId: to },
  })
  await transaction.channel.updateMany({ where: { workspaceId: from, instance: { workspaceId: to } }, data: { workspaceId: to } })
  const ids = orders.map(({ id }) => id)
  await transaction.order.updateMany({ where: { id: { in: ids } }, data: { workspaceId: to } })
  await transaction.ledgerEntry.updateMany({
    where: paidBy === undefined ? { workspaceId: from } : { orderId: { in: ids } },
    data: { workspaceId: to },
  })
  return renamedIn(plan)
}
