// Long because every change of what an assistant answers with is proven against one gateway and the same stand-ins of the providers.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Gateway } from '../../../core/gateway/index.ts'
import { keySecretOf, type SourceSettings } from '../../../core/gateway/index.ts'
import { gatewayProblem } from '../../../core/gateway/problems.ts'
import { answeringWith } from '../../../core/instances/answering.ts'
import { instanceOperations, readKeyCard, undoableChange } from '../../../core/instances/index.ts'
import { proveDeployed } from '../../../core/instances/steps/prove-deployed.ts'
import { createKeyApi, type KeyApi } from '../../../core/keys/index.ts'
import type { Catalogue } from '../../../core/models/index.ts'
import { createNotices } from '../../../core/notices/index.ts'
import { createEngine } from '../../../core/operations/index.ts'
import { failed, ok, ProblemError } from '../../../core/problem.ts'
import {
  backupKeyPurpose,
  createSecretBox,
  gatewayTokenPurpose,
  parseKeyRing,
  providerKeyPurpose,
  subKeyPurpose,
} from '../../../core/secrets/index.ts'
import type { Services } from '../../../core/services.ts'
import type { PrismaClient } from '../../../prisma/generated/client.ts'
import { type RunningOpenRouter, startOpenRouter } from '../../sandbox/openrouter-server.ts'
import { type RunningProviders, startProviders, TEST_KEYS } from '../../sandbox/provider-servers.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { modelRoots, quietLog, randomIds, servicesFor, systemClock } from '../../support/services.ts'
import { subKeysOf } from '../credits/support.ts'

const box = createSecretBox(parseKeyRing(`1:${Buffer.alloc(32, 7).toString('base64')}`))
const SONNET = 'anthropic/claude-sonnet-4.6'
const NATIVE = 'claude-sonnet-4-6'

let test: TestDatabase
let prisma: PrismaClient
let openrouter: RunningOpenRouter
let providers: RunningProviders
let keys: KeyApi
/** A gateway as far as it matters here: the secrets it was given, and what it is set to. */
let secrets: Map<string, string>
let settings: Pick<SourceSettings, 'source' | 'model' | 'fallbacks' | 'hasBackup'> | null
let hangs: boolean
/** It takes no change of its configuration. */
let refuses: boolean
let subKeyHash: string
const engines: { stop(): Promise<void> }[] = []

beforeAll(async () => {
  test = await createTestDatabase()
  prisma = await test.database.prisma()
  openrouter = await startOpenRouter()
  providers = await startProviders()
  keys = createKeyApi(modelRoots(openrouter.root, providers.roots))
  await prisma.person.create({ data: { id: 'per_1', workspaces: { create: { id: 'wsp_1', kind: 'personal' } } } })
})
afterAll(() => Promise.all([test.close(), openrouter.stop(), providers.stop()]))

beforeEach(async () => {
  secrets = new Map()
  settings = null
  hangs = false
  refuses = false
  await prisma.operation.deleteMany()
  await prisma.providerKey.deleteMany()
  await prisma.instance.deleteMany()
  const subKeys = subKeysOf(openrouter)
  for (const key of openrouter.control.keys()) await subKeys.delete(key.hash)
  const made = await subKeys.create({ name: 'oc-ins_1-g1', limitMicros: 8_000_000 })
  subKeyHash = made.hash
  secrets.set(keySecretOf('managed'), made.secret)
  settings = { source: 'managed', model: SONNET, fallbacks: ['openai/gpt-5.4-mini'], hasBackup: false }
  await prisma.instance.create({
    data: {
      id: 'ins_1',
      workspaceId: 'wsp_1',
      ownerPersonId: 'per_1',
      name: 'Scout',
      planId: 'lite',
      state: 'running',
      model: SONNET,
      fallbackModels: ['openai/gpt-5.4-mini'],
      platform: 'memory',
      chatId: 'c',
      userId: 'u',
      language: 'en',
      hostProvider: 'local',
      hostId: 'oc-1',
      gatewayTokenSealed: box.seal('gw', gatewayTokenPurpose('ins_1')),
      subKeyHash,
      subKeySealed: box.seal(made.secret, subKeyPurpose('ins_1')),
      allowanceMicros: 8_000_000n,
      limitMicros: 8_000_000n,
    },
  })
})
afterEach(() => Promise.all(engines.splice(0).map((engine) => engine.stop())))

const FREE = {
  id: 'meta/llama-4:free',
  name: 'Llama 4 (free)',
  contextTokens: 100_000,
  promptMicrosPerMillion: 0,
  completionMicrosPerMillion: 0,
}

/** Its turns are answered by whoever it is set to, with the key it was given. */
const gateway = z
  .custom<Gateway>(() => true)
  .parse({
    setSecret: async (name: string, value: string) => {
      secrets.set(name, value)
      return ok(undefined)
    },
    removeSecret: async (name: string) => {
      secrets.delete(name)
      return ok(undefined)
    },
    useSource: async ({ source, model, fallbacks, hasBackup }: SourceSettings) => {
      if (refuses && hasBackup && fallbacks.some((id) => id.endsWith(':free'))) return failed(gatewayRefusal)
      settings = { source, model, fallbacks, hasBackup }
      return ok(undefined)
    },
    async probe() {
      if (hangs) await new Promise(() => undefined)
      const { source = 'managed', model = '' } = settings ?? {}
      const key = secrets.get(keySecretOf(source)) ?? ''
      const { state } = await keys.check(source === 'managed' ? 'openrouter' : source, key, model)
      if (state === 'valid') return ok({ text: 'OK', model, fellBack: null, durationMs: 500 })
      return failed(gatewayProblem(state === 'no-credit' ? 'model-balance' : 'model-key'))
    },
  })

/** A list that can't be had. */
const away = () =>
  Promise.reject(new ProblemError({ code: 'catalogue-unavailable', retryable: true, text: { id: 'catalogue-unavailable' } }))
const unlisted: Catalogue = {
  all: away,
  find: away,
  resolve: away,
  search: away,
  curated: away,
  state: () => ({ fetchedAt: null, stale: true, models: 0 }),
}

const gatewayRefusal = { ...gatewayProblem('gateway-failed'), retryable: false }

function engineOf(owner: string, dead: string[] = [], catalogue: Partial<Catalogue> = {}) {
  const services: Services = servicesFor(test.database, {
    box,
    keys,
    clock: systemClock,
    subKeys: subKeysOf(openrouter),
    catalogue: { ...unlisted, ...catalogue },
    catalogues: { of: () => unlisted, forget: () => undefined },
    gateway: async () => gateway,
    report: () => undefined,
    settings: {
      publicUrl: 'https://clawcloud.example',
      brandName: 'ClawCloud',
      supportContact: null,
      runtimeVersion: '1',
      modelRoots: modelRoots(openrouter.root, providers.roots),
      sandbox: true,
    },
  })
  const engine: ReturnType<typeof createEngine<Services>> = createEngine<Services>({
    database: test.database,
    kinds: instanceOperations,
    services: () => services,
    notices: createNotices({ ids: randomIds, wake: () => undefined }),
    enqueue: (id) => engine.run(id),
    leaseOwner: owner,
    isDead: (other) => dead.includes(other),
    clock: systemClock,
    ids: randomIds,
    log: quietLog,
    report: () => undefined,
    observe: () => undefined,
    observeEnd: () => undefined,
  })
  engines.push(engine)
  return { engine, services }
}

async function hasKey(id: string, value: string, instanceId: string | null = null): Promise<string> {
  await prisma.providerKey.create({
    data: {
      id,
      workspaceId: 'wsp_1',
      instanceId,
      provider: 'anthropic',
      sealed: box.seal(value, providerKeyPurpose(id)),
      last4: value.slice(-4),
      state: 'valid',
      addedByPersonId: 'per_1',
    },
  })
  return id
}

const MANAGED = { source: 'managed' as const, model: SONNET, keyId: null, fallbacks: ['openai/gpt-5.4-mini'] }
const own = (keyId: string) => ({ source: 'anthropic' as const, model: NATIVE, keyId, fallbacks: [] })
const place = { platform: 'memory', chatId: 'c', userId: 'u', viewId: 'change:ins_1', language: 'en' }

const begin = (engine: ReturnType<typeof engineOf>['engine'], kind: string, args: object) =>
  prisma.$transaction(
    async (transaction) =>
      (await engine.operations.start(transaction, { kind, instanceId: 'ins_1', args: { ...args }, place, requestId: 'req' })).id,
  )
const instance = () => prisma.instance.findUniqueOrThrow({ where: { id: 'ins_1' } })
const endOf = async (id: string) => (await prisma.operation.findUniqueOrThrow({ where: { id } })).state
const keyRow = (id: string) => prisma.providerKey.findUnique({ where: { id } })

async function change(from: object, to: object): Promise<string> {
  const { engine } = engineOf('host:1')
  const id = await begin(engine, 'change-source', { from, to })
  await engine.run(id)
  return id
}

describe('a change of how the AI is paid', () => {
  it('lets the new provider answer, keeps the old key sealed, and takes it out of the gateway', async () => {
    const id = await change(MANAGED, own(await hasKey('key_1', TEST_KEYS.anthropic)))
    expect(await endOf(id)).toBe('succeeded')
    expect(settings).toMatchObject({ source: 'anthropic', model: NATIVE, fallbacks: [] })
    expect([...secrets.keys()]).toEqual([keySecretOf('anthropic')])
    const row = await instance()
    expect(row).toMatchObject({ source: 'anthropic', model: NATIVE, fallbackModels: [], name: 'Scout', subKeyHash })
    expect(await keyRow('key_1')).toMatchObject({ instanceId: 'ins_1', state: 'valid' })
    expect(await readKeyCard({ database: test.database, clock: systemClock }, 'ins_1')).toMatchObject({
      key: { id: 'key_1' },
      undo: id,
    })
  })

  it('puts everything back, and deletes the new key, when the new provider does not answer', async () => {
    const before = await instance()
    const id = await change(MANAGED, own(await hasKey('key_2', 'sk-ant-api03-sandbox-nocredit-0000002')))
    expect(await endOf(id)).toBe('failed')
    expect(settings).toMatchObject({ source: 'managed', model: SONNET, fallbacks: ['openai/gpt-5.4-mini'] })
    expect(await instance()).toEqual(before)
    expect(await keyRow('key_2')).toBeNull()
    const { error } = await prisma.operation.findUniqueOrThrow({ where: { id } })
    expect(JSON.stringify(error)).toContain('model-balance-own')
  })

  it('can be undone: the same credit, the same fallbacks, and no key twice', async () => {
    await change(MANAGED, own(await hasKey('key_1', TEST_KEYS.anthropic)))
    await openrouterDisables()
    const back = await change(own('key_1'), MANAGED)
    expect(await endOf(back)).toBe('succeeded')
    expect(settings).toMatchObject({ source: 'managed', model: SONNET, fallbacks: ['openai/gpt-5.4-mini'] })
    expect(await instance()).toMatchObject({ source: 'managed', model: SONNET, subKeyHash })
    expect(openrouter.control.keys()).toMatchObject([{ hash: subKeyHash, disabled: false, limitUsd: 8 }])
    expect((await keyRow('key_1'))?.replacedAt).not.toBeNull()
    // And undone once more, with the key that is still there.
    const again = await change(MANAGED, own('key_1'))
    expect(await endOf(again)).toBe('succeeded')
    expect((await keyRow('key_1'))?.replacedAt).toBeNull()
  })

  it('gives an assistant that began with a key of its own a sub-key with the plan’s credit, once', async () => {
    await subKeysOf(openrouter).delete(subKeyHash)
    await hasKey('key_1', TEST_KEYS.anthropic, 'ins_1')
    await prisma.instance.update({
      where: { id: 'ins_1' },
      data: { source: 'anthropic', model: NATIVE, subKeyHash: null, subKeySealed: null, fallbackModels: [] },
    })
    const id = await change(own('key_1'), { ...MANAGED, fallbacks: [] })
    expect(await endOf(id)).toBe('succeeded')
    expect(openrouter.control.keys()).toMatchObject([{ name: 'oc-ins_1-g1', limitUsd: 8 }])
    expect((await instance()).subKeyHash).toBe(openrouter.control.keys()[0]?.hash)
  })

  it('loses nothing when the process is killed in the middle: the next one goes on', async () => {
    await hasKey('key_1', TEST_KEYS.anthropic)
    hangs = true
    const dying = engineOf('host:1').engine
    const id = await begin(dying, 'change-source', { from: MANAGED, to: own('key_1') })
    void dying.run(id)
    await expect.poll(() => settings?.source).toBe('anthropic')
    // Killed here: the gateway answers by the new provider already, and the row still says the old one.
    expect(await instance()).toMatchObject({ source: 'managed', model: SONNET })
    hangs = false
    const next = engineOf('host:2', ['host:1']).engine
    await next.releaseDead()
    await next.sweep()
    await expect.poll(() => endOf(id), { timeout: 10_000 }).toBe('succeeded')
    expect(await instance()).toMatchObject({ source: 'anthropic', model: NATIVE })
    expect(openrouter.control.keys()).toHaveLength(1)
    expect(await prisma.providerKey.count()).toBe(1)
  })

  it('undone after the new key was replaced leaves neither of the two in use, and never hands one provider another’s', async () => {
    await hasKey('key_1', TEST_KEYS.anthropic)
    await change(MANAGED, own('key_1'))
    await hasKey('key_2', `${TEST_KEYS.anthropic}-0002`)
    const { engine, services } = engineOf('host:1')
    await engine.run(await begin(engine, 'rotate-key', { keyId: 'key_2', last4: '0002' }))
    expect(await keyRow('key_2')).toMatchObject({ instanceId: 'ins_1', replacedAt: null })
    expect(await endOf(await change(own('key_1'), MANAGED))).toBe('succeeded')
    expect(await prisma.providerKey.count({ where: { replacedAt: null } })).toBe(0)

    await prisma.providerKey.updateMany({ where: { id: 'key_2' }, data: { replacedAt: null } })
    await prisma.instance.update({ where: { id: 'ins_1' }, data: { source: 'openai', model: 'gpt-5.4' } })
    await expect(answeringWith(services, await instance())).rejects.toMatchObject({ problem: { code: 'key-gone' } })
  })

  it('is no longer offered to be undone after ten minutes', async () => {
    const id = await change(MANAGED, own(await hasKey('key_1', TEST_KEYS.anthropic)))
    const { services } = engineOf('host:1')
    expect((await undoableChange(services, 'ins_1'))?.id).toBe(id)
    const later = { database: test.database, clock: { now: () => new Date(Date.now() + 11 * 60_000) } }
    expect(await undoableChange(later, 'ins_1')).toBeNull()
  })
})

/** What the reconciler does with a sub-key that rests. */
const openrouterDisables = () => subKeysOf(openrouter).update(subKeyHash, { disabled: true })

describe('a rotation', () => {
  beforeEach(async () => {
    await hasKey('key_1', TEST_KEYS.anthropic, 'ins_1')
    await prisma.instance.update({ where: { id: 'ins_1' }, data: { source: 'anthropic', model: NATIVE } })
    secrets.set(keySecretOf('anthropic'), TEST_KEYS.anthropic)
    settings = { source: 'anthropic', model: NATIVE, fallbacks: [], hasBackup: false }
  })
  const rotate = async (keyId: string) => {
    const { engine } = engineOf('host:1')
    const id = await begin(engine, 'rotate-key', { keyId, last4: '0002' })
    await engine.run(id)
    return endOf(id)
  }

  it('puts the new key in and lets the old one go when the new one has answered', async () => {
    await hasKey('key_2', `${TEST_KEYS.anthropic}-0002`)
    expect(await rotate('key_2')).toBe('succeeded')
    expect(secrets.get(keySecretOf('anthropic'))).toBe(`${TEST_KEYS.anthropic}-0002`)
    expect(await keyRow('key_2')).toMatchObject({ instanceId: 'ins_1', replacedAt: null })
    expect((await keyRow('key_1'))?.replacedAt).not.toBeNull()
  })

  it('keeps the old key in use when the new one does not answer', async () => {
    await hasKey('key_2', 'sk-ant-api03-nobody-knows-this-key-0002')
    expect(await rotate('key_2')).toBe('failed')
    expect(secrets.get(keySecretOf('anthropic'))).toBe(TEST_KEYS.anthropic)
    expect(await keyRow('key_2')).toBeNull()
    expect(await keyRow('key_1')).toMatchObject({ instanceId: 'ins_1', replacedAt: null })
  })
})

describe('free backup models', () => {
  const hasBackup = async () => {
    const made = await subKeysOf(openrouter).create({ name: 'oc-ins_1-backup-g1', limitMicros: 0 })
    await prisma.instance.update({
      where: { id: 'ins_1' },
      data: { backupKeyHash: made.hash, backupKeySealed: box.seal(made.secret, backupKeyPurpose('ins_1')) },
    })
    return made.hash
  }

  it('that were there before stay when adding them once more fails', async () => {
    const hash = await hasBackup()
    const { engine } = engineOf('host:1', [], { search: async () => [FREE] })
    refuses = true
    const id = await begin(engine, 'backup-models', { on: true })
    await engine.run(id)
    expect(await endOf(id)).toBe('failed')
    expect(await instance()).toMatchObject({ backupKeyHash: hash })
    expect(openrouter.control.keys().map((key) => key.hash)).toContain(hash)
  })

  it('are not set again in the middle of a change of source, which would turn it back unseen', async () => {
    await hasBackup()
    await prisma.instance.update({ where: { id: 'ins_1' }, data: { fallbackModels: [FREE.id] } })
    await hasKey('key_1', TEST_KEYS.anthropic)
    const { engine } = engineOf('host:1')
    hangs = true
    const changing = await begin(engine, 'change-source', { from: MANAGED, to: own('key_1') })
    void engine.run(changing)
    await expect.poll(() => settings?.source).toBe('anthropic')
    const running = engine.run(await begin(engine, 'set-fallbacks', {}))
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(settings?.source).toBe('anthropic')
    await engine.stop()
    await running
  })

  it('that could not be added leave no key behind', async () => {
    const { engine } = engineOf('host:1', [], { search: async () => [FREE] })
    refuses = true
    const id = await begin(engine, 'backup-models', { on: true })
    await engine.run(id)
    expect(await endOf(id)).toBe('failed')
    expect(await instance()).toMatchObject({ backupKeyHash: null })
    expect(openrouter.control.keys().map((key) => key.hash)).toEqual([subKeyHash])
  })
})

describe('a deploy with a key of the customer’s own', () => {
  const prove = async (value: string) => {
    await prisma.instance.update({ where: { id: 'ins_1' }, data: { source: 'anthropic', model: NATIVE } })
    await hasKey('key_1', value, 'ins_1')
    secrets.set(keySecretOf('anthropic'), value)
    settings = { source: 'anthropic', model: NATIVE, fallbacks: [], hasBackup: false }
    let saved: object = {}
    await proveDeployed.run({
      services: engineOf('host:1').services,
      operation: {
        id: 'op_1',
        kind: 'deploy',
        instanceId: 'ins_1',
        orderId: null,
        args: {},
        data: {},
        requestId: 'req',
        place: null,
      },
      log: quietLog,
      signal: new AbortController().signal,
      save: async (change) => {
        saved = change
      },
      note: () => undefined,
    })
    return saved
  }

  it('is proven by an answer', async () => {
    expect(await prove(TEST_KEYS.anthropic)).toMatchObject({ answeredBy: NATIVE })
  })

  it('is handed over without an answer while the provider gives none to anybody, and the key is tried again later', async () => {
    expect(await prove('sk-ant-api03-sandbox-down-00000001')).toEqual({ unproven: true })
    expect(await keyRow('key_1')).toMatchObject({ state: 'unreachable' })
  })

  it('is not handed over with a key that is empty or wrong', async () => {
    await expect(prove('sk-ant-api03-sandbox-nocredit-0000001')).rejects.toMatchObject({ problem: { code: 'model-balance' } })
    expect(await keyRow('key_1')).toMatchObject({ state: 'no-credit' })
  })
})
