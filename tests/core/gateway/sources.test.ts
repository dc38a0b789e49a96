import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  BACKUP_KEY_SECRET,
  createGateway,
  type Gateway,
  keySecretOf,
  type ModelRoots,
  referenceOf,
  type SourceSettings,
  warmUpGateway,
} from '../../../core/gateway/index.ts'
import type { Host, LocalHostProvider } from '../../../core/hosts/index.ts'
import type { Source } from '../../../core/models/index.ts'
import { createRedactor } from '../../../core/secrets/index.ts'
import { type RunningOpenRouter, startOpenRouter } from '../../sandbox/openrouter-server.ts'
import { type RunningProviders, startProviders, TEST_KEYS } from '../../sandbox/provider-servers.ts'
import { INSTALL_TIMEOUT_MS, localHosts, OPENCLAW_VERSION } from '../../support/openclaw.ts'
import { modelRoots, quietLog, systemClock } from '../../support/services.ts'

const TOKEN = 'gw_canary0token0of0the0gateway0'

let directory: string
let openrouter: RunningOpenRouter
let providers: RunningProviders
let roots: ModelRoots
let hosts: LocalHostProvider
let host: Host
let gateway: Gateway

// As a deploy finds it: started ahead, warm, and set to managed credit.
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'clawcloud-sources-'))
  openrouter = await startOpenRouter()
  providers = await startProviders()
  roots = modelRoots(openrouter.root, providers.roots)
  hosts = localHosts(directory)
  const created = await hosts.create({ name: 'oc-test', runtimeVersion: OPENCLAW_VERSION })
  if (!created.ok) throw new Error(created.problem.detail)
  host = created.value
  const options = { token: TOKEN, clock: systemClock, log: quietLog, redact: createRedactor() }
  const warmed = await warmUpGateway(host, { ...options, model: 'anthropic/claude-sonnet-4.6', roots })
  if (!warmed.ok) throw new Error(warmed.problem.detail)
  gateway = createGateway({ host, ...options })
}, INSTALL_TIMEOUT_MS)

afterEach(() => {
  for (const control of [providers.anthropic, providers.openai, providers.google]) control.clearFaults()
})

afterAll(async () => {
  await gateway.close()
  await hosts.delete('oc-test')
  await Promise.all([openrouter.stop(), providers.stop()])
  await rm(directory, { recursive: true, force: true })
})

const use = async (source: Source, model: string, more: Partial<SourceSettings> = {}) => {
  const key = source === 'managed' ? await subKey('managed', 5) : TEST_KEYS[source]
  expect(await gateway.setSecret(keySecretOf(source), key)).toEqual({ ok: true, value: undefined })
  expect(await gateway.useSource({ source, roots, model, fallbacks: [], hasBackup: false, ...more })).toEqual({
    ok: true,
    value: undefined,
  })
}

async function subKey(name: string, limit: number): Promise<string> {
  const response = await fetch(`${openrouter.root}/keys`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk-or-v1-management-key-of-the-tests', 'content-type': 'application/json' },
    body: JSON.stringify({ name, limit }),
  })
  return z.object({ key: z.string() }).parse(await response.json()).key
}

const codeOf = async () => {
  const turn = await gateway.probe()
  return turn.ok ? 'answered' : turn.problem.code
}

describe.each([
  { source: 'anthropic', model: 'claude-sonnet-4-6', other: 'claude-opus-4-8', path: '/v1/messages' },
  { source: 'openai', model: 'gpt-5.4', other: 'gpt-5.4-mini', path: '/v1/responses' },
  {
    source: 'google',
    model: 'gemini-3.1-pro-preview',
    other: 'gemini-2.5-flash',
    path: '/v1beta/models/gemini-3.1-pro-preview:streamGenerateContent',
  },
] as const)('a real OpenClaw with a key of the customer’s own at $source', ({ source, model, other, path }) => {
  it('is handed over from managed credit while it runs, and is answered by the provider itself', {
    timeout: 120_000,
  }, async () => {
    await use('managed', 'anthropic/claude-sonnet-4.6')
    expect(await gateway.probe()).toMatchObject({ ok: true, value: { model: 'anthropic/claude-sonnet-4.6' } })
    await use(source, model)
    expect(await gateway.probe()).toMatchObject({ ok: true, value: { model } })
    expect(providers[source].requests.at(-1)).toMatchObject({
      method: 'POST',
      path,
      status: 200,
      model,
      key: TEST_KEYS[source].slice(-4),
    })
    const managed = openrouter.control.requests.length
    const asked = await gateway.ask('Which model are you?', {
      key: `which-${source}`,
      session: 'clawcloud-per_1',
      timeoutSeconds: 60,
    })
    expect(asked).toMatchObject({ ok: true, value: { model, text: expect.stringContaining('answering from the sandbox') } })
    expect(openrouter.control.requests.length).toBe(managed)
  })

  it('makes no calls beside the ones that were asked for', { timeout: 60_000 }, async () => {
    const before = providers[source].requests.length
    await gateway.ask('Tell me about the sea.', { key: `sea-${source}`, session: 'clawcloud-per_1', timeoutSeconds: 60 })
    await new Promise((resolve) => setTimeout(resolve, 3000))
    expect(providers[source].requests.slice(before).map((request) => request.model)).toEqual([model])
  })

  it('is not changed by being told the same again', { timeout: 60_000 }, async () => {
    const config = await host.readFile('openclaw.json')
    await use(source, model)
    expect(await host.readFile('openclaw.json')).toBe(config)
  })

  it('answers with the next message once the account has credit again, and with another key', { timeout: 120_000 }, async () => {
    providers[source].fault('no-credit', { times: 100 })
    // Google says it with the status of a rate limit, and OpenClaw takes it for one; the words are what counts.
    const withoutCredit = 'model-balance'
    expect(await codeOf()).toBe(withoutCredit)
    expect(await codeOf()).toBe(withoutCredit)
    providers[source].clearFaults()
    expect(await codeOf()).toBe('answered')
    providers[source].fault('wrong-key')
    expect(await codeOf()).toBe('model-key')
    expect(await codeOf()).toBe('answered')
    await gateway.setSecret(keySecretOf(source), `${TEST_KEYS[source]}-nocredit`)
    expect(await codeOf()).toBe(withoutCredit)
    await gateway.setSecret(keySecretOf(source), `${TEST_KEYS[source]}-another`)
    expect(await codeOf()).toBe('answered')
    expect(providers[source].requests.at(-1)?.key).toBe('ther')
  })

  it('goes on with another of the provider’s models, and falls back to a free one of the backup key', {
    timeout: 120_000,
  }, async () => {
    await use(source, other)
    expect(await gateway.probe()).toMatchObject({ ok: true, value: { model: other } })
    await gateway.setSecret(BACKUP_KEY_SECRET, await subKey(`backup-${source}`, 0))
    await use(source, other, { fallbacks: ['qwen/qwen3-coder:free'], hasBackup: true })
    providers[source].fault(source === 'google' ? 'wrong-key' : 'no-credit', { times: 5 })
    const answered = await gateway.ask('Hello', { key: `backup-${source}`, session: 'clawcloud-per_2', timeoutSeconds: 60 })
    expect(answered).toMatchObject({ ok: true, value: { model: 'qwen/qwen3-coder:free' } })
  })
})

describe('a real OpenClaw', () => {
  it('takes a key of the customer’s own OpenRouter account in place of ours', { timeout: 60_000 }, async () => {
    await use('openrouter', 'openai/gpt-5.4-mini')
    expect(await gateway.probe()).toMatchObject({ ok: true, value: { model: 'openai/gpt-5.4-mini' } })
    expect(openrouter.control.requests.at(-1)?.caller).toBe(`own …${TEST_KEYS.openrouter.slice(-4)}`)
  })

  it('knows what a model of OpenAI can do after a switch too', { timeout: 60_000 }, async () => {
    await use('openai', 'gpt-5.4')
    expect(await gateway.setModels({ primary: referenceOf('openai', 'gpt-5.4-mini'), fallbacks: null })).toMatchObject({
      ok: true,
    })
    expect(await gateway.probe()).toMatchObject({ ok: true, value: { model: 'gpt-5.4-mini' } })
    const config = JSON.parse((await host.readFile('openclaw.json')) ?? '')
    expect(config.models.providers['openai-own'].models).toMatchObject([
      { id: 'gpt-5.4-mini', reasoning: true, input: ['text', 'image'] },
    ])
  })

  it('keeps the keys of all providers in its secret store and nowhere else, and forgets one when it is told to', {
    timeout: 30_000,
  }, async () => {
    const leaked: string[] = []
    const entries = await readdir(join(directory, 'instances'), { withFileTypes: true, recursive: true })
    for (const entry of entries.filter((one) => one.isFile())) {
      const file = join(entry.parentPath, entry.name)
      if (/state\/state\/openclaw\.sqlite(-wal|-shm)?$/.test(file)) continue
      const content = await readFile(file, 'latin1').catch(() => '')
      if (/sk-ant-|sk-proj-|AIzaS|sk-or-v1-/.test(content)) leaked.push(file)
    }
    expect(leaked).toEqual([])
    expect(await gateway.removeSecret(keySecretOf('google'))).toEqual({ ok: true, value: undefined })
    expect(await gateway.removeSecret(keySecretOf('google'))).toEqual({ ok: true, value: undefined })
  })
})
