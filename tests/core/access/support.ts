import type { Incoming } from '../../../core/chat/incoming.ts'
import { createRouter, type Router } from '../../../core/chat/router.ts'
import { createChatStore } from '../../../core/chat/store.ts'
import type { Clock } from '../../../core/clock.ts'
import { commands, flows } from '../../../core/commands/index.ts'
import type { Meter } from '../../../core/credits/index.ts'
import { createLocaliser } from '../../../core/i18n/index.ts'
import type { Model } from '../../../core/models/index.ts'
import { createNotices, createOutbox } from '../../../core/notices/index.ts'
import type { NewOperation } from '../../../core/operations/index.ts'
import type { ProblemError } from '../../../core/problem.ts'
import { cataloguesOf, SOLD } from '../../support/catalogue.ts'
import { createTestDatabase } from '../../support/database.ts'
import { createMemoryPlatform, ROOMY, textOf } from '../../support/memory-platform.ts'
import { modelRoots, quietLog, randomIds, servicesFor, systemClock } from '../../support/services.ts'
import { insertInstance } from '../credits/support.ts'

export const { catalogue } = cataloguesOf()

const meter: Meter = {
  spentMicros: 1_000_000,
  allowanceMicros: 8_000_000,
  leftMicros: 7_000_000,
  share: 0.125,
  cycleEndsAt: null,
  readAt: systemClock.now(),
  fresh: true,
  days: [],
  daysLeft: null,
}

const plan = { id: 'lite', name: 'Lite', priceCents: 2900, currency: 'usd', creditMicros: 8_000_000 }

export const GROUP = { id: 'g1', kind: 'group', title: 'Team' } as const

/** Who speaks, and what their platform says of them in the group. */
export type Speaker =
  | string
  | ({ readonly id: string } & Pick<Incoming['sender'], 'groupRole' | 'groupRoleIds' | 'locale' | 'privateChatId'>)

export type House = Awaited<ReturnType<typeof createHouse>>

/** The chat with every command over a real database, on two platforms, with nothing behind it that costs time. */
export async function createHouse() {
  const { database, close } = await createTestDatabase()
  const chats = {
    memory: createMemoryPlatform('memory'),
    other: createMemoryPlatform('other'),
    forms: createMemoryPlatform('forms', { ...ROOMY, form: { fields: 5 } }),
  }
  const platforms = new Map(Object.values(chats).map(({ platform }) => [platform.name, platform]))
  const localiser = createLocaliser()
  const started: NewOperation[] = []
  let logsRead = 0
  let now: Date | null = null
  let sold: () => readonly Model[] = () => SOLD
  let listed: readonly string[] = []
  let onStart: () => Promise<void> = async () => undefined
  const clock: Clock = { now: () => now ?? new Date() }
  const outbox = createOutbox({ pool: database.pool, platforms, localiser, clock, log: quietLog, report: () => undefined })
  const notices = createNotices({ ids: randomIds, wake: () => undefined })
  const services = servicesFor(database, {
    clock,
    ...cataloguesOf(
      () => sold(),
      clock,
      async () => listed.map((id) => ({ id })),
    ),
    notices,
    meter: { read: async () => meter, last: async () => meter },
    plans: async () => [plan],
    hosts: { name: 'local', capacity: async () => ({ total: 10, used: 0 }) } as never,
    roleName: async (_platform, _groupId, roleId) => (roleId === '77' ? 'Crew' : null),
    instanceLogs: async () => {
      logsRead += 1
      return 'a line of the log\n'
    },
    operations: {
      start: async (_transaction, operation) => {
        await onStart()
        started.push(operation)
        return { id: 'op_1' }
      },
      wake: () => undefined,
    },
    settings: {
      publicUrl: 'https://clawcloud.example',
      brandName: 'ClawCloud',
      supportContact: null,
      runtimeVersion: '1',
      modelRoots: modelRoots('https://models.example'),
      sandbox: true,
    },
  })
  const router = createRouter({
    store: createChatStore(database.pool, randomIds, clock),
    outbox,
    platforms,
    commands,
    flows,
    services,
    localiser,
    clock,
    ids: randomIds,
    log: quietLog,
    report: () => undefined,
    observe: () => undefined,
  })
  const prisma = await database.prisma()

  async function send(incoming: Parameters<Router['receive']>[0]): Promise<void> {
    await router.receive(incoming)
    await router.idle()
    await outbox.sweep()
    await outbox.idle()
  }
  const as = (incoming: Incoming, speaker: Speaker): Incoming =>
    typeof speaker === 'string' ? incoming : { ...incoming, sender: { ...incoming.sender, ...speaker } }
  const idOf = (speaker: Speaker) => (typeof speaker === 'string' ? speaker : speaker.id)
  type Where = { readonly on?: keyof typeof chats; readonly in?: Incoming['chat'] }

  return {
    database,
    prisma,
    chats,
    notices,
    localiser,
    outbox,
    started,
    logsRead: () => logsRead,
    clock,
    /** From now on it is this late. */
    setClock: (date: Date) => {
      now = date
    },
    /** What the list of models is from now on. */
    setSold: (list: () => readonly Model[]) => {
      sold = list
    },
    /** What providers list for an own key. */
    setListed: (ids: readonly string[]) => {
      listed = ids
    },
    /** Runs when an operation is started, before it counts. */
    onStart: (work: () => Promise<void>) => {
      onStart = work
    },
    refuseStart: (problem: ProblemError) => {
      onStart = () => Promise.reject(problem)
    },
    send,
    /** What somebody says, and what is then shown to them newest. */
    async says(speaker: Speaker, text: string, { on = 'memory', in: chat }: Where = {}): Promise<string> {
      await send(as(chats[on].says(idOf(speaker), text, chat), speaker))
      return textOf(chats[on].last().message)
    },
    async presses(speaker: Speaker, label: string, { on = 'memory', in: chat }: Where = {}): Promise<string> {
      await send(as(chats[on].presses(idOf(speaker), label, chat), speaker))
      return textOf(chats[on].last().message)
    },
    /** Fills in the newest form, and what is then shown newest. */
    async fillsIn(speaker: Speaker, values: Record<string, string>, { on = 'memory', in: chat }: Where = {}): Promise<string> {
      await send(as(chats[on].fillsIn(idOf(speaker), values, chat), speaker))
      return textOf(chats[on].last().message)
    },
    /** Everything that stands in somebody's private chat. */
    shownTo: (user: string, on: keyof typeof chats = 'memory') =>
      chats[on].messages.filter(({ chatId }) => chatId === `private:${user}`).map(({ message }) => textOf(message)),
    personOf: async (user: string, platform = 'memory') =>
      (await prisma.identity.findUniqueOrThrow({ where: { platform_externalId: { platform, externalId: user } } })).personId,
    workspaceOf: async (chat: { readonly id: string } = GROUP) =>
      prisma.workspace.findFirstOrThrow({ where: { externalChatId: chat.id } }),
    /** A running assistant in a workspace, paid for by somebody. */
    async hasAssistant(id: string, name: string, workspaceId: string, ownerPersonId: string): Promise<void> {
      await insertInstance(database, { id })
      await prisma.instance.update({
        where: { id },
        data: { name, workspaceId, ownerPersonId, hostId: `oc-${id}`, platform: 'memory', chatId: 'private:ann', userId: 'ann' },
      })
    },
    audit: async (workspaceId: string) =>
      (await prisma.auditEntry.findMany({ where: { workspaceId }, orderBy: { id: 'asc' } })).map(
        ({ action, outcome }) => `${outcome} ${action}`,
      ),
    async close(): Promise<void> {
      await outbox.stop()
      await close()
    },
  }
}
