import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRouter, type Router } from '../../../core/chat/router.ts'
import { createChatStore } from '../../../core/chat/store.ts'
import { commands, flows } from '../../../core/commands/index.ts'
import type { Meter } from '../../../core/credits/index.ts'
import { createLocaliser } from '../../../core/i18n/index.ts'
import type { Catalogue, Model } from '../../../core/models/index.ts'
import { createOutbox, type Outbox } from '../../../core/notices/index.ts'
import type { NewOperation } from '../../../core/operations/index.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { createMemoryPlatform, textOf } from '../../support/memory-platform.ts'
import { quietLog, randomIds, servicesFor, systemClock } from '../../support/services.ts'
import { insertInstance } from '../credits/support.ts'

const GROUP = { id: 'g1', kind: 'group', title: 'Team' } as const
const ONLY_OWNER = 'Only the owner here may do that'

const sonnet: Model = {
  id: 'anthropic/claude-sonnet-4.6',
  name: 'Claude Sonnet 4.6',
  contextTokens: 200_000,
  promptMicrosPerMillion: 3_000_000,
  completionMicrosPerMillion: 15_000_000,
}
const haiku: Model = { ...sonnet, id: 'anthropic/claude-haiku-4.5', name: 'Claude Haiku 4.5' }
const models = [sonnet, haiku]
const catalogue: Catalogue = {
  all: async () => models,
  find: async (id) => models.find((model) => model.id === id) ?? null,
  search: async (query) => models.filter((model) => model.name.toLowerCase().includes(query.toLowerCase())),
  curated: async () => models.map((model) => ({ ...model, strength: 'model-strength-all-rounder', priceClass: 2 })),
}

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

let database: TestDatabase
let chat: ReturnType<typeof createMemoryPlatform>
let router: Router
let outbox: Outbox
let started: NewOperation[]
let logsRead: number

beforeEach(async () => {
  database = await createTestDatabase()
  chat = createMemoryPlatform()
  started = []
  logsRead = 0
  const platforms = new Map([[chat.platform.name, chat.platform]])
  const localiser = createLocaliser()
  outbox = createOutbox({
    pool: database.database.pool,
    platforms,
    localiser,
    clock: systemClock,
    log: quietLog,
    report: () => undefined,
  })
  const services = servicesFor(database.database, {
    catalogue,
    meter: { read: async () => meter },
    plans: async () => [],
    instanceLogs: async () => {
      logsRead += 1
      return 'a line of the log\n'
    },
    operations: {
      start: async (_transaction, operation) => {
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
      modelApiRoot: 'https://models.example',
      sandbox: true,
    },
  })
  router = createRouter({
    store: createChatStore(database.database.pool, randomIds, systemClock),
    outbox,
    platforms,
    commands,
    flows,
    services,
    localiser,
    withoutSecrets: (text) => ({ text, found: false }),
    clock: systemClock,
    ids: randomIds,
    log: quietLog,
    report: () => undefined,
    observe: () => undefined,
  })
})
afterEach(async () => {
  await outbox.stop()
  await database.close()
})

async function send(incoming: Parameters<Router['receive']>[0]): Promise<void> {
  await router.receive(incoming)
  await router.idle()
  await outbox.idle()
}
const says = async (user: string, text: string, where: 'group' | 'private' = 'group') => {
  await send(where === 'group' ? chat.says(user, text, GROUP) : chat.says(user, text))
  return textOf(chat.last().message)
}
/** Bob presses the button that Ann was shown. */
const bobPressesAnns = async (label: string) => {
  const press = chat.presses('ann', label, GROUP)
  await send({ ...press, sender: { ...press.sender, id: 'bob', name: 'bob' } })
}

/** Ann begins the group and has an assistant there. */
async function annHasScout(where: 'group' | 'private' = 'group'): Promise<void> {
  await says('ann', '/help', where)
  await insertInstance(database.database, { id: 'scout' })
  await database.database.pool.query(
    `UPDATE instances SET name = 'Scout', host_id = 'oc-scout', workspace_id = w.id, owner_person_id = w.owner_person_id
     FROM workspaces w WHERE w.kind = $1 AND w.id <> 'wsp_1'`,
    [where === 'group' ? 'group' : 'personal'],
  )
}

/** What others in a group meet, command by command; a command that is missing here fails the first test. */
const others = {
  deploy: { text: '/deploy', sees: ONLY_OWNER },
  instances: { text: '/instances', sees: 'Scout' },
  status: { text: '/status', sees: 'Scout' },
  ask: { text: '/ask what is new?', sees: ONLY_OWNER },
  usage: { text: '/usage', sees: 'Scout' },
  model: { text: '/model', sees: 'Claude Sonnet 4.6' },
  restart: { text: '/restart', sees: ONLY_OWNER },
  logs: { text: '/logs', sees: ONLY_OWNER },
  destroy: { text: '/destroy', sees: ONLY_OWNER },
  order: { text: '/order', sees: 'no such order' },
  start: { text: '/start', sees: 'ClawCloud' },
  help: { text: '/help', sees: '/status' },
  language: { text: '/language', sees: '中文' },
  cancel: { text: '/cancel', sees: 'nothing to stop' },
}

describe('others in a group', () => {
  it('are accounted for at every command', () => {
    expect(Object.keys(others).toSorted()).toEqual(commands.map((command) => command.name).toSorted())
  })

  it.each(Object.entries(others))('%s', async (_name, { text, sees }) => {
    await annHasScout()
    expect((await says('bob', text)).toLowerCase()).toContain(sees.toLowerCase())
    expect([started, logsRead]).toEqual([[], 0])
    expect((await database.database.pool.query('SELECT 1 FROM conversations WHERE flow IS NOT NULL')).rowCount).toBe(0)
  })

  it('see a card without the buttons that change something', async () => {
    await annHasScout()
    expect(await says('bob', '/status')).not.toContain('[')
    expect(await says('ann', '/status')).toContain('[Restart')
  })

  it.each(['Claude Haiku', 'anthropic/claude-haiku-4.5'])('can look for the model %s and not choose it', async (wanted) => {
    await annHasScout()
    await says('bob', `/model ${wanted}`)
    if (wanted.startsWith('Claude')) {
      await send(chat.presses('bob', 'Claude Haiku', GROUP))
      expect(chat.toasts.at(-1)).toContain(ONLY_OWNER)
    }
    expect(started).toEqual([])
  })

  it.each(['Restart', 'Delete', 'Log', 'Ask it'])('press the owner’s %s in vain', async (label) => {
    await annHasScout()
    await says('ann', '/status')
    const shown = chat.messages.length
    await bobPressesAnns(label)
    expect(chat.toasts.at(-1)).toContain('somebody else')
    expect([started, logsRead, chat.messages.length]).toEqual([[], 0, shown])
  })

  it('press the owner’s choice of a model in vain', async () => {
    await annHasScout()
    await says('ann', '/model')
    await bobPressesAnns('Claude Haiku')
    expect(chat.toasts.at(-1)).toContain('somebody else')
    expect(started).toEqual([])
  })
})

describe('the owner in the same group', () => {
  it.each([
    ['/restart', 'restart'],
    ['/ask what is new?', 'ask'],
    ['/model anthropic/claude-haiku-4.5', 'switch-model'],
  ])('%s', async (text, kind) => {
    await annHasScout()
    await says('ann', text)
    expect(started.map((operation) => [operation.kind, operation.instanceId])).toEqual([[kind, 'scout']])
  })
})

describe('the name of a new assistant', () => {
  it.each(['Scout', ' scout ', 'ＳＣＯＵＴ'])(
    '“%s” is refused while an assistant of that name lives, and free afterwards',
    async (name) => {
      await annHasScout('private')
      await says('ann', '/deploy', 'private')
      await says('ann', name, 'private')
      expect(chat.messages.map((shown) => textOf(shown.message)).join('\n')).toContain('Please choose another name')
      const step = async () => (await database.database.pool.query('SELECT step FROM conversations')).rows
      expect(await step()).toEqual([{ step: 'name' }])
      await database.database.pool.query(`UPDATE instances SET state = 'destroyed', destroyed_at = now()`)
      await says('ann', name, 'private')
      expect(await step()).toEqual([{ step: 'plan' }])
    },
  )
})
