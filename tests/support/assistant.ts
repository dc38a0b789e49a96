import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createOpenRouterModels } from '../../core/credits/openrouter/index.ts'
import { createGateway, type Gateway, keySecretOf, launchGateway, MODEL_KEY_SECRET } from '../../core/gateway/index.ts'
import { createRpc, type Rpc } from '../../core/gateway/rpc.ts'
import type { LocalHostProvider } from '../../core/hosts/index.ts'
import { createHttpJson } from '../../core/http-json.ts'
import { gatewayTokenPurpose, instanceOperations } from '../../core/instances/index.ts'
import { createKeyApi } from '../../core/keys/index.ts'
import { createCatalogue, createCatalogues, type Source } from '../../core/models/index.ts'
import { createNotices } from '../../core/notices/index.ts'
import { createEngine } from '../../core/operations/index.ts'
import { backupKeyPurpose, createRedactor, createSecretBox, parseKeyRing, subKeyPurpose } from '../../core/secrets/index.ts'
import type { Services } from '../../core/services.ts'
import { insertInstance } from '../core/credits/support.ts'
import { MANAGEMENT_KEY, type RunningOpenRouter, startOpenRouter, testClock } from '../sandbox/openrouter-server.ts'
import { type RunningProviders, startProviders, TEST_KEYS } from '../sandbox/provider-servers.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { localHosts, OPENCLAW_VERSION } from './openclaw.ts'
import { modelRoots, quietLog, randomIds, servicesFor, systemClock } from './services.ts'

const TOKEN = 'gw_of0the0assistant0of0the0tests'
export const FIRST_MODEL = 'anthropic/claude-sonnet-4.6'

/** A running assistant as its row has it: a real OpenClaw, the stand-in behind it, and the engine that does things to it. */
export type Assistant = {
  readonly id: string
  readonly database: TestDatabase
  readonly openrouter: RunningOpenRouter
  readonly providers: RunningProviders
  readonly services: Services
  readonly gateway: Gateway
  /** The way to OpenClaw that is not ours: for doing something behind our back. */
  readonly rpc: Rpc
  readonly reports: { readonly kind: string; readonly detail: Readonly<Record<string, string>> }[]
  /** Moves the list's and the checks' clock. */
  readonly clock: ReturnType<typeof testClock>
  /** Does an operation from start to end, and says how it ended. */
  operate(
    kind: string,
    args?: object,
  ): Promise<{ readonly state: string; readonly error: { code: string } | null; readonly seconds: number }>
  /** A second key that can only use free models; the row knows it, OpenClaw does not yet. */
  hasBackupKey(): Promise<void>
  /** Who sells its AI from now on, with a key of the tests; the model is its first. */
  useSource(source: Source, model: string): Promise<void>
  /** Whatever was started by others, to its end. */
  settle(): Promise<void>
  /** Sentences that were posted to the owner since the last look, as their ids. */
  told(): Promise<string[]>
  /** Models that were called since the last look, in order, by the seller's own log. */
  called(source?: Source): string[]
  row(): Promise<{ model: string; fallback_models: string[]; dearer_fallbacks: boolean | null }>
  stop(): Promise<void>
}

/** What the stand-ins' logs have in common. */
type Logged = { readonly method: string; readonly path: string; readonly model?: string | null; readonly body?: unknown }

export async function startAssistant(): Promise<Assistant> {
  const directory = await mkdtemp(join(tmpdir(), 'clawcloud-assistant-'))
  const [database, openrouter, providers] = [await createTestDatabase(), await startOpenRouter(), await startProviders()]
  const roots = modelRoots(openrouter.root, providers.roots)
  const hosts: LocalHostProvider = localHosts(directory)
  const created = await hosts.create({ name: 'oc-ins', runtimeVersion: OPENCLAW_VERSION })
  if (!created.ok) throw new Error(created.problem.detail)
  const host = created.value
  const gateway = createGateway({ host, token: TOKEN, clock: systemClock, log: quietLog, redact: createRedactor() })
  const rpc = createRpc({ open: () => host.connect(host.gatewayPort), token: TOKEN })
  await launchGateway(host, { token: TOKEN, source: 'managed', model: FIRST_MODEL, roots })
  const ready = await gateway.waitUntilReady(150)
  if (!ready.ok) throw new Error(ready.problem.detail)

  const subKey = async (name: string, limit: number) => {
    const answer = await fetch(`${openrouter.root}/keys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${MANAGEMENT_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name, limit }),
    })
    const body: unknown = await answer.json()
    return typeof body === 'object' && body !== null && 'key' in body ? String(body.key) : ''
  }
  const key = await subKey('oc-ins-g1', 50)
  await gateway.setSecret(MODEL_KEY_SECRET, key)

  const box = createSecretBox(parseKeyRing(`1:${Buffer.alloc(32, 7).toString('base64')}`))
  const id = 'ins_1'
  await insertInstance(database.database, { id, allowance_micros: 8_000_000 })
  await database.database.pool.query('UPDATE instances SET name = $2, host_id = $3, gateway_token_sealed = $4 WHERE id = $1', [
    id,
    'Scout',
    'oc-ins',
    box.seal(TOKEN, gatewayTokenPurpose(id)),
  ])
  await database.database.pool.query('UPDATE instances SET sub_key_sealed = $1', [box.seal(key, subKeyPurpose(id))])

  const clock = testClock(new Date().toISOString())
  const reports: Assistant['reports'] = []
  const http = createHttpJson({ root: openrouter.root, bearer: MANAGEMENT_KEY })
  const catalogue = createCatalogue({ fetchModels: createOpenRouterModels(http), clock, log: quietLog })
  const catalogues = createCatalogues({
    managed: catalogue,
    listModels: (provider) => createKeyApi(roots).listModels(provider, TEST_KEYS[provider]),
    clock,
    log: quietLog,
  })
  const notices = createNotices({ ids: randomIds, wake: () => undefined })
  const running = new Set<Promise<void>>()
  const engine: ReturnType<typeof createEngine<Services>> = createEngine<Services>({
    database: database.database,
    kinds: instanceOperations,
    services: () => services,
    notices,
    enqueue: async (operationId) => {
      const run = engine.run(operationId).finally(() => running.delete(run))
      running.add(run)
    },
    leaseOwner: 'tests:1',
    isDead: () => false,
    clock: systemClock,
    ids: randomIds,
    log: quietLog,
    report: () => undefined,
    observe: () => undefined,
    observeEnd: () => undefined,
  })
  const services: Services = servicesFor(database.database, {
    box,
    clock,
    hosts,
    catalogue,
    catalogues,
    notices,
    operations: engine.operations,
    gateway: async () => gateway,
    settings: {
      publicUrl: 'https://clawcloud.example',
      brandName: 'ClawCloud',
      supportContact: null,
      runtimeVersion: OPENCLAW_VERSION,
      modelRoots: roots,
      sandbox: true,
    },
    report: (kind, _key, detail) => void reports.push({ kind, detail }),
    meter: { read: noMeter, last: noMeter },
  })
  const prisma = await database.database.prisma()
  const seen = new Map<readonly Logged[], Logged>()
  let seenPosts = 0

  const settle = async () => {
    await engine.sweep()
    while (running.size > 0) await Promise.all(running)
  }
  return {
    id,
    database,
    openrouter,
    providers,
    services,
    gateway,
    rpc,
    reports,
    clock,
    settle,
    async operate(kind, args = {}) {
      const startedAt = performance.now()
      const started = await prisma.$transaction((transaction) =>
        engine.operations.start(transaction, {
          kind,
          instanceId: id,
          args: JSON.parse(JSON.stringify(args)),
          place: { platform: 'web', chatId: 'c', userId: 'u', viewId: `model:${id}`, language: 'en' },
          requestId: 'req_1',
        }),
      )
      await settle()
      const { rows } = await database.database.pool.query('SELECT state, error FROM operations WHERE id = $1', [started.id])
      return { ...rows[0], seconds: (performance.now() - startedAt) / 1000 }
    },
    async told() {
      const { rows } = await database.database.pool.query('SELECT id, view::text AS view FROM outbox ORDER BY id')
      const fresh = rows.slice(seenPosts)
      seenPosts = rows.length
      return fresh.flatMap(({ view }) => [...String(view).matchAll(/"id": ?"([a-z][a-z0-9-]*)"/g)].map(([, text]) => text ?? ''))
    },
    called(source = 'managed') {
      const requests: readonly Logged[] =
        source === 'managed' || source === 'openrouter' ? openrouter.control.requests : providers[source].requests
      // The log forgets its oldest entries.
      const last = seen.get(requests)
      const fresh = requests.slice(last === undefined ? 0 : requests.indexOf(last) + 1)
      const newest = requests.at(-1)
      if (newest) seen.set(requests, newest)
      return fresh.filter(({ method, path }) => method === 'POST' && !path.startsWith('/keys')).map(modelOf)
    },
    async hasBackupKey() {
      const secret = await subKey('oc-ins-backup-g1', 0)
      await database.database.pool.query('UPDATE instances SET backup_key_sealed = $1', [box.seal(secret, backupKeyPurpose(id))])
    },
    async useSource(source, model) {
      const secret = source === 'managed' ? key : TEST_KEYS[source]
      const set = await gateway.setSecret(keySecretOf(source), secret)
      const used = await gateway.useSource({ source, roots, model, fallbacks: [], hasBackup: false })
      if (!set.ok || !used.ok) throw new Error(`the gateway could not be moved to ${source}`)
      await database.database.pool.query('UPDATE instances SET source = $2, model = $3 WHERE id = $1', [id, source, model])
    },
    row: async () =>
      (await database.database.pool.query('SELECT model, fallback_models, dearer_fallbacks FROM instances WHERE id = $1', [id]))
        .rows[0],
    async stop() {
      await engine.stop()
      await rpc.close()
      await gateway.close()
      await hosts.delete('oc-ins')
      await Promise.all([openrouter.stop(), providers.stop()])
      await database.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

function modelOf({ model, body }: Logged): string {
  if (typeof model === 'string') return model
  return typeof body === 'object' && body !== null && 'model' in body ? String(body.model) : '?'
}

const noMeter = async () => ({
  spentMicros: 0,
  allowanceMicros: 8_000_000,
  leftMicros: 8_000_000,
  share: 0,
  cycleEndsAt: null,
  readAt: null,
  fresh: false,
  days: [],
  daysLeft: null,
})
