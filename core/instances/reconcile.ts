import { z } from 'zod'
import type { Report } from '../alerts.ts'
import { ProblemError } from '../problem.ts'
import type { Services } from '../services.ts'
import { hostName, instanceIdOf } from './instance.ts'
import { crashView } from './views.ts'

/** A deploy takes minutes at most; what nobody owns after this is a leftover. */
const STRAY_MINUTES = 15

/** Our hosts' names begin with this; others on the same account are none of our business. */
const OUR_HOSTS = /^oc-/

/** Its hosts belong to one machine and one data folder: a process elsewhere finds none of them, though they are well. */
const PROVIDER_OF_ONE_MACHINE = 'local'

const Row = z.object({
  id: z.string(),
  name: z.string(),
  state: z.string(),
  host_provider: z.string(),
  host_id: z.string().nullable(),
  platform: z.string(),
  chat_id: z.string(),
  user_id: z.string(),
  language: z.string(),
  order_id: z.string().nullable(),
  busy: z.boolean(),
})

type Row = z.infer<typeof Row>

/**
 * Compares instances with what the host provider has. One that can't be compared is reported and does not keep the
 * others from it.
 *
 *  row says                 provider says        we do
 *  ─────────────────────    ─────────────────    ─────────────────────────────────────────────
 *  any, operation alive     anything             nothing: the operation knows
 *  running or degraded      there                nothing (the supervisor looks at the gateway)
 *  running or degraded      gone (confirmed)     mark lost, tell the owner, alert
 *  running or degraded      no answer            nothing but an alert; the next run tries again
 *  of another provider      anything             nothing: this one can't know its hosts
 *  provisioning             anything             start its deploy again
 *  restarting               anything             start its restart again
 *  destroying               anything             start its destroy again
 *  destroyed or failed      ours by name         older than 15 min: delete, alert
 *  none at all              ours by name         older than 15 min: alert. It may be a customer's of another database (a wrong
 *                                                DATABASE_URL, an old backup): a row of ours is older than its host and stays for ever
 *
 * Where hosts belong to one machine and not one of the expected hosts is here, this may not be the place to look (another machine,
 * another data folder, a disk that is not mounted). Only a host that the provider knows to have been made at this very place is lost
 * then; of the others nothing is lost or deleted, operators are told.
 */
export async function reconcileInstances(services: Services, report: Report): Promise<void> {
  const { database, hosts, clock } = services
  const { rows } = await database.pool.query(
    `SELECT i.id, i.name, i.state, i.host_provider, i.host_id, i.platform, i.chat_id, i.user_id, i.language,
            (SELECT o.id FROM orders o WHERE o.instance_id = i.id) AS order_id,
            EXISTS (SELECT 1 FROM operations op WHERE op.instance_id = i.id AND op.finished_at IS NULL AND op.kind <> 'ask') AS busy
     FROM instances i WHERE i.destroyed_at IS NULL ORDER BY i.created_at`,
  )
  const instances = z.array(Row).parse(rows)
  const idle = instances.filter((instance) => !instance.busy)

  for (const instance of idle) {
    const kind = { provisioning: 'deploy', restarting: 'restart', destroying: 'destroy' }[instance.state]
    if (kind) await apart(instance.id, () => startAgain(instance, kind))
  }

  const gone: Row[] = []
  let present = 0
  for (const instance of instances) {
    const { host_id: hostId } = instance
    if (hostId === null || instance.host_provider !== hosts.name || !isSettled(instance)) continue
    await apart(instance.id, async () => {
      // Damaged or silent is present: only a confirmed absence counts.
      present += 1
      if ((await hosts.find(hostId)) !== null) return
      present -= 1
      gone.push(instance)
    })
  }
  const elsewhere = hosts.name === PROVIDER_OF_ONE_MACHINE && present === 0 ? await notMadeHere(gone) : []
  for (const instance of gone) if (!instance.busy && !elsewhere.includes(instance)) await apart(instance.id, () => lose(instance))
  if (elsewhere.length > 0) {
    report('hosts-elsewhere', 'hosts-elsewhere', { provider: hosts.name, instances: String(elsewhere.length) })
    return
  }
  await apart('strays', deleteStrays)

  async function notMadeHere(missing: readonly Row[]): Promise<readonly Row[]> {
    const here = await Promise.all(missing.map(async ({ host_id: hostId }) => (await hosts.wasHere?.(hostId ?? '')) ?? false))
    return missing.filter((_, index) => !here[index])
  }

  /** Ends only this piece of work when it fails. */
  async function apart(subject: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      // Somebody began an operation since the rows were read: it knows.
      if (isBusy(error)) return
      services.log.warn({ error, subject }, 'one subject could not be reconciled; the next run tries again')
      report('not-reconciled', `not-reconciled:${subject}`, { subject })
    }
  }

  async function startAgain(instance: Row, kind: string): Promise<void> {
    report('operation-restarted', `operation-restarted:${instance.id}:${kind}`, { state: instance.state })
    const prisma = await database.prisma()
    const viewId = kind === 'deploy' ? `order:${instance.order_id ?? ''}` : `${kind}:${instance.id}`
    await prisma.$transaction((transaction) =>
      services.operations.start(transaction, {
        kind,
        instanceId: instance.id,
        ...(instance.order_id !== null && { orderId: instance.order_id }),
        place: {
          platform: instance.platform,
          chatId: instance.chat_id,
          userId: instance.user_id,
          viewId,
          language: instance.language,
        },
        requestId: services.ids.create('req'),
      }),
    )
    services.operations.wake()
  }

  async function lose(instance: Row): Promise<void> {
    report('host-lost', `host-lost:${instance.id}`, { host: instance.host_id ?? '' })
    const prisma = await database.prisma()
    await prisma.$transaction(async (transaction) => {
      const { count } = await transaction.instance.updateMany({
        where: { id: instance.id, state: { in: ['running', 'degraded'] } },
        data: { state: 'lost' },
      })
      if (count === 0) return
      await services.notices.post(transaction, {
        platform: instance.platform,
        chatId: instance.chat_id,
        userId: instance.user_id,
        language: instance.language,
        view: crashView(instance, 'lost'),
        place: 'new',
        dedupeKey: `lost:${instance.id}`,
      })
    })
    services.notices.wake()
  }

  async function deleteStrays(): Promise<void> {
    const found = await hosts.list()
    const { rows: known } = await database.pool.query(
      'SELECT host_id FROM instances WHERE destroyed_at IS NULL AND host_id IS NOT NULL UNION SELECT host_id FROM standbys',
    )
    const owned = new Set(
      z
        .array(z.object({ host_id: z.string() }))
        .parse(known)
        .map((row) => row.host_id),
    )
    const oldest = clock.now().getTime() - STRAY_MINUTES * 60_000
    const strays = found.filter(
      ({ name, createdAt }) => OUR_HOSTS.test(name) && !owned.has(name) && createdAt.getTime() <= oldest,
    )
    const over = await hostsOfOver(strays.map(({ name }) => name))
    for (const { name } of strays) {
      if (!over.has(name)) report('host-unknown', `host-unknown:${name}`, { host: name })
      else
        await apart(name, async () => {
          report('host-stray', `host-stray:${name}`, { host: name })
          await hosts.delete(name)
        })
    }
  }

  /** Of these, the hosts of instances that we know and that are over. */
  async function hostsOfOver(names: readonly string[]): Promise<ReadonlySet<string>> {
    if (names.length === 0) return new Set()
    const { rows: ended } = await database.pool.query(
      'SELECT id, host_id FROM instances WHERE destroyed_at IS NOT NULL AND (host_id = ANY ($1) OR id = ANY ($2))',
      [names, names.map(instanceIdOf)],
    )
    return new Set(
      z
        .array(z.object({ id: z.string(), host_id: z.string().nullable() }))
        .parse(ended)
        .flatMap((row) => [hostName(row.id), row.host_id ?? '']),
    )
  }
}

/** Its host is complete and is not being taken away. */
const isSettled = ({ state }: Row) => state === 'running' || state === 'degraded'

const UNIQUE_VIOLATION = 'P2002'

/** Refused by the engine, or by the index beneath it when two processes started one at the same moment. */
const isBusy = (error: unknown) =>
  error instanceof ProblemError
    ? error.problem.code === 'operation-busy'
    : error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION
