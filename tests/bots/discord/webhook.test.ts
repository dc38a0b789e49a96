import { generateKeyPairSync, sign } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createVerifier } from '../../../bots/discord/signature.ts'
import type { DiscordPerson } from '../../support/discord/index.ts'
import { connect } from './support.ts'
import { createWorld, says, type World } from './world.ts'

describe('signed interactions', () => {
  let world: World
  let ada: DiscordPerson

  beforeEach(async () => {
    world = await createWorld('http')
    ada = world.discord.person({ name: 'Ada' })
  })
  afterEach(async () => {
    await world.close()
  })

  const user = { id: '802345678901234567', username: 'ada', global_name: 'Ada' }
  let ids = 1_312_000_000_000_000_000n
  const interaction = () => ({
    id: `${++ids}`,
    type: 2,
    token: 'tkn',
    version: 1,
    channel_id: '1311111111111111111',
    user,
    data: { name: 'usage', type: 1 },
  })

  it('need no gateway', () => {
    expect([world.discord.identifies(), world.discord.connected()]).toEqual([0, false])
    expect(world.platform.health()).toEqual({ ok: true, detail: expect.stringContaining('signed interactions') })
  })

  it('begin with a PING that Discord wants answered', async () => {
    expect(await world.discord.signedPost({ id: '1', type: 1, token: 'ping', application_id: '2', version: 1 })).toEqual({
      status: 200,
      body: { type: 1 },
    })
  })

  it('are answered by the response itself, with no call before it', async () => {
    const reaction = ada.command('usage')
    const incoming = await world.arrived(1)
    const sent = world.answer(incoming, says('Spent: $1'))
    expect(await reaction).toMatchObject({ kind: 'message' })
    expect(world.calls()).not.toContain('POST /interactions/{interaction_id}/{interaction_token}/callback')
    expect(await sent).toEqual({ kind: 'delivered', ref: ada.dm().last()?.id })
  })

  it.each(['signature', 'body', 'old'] as const)(
    'with a forged or an old %s are refused, and nobody hears of them',
    async (tamper) => {
      expect(await world.discord.signedPost(interaction(), { tamper })).toMatchObject({ status: 401 })
      expect(await world.discord.signedPost({ ...interaction(), type: 1 }, { tamper })).toMatchObject({ status: 401 })
      expect(world.received).toEqual([])
    },
  )

  it('are believed five minutes either way and no longer', async () => {
    const now = Math.floor(Date.now() / 1000)
    const ping = { id: '1', type: 1, token: 'ping', version: 1 }
    const at = async (timestampSeconds: number) => (await world.discord.signedPost(ping, { timestampSeconds })).status
    expect([await at(now - 290), await at(now + 290), await at(now - 310), await at(now + 310)]).toEqual([200, 200, 401, 401])
  })

  it('sent once more by somebody who copied one are refused', async () => {
    const copied = interaction()
    const first = world.discord.signedPost(copied)
    await world.arrived(1)
    expect(await world.discord.signedPost(copied)).toMatchObject({ status: 409 })
    expect((await first).status).toBe(200)
    expect(world.received).toHaveLength(1)
  })

  it('without a signature, without JSON, or of no known kind do no harm', async () => {
    expect((await fetch(world.url(), { method: 'POST', body: '{}' })).status).toBe(401)
    expect((await fetch(world.url())).status).toBe(404)
    expect(await world.discord.signedPost({ type: 99 })).toMatchObject({ status: 400 })
    expect(await world.discord.signedPost('nonsense')).toMatchObject({ status: 400 })
    expect((await fetch(world.url(), { method: 'POST', body: 'x'.repeat(2_000_000) })).status).toBe(413)
    expect(world.received).toEqual([])
  })

  it('are not taken while we stop', async () => {
    await world.platform.stop()
    expect(await world.discord.signedPost(interaction())).toMatchObject({ status: 503 })
  })
})

describe('a public key', () => {
  it('of another application is said to be wrong, and no request is believed', async () => {
    const world = await createWorld('http')
    const logged: string[] = []
    const write = (_fields: object, message: string) => void logged.push(message)
    const log = { debug: write, info: write, warn: write, error: write, child: () => log }
    const wrong = { ...world.discord, publicKeyHex: '11'.repeat(32) }
    const { platform, close } = await connect(wrong, {
      over: 'http',
      clock: { now: () => new Date() },
      log,
      draw: async () => Buffer.alloc(0),
    })
    await platform.start(async () => {})
    expect(platform.health()).toEqual({ ok: false, detail: expect.stringContaining('DISCORD_PUBLIC_KEY') })
    expect(await world.discord.signedPost({ id: '1', type: 1, token: 'p', version: 1 })).toMatchObject({ status: 401 })
    await platform.stop()
    await close()
    await world.close()
  })

  it('verifies the raw bytes, and only with the whole of the signature', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const hex = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex')
    const verify = createVerifier(hex)
    const body = Buffer.from('{"a": 1}')
    const timestamp = '1795348800'
    const signature = sign(null, Buffer.concat([Buffer.from(timestamp), body]), privateKey).toString('hex')
    const now = 1_795_348_800_000
    expect(verify({ timestamp, signature, body }, now)).toBe(true)
    expect(verify({ timestamp, signature: signature.toUpperCase(), body }, now)).toBe(true)
    for (const wrong of [
      { timestamp, signature, body: Buffer.from('{"a":1}') },
      { timestamp: '1795348801', signature, body },
      { timestamp, signature: signature.slice(2), body },
      { timestamp, signature: '', body },
      { timestamp: 'soon', signature, body },
    ]) {
      expect(verify(wrong, now)).toBe(false)
    }
  })
})
