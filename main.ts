// Long because it is one list: everything there is, and how it is put together.
import { randomBytes, randomInt } from 'node:crypto'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import type { Hono } from 'hono'
import type { Pool } from 'pg'
import { createGroupLeft } from './core/access/index.ts'
import { createReport } from './core/alerts.ts'
import { billingKinds, createPlans, isIrrelevantEvent } from './core/billing/index.ts'
import { createStripeIntake, createStripePayments } from './core/billing/stripe/index.ts'
import { channelOperations, createChannelVendors } from './core/channels/index.ts'
import type { ChatPlatform } from './core/chat/platform.ts'
import { createRouter } from './core/chat/router.ts'
import { createChatStore } from './core/chat/store.ts'
import { INBOX_CHANNEL } from './core/chat/wake-flow.ts'
import type { Clock, Ids } from './core/clock.ts'
import { commandMenus, commands, createSuggest, flows } from './core/commands/index.ts'
import { secretsOf } from './core/config/secrets.ts'
import { loadConfig } from './core/config.ts'
import { createDraw, createMeter, startCycle } from './core/credits/index.ts'
import { createOpenRouterModels, createOpenRouterSubKeys } from './core/credits/openrouter/index.ts'
import { createGatewayConnections, warmUpGateway } from './core/gateway/index.ts'
import { createLocalHostProvider, createStandbyPool, memoryMbOf } from './core/hosts/index.ts'
import { createHttpServer, createPublicPages } from './core/http/index.ts'
import { createHttpJson } from './core/http-json.ts'
import { createLocaliser } from './core/i18n/index.ts'
import { gatewayTokenPurpose, instanceLogs, instanceOperations } from './core/instances/index.ts'
import { createKeyApi, createListModels, keyOperations } from './core/keys/index.ts'
import { isDeadProcess, leaseOwner } from './core/lease-owner.ts'
import { createLog } from './core/logging.ts'
import { createMetrics } from './core/metrics.ts'
import { createCatalogue, createCatalogues } from './core/models/index.ts'
import { createNotices, createOutbox, OUTBOX_CHANNEL } from './core/notices/index.ts'
import { createEngine } from './core/operations/index.ts'
import {
  createRedactor,
  createSecretBox,
  createSecretPage,
  type KeyRing,
  parseKeyRing,
  resealAll,
  sealedState,
} from './core/secrets/index.ts'
import type { Services } from './core/services.ts'
import { createShutdown } from './core/shutdown.ts'
import {
  becomeSoleWorker,
  createQueues,
  enqueuers,
  startTimers,
  startWorkerRole,
  sweepTimers,
  type WorkerSchedules,
} from './jobs/index.ts'
import { createDatabase } from './prisma/database.ts'
import { migrate } from './prisma/migrate.ts'
import { vendorsOf } from './sandbox/index.ts'

const say = (line: string) => console.log(line)

const clock: Clock = { now: () => new Date() }
const LETTERS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const characters = (count: number, most: number) => Array.from({ length: count }, () => LETTERS[randomInt(most)]).join('')
const ids: Ids = { create: (prefix) => `${prefix}_${characters(16, 36)}`, screen: () => characters(10, LETTERS.length) }

const shutdown = createShutdown()
const { onStop } = shutdown

async function main(): Promise<void> {
  const config = loadConfig()
  const secrets = secretsOf(config)
  const redact = createRedactor({ known: () => secrets })
  const log = createLog({ level: config.logLevel, redact })
  for (const warning of config.warnings) log.warn({}, warning)
  const metrics = createMetrics()

  // ── data ──
  const embedded =
    config.databaseUrl === null
      ? await (await import('./prisma/embedded.ts')).startEmbeddedPostgres({
          directory: join(config.dataDirectory, 'postgres'),
          say,
        })
      : null
  onStop(() => embedded?.stop())
  const databaseUrl = config.databaseUrl ?? embedded?.url ?? ''
  await migrate(databaseUrl)
  const database = createDatabase({ url: databaseUrl, log })
  onStop(() => database.close())
  // Let go of last, when nothing works any more. Without it we end, and wait our turn when we are started again.
  const sole = config.roles.worker ? becomeSoleWorker({ databaseUrl, log, onLost: () => stop('SIGTERM') }) : null
  onStop(() => sole?.stop())
  const report = createReport(database.pool, log)
  const queues = createQueues(config.redisUrl === null ? { databaseUrl, log } : { redisUrl: config.redisUrl, log })
  const jobs = enqueuers(queues)

  // ── the outside ──
  const localUrl = `http://${config.http.bind.includes(':') ? `[${config.http.bind}]` : config.http.bind === '0.0.0.0' ? '127.0.0.1' : config.http.bind}:${config.http.port}`
  const publicUrl = config.http.publicUrl ?? localUrl
  const routes: Hono[] = []
  const vendors = await vendorsOf(config, { localUrl, publicUrl, routes, clock, ids })
  onStop(() => vendors.stop())
  const openrouterHttp = createHttpJson({
    root: vendors.openrouter.apiRoot,
    bearer: vendors.openrouter.managementKey,
    observe: (status) => metrics.providerCall('openrouter', status),
  })
  const subKeys = createOpenRouterSubKeys(openrouterHttp)
  const catalogue = createCatalogue({ fetchModels: createOpenRouterModels(openrouterHttp), clock, log })
  const ring = parseKeyRing(config.keyRing)
  const box = createSecretBox(ring)
  const modelRoots = { ...vendors.providers, openrouter: vendors.openrouter.apiRoot }
  const keys = createKeyApi(modelRoots)
  const catalogues = createCatalogues({
    managed: catalogue,
    listModels: createListModels({ database, box, keys }),
    clock,
    log,
  })
  const warmUp = { roots: modelRoots, clock, log, redact }
  const hosts = createLocalHostProvider({
    dataDirectory: config.dataDirectory,
    clock,
    log,
    memoryMb: memoryMbOf(totalmem(), process.constrainedMemory()),
    warmRuntime: (host) => warmUpGateway(host, { token: ids.create('gw'), model: 'anthropic/claude-sonnet-4.6', ...warmUp }),
  })
  const gateways = createGatewayConnections({ hosts, clock, log, redact })
  const meter = createMeter({ database, subKeys, clock, log })
  const standbys = createStandbyPool({
    pool: database.pool,
    provider: hosts,
    box,
    runtimeVersion: config.openclawVersion,
    size: config.standbyGateways,
    ids,
    ...warmUp,
  })

  // ── the core ──
  const localiser = createLocaliser({ report: (fault) => log.error({ fault }, 'a text is faulty') })
  const platforms = new Map<string, ChatPlatform>()
  const outbox = createOutbox({ pool: database.pool, platforms, localiser, clock, log, report })
  const sweepOutbox = () =>
    outbox.sweep().catch((error: unknown) => log.warn({ error }, 'the outbox could not be read; the next sweep follows'))
  const notices = createNotices({ ids, wake: () => void sweepOutbox() })
  const engine = createEngine<Services>({
    database,
    kinds: [
      ...instanceOperations,
      ...keyOperations,
      ...channelOperations,
      ...billingKinds({ returnUrls: returnUrls(platforms, publicUrl) }),
    ],
    services: () => services,
    notices,
    enqueue: jobs.operation,
    leaseOwner: leaseOwner(),
    isDead: isDeadProcess,
    clock,
    ids,
    log,
    report,
    observe: metrics.step,
    observeEnd: metrics.operation,
  })
  const services: Services = {
    database,
    clock,
    ids,
    log,
    box,
    payments: createStripePayments({
      ...vendors.stripe,
      settings: { brandName: config.brandName },
      observe: (status) => metrics.providerCall('stripe', status),
    }),
    subKeys,
    catalogue,
    keys,
    catalogues,
    localiser,
    channels: createChannelVendors({
      ...config.channels,
      observe: (vendor, status) => metrics.providerCall(vendor, status),
    }),
    plans: createPlans({ pool: database.pool, clock }),
    meter,
    hosts,
    claimStandby: (instanceId, signal) => standbys.claim(instanceId, signal),
    operations: engine.operations,
    report,
    notices,
    gateway: ({ id, hostId, gatewayTokenSealed }) =>
      gateways.of({ instanceId: id, hostId, token: box.open(gatewayTokenSealed, gatewayTokenPurpose(id)) }),
    instanceLogs: (instance, lines) => instanceLogs(services, instance, lines, redact),
    roleName: async (platform, groupId, roleId) => (await platforms.get(platform)?.roleName?.(groupId, roleId)) ?? null,
    settings: {
      publicUrl,
      brandName: config.brandName,
      supportContact: config.supportContact,
      runtimeVersion: config.openclawVersion,
      modelRoots,
      sandbox: config.sandbox,
    },
  }
  const billing = {
    services,
    startCycle: async (instanceId: string, invoice: { invoiceId: string; periodStart: Date; periodEnd: Date }) => {
      await startCycle({ database, subKeys, clock }, instanceId, invoice)
    },
  }
  const groupLeft = createGroupLeft({ database, platforms, notices, localiser, clock, log })
  const suggest = createSuggest({ pool: database.pool, catalogue, commands, log })
  const store = createChatStore(database.pool, ids, clock)
  const router = createRouter({
    store,
    outbox,
    platforms,
    commands,
    flows,
    services,
    localiser,
    clock,
    ids,
    log,
    report,
    observe: metrics.update,
  })

  const count = async (sql: string) => Number((await database.pool.query<{ count: string }>(sql)).rows[0]?.count ?? 0)
  metrics.gauge('clawcloud_outbox_depth', 'Messages not delivered yet', () => count('SELECT count(*) FROM outbox'))
  metrics.gauge('clawcloud_operations_open', 'Operations not finished', () =>
    count('SELECT count(*) FROM operations WHERE finished_at IS NULL'),
  )
  metrics.gauge('clawcloud_instances_running', 'Instances that run', () =>
    count(`SELECT count(*) FROM instances WHERE state = 'running'`),
  )

  const prepareAhead = async () => {
    const prepared = await hosts.prepare(config.openclawVersion)
    const { trouble } = await hosts.capacity(config.openclawVersion)
    if (trouble !== undefined)
      report('no-places', `no-places:${trouble}`, { trouble, detail: prepared.ok ? '' : (prepared.problem.detail ?? '') })
    if (prepared.ok) return standbys.refill()
  }

  // ── roles ──
  const draw = createDraw({ localiser })
  if (config.roles.bots && config.telegram) {
    const { createTelegram } = await import('./bots/telegram/index.ts')
    const { token, apiRoot, webhookSecret } = config.telegram
    const telegram = createTelegram({
      token,
      apiRoot,
      clock,
      log,
      draw,
      random: () => randomBytes(4).readUInt32BE() / 2 ** 32,
      ...(webhookSecret !== null && { webhook: { secret: webhookSecret, publicUrl } }),
    })
    platforms.set(telegram.name, telegram)
    if (telegram.routes) routes.push(telegram.routes)
  }
  if (config.roles.bots && config.discord) {
    const { createDiscord } = await import('./bots/discord/index.ts')
    const { publicKey, ...settings } = config.discord
    const discord = await createDiscord({
      ...settings,
      ...(publicKey !== null && { publicKeyHex: publicKey }),
      clock,
      log,
      draw,
      random: () => randomBytes(4).readUInt32BE() / 2 ** 32,
    })
    platforms.set(discord.name, discord)
    if (discord.routes) routes.push(discord.routes)
  }
  if (config.roles.bots && config.feishu) {
    const { createFeishu } = await import('./bots/feishu/index.ts')
    const { webhook, ...settings } = config.feishu
    const feishu = await createFeishu({ ...settings, ...(webhook && { webhook }), clock, log, draw, localiser })
    platforms.set(feishu.name, feishu)
    if (feishu.routes) routes.push(feishu.routes)
  }
  if (config.roles.bots && config.webChat) {
    const { createWeb } = await import('./bots/web/index.ts')
    const web = createWeb({
      database,
      clock,
      ids,
      log,
      draw,
      localiser,
      brandName: config.brandName,
      ...((config.http.publicUrl !== null || config.http.bind === '127.0.0.1') && { publicUrl }),
    })
    platforms.set(web.name, web)
    routes.push(web.routes)
  }
  const chatPath = config.roles.bots && config.webChat ? '/chat' : null
  routes.push(createPublicPages({ localiser, brandName: config.brandName, chatPath }))
  routes.push(
    createSecretPage({
      pool: database.pool,
      localiser,
      clock,
      log,
      brandName: config.brandName,
      secure: publicUrl.startsWith('https:'),
      receive: router.receive,
      chatLink: (platform) => (platform === 'web' ? `${publicUrl}/chat` : (platforms.get(platform)?.link('back') ?? null)),
    }),
  )
  const stripeIntake = createStripeIntake({
    pool: database.pool,
    secret: vendors.stripe.webhookSecret,
    clock,
    log,
    isIrrelevant: isIrrelevantEvent,
    onStored: (eventId) => void jobs.stripeEvent(eventId).catch(() => undefined),
    observe: metrics.webhook,
  })
  const server = config.roles.http
    ? createHttpServer({
        bind: config.http.bind,
        port: config.http.port,
        metricsToken: config.http.metricsToken,
        webhooks: [stripeIntake],
        routes,
        metrics,
        log,
        health: () => healthOf(database.pool, ring, queues, platforms),
      })
    : null
  // Ctrl+C at a trial leaves nothing running; a service that is being updated leaves its customers' assistants alone.
  onStop((signal) => config.sandbox && signal === 'SIGINT' && hosts.stopAll())
  onStop(() => Promise.all([draw.close(), gateways.close()]))
  onStop(() => server?.stop())
  onStop(() => outbox.stop())
  onStop(() => queues.close())
  onStop(() => Promise.all([engine.stop(), router.idle()]))
  await server?.start()
  for (const platform of platforms.values()) {
    onStop(() => platform.stop())
    await platform.start(router.receive, {
      groupLeft: (groupId) => groupLeft(platform.name, groupId),
      suggest: (asked) => suggest(platform.name, asked),
    })
  }
  if (chatPath && server) say(`\n  ${config.brandName} is ready: ${localUrl}${chatPath}\n`)

  const schedules: WorkerSchedules = {
    queues,
    billing,
    meter,
    store,
    standbys,
    report,
    prepareAhead,
    reseal: () => resealAll({ pool: database.pool, box, ring, log, report }),
  }
  onStop(startTimers(sweepTimers({ outbox, router, engine }), log))
  onStop(await database.listen(OUTBOX_CHANNEL, () => void sweepOutbox()))
  onStop(await database.listen(INBOX_CHANNEL, () => void router.recover().catch(() => undefined)))
  await engine.releaseDead()
  if (sole) await startWorkerRole({ sole, schedules, engine, standbys, log, onStop })
  await Promise.all([sweepOutbox(), router.recover(), engine.sweep()])
  void Promise.all([...platforms.values()].map((platform) => platform.publishCommands(commandMenus(localiser)))).catch(
    (error: unknown) => log.warn({ error }, 'the command menus could not be published'),
  )
  log.info({ sandbox: config.sandbox, platforms: [...platforms.keys()] }, 'ready')
  onStop((signal) => log.info({ signal }, 'stopping; what is unfinished goes on at the next start'))
}

/** Back to where the order was begun; a page says so where that has no address (yet, or in this process). */
const returnUrls =
  (platforms: ReadonlyMap<string, ChatPlatform>, publicUrl: string) =>
  (order: { readonly id: string; readonly platform: string }) => {
    const chat = order.platform === 'web' ? `${publicUrl}/chat` : platforms.get(order.platform)?.link(`paid_${order.id}`)
    return { success: chat ?? `${publicUrl}/paid`, cancel: chat ?? `${publicUrl}/unpaid` }
  }

async function healthOf(
  pool: Pool,
  ring: KeyRing,
  queues: { health(): Promise<{ ok: boolean; detail: string }> },
  platforms: ReadonlyMap<string, ChatPlatform>,
) {
  const database = await pool.query('SELECT 1').then(
    () => ({ name: 'database', ok: true, detail: 'answers' }),
    () => ({ name: 'database', ok: false, detail: 'does not answer' }),
  )
  // What can't be read is the database's line; what waits to be sealed anew keeps nobody from using the service.
  const secrets = await sealedState(pool, ring.newest).catch(() => 'not known')
  return [
    database,
    { name: 'secrets', ok: true, detail: secrets },
    { name: 'queue', ...(await queues.health()) },
    ...[...platforms.values()].map((platform) => ({ name: platform.name, ...platform.health() })),
  ]
}

const started = main()
let signalled = false

/** Ends the process on Ctrl+C and on a polite kill, at whatever point of the start. */
const stop = (signal: NodeJS.Signals) => {
  signalled = true
  shutdown.stop(signal, started).then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(`ClawCloud could not stop cleanly: ${error instanceof Error ? error.message : error}`)
      process.exit(1)
    },
  )
}
process.on('SIGINT', stop)
process.on('SIGTERM', stop)

started.catch(async (error: unknown) => {
  // Cut short by us, or by the signal that a child process got too: no trouble to tell of.
  if (signalled) return
  // What can go wrong at a start (configuration, port, database) is a sentence already; a stack would only bury it.
  console.error(error instanceof Error ? error.message : error)
  await shutdown.stop('SIGTERM', started).catch(() => undefined)
  process.exit(1)
})
