import type { Services } from '../services.ts'
import { mayPass } from './key-api.ts'
import { keyRecheckedView } from './key-views.ts'
import { keySummary, openKey } from './stored-key.ts'

/** An outage of a provider is over in minutes or hours; asking costs a token. */
const RECHECK_MINUTES = 10
/** Some at a time: the next run takes the next. */
const RECHECKS_AT_ONCE = 20
/** An order that nobody finished within a day is not finished with this key. */
const UNATTACHED_HOURS = 24
/** A change of key or source can be undone for ten minutes; then nothing needs the old key. */
export const UNDO_MINUTES = 10

const CHANGES_SOURCE = 'change-source'

const UNPAID_OR_COMING = ['awaiting-payment', 'checking', 'paid']

const minutesAgo = (now: Date, minutes: number) => new Date(now.getTime() - minutes * 60_000)

/** Keys that nobody can need any more are deleted, and those that could not be judged are tried again; the owner hears what came of it. */
export async function sweepKeys(services: Services): Promise<void> {
  await deleteUnneeded(services)
  await recheck(services)
}

async function deleteUnneeded({ database, clock }: Services): Promise<void> {
  const now = clock.now()
  const prisma = await database.prisma()
  await prisma.providerKey.deleteMany({
    where: {
      replacedAt: { lt: minutesAgo(now, UNDO_MINUTES + 1) },
      // A change that is under way may be the one that takes the old key back.
      OR: [{ instanceId: null }, { instance: { operations: { none: { finishedAt: null, kind: CHANGES_SOURCE } } } }],
    },
  })
  await prisma.providerKey.deleteMany({ where: { instance: { destroyedAt: { not: null } } } })
  const wanted = await prisma.order.findMany({
    where: { providerKeyId: { not: null }, instanceId: null, state: { in: UNPAID_OR_COMING } },
    select: { providerKeyId: true },
  })
  await prisma.providerKey.deleteMany({
    where: {
      instanceId: null,
      createdAt: { lt: minutesAgo(now, UNATTACHED_HOURS * 60) },
      id: { notIn: wanted.flatMap(({ providerKeyId }) => providerKeyId ?? []) },
    },
  })
}

async function recheck(services: Services): Promise<void> {
  const { database, clock, keys, log, notices } = services
  const prisma = await database.prisma()
  const due = await prisma.providerKey.findMany({
    where: {
      state: { in: ['unreachable', 'rate-limited'] },
      replacedAt: null,
      checkedAt: { lt: minutesAgo(clock.now(), RECHECK_MINUTES) },
    },
    orderBy: { checkedAt: 'asc' },
    take: RECHECKS_AT_ONCE,
    include: { instance: true },
  })
  for (const row of due) {
    const key = await openKey(services, row.id)
    const summary = keySummary(row)
    if (!key || !summary) continue
    const { state } = await keys.check(key.provider, key.value, row.instance?.model)
    const { instance } = row
    await prisma.$transaction(async (transaction) => {
      const { count } = await transaction.providerKey.updateMany({
        where: { id: row.id, checkedAt: row.checkedAt },
        data: { state, checkedAt: clock.now() },
      })
      if (count === 0 || !instance || mayPass(state)) return
      await notices.post(transaction, {
        platform: instance.platform,
        chatId: instance.chatId,
        userId: instance.userId,
        language: instance.language,
        view: keyRecheckedView(instance, { ...summary, state }),
        place: 'new',
        dedupeKey: `key-rechecked:${row.id}:${row.checkedAt?.getTime()}`,
      })
    })
    log.info({ keyId: row.id, state }, 'a key was tried again')
  }
  notices.wake()
}
