import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDiscord as createAdapter } from '../../../bots/discord/index.ts'
import type { DiscordPerson } from '../../support/discord/index.ts'
import { createWorld, says, type World } from './world.ts'

describe('the Discord gateway', () => {
  let world: World
  let ada: DiscordPerson
  let allowed: RegExp

  beforeEach(async () => {
    world = await createWorld('gateway')
    ada = world.discord.person({ name: 'Ada' })
    allowed = /^$/
  })
  afterEach(async () => {
    await world.close(allowed)
  })
  const textsOf = () => world.received.map(({ content }) => ('text' in content ? content.text : content.kind))

  it('is asked for no privileged intent', () => {
    const [guilds, guildMessages, directMessages] = [1 << 0, 1 << 9, 1 << 12]
    expect(world.discord.intents()).toBe(guilds | guildMessages | directMessages)
    expect(world.platform.health()).toEqual({ ok: true, detail: expect.stringContaining('connected') })
  })

  it('is resumed where it was cut, and what was said meanwhile arrives once', async () => {
    ada.says('before')
    await world.arrived(1)
    world.discord.dropGateway({ resumable: true })
    ada.says('meanwhile')
    await world.arrived(2)
    await world.discord.until(() => world.platform.health().ok, 'health')
    ada.says('after')
    await world.arrived(3)
    expect(textsOf()).toEqual(['before', 'meanwhile', 'after'])
    expect([world.discord.identifies(), world.discord.resumes()]).toEqual([1, 1])
  })

  it('comes back when Discord asks for that, as it does many times a day', async () => {
    world.discord.reconnectGateway()
    await world.discord.until(() => world.discord.resumes() === 1, 'a resume')
    ada.says('hello')
    await world.arrived(1)
  })

  it('begins anew when Discord has forgotten it', async () => {
    world.discord.dropGateway({ resumable: false })
    await world.discord.until(() => world.discord.identifies() === 2 && world.platform.health().ok, 'a new session')
    ada.says('hello')
    await world.arrived(1)
    expect(textsOf()).toEqual(['hello'])
  }, 20_000)

  it('that drops while an answer is being made loses neither the question nor the answer', async () => {
    const guild = world.discord.guild()
    const reaction = ada.command('usage', {}, guild)
    const incoming = await world.arrived(1)
    world.discord.dropGateway({ resumable: true })
    // Answers travel on their own.
    await world.answerOk(incoming, says('Step 1 of 5'))
    expect(await reaction).toMatchObject({ kind: 'message' })
    await world.discord.until(() => world.discord.resumes() === 1, 'a resume')
    expect(world.received).toHaveLength(1)
  })

  it('an interaction that was told too late is answered in the channel', async () => {
    const guild = world.discord.guild()
    world.discord.dropGateway({ resumable: true })
    // It happened, nobody heard of it in time, and its sender saw that it failed.
    allowed = /.*/
    const reaction = await ada.command('usage', {}, guild)
    if (reaction.kind === 'none') {
      await world.answerOk(await world.arrived(1), says('Sorry, late'))
      expect(ada.in(guild).messages().at(-1)).toMatchObject({ text: 'Sorry, late' })
    }
  })

  it('says that we were taken out of a server, and not that Discord has an outage there', async () => {
    const guild = world.discord.guild()
    world.discord.raw('GUILD_DELETE', { id: guild.id, unavailable: true })
    await wait(50)
    expect(world.left).toEqual([])
    guild.removesBot()
    await world.discord.until(() => world.left.length === 1, 'the news')
    expect(world.left).toEqual([guild.id])
  })

  it('says what a server calls a role, and nothing of one that it has not', async () => {
    const guild = world.discord.guild()
    ada.setRole(guild, 'member', ['1296543215000000008'])
    expect(await world.platform.roleName?.(guild.id, '1296543215000000008')).toBe('role 1296543215000000008')
    expect(await world.platform.roleName?.(guild.id, '1296543215000000009')).toBeNull()
    expect(await world.platform.roleName?.('no-server', '1296543215000000008')).toBeNull()
  })

  it('tells who administers a server also of those who write', async () => {
    const boss = world.discord.person({ name: 'Boss' })
    const guild = world.discord.guild({ owner: boss })
    const role = async (count: number) => (await world.arrived(count)).sender.groupRole
    boss.says('hi', guild, { mention: true })
    expect(await role(1)).toBe('admin')
    ada.says('hi', guild, { mention: true })
    expect(await role(2)).toBe('member')
    ada.setRole(guild, 'admin')
    ada.says('hi', guild, { mention: true })
    expect(await role(3)).toBe('admin')
    // Whoever loses it loses it with the next word.
    ada.setRole(guild, 'member', ['1296543215000000007'])
    ada.says('hi', guild, { mention: true })
    expect(await role(4)).toBe('member')
    expect((await world.arrived(4)).sender.groupRoleIds).toEqual(['1296543215000000007'])
    // The role itself is changed.
    const permissions = `${1 << 5}`
    world.discord.raw('GUILD_ROLE_UPDATE', { guild_id: guild.id, role: { id: '1296543215000000007', permissions } })
    ada.says('hi', guild, { mention: true })
    expect(await role(5)).toBe('admin')
    world.discord.raw('GUILD_ROLE_DELETE', { guild_id: guild.id, role_id: '1296543215000000007' })
    ada.says('hi', guild, { mention: true })
    expect(await role(6)).toBe('member')
    expect((await world.arrived(6)).chat.title).toBe(guild.name)
  })

  it('tells by the interaction itself, so that a permission taken away counts at the next press', async () => {
    const guild = world.discord.guild()
    const asked = async (count: number) => {
      void ada.command('usage', {}, guild).catch(() => undefined)
      const incoming = await world.arrived(count)
      await world.answerOk(incoming, says('x'))
      return incoming.sender
    }
    ada.setRole(guild, 'admin')
    expect(await asked(1)).toMatchObject({ groupRole: 'admin' })
    ada.setRole(guild, 'member', ['1296543215000000007'])
    expect(await asked(2)).toMatchObject({ groupRole: 'member', groupRoleIds: ['1296543215000000007'] })
  })

  it('may tell of what nobody has heard of yet', async () => {
    const guild = world.discord.guild()
    world.discord.raw('HOLOGRAM_CREATE', { guild_id: guild.id, shape: ['round'] })
    world.discord.raw('MESSAGE_CREATE', { nothing: true })
    world.discord.raw('INTERACTION_CREATE', { id: '1', type: 99, token: 't' })
    world.discord.raw('GUILD_ROLE_UPDATE', null)
    ada.says('still here?')
    await world.arrived(1)
    expect(textsOf()).toEqual(['still here?'])
  })

  it('brings no talk that is not meant for us', async () => {
    const guild = world.discord.guild()
    ada.says('lunch?', guild)
    ada.says('/usage please', guild)
    ada.says('hello', guild, { mention: true })
    await world.arrived(1)
    expect(textsOf()).toEqual(['hello'])
  })

  it('keeps what one person says in its order, also while the core takes nothing', async () => {
    let failures = 2
    world.onIncoming(async () => {
      failures -= 1
      if (failures >= 0) throw new Error('the database is away')
    })
    for (const word of ['one', 'two', 'three']) ada.says(word)
    await world.arrived(3)
    expect(textsOf()).toEqual(['one', 'two', 'three'])
  })
})

describe('the Discord gateway of a big bot', () => {
  it('has as many shards as Discord recommends, each with its servers', async () => {
    const world = await createWorld('gateway', { shards: 2 })
    const ada = world.discord.person({ name: 'Ada' })
    expect(world.discord.identifies()).toBe(2)
    expect(world.platform.health()).toEqual({ ok: true, detail: expect.stringContaining('with 2 shards') })
    for (const guild of [world.discord.guild(), world.discord.guild()]) ada.says('hi', guild, { mention: true })
    await world.arrived(2)
    world.discord.dropGateway({ resumable: true })
    await world.discord.until(() => world.discord.resumes() === 2 && world.platform.health().ok, 'both again')
    await world.close()
  }, 20_000)
})

describe('a Discord that does not want us', () => {
  it('is told clearly, and does not stop the service', async () => {
    const world = await createWorld('gateway')
    const clock = { now: () => new Date() }
    const logged: string[] = []
    const write = (_fields: object, message: string) => void logged.push(message)
    const log = { debug: write, info: write, warn: write, error: write, child: () => log }
    const adapter = await createAdapter({
      token: 'wrong.token.altogether',
      applicationId: world.discord.applicationId,
      apiRoot: world.discord.url,
      clock,
      log,
      draw: async () => Buffer.alloc(0),
      random: () => 0,
    })
    await adapter.start(async () => {})
    expect(adapter.health()).toEqual({ ok: false, detail: expect.stringContaining('DISCORD_BOT_TOKEN') })
    await adapter.stop()
    expect(logged.some((line) => line.includes('DISCORD_BOT_TOKEN'))).toBe(true)
    await world.close(/Authorization: a wrong one/)
  })

  it('that can’t be reached is tried again, and the service starts meanwhile', async () => {
    const logged: string[] = []
    const write = (_fields: object, message: string) => void logged.push(message)
    const log = { debug: write, info: write, warn: write, error: write, child: () => log }
    const adapter = await createAdapter({
      token: 'a.b.c',
      applicationId: '123456789012345678',
      apiRoot: 'http://127.0.0.1:9/api',
      clock: { now: () => new Date() },
      log,
      draw: async () => Buffer.alloc(0),
      random: () => 0,
    })
    await adapter.start(async () => {})
    expect(adapter.health().ok).toBe(false)
    expect(logged.some((line) => line.includes('ECONNREFUSED'))).toBe(true)
    const before = performance.now()
    await adapter.stop()
    expect(performance.now() - before).toBeLessThan(1900)
  }, 20_000)
})
