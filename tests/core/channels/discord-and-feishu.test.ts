import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDiscordApps, createFeishuApps, type DiscordApps, type FeishuApps } from '../../support/channel-vendors.ts'
import { eventually } from '../../support/eventually.ts'
import { createFakeGateway } from './fake-gateway.ts'
import { createChannelHouse, type House, linkOf } from './harness.ts'

let openclaw: ReturnType<typeof createFakeGateway>
let house: House
let discord: DiscordApps
let feishu: FeishuApps

beforeEach(async () => {
  openclaw = createFakeGateway()
  discord = await createDiscordApps()
  feishu = await createFeishuApps()
  house = await createChannelHouse({ gateway: () => openclaw.gateway, discordRoot: discord.root, feishuDomain: feishu.root })
  await house.hasAssistant()
})
afterEach(async () => {
  expect(house.reports).toEqual([])
  await house.close()
  await Promise.all([discord.close(), feishu.close()])
})

async function connecting(platform: 'Discord' | 'Feishu', words: string) {
  await house.asks('/connect', 'Where people meet Scout')
  house.ada.presses(`Connect ${platform}`)
  return house.sees(words)
}

describe('a Discord bot', () => {
  it('is checked, told what is not switched on and where, and connected with an invitation that asks for no more than it needs', async () => {
    const token = discord.create('scout-bot')
    await connecting('Discord', 'Discord of Scout: your own token')
    house.ada.sends(token)
    const hindered = await house.sees('scout-bot may not read messages yet')
    expect(linkOf(hindered, 'Open its settings')).toBe('https://discord.com/developers/applications/112233445566778899/bot')
    expect(openclaw.channels.size).toBe(0)
    discord.allowContent(token)
    house.ada.presses('Check')
    const done = await house.sees('Discord is connected')
    const invite = new URL(linkOf(done, 'Add it to a server'))
    expect(invite.searchParams.get('client_id')).toBe('112233445566778899')
    expect(invite.searchParams.get('scope')).toBe('bot applications.commands')
    const permissions = BigInt(invite.searchParams.get('permissions') ?? '0')
    const administrator = 1n << 3n
    expect(permissions & administrator).toBe(0n)
    for (const needed of [10n, 11n, 16n]) expect(permissions & (1n << needed)).not.toBe(0n)
    expect(openclaw.channels.get('discord')).toMatchObject({ secret: token, allowed: [], open: false })
    expect(done.text).toContain('I ask here whether that is you')
  })

  it('makes whoever the owner says yes to its first person', async () => {
    const token = discord.create('scout-bot')
    discord.allowContent(token)
    await connecting('Discord', 'your own token')
    house.ada.sends(token)
    await house.sees('Discord is connected')
    const expiresAt = new Date(Date.now() + 3_600_000)
    openclaw.asked({ requestId: 'r1', kind: 'discord', senderId: '900', senderName: 'ada#1', expiresAt })
    await house.watchPairings()
    await house.sees('Is that you on Discord?')
    house.ada.presses('Yes, that’s me')
    await eventually(async () => expect(openclaw.channels.get('discord')?.allowed).toEqual(['900']))
  })

  it('knows its owner where they linked their Discord account', async () => {
    const { ownerPersonId } = await house.prisma.instance.findUniqueOrThrow({ where: { id: 'ins_1' } })
    await house.prisma.identity.create({
      data: { platform: 'discord', externalId: '4242', personId: ownerPersonId, displayName: 'ada' },
    })
    const token = discord.create('scout-bot')
    discord.allowContent(token)
    await connecting('Discord', 'your own token')
    house.ada.sends(token)
    await house.sees('Discord is connected')
    expect(openclaw.channels.get('discord')?.allowed).toEqual(['4242'])
  })

  it('with a wrong token is refused, and with none that looks like one asked again', async () => {
    await connecting('Discord', 'your own token')
    house.ada.sends('sk-or-v1-0123456789abcdef0123456789abcdef')
    await house.sees('That is not a Discord bot token')
    const token = discord.create('other', '998877665544332211').replace(/.$/, 'x')
    house.ada.sends(token)
    await house.sees('Discord does not accept this token')
    await eventually(async () => expect(await house.channel('discord')).toBeNull())
  })
})

describe('a Feishu app', () => {
  it('is made by one tap with the rights it needs, for its maker, and connected by itself', async () => {
    await connecting('Feishu', 'A Feishu app for your assistant')
    const offer = await house.sees('One tap opens Feishu')
    const link = new URL(linkOf(offer, 'Make the app'))
    const addons: unknown = JSON.parse(gunzipSync(Buffer.from(link.searchParams.get('addons') ?? '', 'base64url')).toString())
    expect(addons).toMatchObject({
      scopes: { tenant: expect.arrayContaining(['im:message:send_as_bot', 'cardkit:card:write']) },
      events: { items: { tenant: ['im.message.receive_v1'] } },
    })
    const app = feishu.confirms(link.href)
    await eventually(async () => expect(house.shown('Feishu is connected')).not.toBeNull(), 20)
    expect(openclaw.channels.get('feishu')).toMatchObject({ appId: app.id, secret: app.secret, allowed: ['ou_ada'] })
    // Nothing of it lies open in the operation that made it.
    const operation = await house.prisma.operation.findFirstOrThrow({ where: { kind: 'register-feishu' } })
    expect(JSON.stringify(operation)).not.toContain('device-')
    expect(JSON.stringify(operation)).not.toContain(app.secret)
  }, 30_000)

  it('that is made after its assistant was deleted is not kept', async () => {
    await connecting('Feishu', 'A Feishu app for your assistant')
    const offer = await house.sees('One tap opens Feishu')
    await house.prisma.instance.updateMany({ data: { state: 'destroyed', destroyedAt: new Date() } })
    feishu.confirms(linkOf(offer, 'Make the app'))
    await eventually(
      async () =>
        expect(await house.prisma.operation.findFirst({ where: { state: 'failed' } })).toMatchObject({ kind: 'register-feishu' }),
      20,
    )
    expect(await house.channel('feishu')).toBeNull()
  }, 30_000)

  it.each([
    ['declines', 'it was declined'],
    ['expires', 'The link has run out'],
  ] as const)(
    'that nobody makes (%s) ends with a new link and the way by hand',
    async (how, words) => {
      await connecting('Feishu', 'A Feishu app for your assistant')
      const offer = await house.sees('One tap opens Feishu')
      feishu[how](linkOf(offer, 'Make the app'))
      await eventually(async () => expect(house.shown(words)).not.toBeNull(), 20)
      expect(house.shown(words)?.buttons.map(({ text }) => text)).toEqual(['A new link', 'Enter it by hand'])
      expect(await house.channel('feishu')).toBeNull()
    },
    30_000,
  )

  it('entered by hand names the rights it lacks, with the link that grants them', async () => {
    const app = feishu.create('手动', ['im:message'])
    await connecting('Feishu', 'A Feishu app for your assistant')
    await house.sees('One tap opens Feishu')
    house.ada.presses('Enter it by hand')
    await house.sees('Credentials show its App ID')
    house.ada.sends('my app')
    await house.sees('An App ID begins with cli_')
    house.ada.sends(app.id)
    await house.sees('show its App Secret')
    house.ada.sends(app.secret)
    const hindered = await house.sees('The app lacks rights: im:resource, cardkit:card:write')
    expect(linkOf(hindered, 'Grant what is missing')).toBe(
      `https://open.feishu.cn/app/${app.id}/auth?q=im%3Aresource,cardkit%3Acard%3Awrite&op_from=openapi&token_type=tenant`,
    )
    feishu.grant(app.id, 'im:resource', 'cardkit:card:write')
    house.ada.presses('Check')
    await house.sees('Feishu is connected')
  }, 30_000)

  it('with a wrong secret leaves nothing behind', async () => {
    const app = feishu.create('手动')
    await connecting('Feishu', 'A Feishu app for your assistant')
    await house.sees('One tap opens Feishu')
    house.ada.presses('Enter it by hand')
    await house.sees('Credentials show its App ID')
    house.ada.sends(app.id)
    await house.sees('show its App Secret')
    house.ada.sends(`Zz9${app.secret.slice(3)}`)
    await house.sees('Feishu does not accept this token')
    await eventually(async () => expect(await house.channel('feishu')).toBeNull())
  }, 30_000)
})
