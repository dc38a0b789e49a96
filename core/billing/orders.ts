import { z } from 'zod'
import type { PrismaTransaction } from '../../prisma/database.ts'
import type { Order } from '../../prisma/generated/client.ts'
import type { Place } from '../operations/index.ts'
import { type Problem, ProblemError } from '../problem.ts'
import type { Services } from '../services.ts'
import { lockOrder, moveOrder, OPEN_ORDER_STATES, type OrderState, orderStateOf, SUBSCRIBED_ORDER_STATES } from './order-state.ts'

/** More unpaid orders than this from one workspace only hold places that others could have. */
const MOST_OPEN_ORDERS = 3

/** Taken while places are counted and given: two buyers must not both get the last one. */
const PLACES_LOCK = 'clawcloud:places'

const refuse = (problem: Problem): never => {
  throw new ProblemError(problem)
}

/**
 * Writes an order with the operation that opens its checkout, in the transaction of the decision.
 * Throws ProblemError: `host-full`, `host-hindered`, `name-taken`, `too-many-orders`.
 */
export async function insertOrder(
  transaction: PrismaTransaction,
  services: Services,
  order: Order,
  place: Place,
  requestId: string,
): Promise<void> {
  await holdPlace(transaction, services)
  await claimName(transaction, order)
  const open = await transaction.order.count({ where: { workspaceId: order.workspaceId, state: { in: [...OPEN_ORDER_STATES] } } })
  if (open >= MOST_OPEN_ORDERS) {
    refuse({ code: 'too-many-orders', retryable: false, text: { id: 'billing-too-many-orders', args: { count: open } } })
  }
  await transaction.order.create({ data: order })
  await startCheckout(transaction, services, order, place, requestId)
}

/** One more attempt at paying an order that is expired or lapsed, or whose link could not be made. */
export async function reopenOrder(
  transaction: PrismaTransaction,
  services: Services,
  orderId: string,
  place: Place,
  requestId: string,
): Promise<void> {
  const order = await lockOrder(transaction, orderId)
  if (!order || !canReopen(order)) return movedOn()
  if (order.instanceId === null) {
    await claimKey(transaction, order)
    if (order.state === 'expired') await holdPlace(transaction, services)
    await claimName(transaction, order)
  }
  const changes = {
    reason: null,
    checkoutAttempt: order.checkoutAttempt + 1,
    checkoutSessionId: null,
    checkoutUrl: null,
    checkoutExpiresAt: null,
    // An order goes on where it was taken up again, maybe on another platform than it was begun on.
    platform: place.platform,
    chatId: place.chatId,
    userId: place.userId,
    language: place.language,
  }
  const reopened =
    order.state === 'expired' || order.state === 'lapsed'
      ? await moveOrder(transaction, order, 'awaiting-payment', changes)
      : await transaction.order.update({ where: { id: order.id }, data: changes })
  await startCheckout(transaction, services, reopened, place, requestId)
}

export const canReopen = (order: Pick<Order, 'state' | 'reason' | 'checkoutUrl'>): boolean =>
  order.state === 'expired' ||
  // With a link, the old subscription can still be paid: a second one beside it would charge twice.
  (order.state === 'lapsed' && order.checkoutUrl === null) ||
  (order.state === 'awaiting-payment' && order.reason === 'checkout-unavailable')

/** Where an order goes whose payment came to nothing: one that has an instance is lapsed again. */
export const unpaidState = <const State extends OrderState>(
  order: Pick<Order, 'instanceId'>,
  otherwise: State,
): State | 'lapsed' => (order.instanceId === null ? otherwise : 'lapsed')

/** Calls an unpaid order off, and closes its payment link so that it can't be paid by mistake. */
export async function callOff(
  transaction: PrismaTransaction,
  services: Services,
  orderId: string,
  requestId: string,
): Promise<void> {
  const order = await lockOrder(transaction, orderId)
  if (!order || !isOpen(order)) return movedOn()
  await moveOrder(transaction, order, unpaidState(order, 'cancelled'), { reason: null, checkoutUrl: null })
  if (order.checkoutSessionId === null) return
  await services.operations.start(transaction, {
    kind: 'close-checkout',
    orderId,
    args: { sessionId: order.checkoutSessionId },
    requestId,
  })
}

export const isOpen = (order: Pick<Order, 'id' | 'state'>): boolean =>
  OPEN_ORDER_STATES.some((open) => open === orderStateOf(order))

/** Runs one statement, inside a transaction or on its own. */
type Query = (sql: string, hostProvider: string) => Promise<unknown>

const Counted = z.tuple([z.object({ coming: z.int(), standbys: z.int() })])

/** `hindered`: the places there are can't be given now, for want of disk or of the runtime; operators are told by the worker. */
export type Places = 'free' | 'full' | 'hindered'

/** Whether one more gateway fits, with those that unpaid and just paid orders will need. */
async function fits(query: Query, { hosts, settings }: Pick<Services, 'hosts' | 'settings'>): Promise<Places> {
  const { total, used, trouble } = await hosts.capacity(settings.runtimeVersion)
  const [{ coming, standbys }] = Counted.parse(
    await query(
      `SELECT (SELECT count(*)::int FROM orders o LEFT JOIN instances i ON i.id = o.instance_id
                WHERE o.state IN ('awaiting-payment', 'checking', 'paid') AND i.host_id IS NULL) AS coming,
              (SELECT count(*)::int FROM standbys WHERE host_provider = $1 AND state IN ('starting', 'ready')) AS standbys`,
      hosts.name,
    ),
  )
  // A standby counts as used, but it is what the next order gets.
  const isFree = used - standbys + coming < total
  // A gateway that waits started needs neither a download nor much of the disk.
  return isFree ? 'free' : trouble === undefined ? 'full' : 'hindered'
}

/**
 * Whether a new order would be taken now. Only a hint, so that nobody answers questions for nothing: placing the order checks
 * again, under a lock. A provider that does not answer is no reason to turn anybody away.
 */
export async function placesNow(services: Pick<Services, 'database' | 'hosts' | 'settings' | 'log'>): Promise<Places> {
  const { database, log } = services
  try {
    return await fits(async (sql, provider) => (await database.pool.query(sql, [provider])).rows, services)
  } catch (error) {
    log.warn({ error }, 'the free places could not be counted; they are counted again when the order is placed')
    return 'free'
  }
}

async function holdPlace(transaction: PrismaTransaction, services: Services): Promise<void> {
  await transaction.$executeRaw`SELECT pg_advisory_xact_lock(hashtext(${PLACES_LOCK}))`
  const query: Query = (sql, provider) => transaction.$queryRawUnsafe(sql, provider)
  const places = await fits(query, services)
  if (places === 'full') refuse({ code: 'host-full', retryable: true, text: { id: 'billing-host-full' } })
  if (places === 'hindered') refuse({ code: 'host-hindered', retryable: true, text: { id: 'billing-host-hindered' } })
}

/** Nobody pays for an assistant that could not answer: the key of an order that was left lying is deleted after a day. */
async function claimKey(transaction: PrismaTransaction, { providerKeyId }: Pick<Order, 'providerKeyId'>): Promise<void> {
  if (providerKeyId === null) return
  const kept = await transaction.$queryRaw<unknown[]>`
    SELECT 1 FROM provider_keys WHERE id = ${providerKeyId} AND instance_id IS NULL FOR UPDATE`
  if (kept.length === 0) refuse({ code: 'order-key-gone', retryable: false, text: { id: 'billing-key-gone' } })
}

/** Names are unique among a workspace's living instances and open orders, however they are written. */
async function claimName(
  transaction: PrismaTransaction,
  order: Pick<Order, 'id' | 'workspaceId' | 'instanceName'>,
): Promise<void> {
  const others = await transaction.$queryRaw<unknown[]>`
    SELECT 1 FROM orders WHERE workspace_id = ${order.workspaceId} AND id <> ${order.id}
      AND state = ANY (${[...OPEN_ORDER_STATES]}) AND lower(instance_name) = lower(${order.instanceName}) LIMIT 1`
  if (others.length > 0 || (await isInstanceName(transaction, order.workspaceId, order.instanceName)))
    refuse({ code: 'name-taken', retryable: false, text: { id: 'billing-name-taken', args: { name: order.instanceName } } })
}

/** Whether a living instance has the name, in the words of the unique index: what passes here can be inserted. */
async function isInstanceName(transaction: PrismaTransaction, workspaceId: string, name: string): Promise<boolean> {
  const found = await transaction.$queryRaw<unknown[]>`
    SELECT 1 FROM instances WHERE workspace_id = ${workspaceId} AND destroyed_at IS NULL AND lower(name) = lower(${name}) LIMIT 1`
  return found.length > 0
}

/** The name agreed on; numbered if another instance took it while the order waited for a new link. */
export async function freeName(
  transaction: PrismaTransaction,
  order: Pick<Order, 'workspaceId' | 'instanceName'>,
): Promise<string> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? order.instanceName : `${order.instanceName} ${number}`
    if (!(await isInstanceName(transaction, order.workspaceId, name))) return name
  }
}

async function startCheckout(
  transaction: PrismaTransaction,
  services: Services,
  order: Order,
  place: Place,
  requestId: string,
): Promise<void> {
  await services.operations.start(transaction, {
    kind: 'open-checkout',
    orderId: order.id,
    args: { attempt: order.checkoutAttempt },
    place,
    requestId,
  })
}

const movedOn = (): never => refuse({ code: 'order-moved-on', retryable: false, text: { id: 'billing-moved-on' } })

/** The order of an instance that was deleted. Does nothing if it was given back before. */
export async function endOrder(transaction: PrismaTransaction, instanceId: string): Promise<void> {
  const found = await transaction.order.findUnique({ where: { instanceId }, select: { id: true } })
  const order = found && (await lockOrder(transaction, found.id))
  if (!order || !ENDABLE.some((state) => state === order.state)) return
  await moveOrder(transaction, order, 'ended', { reason: null, checkoutUrl: null, endsAt: null })
}

/** A link that was open in that moment runs out by itself; money that still comes through it is given back. */
const ENDABLE = [...SUBSCRIBED_ORDER_STATES, 'lapsed', ...OPEN_ORDER_STATES] as const
