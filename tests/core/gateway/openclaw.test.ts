import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  createGateway,
  type Gateway,
  launchGateway,
  MODEL_KEY_SECRET,
  modelApiRootOf,
  movedProvidersOf,
} from '../../../core/gateway/index.ts'
import { createRpc, type Rpc } from '../../../core/gateway/rpc.ts'
import type { Host, LocalHostProvider } from '../../../core/hosts/index.ts'
import { createRedactor } from '../../../core/secrets/index.ts'
import { type RunningOpenRouter, startOpenRouter } from '../../sandbox/openrouter-server.ts'
import { INSTALL_TIMEOUT_MS, localHosts, OPENCLAW_VERSION } from '../../support/openclaw.ts'
import { modelRoots, quietLog, systemClock } from '../../support/services.ts'

const TOKEN = 'gw_canary0token0of0the0gateway0'
const SONNET = 'anthropic/claude-sonnet-4.6'
const HAIKU = 'anthropic/claude-haiku-4.5'

let directory: string
let openrouter: RunningOpenRouter
let hosts: LocalHostProvider
let host: Host
let gateway: Gateway
let rpc: Rpc

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'clawcloud-gateway-'))
  openrouter = await startOpenRouter()
  hosts = localHosts(directory)
  const created = await hosts.create({ name: 'oc-test', runtimeVersion: OPENCLAW_VERSION })
  if (!created.ok) throw new Error(created.problem.detail)
  host = created.value
  gateway = createGateway({ host, token: TOKEN, clock: systemClock, log: quietLog, redact: createRedactor() })
  rpc = createRpc({ open: () => host.connect(host.gatewayPort), token: TOKEN })
}, INSTALL_TIMEOUT_MS)

afterAll(async () => {
  await rpc.close()
  await gateway.close()
  await hosts.delete('oc-test')
  await openrouter.stop()
  await rm(directory, { recursive: true, force: true })
})

/** A key of the stand-in, with an allowance. */
async function createKey(name: string, limitUsd: number): Promise<{ key: string; hash: string }> {
  const response = await fetch(`${openrouter.root}/keys`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk-or-v1-management-key-of-the-tests', 'content-type': 'application/json' },
    body: JSON.stringify({ name, limit: limitUsd }),
  })
  const body: unknown = await response.json()
  if (typeof body !== 'object' || body === null || !('key' in body) || typeof body.key !== 'string')
    throw new Error(JSON.stringify(body))
  const record = openrouter.control.keys().find((key) => key.name === name)
  return { key: body.key, hash: record?.hash ?? '' }
}

const filesUnder = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

describe('a real OpenClaw gateway', () => {
  it('starts without a model key, and is left alone when it is launched again', { timeout: 120_000 }, async () => {
    expect(await gateway.health()).toBe('unreachable')
    await launchGateway(host, { token: TOKEN, source: 'managed', model: SONNET, roots: modelRoots(openrouter.root) })
    expect(await gateway.waitUntilReady(100)).toEqual({ ok: true, value: undefined })
    const before = await host.serviceStatus()
    await launchGateway(host, { token: TOKEN, source: 'managed', model: HAIKU, roots: modelRoots(openrouter.root) })
    expect(await host.serviceStatus()).toEqual(before)
    expect(await gateway.currentModel()).toEqual({ ok: true, value: SONNET })
  })

  it('says that the key is missing, then answers as soon as it has one', { timeout: 60_000 }, async () => {
    const without = await gateway.probe()
    expect(without.ok ? '' : without.problem.code).toBe('model-key')
    const { key } = await createKey('first', 5)
    expect(await gateway.setSecret(MODEL_KEY_SECRET, key)).toEqual({ ok: true, value: undefined })
    const turn = await gateway.probe()
    expect(turn).toMatchObject({ ok: true, value: { model: SONNET } })
  })

  it('answers a question, and the same question with the same key only once', { timeout: 60_000 }, async () => {
    const asked = () => gateway.ask('What can you do?', { key: 'op_1', session: 'clawcloud-per_1', timeoutSeconds: 40 })
    const [first, second] = await Promise.all([asked(), asked()])
    expect(first).toMatchObject({ ok: true, value: { model: SONNET } })
    expect(first.ok && second.ok && second.value.text === first.value.text).toBe(true)
    const calls = openrouter.control.requests.length
    const third = await asked()
    expect(third.ok && first.ok && third.value.text === first.value.text).toBe(true)
    expect(openrouter.control.requests.length).toBe(calls)
  })

  it('switches the model while it runs, for sessions that were pinned to another too', { timeout: 60_000 }, async () => {
    await rpc.call('sessions.patch', { key: 'agent:main:clawcloud-per_1', model: 'openrouter/openai/gpt-5.4' })
    expect(await gateway.switchModel(HAIKU)).toEqual({ ok: true, value: undefined })
    expect(await gateway.currentModel()).toEqual({ ok: true, value: HAIKU })
    expect(await gateway.probe()).toMatchObject({ ok: true, value: { model: HAIKU } })
    const answer = await gateway.ask('And now?', { key: 'op_2', session: 'clawcloud-per_1', timeoutSeconds: 40 })
    expect(answer).toMatchObject({ ok: true, value: { model: HAIKU } })
  })

  it('switches to a model that OpenClaw knows by another name', { timeout: 60_000 }, async () => {
    expect(await gateway.switchModel('google/gemini-3.1-pro')).toEqual({ ok: true, value: undefined })
    expect(await gateway.probe()).toMatchObject({ ok: true, value: { model: 'google/gemini-3.1-pro-preview' } })
  })

  it('survives somebody else writing the configuration at the same moment', { timeout: 60_000 }, async () => {
    const results = await Promise.all([gateway.switchModel(SONNET), gateway.switchModel(HAIKU)])
    expect(results.map((result) => result.ok)).toEqual([true, true])
    expect((await gateway.switchModel(SONNET)).ok).toBe(true)
    expect(await gateway.probe()).toMatchObject({ ok: true, value: { model: SONNET } })
  })

  it('is told while it runs that models are at another address now, as its file says too', { timeout: 60_000 }, async () => {
    const elsewhere = await startOpenRouter()
    try {
      const moved = await movedProvidersOf(host, modelRoots(elsewhere.root))
      expect(await gateway.moveProviders(moved ?? {})).toEqual({ ok: true, value: undefined })
      expect(await movedProvidersOf(host, modelRoots(elsewhere.root))).toBeNull()
      expect(await modelApiRootOf(host)).toBe(elsewhere.root)
      // The other one does not know the key: that is how we see who was asked.
      const turn = await gateway.probe()
      expect(turn.ok ? '' : turn.problem.code).toBe('model-key')
      expect(elsewhere.control.requests.length).toBeGreaterThan(0)
    } finally {
      const back = await movedProvidersOf(host, modelRoots(openrouter.root))
      expect((await gateway.moveProviders(back ?? {})).ok).toBe(true)
      await elsewhere.stop()
    }
    expect(await gateway.probe()).toMatchObject({ ok: true, value: { model: SONNET } })
  })

  it('takes a new key with the next message, and says what is wrong with one', { timeout: 60_000 }, async () => {
    const codeOf = async () => {
      const turn = await gateway.probe()
      return turn.ok ? 'answered' : turn.problem.code
    }
    await gateway.setSecret(MODEL_KEY_SECRET, 'sk-or-v1-nobody-knows-this-key-0000000000000000')
    expect(await codeOf()).toBe('model-key')
    const spent = await createKey('spent', 0.01)
    openrouter.control.addUsageUsd(spent.hash, 1)
    await gateway.setSecret(MODEL_KEY_SECRET, spent.key)
    expect(await codeOf()).toBe('model-credit')
    openrouter.control.setKeyLimitStatus(402)
    expect(await codeOf()).toBe('model-credit')
    const good = await createKey('good', 5)
    await gateway.setSecret(MODEL_KEY_SECRET, good.key)
    expect(await codeOf()).toBe('answered')
    openrouter.control.removeModel(SONNET)
    expect(await codeOf()).toBe('model-missing')
    openrouter.control.restoreModels()
    expect(await codeOf()).toBe('answered')
  })

  it('does not wait two and a half minutes for a rate limit', { timeout: 60_000 }, async () => {
    openrouter.control.fault({ path: '/chat/completions' }, { kind: 'error', status: 429 }, 20)
    const turn = await gateway.probe()
    openrouter.control.clearFaults()
    expect(turn.ok ? '' : turn.problem.code).toBe('model-rate-limited')
  })

  it('shows its log without secrets', { timeout: 30_000 }, async () => {
    const logs = await gateway.logs(200)
    expect(logs.ok && logs.value).toContain('[gateway]')
    expect(logs.ok && /sk-or-v1-[0-9a-z-]{8}|gw_canary/.test(logs.value)).toBe(false)
  })

  it('keeps keys and token in its secret store and nowhere else', { timeout: 30_000 }, async () => {
    const leaked: string[] = []
    for (const file of await filesUnder(join(directory, 'instances'))) {
      if (/state\/state\/openclaw\.sqlite(-wal|-shm)?$/.test(file)) continue
      const content = await readFile(file, 'latin1').catch(() => '')
      if (/sk-or-v1-|gw_canary/.test(content)) leaked.push(file)
    }
    expect(leaked).toEqual([])
  })

  it('is adopted by the next process of ours, and comes back from a stop with everything it had', {
    timeout: 120_000,
  }, async () => {
    const adopted = await localHosts(directory).find('oc-test')
    expect((await adopted?.serviceStatus())?.state).toBe('running')
    await host.stopService()
    expect(await gateway.health()).toBe('unreachable')
    await launchGateway(host, { token: TOKEN, source: 'managed', model: HAIKU, roots: modelRoots(openrouter.root) })
    expect(await gateway.waitUntilReady(100)).toEqual({ ok: true, value: undefined })
    expect(await gateway.probe()).toMatchObject({ ok: true, value: { model: SONNET } })
  })

  it('says at once when it ends while it starts', { timeout: 60_000 }, async () => {
    await host.stopService()
    const config = (await host.readFile('openclaw.json')) ?? ''
    await host.writeFile('openclaw.json', config.replace('"gateway"', '"gatewayOfAnotherVersion": {}, "gateway"'))
    await launchGateway(host, { token: TOKEN, source: 'managed', model: SONNET, roots: modelRoots(openrouter.root) })
    const ready = await gateway.waitUntilReady(50)
    expect(ready.ok ? '' : ready.problem.code).toBe('gateway-stopped')
  })
})
