import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGateway, type Gateway, launchGateway } from '../../core/gateway/index.ts'
import type { Host, LocalHostProvider } from '../../core/hosts/index.ts'
import { INSTALL_TIMEOUT_MS, localHosts, OPENCLAW_VERSION } from '../support/openclaw.ts'
import { modelRoots, quietLog, systemClock } from '../support/services.ts'

// Minutes of downloads: run it after the pinned versions in core/gateway/channels.ts were changed.

/** For a registry behind a proxy with a certificate of its own. */
const certificates = process.env.NODE_EXTRA_CA_CERTS

let directory: string
let hosts: LocalHostProvider
let host: Host
let gateway: Gateway

describe('the plugins of a real OpenClaw', () => {
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'clawcloud-plugins-'))
    hosts = localHosts(directory, {
      ...(certificates && { environment: { NODE_EXTRA_CA_CERTS: certificates, npm_config_cafile: certificates } }),
    })
    const created = await hosts.create({ name: 'oc-plugins', runtimeVersion: OPENCLAW_VERSION })
    if (!created.ok) throw new Error(created.problem.detail)
    host = created.value
    const token = 'gw_0123456789abcdef'
    gateway = createGateway({ host, token, clock: systemClock, log: quietLog, redact: (text) => text })
    const roots = modelRoots('http://127.0.0.1:9/api/v1')
    await launchGateway(host, { token, source: 'managed', model: 'openai/gpt-5.4-mini', roots })
    const ready = await gateway.waitUntilReady(100)
    if (!ready.ok) throw new Error(ready.problem.detail)
  }, INSTALL_TIMEOUT_MS)

  afterAll(async () => {
    await gateway.close()
    await hosts.delete('oc-plugins')
    await rm(directory, { recursive: true, force: true })
  })

  it.each([
    { kind: 'discord', secret: 'MTEyMjMzNDQ1NTY2Nzc4ODk5.GxYzAb.q9Zrq9Zrq9Zrq9Zrq9Zrq9Zrq9Zr', allowed: ['4242'], open: false },
    {
      kind: 'feishu',
      secret: 'Ab1cD2eF3gH4Ab1cD2eF3gH4Ab1cD2eF',
      appId: 'cli_0123456789abcdef',
      apiRoot: 'lark',
      allowed: ['ou_1'],
      open: false,
    },
  ] as const)(
    'come for $kind while it runs, and take our configuration, also when it is changed and taken out',
    async (setup) => {
      const before = await host.serviceStatus()
      const { channels } = gateway
      expect(await channels.prepare(setup.kind)).toEqual({ ok: true, value: undefined })
      expect(await channels.prepare(setup.kind)).toEqual({ ok: true, value: undefined })
      expect(await channels.connect(setup)).toEqual({ ok: true, value: undefined })
      // There is no such platform here: it is there, and tries.
      expect(await channels.status(setup.kind)).toMatchObject({ ok: true, value: { state: 'connecting' } })
      expect(await channels.setAccess(setup.kind, { allowed: [], open: true })).toEqual({ ok: true, value: undefined })
      expect(await channels.setAccess(setup.kind, { allowed: ['1', '2'], open: false })).toEqual({ ok: true, value: undefined })
      expect(await channels.setAccess(setup.kind, { allowed: [], open: false })).toEqual({ ok: true, value: undefined })
      expect(await channels.disconnect(setup.kind)).toEqual({ ok: true, value: undefined })
      expect(await channels.disconnect(setup.kind)).toEqual({ ok: true, value: undefined })
      expect(await channels.status(setup.kind)).toMatchObject({ ok: true, value: { state: 'missing' } })
      expect(await host.serviceStatus()).toEqual(before)
    },
    400_000,
  )
})
