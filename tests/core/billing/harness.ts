import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { z } from 'zod'
import {
  applyCheckout,
  billingKinds,
  type EventDependencies,
  isIrrelevantEvent,
  type PaidInvoice,
  processEvent,
  refundOrder,
} from '../../../core/billing/index.ts'
import { orderPlace } from '../../../core/billing/order-notice.ts'
import { insertOrder } from '../../../core/billing/orders.ts'
import { createStripeIntake, createStripePayments } from '../../../core/billing/stripe/index.ts'
import type { ChatContext } from '../../../core/chat/reply.ts'
import type { View } from '../../../core/chat/view.ts'
import type { Clock } from '../../../core/clock.ts'
import type { HostProvider, HostTrouble } from '../../../core/hosts/host.ts'
import { createNotices } from '../../../core/notices/index.ts'
import { createEngine, type OperationKind } from '../../../core/operations/index.ts'
import { ProblemError } from '../../../core/problem.ts'
import type { Services } from '../../../core/services.ts'
import type { Order } from '../../../prisma/generated/client.ts'
import { listen, type RunningSandbox, SECRET_KEY, startStripeSandbox, WEBHOOK_SECRET } from '../../sandbox/stripe/harness.ts'
import { createTestDatabase } from '../../support/database.ts'
import { modelRoots, quietLog, randomIds, servicesFor } from '../../support/services.ts'

const StoredView = z.custom<View>((value) => z.object({ id: z.string(), blocks: z.array(z.unknown()) }).safeParse(value).success)

export type BillingWorld = Awaited<ReturnType<typeof startBilling>>

/**
 * Billing with everything real but the hosts: PostgreSQL, the operation engine, the Stripe adapter over HTTP, signed
 * webhooks into the intake. `deploy` is a stand-in that succeeds or fails as told; `suspend` and `restart` set the state only.
 */
export async function startBilling(parts: Pick<Partial<Services>, 'subKeys'> = {}) {
  const database = await createTestDatabase({ poolSize: 20 })
  const prisma = await database.database.prisma()
  const time = { aheadSeconds: 0 }
  const clock: Clock = { now: () => new Date(Date.now() + time.aheadSeconds * 1_000) }
  const places: { total: number; used: number; trouble?: HostTrouble } = { total: 100, used: 0 }
  const deploy = { fails: false, deployed: [] as string[] }
  const cycles: { instanceId: string; invoice: PaidInvoice }[] = []
  const work = new Set<Promise<unknown>>()
  /** Events are applied as they arrive; set to false to keep them for the sweep. */
  const events = { applied: true }
  const refusedWebhooks: string[] = []

  const track = (started: Promise<unknown>) => {
    const done = started.catch(() => undefined).finally(() => work.delete(done))
    work.add(done)
  }

  const server = createServer((request, response) => void listener(request, response))
  const url = await listen(server)
  const sandbox: RunningSandbox = await startStripeSandbox({ webhookUrl: `${url}/stripe` })
  const dependencies: EventDependencies = {
    get services() {
      return services
    },
    startCycle: async (instanceId, invoice) => void cycles.push({ instanceId, invoice }),
  }
  const intake = createStripeIntake({
    pool: database.database.pool,
    secret: WEBHOOK_SECRET,
    clock,
    log: quietLog,
    isIrrelevant: isIrrelevantEvent,
    onStored: (id) => {
      if (events.applied) track(processEvent(dependencies, id))
    },
    observe: (outcome) => {
      if (outcome !== 'stored') refusedWebhooks.push(outcome)
    },
  })
  const listener = getRequestListener(intake.fetch)

  const deployKind: OperationKind<Services> = {
    kind: 'deploy',
    exclusive: true,
    steps: [
      {
        name: 'deploy',
        deadlineSeconds: 10,
        async run({ operation }) {
          if (deploy.fails) throw new ProblemError({ code: 'host-full', retryable: false, text: { id: 'billing-host-full' } })
          deploy.deployed.push(operation.instanceId ?? '')
        },
      },
    ],
    async succeeded(transaction, { operation }) {
      await transaction.order.update({ where: { id: operation.orderId ?? '' }, data: { state: 'active' } })
      await transaction.instance.update({ where: { id: operation.instanceId ?? '' }, data: { state: 'running', hostId: 'oc-1' } })
    },
    async failed(transaction, { operation }, problem) {
      await refundOrder(transaction, services, {
        orderId: operation.orderId ?? '',
        reason: 'deploy-failed',
        detail: problem.code,
        requestId: operation.requestId,
      })
    },
  }

  const setsState = (kind: string, state: string): OperationKind<Services> => ({
    kind,
    exclusive: true,
    steps: [],
    async succeeded(transaction, { operation }) {
      await transaction.instance.update({ where: { id: operation.instanceId ?? '' }, data: { state } })
    },
  })

  const notices = createNotices({ ids: randomIds, wake: () => undefined })
  const engine: ReturnType<typeof createEngine<Services>> = createEngine<Services>({
    database: database.database,
    kinds: [
      ...billingKinds({ returnUrls: () => ({ success: 'https://chat.example/back', cancel: 'https://chat.example/back' }) }),
      deployKind,
      setsState('suspend', 'suspended'),
      setsState('restart', 'running'),
    ],
    services: () => services,
    notices,
    enqueue: async (id) => track(engine.run(id)),
    leaseOwner: 'test:1',
    isDead: () => false,
    clock,
    ids: randomIds,
    log: quietLog,
    report: () => undefined,
    observe: () => undefined,
    observeEnd: () => undefined,
  })

  const hosts: Pick<HostProvider, 'name' | 'capacity'> = { name: 'local', capacity: async () => places }
  const services: Services = servicesFor(database.database, {
    ...parts,
    clock,
    payments: createStripePayments({
      secretKey: SECRET_KEY,
      apiRoot: sandbox.url,
      settings: { brandName: 'ClawCloud' },
      rateLimitWaitsMs: [5],
    }),
    hosts: z.custom<HostProvider>(() => true).parse(hosts),
    operations: engine.operations,
    notices,
    settings: {
      publicUrl: 'https://clawcloud.example',
      brandName: 'ClawCloud',
      supportContact: 'help@clawcloud.example',
      runtimeVersion: '1',
      modelRoots: modelRoots('https://models.example'),
      sandbox: true,
    },
  })

  await prisma.person.create({ data: { id: 'per_1', workspaces: { create: { id: 'wsp_1', kind: 'personal' } } } })

  /** Until nothing moves any more: webhooks delivered, events applied, operations finished. */
  async function settle(): Promise<void> {
    for (;;) {
      await sandbox.control.webhooks.idle()
      await engine.sweep()
      const open = await prisma.operation.count({ where: { finishedAt: null } })
      const unprocessed = events.applied ? await prisma.stripeEvent.count({ where: { processedAt: null, attempts: 0 } }) : 0
      if (work.size === 0 && open === 0 && unprocessed === 0) return
      await Promise.race([Promise.all(work), new Promise((resolve) => setTimeout(resolve, 50))])
    }
  }

  /** Work is handed on until something has come true. */
  async function waitFor(cameTrue: () => Promise<boolean>): Promise<void> {
    while (!(await cameTrue())) {
      await engine.sweep()
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  function draft(more: Partial<Order> = {}): Order {
    return {
      id: randomIds.create('ord'),
      workspaceId: 'wsp_1',
      personId: 'per_1',
      platform: 'web',
      chatId: 'chat_1',
      userId: 'user_1',
      language: 'en',
      planId: 'lite',
      instanceName: 'Scout',
      source: 'managed',
      providerKeyId: null,
      model: 'anthropic/claude-sonnet-4.6',
      priceCents: 2900,
      currency: 'usd',
      creditMicros: 8_000_000n,
      state: 'awaiting-payment',
      reason: null,
      checkoutAttempt: 1,
      checkoutSessionId: null,
      checkoutUrl: null,
      checkoutExpiresAt: null,
      subscriptionId: null,
      endsAt: null,
      instanceId: null,
      createdAt: clock.now(),
      paidAt: null,
      updatedAt: clock.now(),
      ...more,
    }
  }

  const order = (id: string): Promise<Order> => prisma.order.findUniqueOrThrow({ where: { id } })

  /** Written and, unless told otherwise, with its link ready. */
  async function place(more: Partial<Order> = {}, until: 'link' | 'row' = 'link'): Promise<Order> {
    const draw = draft(more)
    await prisma.$transaction((transaction) => insertOrder(transaction, services, draw, orderPlace(draw), 'req_test'))
    if (until === 'link') await settle()
    return order(draw.id)
  }

  async function sessionOf(orderId: string): Promise<string> {
    const { checkoutSessionId } = await order(orderId)
    if (checkoutSessionId === null) throw new Error('the order has no checkout')
    return checkoutSessionId
  }

  /** The newest version of a message. */
  async function shown(viewId: string): Promise<View | null> {
    const row = await prisma.outbox.findFirst({ where: { viewId }, orderBy: { id: 'desc' } })
    return row && StoredView.parse(row.view)
  }

  /** The Fluent ids of a message's newest version. */
  async function said(viewId: string): Promise<string[]> {
    return [...JSON.stringify(await shown(viewId)).matchAll(/"id":"(billing-[a-z-]+)"/g)].map((match) => match[1] ?? '')
  }

  const context = (more: Partial<ChatContext> = {}): ChatContext => ({
    incoming: {
      platform: 'web',
      updateKey: 'u1',
      chat: { id: 'chat_1', kind: 'private' },
      sender: { id: 'user_1', name: 'Ada' },
      at: 0,
      content: { kind: 'text', text: '' },
    },
    personId: 'per_1',
    workspace: { id: 'wsp_1', kind: 'personal', ownerPersonId: 'per_1', language: null, adminRoleId: null, grant: null },
    role: 'owner',
    language: 'en',
    instances: [],
    orders: [],
    conversation: { id: 'con_1', flow: null, version: 0, step: null, answers: {}, revision: 0, expiresAt: null, viewId: null },
    services,
    log: quietLog,
    now: clock.now(),
    requestId: 'req_chat',
    ...more,
  })

  return {
    cycles,
    context,
    control: sandbox.control,
    dependencies,
    deploy,
    draft,
    engine,
    events,
    order,
    place,
    places,
    pool: database.database.pool,
    prisma,
    refusedWebhooks,
    said,
    services,
    sessionOf,
    settle,
    shown,
    time,
    webhookUrl: `${url}/stripe`,
    waitFor,
    apply: (sessionId: string) => applyCheckout(services, sessionId, 'req_test'),
    async alerts(): Promise<string[]> {
      return (await prisma.alert.findMany({ orderBy: { id: 'asc' } })).map((alert) => alert.kind)
    },
    async ledger(): Promise<(readonly [string, number])[]> {
      return (await prisma.ledgerEntry.findMany({ orderBy: { id: 'asc' } })).map(
        (entry) => [entry.kind, entry.amountCents] as const,
      )
    },
    async close() {
      await engine.stop()
      await sandbox.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await Promise.allSettled(work)
      await database.close()
    },
  }
}
