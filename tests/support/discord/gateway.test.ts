import { createPublicKey, verify } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type Client, Events, MessageFlags } from 'discord.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { answering, loggedIn } from './client.ts'
import { createDiscord, type Discord, type DiscordOptions, type DiscordPerson } from './index.ts'
import { bytesOf } from './request.ts'

describe('the fake gateway', () => {
  let discord: Discord
  let clients: Client[] = []

  async function open(options: DiscordOptions = {}): Promise<DiscordPerson> {
    discord = await createDiscord(options)
    return discord.person({ name: 'Ada' })
  }
  async function client(options = {}): Promise<Client<true>> {
    const one = await loggedIn(discord, options)
    clients.push(one)
    return one
  }
  afterEach(async () => {
    for (const one of clients) await one.destroy()
    clients = []
    await discord.close()
  })
  const clean = () => expect(discord.violations).toEqual([])

  it('tells after a resume what was missed, once and in order', async () => {
    const ada = await open()
    const bot = await client()
    const read: string[] = []
    bot.on(Events.MessageCreate, ({ content }) => void read.push(content))
    ada.says('one')
    await discord.until(() => read.length === 1)
    discord.dropGateway()
    expect(discord.connected()).toBe(false)
    ada.says('two')
    ada.says('three')
    await discord.until(() => read.length === 3)
    discord.reconnectGateway()
    await discord.until(() => discord.resumes() === 2)
    ada.says('four')
    await discord.until(() => read.length === 4)
    expect(read).toEqual(['one', 'two', 'three', 'four'])
    expect([discord.identifies(), discord.resumes()]).toEqual([1, 2])
    clean()
  })

  it('forgets a session: what happened meanwhile is lost, and the bot identifies again', async () => {
    const ada = await open()
    const guild = discord.guild()
    const bot = await client()
    const read: string[] = []
    bot.on(Events.MessageCreate, ({ content }) => void read.push(content))
    discord.dropGateway({ resumable: false })
    ada.says('lost')
    // discord.js waits five seconds and more between two identifications.
    await expect.poll(() => discord.identifies(), { timeout: 12_000 }).toBe(2)
    await discord.until(() => discord.connected())
    ada.says('heard')
    await discord.until(() => read.length === 1)
    expect(read).toEqual(['heard'])
    expect(bot.guilds.cache.has(guild.id)).toBe(true)
    expect(discord.resumes()).toBe(0)
    clean()
  })

  it('spreads servers over shards; private chats are on the first', async () => {
    const ada = await open({ shards: 2 })
    const guilds = [discord.guild(), discord.guild(), discord.guild()]
    const bot = await client({ shards: 'auto' })
    expect(bot.ws.shards.size).toBe(2)
    expect(guilds.map(({ id }) => bot.guilds.cache.get(id)?.shardId)).toEqual([0, 1, 0])
    const heard: number[] = []
    bot.on(Events.Raw, (packet: { t: string }, shard: number) => {
      if (packet.t === 'MESSAGE_CREATE') heard.push(shard)
    })
    ada.says('dm')
    for (const guild of guilds) ada.says('here', guild, { mention: true })
    await discord.until(() => heard.length === 4)
    expect(heard.toSorted()).toEqual([0, 0, 0, 1])
    expect(discord.identifies()).toBe(2)
    clean()
  })

  it('tells every connection of a shard, so that two replicas both hear', async () => {
    const ada = await open()
    const read: string[] = []
    for (const name of ['a', 'b'])
      (await client()).on(Events.MessageCreate, ({ content }) => void read.push(`${name} ${content}`))
    ada.says('hello')
    await discord.until(() => read.length === 2)
    expect(read.toSorted()).toEqual(['a hello', 'b hello'])
    clean()
  })

  it('passes on events nobody has heard of, and takes heartbeats', async () => {
    const ada = await open({ heartbeatSeconds: 0.2 })
    const bot = await client()
    const seen = once(bot, Events.Raw)
    discord.raw('SOMETHING_NEW', { a: 1 })
    expect((await seen)[0]).toMatchObject({ t: 'SOMETHING_NEW', d: { a: 1 } })
    await discord.until(() => discord.heartbeats() >= 2)
    expect(discord.intents()).toBe(1 + 512 + 4096)
    ada.says('x')
    clean()
  })

  it.each([
    ['a wrong token', { op: 2, d: { token: 'x', intents: 0, properties: {} } }, 4004, 'IDENTIFY with a wrong token'],
    ['no intents', { op: 2, d: { token: 'x', properties: {} } }, 4002, 'IDENTIFY without intents'],
    ['something else first', { op: 8, d: {} }, 4003, 'op 8 before IDENTIFY'],
    ['no JSON', 'x', 4002, 'a payload that is no JSON with an op'],
  ])('closes a connection that brings %s', async (_name, payload, code, violation) => {
    await open()
    const socket = new WebSocket(`${discord.url.replace('http', 'ws').replace('/api', '/gateway')}/?v=10&encoding=json`)
    const [hello] = await once(socket, 'message')
    expect(JSON.parse(String(hello))).toMatchObject({ op: 10, d: { heartbeat_interval: 41_250 } })
    socket.send(typeof payload === 'string' ? payload : JSON.stringify(payload))
    expect((await once(socket, 'close'))[0]).toBe(code)
    expect(discord.violations).toEqual([`gateway: ${violation}`])
  })

  it('does not blame a bot for what reached it too late', async () => {
    const ada = await open()
    discord.failNext('interaction', 'drop')
    const bot = await client()
    await bot.application.commands.set([{ name: 'help', description: 'Help' }])
    discord.dropGateway()
    const failed = answering(bot, async (interaction) => interaction.isRepliable() && interaction.reply('x'))
    const reaction = ada.command('help')
    await expect(failed).rejects.toThrow()
    expect(await reaction).toMatchObject({ kind: 'none', ackMs: null })
    clean()
  })
})

describe('signed interactions of the fake Discord', () => {
  let discord: Discord
  let ada: DiscordPerson
  let server: Server
  let answer: (body: { type: number }) => { status: number; body?: unknown }
  let isCareful = true

  beforeEach(async () => {
    discord = await createDiscord()
    ada = discord.person({ name: 'Ada' })
    isCareful = true
    const key = createPublicKey({
      key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(discord.publicKeyHex, 'hex')]),
      format: 'der',
      type: 'spki',
    })
    server = createServer(async (request, response) => {
      const bytes = await bytesOf(request)
      const signed = Buffer.concat([Buffer.from(String(request.headers['x-signature-timestamp'])), bytes])
      const isGenuine = verify(null, signed, key, Buffer.from(String(request.headers['x-signature-ed25519']), 'hex'))
      if (isCareful && !isGenuine) return void response.writeHead(401).end()
      const body = JSON.parse(bytes.toString())
      const { status, body: says } = body.type === 1 ? { status: 200, body: { type: 1 } } : answer(body)
      response.writeHead(status, { 'content-type': 'application/json' }).end(says === undefined ? '' : JSON.stringify(says))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    discord.interactionsTo(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/discord`)
    await api('PUT', `/applications/${discord.applicationId}/commands`, [{ name: 'help', description: 'Help' }])
  })
  afterEach(async () => {
    server.close()
    server.closeAllConnections()
    await discord.close()
  })

  async function api(method: string, path: string, body: unknown) {
    const headers = { authorization: `Bot ${discord.token}`, 'content-type': 'application/json' }
    return await fetch(`${discord.url}/v10${path}`, { method, headers, body: JSON.stringify(body) })
  }

  it('are answered by the response itself, and edited with their token', async () => {
    let token = ''
    answer = (body) => {
      token = String(Object(body).token)
      return { status: 200, body: { type: 5, data: { flags: MessageFlags.Ephemeral } } }
    }
    expect(await ada.command('help')).toMatchObject({ kind: 'deferred', ephemeral: true })
    await api('PATCH', `/webhooks/${discord.applicationId}/${token}/messages/@original`, { content: 'Hello' })
    expect(ada.dm().last()?.text).toBe('Hello')
    expect(discord.violations).toEqual([])
  })

  it('may be answered over the callback route after 202', async () => {
    answer = (body) => {
      const { id, token } = Object(body)
      void api('POST', `/interactions/${id}/${token}/callback`, { type: 4, data: { content: 'later' } })
      return { status: 202 }
    }
    expect(await ada.command('help')).toMatchObject({ kind: 'message' })
    expect(ada.dm().last()?.text).toBe('later')
    expect(discord.violations).toEqual([])
  })

  it('find a bot that believes everybody, and answers that are none', async () => {
    isCareful = false
    answer = () => ({ status: 200, body: { type: 4, data: { content: '', contnet: 'x' } } })
    expect(await ada.command('help')).toMatchObject({ kind: 'none' })
    expect(discord.violations).toEqual([
      'a PING with a wrong signature was answered with 200, not with 401',
      'the answer to Ada’s /help: Discord knows no field data/contnet',
      'the answer to Ada’s /help: Cannot send an empty message (50006): the message is empty',
    ])
  })

  it('can be forged in every way a bot must notice', async () => {
    answer = () => ({ status: 200, body: { type: 5 } })
    const ping = { type: 1 }
    expect(await discord.signedPost(ping)).toEqual({ status: 200, body: { type: 1 } })
    expect((await discord.signedPost(ping, { tamper: 'signature' })).status).toBe(401)
    expect((await discord.signedPost(ping, { tamper: 'body' })).status).toBe(401)
    // Truly signed, an hour ago: whether that is believed is the bot's own affair.
    expect((await discord.signedPost(ping, { tamper: 'old' })).status).toBe(200)
    expect((await discord.signedPost(ping, { timestampSeconds: 1 })).status).toBe(200)
  })
})
