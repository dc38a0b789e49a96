import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGateway, type Gateway, launchGateway, MODEL_KEY_SECRET } from '../../../core/gateway/index.ts'
import type { Host, LocalHostProvider } from '../../../core/hosts/index.ts'
import { type RunningOpenRouter, startOpenRouter } from '../../sandbox/openrouter-server.ts'
import type { OtherBot, Person } from '../../support/bot-api/index.ts'
import { eventually } from '../../support/eventually.ts'
import { INSTALL_TIMEOUT_MS, localHosts, OPENCLAW_VERSION } from '../../support/openclaw.ts'
import { modelRoots, quietLog, systemClock } from '../../support/services.ts'
import { createChannelHouse, type House, linkOf } from './harness.ts'

const TOKEN = 'gw_0123456789abcdef'
/** A hot reload, a first turn and the polls between them, on a busy machine. */
const SOON_SECONDS = 60

let directory: string
let openrouter: RunningOpenRouter
let hosts: LocalHostProvider
let host: Host
let gateway: Gateway
let house: House
let bot: OtherBot

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'clawcloud-channels-'))
  openrouter = await startOpenRouter()
  hosts = localHosts(directory)
  const created = await hosts.create({ name: 'oc-test', runtimeVersion: OPENCLAW_VERSION })
  if (!created.ok) throw new Error(created.problem.detail)
  host = created.value
  gateway = createGateway({ host, token: TOKEN, clock: systemClock, log: quietLog, redact: (text) => text })
  await launchGateway(host, {
    token: TOKEN,
    source: 'managed',
    model: 'anthropic/claude-sonnet-4.6',
    roots: modelRoots(openrouter.root),
  })
  const ready = await gateway.waitUntilReady(100)
  if (!ready.ok) throw new Error(ready.problem.detail)
  const answer = await fetch(`${openrouter.root}/keys`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk-or-v1-management-key-of-the-tests', 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'channels', limit: 5 }),
  })
  const { key } = (await answer.json()) as { key: string }
  await gateway.setSecret(MODEL_KEY_SECRET, key)
  house = await createChannelHouse({ gateway: () => gateway, token: TOKEN })
  await house.hasAssistant()
}, INSTALL_TIMEOUT_MS)

afterAll(async () => {
  await house.close()
  await gateway.close()
  await hosts.delete('oc-test')
  await openrouter.stop()
  await rm(directory, { recursive: true, force: true })
})

/** What the assistant wrote to somebody in their private chat with it. */
const told = (who: Person) =>
  who.chat
    .messages()
    .filter(({ fromBot }) => fromBot)
    .map(({ text }) => text)
const soon = <T>(read: () => T | Promise<T>) => eventually(async () => read(), SOON_SECONDS)

describe('the channels of a real OpenClaw', () => {
  it('get a bot by one tap, hot, with its token in the secret store alone', { timeout: 120_000 }, async () => {
    const before = await host.serviceStatus()
    await house.asks('/connect', 'Where people meet Scout')
    house.ada.presses('Connect Telegram')
    const offer = await house.sees('One tap opens Telegram')
    bot = house.api.opensNewBotLink(house.ada, linkOf(offer, 'Make the bot'))
    await soon(() => expect(house.shown('Telegram is connected')).not.toBeNull())
    expect(await house.channel()).toMatchObject({
      state: 'connected',
      managed: true,
      externalId: `${bot.user.id}`,
      allowed: [`${house.ada.user.id}`],
    })
    await soon(() => expect(bot.isPolled()).toBe(true))
    expect(await host.serviceStatus()).toEqual(before)
    const config = await readFile(join(host.stateDirectory, 'openclaw.json'), 'utf8')
    expect(config).not.toContain(bot.token())
  })

  it('answer their owner, and ask a stranger to wait until the owner says yes', { timeout: 180_000 }, async () => {
    const ada = bot.knows(house.ada)
    const eve = bot.knows(house.api.person({ name: 'Eve', username: 'eve' }))
    ada.sends('Hello, what can you do?')
    await soon(() => expect(told(ada)).toHaveLength(1))
    const calls = openrouter.control.requests.length
    eve.sends('Tell me everything about Ada')
    await soon(() => expect(told(eve).join()).toContain('access not configured'))
    expect(openrouter.control.requests.length).toBe(calls)

    await house.watchPairings()
    await house.watchPairings()
    await house.sees('Eve (@eve) wants to talk to Scout')
    expect(house.ada.chat.messages().filter(({ text }) => text.includes('Eve (@eve) wants'))).toHaveLength(1)
    house.ada.presses('Yes, they may')
    await house.sees('Eve (@eve) may talk to Scout')
    await soon(() => expect(told(eve).join()).toContain('You may talk to Scout now'))
    eve.sends('And now?')
    await soon(() => expect(told(eve)).toHaveLength(3))
    expect(openrouter.control.requests.length).toBeGreaterThan(calls)
  })

  it('say hello once their owner can be written to, and only once', { timeout: 90_000 }, async () => {
    const ada = bot.knows(house.ada)
    await house.supervise()
    await soon(() => expect(told(ada).join()).toContain('Hello! I am Scout'))
    await house.supervise()
    expect(told(ada).filter((text) => text.includes('Hello! I am Scout'))).toHaveLength(1)
  })

  it('stop answering who may not any more, at once', { timeout: 120_000 }, async () => {
    const eve = bot.knows(house.api.person({ name: 'Ivy', username: 'ivy' }))
    await house.asks('/access', 'Who may talk to an assistant')
    expect((await house.channel())?.allowed).toHaveLength(2)
    const second = (await house.channel())?.allowed[1]
    await house.asks('/connect', 'Where people meet Scout')
    house.ada.presses('Telegram')
    await house.sees('Telegram of Scout')
    house.ada.presses('Who may talk to it')
    await house.sees('Who may talk to Scout on Telegram')
    house.ada.presses('Eve (@eve)')
    await soon(async () => expect((await house.channel())?.allowed).not.toContain(second))
    await soon(async () =>
      expect(await house.prisma.operation.count({ where: { kind: 'channel-access', finishedAt: null } })).toBe(0),
    )
    eve.sends('Am I in?')
    await soon(() => expect(told(eve).join()).toContain('access not configured'))
  })

  it('in a group hear only who may talk to them, and only when mentioned', { timeout: 90_000 }, async () => {
    const group = bot.group()
    const ada = bot.knows(house.ada)
    const stranger = bot.knows(house.api.person({ name: 'Max', username: 'max' }))
    stranger.sends(`@${bot.user.username} what is the password?`, { in: group })
    ada.sends('just talking', { in: group })
    ada.sends(`@${bot.user.username} and you?`, { in: group })
    await soon(() => expect(group.messages().filter(({ fromBot }) => fromBot)).toHaveLength(1))
  })

  it('get a new token in one tap, which ends a conflict', { timeout: 180_000 }, async () => {
    const old = bot.token()
    const stop = bot.isPolledElsewhere(house.api.url)
    await soon(async () => {
      const status = await gateway.channels.status('telegram')
      expect(status.ok && status.value.state).toBe('conflict')
    })
    await house.supervise()
    await house.supervise()
    await house.sees('Scout does not hear everything on Telegram')
    house.ada.presses('New token')
    await soon(() => expect(house.shown('Telegram has a new token')).not.toBeNull())
    stop()
    expect(bot.token()).not.toBe(old)
    const ada = bot.knows(house.ada)
    const before = told(ada).length
    ada.sends('Still there?')
    await soon(() => expect(told(ada).length).toBeGreaterThan(before))
  })

  it('take every list of people there can be, also none', { timeout: 60_000 }, async () => {
    const id = `${house.ada.user.id}`
    for (const access of [
      { allowed: [], open: true },
      { allowed: [], open: false },
      { allowed: [id, '77'], open: true },
      { allowed: [id], open: false },
    ])
      expect(await gateway.channels.setAccess('telegram', access)).toEqual({ ok: true, value: undefined })
  })

  it('are taken out with their secret, and the bot is free again', { timeout: 120_000 }, async () => {
    await house.asks('/connect', 'Where people meet Scout')
    house.ada.presses('Telegram')
    await house.sees('Telegram of Scout')
    house.ada.presses('Disconnect')
    await house.sees('Disconnect Telegram from Scout?')
    house.ada.presses('Disconnect')
    await soon(() => expect(house.shown('Telegram is disconnected')).not.toBeNull())
    expect(await house.channel()).toBeNull()
    const status = await gateway.channels.status('telegram')
    expect(status).toMatchObject({ ok: true, value: { state: 'missing' } })
    expect(house.reports).toEqual([])
  })
})
