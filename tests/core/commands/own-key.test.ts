import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createPlans } from '../../../core/billing/index.ts'
import type { ChatContext, Reply } from '../../../core/chat/reply.ts'
import { deployFlow } from '../../../core/commands/deploy/index.ts'
import { createKeyApi, createListModels, openKey } from '../../../core/keys/index.ts'
import { createCatalogue, createCatalogues } from '../../../core/models/index.ts'
import { createSecretBox, parseKeyRing } from '../../../core/secrets/index.ts'
import type { Services } from '../../../core/services.ts'
import { type RunningProviders, startProviders, TEST_KEYS } from '../../sandbox/provider-servers.ts'
import { modelRoots, quietLog } from '../../support/services.ts'
import { type BillingWorld, startBilling } from '../billing/harness.ts'

const box = createSecretBox(parseKeyRing(`1:${Buffer.alloc(32, 7).toString('base64')}`))
const DOWN = 'sk-ant-api03-sandbox-down-00000001'

let providers: RunningProviders
let world: BillingWorld
let services: Services
let conversation: ChatContext['conversation']

beforeAll(async () => {
  providers = await startProviders()
})
afterAll(() => providers.stop())

beforeEach(async () => {
  world = await startBilling()
  const { clock, database } = world.services
  const keys = createKeyApi(modelRoots('http://127.0.0.1:9', providers.roots), { timeoutSeconds: 2 })
  const managed = createCatalogue({
    fetchModels: async () => [
      {
        id: 'anthropic/claude-sonnet-4.6',
        name: 'Sonnet',
        contextTokens: 1,
        promptMicrosPerMillion: 1,
        completionMicrosPerMillion: 1,
      },
    ],
    clock,
    log: quietLog,
  })
  const listModels = createListModels({ database, box, keys })
  services = {
    ...world.services,
    box,
    keys,
    catalogue: managed,
    catalogues: createCatalogues({ managed, listModels, clock, log: quietLog }),
    plans: createPlans({ pool: world.pool, clock }),
  }
  conversation = { ...world.context().conversation, flow: 'deploy', version: 1, viewId: 'deploy:1' }
  at('key', { name: 'Scout', planId: 'lite', source: 'anthropic' })
})
afterEach(() => world.close())

/** Where the conversation stands; the way that led there is not looked at. */
function at(step: string, given: object): void {
  conversation = { ...conversation, step, answers: { path: [], given: { ...given } } }
}

const context = (change: Partial<ChatContext> = {}): ChatContext => ({ ...world.context(), services, conversation, ...change })
const words = (reply: Reply | null) => JSON.stringify(reply?.views)

/** Carries out what a reply decides, as the router does. */
async function carried(reply: Reply | null): Promise<string> {
  if (!reply) throw new Error('there is no reply')
  await world.prisma.$transaction(async (transaction) => {
    for (const effect of reply.effects ?? []) await effect(transaction)
  })
  if (reply.flow) conversation = { ...conversation, ...reply.flow }
  return words(reply)
}

const handsOver = async (value: string) => carried(await deployFlow.takeSecret(context({ handed: { value } })))
const presses = async (args: Record<string, string | boolean>) =>
  carried(await deployFlow.answer(context(), { kind: 'press', args }))
const keyRows = () => world.prisma.providerKey.findMany()

/** What the operation does that was started: asks, writes the state down, and wakes the flow. */
async function checked(): Promise<string> {
  const [row] = await keyRows()
  if (!row) throw new Error('there is no key')
  const key = await openKey(services, row.id)
  const { state } = await services.keys.check('anthropic', key?.value ?? '')
  await world.prisma.providerKey.update({ where: { id: row.id }, data: { state, checkedAt: services.clock.now() } })
  return carried(await deployFlow.wake(context()))
}

describe('a key of the customer’s own, in an order', () => {
  it('of another provider is named and not kept', async () => {
    const said = await handsOver(TEST_KEYS.openai)
    expect(said).toContain('key-of-other')
    expect(said).toContain('OpenAI')
    expect(await keyRows()).toEqual([])
  })

  it('is sealed for this person and workspace, and stands in no answer', async () => {
    expect(await handsOver(TEST_KEYS.anthropic)).toContain('key-checking-title')
    const [row] = await keyRows()
    const { personId, workspace } = world.context()
    expect(row).toMatchObject({
      provider: 'anthropic',
      last4: '0001',
      state: 'unchecked',
      addedByPersonId: personId,
      workspaceId: workspace.id,
    })
    expect(JSON.stringify([row, conversation])).not.toContain(TEST_KEYS.anthropic)
    expect((await openKey(services, row?.id ?? ''))?.value).toBe(TEST_KEYS.anthropic)
    const { rows } = await world.pool.query(`SELECT args::text FROM operations WHERE kind = 'check-key'`)
    expect(rows).toHaveLength(1)
    expect(rows[0]?.args).not.toContain(TEST_KEYS.anthropic)
  })

  it('goes on by itself when it is accepted, to the models it may use', async () => {
    await handsOver(TEST_KEYS.anthropic)
    const said = await checked()
    expect(said).toContain('own-model-text')
    expect(said).toContain('claude-opus-4-8')
    expect(said).not.toContain('gpt')
  })

  it('is asked for again when nobody knows it, and forgotten', async () => {
    await handsOver('sk-ant-api03-nobody-knows-this-key-0000')
    expect(await checked()).toContain('key-was-wrong')
    expect(await keyRows()).toEqual([])
    expect(conversation.step).toBe('key')
  })

  it('without credit goes nowhere until there is some, or another key', async () => {
    await handsOver('sk-ant-api03-sandbox-nocredit-0000001')
    const said = await checked()
    expect(said).toContain('key-state-no-credit')
    expect(said).toContain('console.anthropic.com/settings/billing')
    expect(await presses({ do: 'go' })).toContain('key-state-no-credit')
    expect(await presses({ do: 'other' })).toContain('key-ask-title')
    expect(await keyRows()).toEqual([])
  })

  it('is kept when the provider is down: the order goes on with its usual models, and the key with the order', async () => {
    await handsOver(DOWN)
    expect(await checked()).toContain('key-state-unreachable')
    const models = await presses({ do: 'go' })
    expect(models).toContain('own-model-no-list')
    const review = await presses({ model: 'claude-sonnet-4-6' })
    expect(review).toContain('deploy-review-own')
    expect(review).not.toContain('deploy-review-credit')
    await presses({ pay: true })
    const [key] = await keyRows()
    const order = await world.prisma.order.findFirstOrThrow()
    expect(order).toMatchObject({ source: 'anthropic', providerKeyId: key?.id, model: 'claude-sonnet-4-6', priceCents: 2900 })
  })

  it('of somebody else can’t be used by its name', async () => {
    await handsOver(TEST_KEYS.anthropic)
    await checked()
    await presses({ model: 'claude-sonnet-4-6' })
    const [row] = await keyRows()
    at('review', { name: 'Scout', planId: 'lite', source: 'anthropic', keyId: row?.id, model: 'claude-sonnet-4-6' })
    await world.prisma.person.create({ data: { id: 'per_other' } })
    const others = context({ personId: 'per_other' })
    const reply = await deployFlow.answer(others, { kind: 'press', args: { pay: true } })
    expect(words(reply)).toContain('key-ask-title')
    expect(await world.prisma.order.count()).toBe(0)
  })

  it('is not kept beside the next one', async () => {
    await handsOver(TEST_KEYS.anthropic)
    const [first] = await keyRows()
    at('key', { name: 'Scout', planId: 'lite', source: 'anthropic', keyId: first?.id })
    await handsOver(`${TEST_KEYS.anthropic}-two`)
    expect((await keyRows()).map(({ last4 }) => last4)).toEqual(['-two'])
  })
})
