import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGateway, MODEL_KEY_SECRET, warmUpGateway } from '../../../core/gateway/index.ts'
import { createRpc } from '../../../core/gateway/rpc.ts'
import type { LocalHostProvider } from '../../../core/hosts/index.ts'
import { type RunningOpenRouter, startOpenRouter } from '../../sandbox/openrouter-server.ts'
import { INSTALL_TIMEOUT_MS, localHosts, OPENCLAW_VERSION } from '../../support/openclaw.ts'
import { modelRoots, quietLog, systemClock } from '../../support/services.ts'

const MODEL = 'anthropic/claude-haiku-4.5'

describe('a gateway that was warmed up before anyone owned it', () => {
  let directory: string
  let openrouter: RunningOpenRouter
  let hosts: LocalHostProvider

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'clawcloud-warm-up-'))
    openrouter = await startOpenRouter()
    hosts = localHosts(directory)
    const prepared = await hosts.prepare(OPENCLAW_VERSION)
    if (!prepared.ok) throw new Error(prepared.problem.detail)
  }, INSTALL_TIMEOUT_MS)
  afterAll(async () => {
    await hosts.delete('oc-standby-test')
    await openrouter.stop()
    await rm(directory, { recursive: true, force: true })
  })

  it('has spent nothing, remembers nothing, and answers within seconds once it has a key and a model', {
    timeout: 120_000,
  }, async () => {
    const created = await hosts.create({ name: 'oc-standby-test', runtimeVersion: OPENCLAW_VERSION })
    if (!created.ok) throw new Error(created.problem.detail)
    const host = created.value
    const shared = { token: 'gw_standby', clock: systemClock, log: quietLog, redact: (text: string) => text }
    const warmed = await warmUpGateway(host, {
      ...shared,
      model: 'anthropic/claude-sonnet-4.6',
      roots: modelRoots(openrouter.root),
    })
    expect(warmed).toEqual({ ok: true, value: undefined })
    expect(openrouter.control.requests.filter(({ path }) => path.startsWith('/chat'))).toEqual([])

    const rpc = createRpc({ open: () => host.connect(host.gatewayPort), token: 'gw_standby' })
    expect(await rpc.call('sessions.list', { limit: 10 })).toMatchObject({ sessions: [] })
    await rpc.close()

    const answer = await fetch(`${openrouter.root}/keys`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk-or-v1-management-key-of-the-tests', 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'standby', limit: 5 }),
    })
    const { key } = Object.assign({ key: '' }, await answer.json())

    const gateway = createGateway({ host, ...shared })
    expect((await gateway.setSecret(MODEL_KEY_SECRET, key)).ok).toBe(true)
    expect((await gateway.switchModel(MODEL)).ok).toBe(true)
    expect(await gateway.probe()).toMatchObject({ ok: true, value: { model: MODEL } })
    await gateway.close()
  })
})
