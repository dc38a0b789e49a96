import { z } from 'zod'
import type { Report } from '../alerts.ts'
import { launchGateway } from '../gateway/index.ts'
import { decide, type SupervisorAction } from '../hosts/index.ts'
import { sourceOf } from '../models/index.ts'
import type { Services } from '../services.ts'
import { gatewayOf, gatewayTokenPurpose } from './instance.ts'
import { crashView } from './views.ts'

const Row = z.object({
  id: z.string(),
  name: z.string(),
  state: z.string(),
  source: z.string(),
  model: z.string(),
  host_id: z.string(),
  gateway_token_sealed: z.string(),
  crash_count: z.number(),
  restart_after: z.date().nullable(),
  missed_checks: z.number(),
  platform: z.string(),
  chat_id: z.string(),
  user_id: z.string(),
  language: z.string(),
})
type Row = z.infer<typeof Row>

/** Looks at every running instance once: brings back what crashed, with back-off, and tells its owner. */
export async function superviseInstances(services: Services, report: Report): Promise<void> {
  const { rows } = await services.database.pool.query({
    name: 'instances_to_supervise',
    text: `SELECT id, name, state, source, model, host_id, gateway_token_sealed, crash_count, restart_after, missed_checks, platform, chat_id, user_id, language
           FROM instances i WHERE state IN ('running', 'degraded') AND host_id IS NOT NULL AND gateway_token_sealed IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM operations o WHERE o.instance_id = i.id AND o.finished_at IS NULL AND o.kind IN ('deploy', 'restart', 'destroy'))`,
  })
  const looks = await Promise.allSettled(
    z
      .array(Row)
      .parse(rows)
      .map((row) => superviseOne(services, report, row)),
  )
  for (const look of looks)
    if (look.status === 'rejected') services.log.warn({ error: look.reason }, 'an instance could not be looked after')
}

async function superviseOne(services: Services, report: Report, row: Row): Promise<void> {
  const host = await services.hosts.find(row.host_id)
  if (!host) return // the reconciler tells a lost host
  const service = await host.serviceStatus()
  const gateway = await gatewayOf(services, { id: row.id, hostId: row.host_id, gatewayTokenSealed: row.gateway_token_sealed })
  const action = decide({
    state: row.state,
    service,
    health: service.state === 'running' ? await gateway.health() : null,
    crashCount: row.crash_count,
    restartAfter: row.restart_after,
    missedChecks: row.missed_checks,
    now: services.clock.now(),
  })
  if (action.kind === 'none' || !(await record(services, row, action))) return
  if ('alert' in action && action.alert)
    report('gateway-crashing', `gateway-crashing:${row.id}`, { instanceId: row.id, crashes: String(action.crashCount) })
  if (action.kind === 'restart') await host.stopService()
  if (action.kind === 'restart' || action.kind === 'start' || action.kind === 'resume') {
    await gateway.close()
    const token = services.box.open(row.gateway_token_sealed, gatewayTokenPurpose(row.id))
    await launchGateway(host, {
      token,
      source: sourceOf(row.source),
      model: row.model,
      roots: services.settings.modelRoots,
    })
  }
}

/** Writes what was decided, with the message to the owner. False if another process was quicker. */
async function record(services: Services, row: Row, action: Exclude<SupervisorAction, { kind: 'none' }>): Promise<boolean> {
  const change = changeOf(action)
  const event = 'tellOwner' in action && action.tellOwner ? (action.kind === 'back' ? 'back' : 'crashed') : null
  services.log.warn({ instanceId: row.id, action: action.kind, ...change }, 'the supervisor acts')
  const prisma = await services.database.prisma()
  const recorded = await prisma.$transaction(async (transaction) => {
    const { count } = await transaction.instance.updateMany({
      where: {
        id: row.id,
        state: row.state,
        crashCount: row.crash_count,
        missedChecks: row.missed_checks,
        restartAfter: row.restart_after,
      },
      data: change,
    })
    if (count === 0) return false
    if (event)
      await services.notices.post(transaction, {
        platform: row.platform,
        chatId: row.chat_id,
        userId: row.user_id,
        language: row.language,
        view: crashView(row, event),
        place: 'new',
      })
    return true
  })
  if (recorded && event) services.notices.wake()
  return recorded
}

function changeOf(action: Exclude<SupervisorAction, { kind: 'none' }>) {
  switch (action.kind) {
    case 'crashed':
      return { state: 'degraded', crashCount: action.crashCount, restartAfter: action.restartAfter }
    case 'start':
      return { restartAfter: null, missedChecks: 0 }
    case 'resume':
      return { restartAfter: action.restartAfter }
    case 'missed':
      return { missedChecks: action.missedChecks, ...(action.degraded && { state: 'degraded' }) }
    case 'restart':
      return { state: 'degraded', crashCount: action.crashCount, missedChecks: 0 }
    case 'back':
      return { state: 'running', missedChecks: 0, restartAfter: null }
    case 'settled':
      return { crashCount: 0 }
  }
}
