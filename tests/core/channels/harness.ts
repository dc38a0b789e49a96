import { createTelegram } from '../../../bots/telegram/index.ts'
import { channelOperations, createChannelVendors, superviseChannels, watchPairings } from '../../../core/channels/index.ts'
import type { ChatPlatform } from '../../../core/chat/platform.ts'
import { createRouter } from '../../../core/chat/router.ts'
import { createChatStore } from '../../../core/chat/store.ts'
import { commands, flows } from '../../../core/commands/index.ts'
import type { Gateway } from '../../../core/gateway/index.ts'
import { createLocaliser } from '../../../core/i18n/index.ts'
import { createNotices, createOutbox } from '../../../core/notices/index.ts'
import { createEngine } from '../../../core/operations/index.ts'
import { createSecretBox, gatewayTokenPurpose, parseKeyRing } from '../../../core/secrets/index.ts'
import type { Services } from '../../../core/services.ts'
import { type BotApi, type BotApiOptions, createBotApi } from '../../support/bot-api/index.ts'
import { createTestDatabase } from '../../support/database.ts'
import { quietLog, randomIds, servicesFor, systemClock } from '../../support/services.ts'
import { insertInstance } from '../credits/support.ts'

const SWEEP_MS = 50

export type House = Awaited<ReturnType<typeof createChannelHouse>>

/**
 * The control bot on a Telegram of our own, with every command and the operations on channels, over a real database. What an
 * assistant's gateway does is the test's; `hostId` and `token` are those of a real one.
 */
export async function createChannelHouse({
  gateway,
  hostId = 'oc-test',
  token = 'gw_0123456789abcdef',
  api: options = {},
  discordRoot = 'http://127.0.0.1:9/api',
  feishuDomain = 'http://127.0.0.1:9',
}: {
  readonly gateway: () => Gateway
  readonly hostId?: string
  readonly token?: string
  readonly api?: BotApiOptions
  readonly discordRoot?: string
  readonly feishuDomain?: string
}) {
  const { database, close } = await createTestDatabase()
  const api: BotApi = await createBotApi({ managesBots: true, token: '7000000001:AAH-fake-token-of-the-control-bot', ...options })
  const telegram = createTelegram({
    token: api.token,
    apiRoot: api.url,
    clock: systemClock,
    log: quietLog,
    draw: async () => Buffer.alloc(0),
    random: () => 0.5,
  })
  const platforms = new Map<string, ChatPlatform>([[telegram.name, telegram]])
  const localiser = createLocaliser()
  const reports: string[] = []
  const report = (kind: string) => void reports.push(kind)
  const outbox = createOutbox({ pool: database.pool, platforms, localiser, clock: systemClock, log: quietLog, report })
  const notices = createNotices({ ids: randomIds, wake: () => void outbox.sweep().catch(() => undefined) })
  const box = createSecretBox(parseKeyRing(`1:${Buffer.alloc(32, 7).toString('base64')}`))
  const running = new Set<Promise<void>>()
  const engine = createEngine<Services>({
    database,
    kinds: channelOperations,
    services: () => services,
    notices,
    enqueue: async (id) => {
      const run = engine.run(id)
      running.add(run)
      void run.finally(() => running.delete(run))
    },
    leaseOwner: 'test:1',
    isDead: () => false,
    clock: systemClock,
    ids: randomIds,
    log: quietLog,
    report,
    observe: () => undefined,
    observeEnd: () => undefined,
  })
  const services: Services = servicesFor(database, {
    box,
    localiser,
    notices,
    operations: engine.operations,
    channels: createChannelVendors({
      telegram: { apiRoot: api.url, botToken: api.token },
      discord: { apiRoot: discordRoot, applicationId: null },
      feishu: { domain: feishuDomain, appId: null },
    }),
    gateway: async () => gateway(),
    settings: {
      publicUrl: 'https://clawcloud.example',
      brandName: 'ClawCloud',
      supportContact: null,
      runtimeVersion: '1',
      modelRoots: { openrouter: 'https://models.example', anthropic: '', openai: '', google: '' },
      sandbox: true,
    },
  })
  const router = createRouter({
    store: createChatStore(database.pool, randomIds, systemClock),
    outbox,
    platforms,
    commands,
    flows,
    services,
    localiser,
    clock: systemClock,
    ids: randomIds,
    log: quietLog,
    report,
    observe: () => undefined,
  })
  await telegram.start(router.receive)
  const sweeps = setInterval(() => {
    void engine.sweep().catch(() => undefined)
    void outbox.sweep().catch(() => undefined)
  }, SWEEP_MS)
  const prisma = await database.prisma()
  const ada = api.person({ name: 'Ada', username: 'ada' })

  /** Ada's newest message that has these words, or null. */
  const shown = (words: string) => ada.chat.messages().findLast(({ fromBot, text }) => fromBot && text.includes(words)) ?? null

  return {
    api,
    database,
    prisma,
    services,
    reports,
    ada,
    shown,
    sees: (words: string) => api.until(() => shown(words), `Ada sees “${words}”`),
    /** Ada writes, and a new message with these words comes. */
    async asks(text: string, words: string) {
      const id = ada.sends(text)
      return api.until(
        () => ada.chat.messages().find((message) => message.id > id && message.fromBot && message.text.includes(words)),
        `Ada sees “${words}” after ${text}`,
      )
    },
    /** Ada has an assistant that runs. */
    async hasAssistant(id = 'ins_1', name = 'Scout', owner = ada): Promise<string> {
      owner.sends('/help')
      await api.until(() => owner.chat.last(), 'an answer to /help')
      const workspace = await prisma.workspace.findFirstOrThrow({
        where: { kind: 'personal', owner: { identities: { some: { externalId: `${owner.user.id}` } } } },
      })
      await insertInstance(database, { id })
      await prisma.instance.update({
        where: { id },
        data: {
          name,
          workspaceId: workspace.id,
          ownerPersonId: workspace.ownerPersonId,
          hostId,
          platform: 'telegram',
          chatId: `${owner.chat.id}`,
          userId: `${owner.user.id}`,
          gatewayTokenSealed: box.seal(token, gatewayTokenPurpose(id)),
        },
      })
      return id
    },
    channel: async (kind = 'telegram') => prisma.channel.findFirst({ where: { kind } }),
    watchPairings: () => watchPairings(services),
    supervise: () => superviseChannels(services),
    async close(): Promise<void> {
      clearInterval(sweeps)
      await telegram.stop()
      await router.idle()
      await engine.stop()
      await Promise.all(running)
      await outbox.stop()
      await api.close()
      await close()
    },
  }
}

/** Where a button of a message leads. */
export const linkOf = (
  message: { readonly buttons: readonly { readonly text: string; readonly url?: string | undefined }[] },
  label: string,
) => {
  const url = message.buttons.find(({ text }) => text === label)?.url
  if (url === undefined) throw new Error(`no link "${label}"; there are: ${message.buttons.map(({ text }) => text).join(' | ')}`)
  return url
}
