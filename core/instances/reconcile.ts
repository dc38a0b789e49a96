import { z } from 'zod'
import type { Report } from '../alerts.ts'
import type { Services } from '../services.ts'
import { crashView } from './views.ts'

/** A deploy takes minutes at most; what nobody owns after this is a leftover. */
const STRAY_MINUTES = 15

/** Our hosts' names begin with this; others on the same account are none of our business. */
const OUR_HOSTS = /^oc-/

const Row = z.object({
  id: z.string(),
  name: z.string(),
  state: z.string(),
  host_id: z.string().nullable(),
  platform: z.string(),
  chat_id: z.string(),
  user_id: z.string(),
  language: z.string(),
  order_id: z.string().nullable(),
  busy: z.boolean(),
})

/**
 * Compares instances with what the host provider has.
 *
 *  row says                 provider says        we do
 *  ─────────────────────    ─────────────────    ─────────────────────────────────────────────
 *  any, operation alive     anything             nothing: the operation knows
 *  running or degraded      there                nothing (the supervisor looks at the gateway)
 *  running or degraded      gone (confirmed)     mark lost, tell the owner, alert
 *  any                      no answer            nothing; the call throws and the next run tries again
 *  provisioning             anything             start its deploy again
 *  restarting               anything             start its restart again
 *  destroying               anything             start its destroy again
 *  none                     ours by name         older than 15 min: delete, alert
 */
export async function reconcileInstances(services: Services, report: Report): Promise<void> {
  const { database, hosts, clock } = services
  const { rows } = await database.pool.query(
    `SELECT i.id, i.name, i.state, i.host_id, i.platform, i.chat_id, i.user_id, i.language,
            (SELECT o.id FROM orders o WHERE o.instance_id = i.id) AS order_id,
            EXISTS (SELECT 1 FROM operations op WHERE op.instance_id = i.id AND op.finished_at IS NULL AND op.kind <> 'ask') AS busy
     FROM instances i WHERE i.destroyed_at IS NULL`,
  )
  const instances = z.array(Row).parse(rows)

  for (const instance of instances) {
    if (instance.busy) continue
    const unfinished = { provisioning: 'deploy', restarting: 'restart', destroying: 'destroy' }[instance.state]
    if (unfinished) {
      await startAgain(instance, unfinished)
      continue
    }
    if (
      (instance.state === 'running' || instance.state === 'degraded') &&
      instance.host_id !== null &&
      (await hosts.find(instance.host_id)) === null
    )
      await lose(instance)
  }
  await deleteStrays()

  async function startAgain(instance: z.infer<typeof Row>, kind: string): Promise<void> {
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

  async function lose(instance: z.infer<typeof Row>): Promise<void> {
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
    for (const host of found) {
      if (!OUR_HOSTS.test(host.name) || owned.has(host.name) || host.createdAt.getTime() > oldest) continue
      report('host-stray', `host-stray:${host.name}`, { host: host.name })
      await hosts.delete(host.name)
    }
  }
}
