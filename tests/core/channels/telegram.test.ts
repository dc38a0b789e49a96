// Long because every way to a bot and everything that becomes of one is asked of the same control bot on a Telegram of our own.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fault } from '../../support/bot-api/index.ts'
import { expectNowhere } from '../../support/canary.ts'
import { eventually } from '../../support/eventually.ts'
import { createFakeGateway } from './fake-gateway.ts'
import { createChannelHouse, type House, linkOf } from './harness.ts'

let openclaw: ReturnType<typeof createFakeGateway>
let house: House

async function begin(managesBots = true): Promise<void> {
  openclaw = createFakeGateway()
  house = await createChannelHouse({ gateway: () => openclaw.gateway, api: { managesBots } })
  await house.hasAssistant()
}
beforeEach(() => begin())
afterEach(async () => {
  expect(house.reports).toEqual([])
  await house.close()
})

const soon = (check: () => void | Promise<void>) => eventually(async () => check())

/** As far as the offer to make a bot. */
async function offered() {
  await house.asks('/connect', 'Where people meet Scout')
  house.ada.presses('Connect Telegram')
  return house.sees('One tap opens Telegram')
}

/** As far as the question for a token. */
async function askedForToken() {
  await offered()
  house.ada.presses('I have a token')
  return house.sees('your own token')
}

describe('a bot made by one tap', () => {
  it('is connected in the message where it was asked for, for its maker alone', async () => {
    const offer = await offered()
    const bot = house.api.opensNewBotLink(house.ada, linkOf(offer, 'Make the bot'))
    const done = await house.sees('Telegram is connected')
    expect(done.id).toBe(offer.id)
    expect(linkOf(done, 'Open the chat')).toBe(`https://t.me/${bot.user.username}?start=hello`)
    expect(openclaw.channels.get('telegram')).toMatchObject({
      secret: bot.token(),
      allowed: [`${house.ada.user.id}`],
      open: false,
      apiRoot: house.api.url,
    })
    const row = await house.channel()
    expect(row).toMatchObject({ state: 'connected', managed: true, name: bot.user.username, last4: bot.token().slice(-4) })
    expect(row?.sealed).not.toContain(bot.token())
  })

  it('is proposed with a name that people recognise and that ends as Telegram wants it', async () => {
    const { pathname, searchParams } = new URL(linkOf(await offered(), 'Make the bot'))
    expect(pathname).toMatch(/^\/newbot\/ClawTestBot\/Scout_[a-z0-9]{5}_bot$/)
    expect(searchParams.get('name')).toBe('Scout')
  })

  it('finds its assistant when its maker changed the name', async () => {
    const offer = await offered()
    house.api.opensNewBotLink(house.ada, linkOf(offer, 'Make the bot'), { username: 'adas_very_own_bot' })
    expect((await house.sees('Telegram is connected')).text).toContain('@adas_very_own_bot')
  })

  it('made with somebody else’s Telegram still answers who asked for it, and its maker hears that it was made', async () => {
    const bob = house.api.person({ name: 'Bob' })
    const offer = await offered()
    bob.sends('/help')
    house.api.opensNewBotLink(bob, linkOf(offer, 'Make the bot'))
    await house.sees('Telegram is connected')
    expect(openclaw.channels.get('telegram')?.allowed).toEqual([`${house.ada.user.id}`])
    await house.api.until(() => bob.chat.messages().some(({ text }) => text.includes('is made and is being connected')))
  })

  it('can be made again after Telegram refused the first name', async () => {
    const offer = await offered()
    const link = linkOf(offer, 'Make the bot')
    expect(() => house.api.opensNewBotLink(house.ada, link, { username: 'scout' })).toThrow('USERNAME_SUFFIX_MISSING')
    expect(offer.text).toContain('must end in “bot”')
    house.api.opensNewBotLink(house.ada, link)
    await house.sees('Telegram is connected')
  })

  it('is given up for a token, or altogether', async () => {
    await askedForToken()
    house.ada.presses('Cancel')
    await house.asks('/connect', 'waiting for its bot')
    house.ada.presses('Telegram')
    await house.sees('One tap opens Telegram')
    house.ada.presses('No bot after all')
    await house.sees('Give it a bot of its own')
    expect(await house.channel()).toBeNull()
  })

  it('that nobody asked for is given to the assistant its maker chooses', async () => {
    const link = `https://t.me/newbot/${house.api.bot.username}/adas_extra_bot?name=Extra`
    house.api.opensNewBotLink(house.ada, link)
    await house.sees('Which assistant is it for?')
    house.ada.presses('Scout')
    await house.sees('Telegram is connected')
    expect(await house.channel()).toMatchObject({ name: 'adas_extra_bot', managed: true })
  })

  it('gets its new token to the assistant when its owner made one at @BotFather', async () => {
    const bot = house.api.opensNewBotLink(house.ada, linkOf(await offered(), 'Make the bot'))
    await house.sees('Telegram is connected')
    const token = bot.revoke()
    house.api.push('managed_bot', { user: house.ada.user, bot: bot.user })
    await soon(() => expect(openclaw.channels.get('telegram')?.secret).toBe(token))
  })

  it('gets another token in one tap, and the old one is worthless', async () => {
    const bot = house.api.opensNewBotLink(house.ada, linkOf(await offered(), 'Make the bot'))
    await house.sees('Telegram is connected')
    const old = bot.token()
    await house.asks('/connect', 'Where people meet Scout')
    house.ada.presses('Telegram')
    await house.sees('Telegram of Scout')
    house.ada.presses('New token')
    await house.sees('Telegram has a new token')
    expect(bot.token()).not.toBe(old)
    expect(openclaw.channels.get('telegram')?.secret).toBe(bot.token())
    expect((await fetch(`${house.api.url}/bot${old}/getMe`)).status).toBe(401)
  })

  it('waits for Telegram when that is down in between', async () => {
    const offer = await offered()
    house.api.failNext('getManagedBotToken', fault(502, 'Bad Gateway'), 2)
    house.api.opensNewBotLink(house.ada, linkOf(offer, 'Make the bot'))
    await house.sees('Telegram is connected')
  })
})

describe('a control bot that may not make bots', () => {
  it('asks for a token straight away', async () => {
    await house.close()
    await begin(false)
    await house.asks('/connect', 'Where people meet Scout')
    house.ada.presses('Connect Telegram')
    await house.sees('your own token')
  })
})

describe('a token of one’s own', () => {
  it('is taken out of the chat, checked, and connected', async () => {
    const bot = house.api.addBot({ username: 'my_own_bot' })
    await askedForToken()
    const message = house.ada.sends(bot.token())
    expect((await house.sees('Telegram is connected')).text).toContain('@my_own_bot')
    expect(house.ada.chat.messages().some(({ id }) => id === message)).toBe(false)
    expect(openclaw.channels.get('telegram')).toMatchObject({ secret: bot.token(), allowed: [`${house.ada.user.id}`] })
    expect(await house.channel()).toMatchObject({ managed: false, externalId: `${bot.user.id}` })
    await expectNowhere([{ name: 'the bot token', value: bot.token() }], {
      database: house.database.pool,
      texts: {
        'the chat': house.ada.chat
          .messages()
          .map(({ text }) => text)
          .join(),
      },
    })
  })

  it('that Telegram refuses leaves nothing behind, and says what to do', async () => {
    const bot = house.api.addBot()
    const old = bot.token()
    bot.revoke()
    await askedForToken()
    house.ada.sends(old)
    const refused = await house.sees('does not accept this token')
    expect(refused.buttons.map(({ text }) => text)).toEqual(['Replace token'])
    await soon(async () => expect(await house.channel()).toBeNull())
    expect(openclaw.channels.size).toBe(0)
  })

  it('of the bot one is talking to is refused', async () => {
    await askedForToken()
    house.ada.sends(house.api.token)
    await house.sees('the bot you are talking to right now')
    expect(openclaw.channels.size).toBe(0)
  })

  it('is looked at again without disturbing the assistant that receives with it', async () => {
    const bot = house.api.addBot()
    await askedForToken()
    house.ada.sends(bot.token())
    await house.sees('Telegram is connected')
    const polls = () => bot.calls.filter(({ method }) => method === 'getUpdates').length
    const before = polls()
    await house.asks('/connect', 'Where people meet Scout')
    house.ada.presses('Telegram')
    await house.sees('Telegram of Scout')
    house.ada.presses('Check')
    await soon(async () =>
      expect(await house.prisma.operation.count({ where: { kind: 'connect-channel', state: 'succeeded' } })).toBe(2),
    )
    expect(polls()).toBe(before)
  })

  it('that another program receives with is told so, and can be tried again', async () => {
    const bot = house.api.addBot({ username: 'busy_bot' })
    const stop = bot.isPolledElsewhere(house.api.url)
    await soon(() => expect(bot.isPolled()).toBe(true))
    await askedForToken()
    house.ada.sends(bot.token())
    await house.sees('Another program is receiving messages with the token of @busy_bot')
    expect(await house.channel()).toMatchObject({ state: 'conflict' })
    stop()
    await soon(() => expect(bot.isPolled()).toBe(false))
    house.ada.presses('Check')
    await house.sees('Telegram is connected')
  })

  it('whose bot has a webhook is left alone', async () => {
    const bot = house.api.addBot()
    await fetch(`${house.api.url}/bot${bot.token()}/setWebhook`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ url: 'http://127.0.0.1:9/hook' }),
    })
    await askedForToken()
    house.ada.sends(bot.token())
    await house.sees('sends its messages to 127.0.0.1:9')
    await soon(async () => expect(await house.channel()).toMatchObject({ state: 'conflict' }))
    await house.supervise()
    expect(openclaw.channels.size).toBe(0)
  })

  it('serves one assistant: a second one is refused by name to its owner, and without a name to others', async () => {
    const bot = house.api.addBot()
    await askedForToken()
    house.ada.sends(bot.token())
    await house.sees('Telegram is connected')
    await house.hasAssistant('ins_2', 'Luna')
    await house.asks('/connect Luna', 'Where people meet Luna')
    house.ada.presses('Connect Telegram')
    await house.sees('A Telegram bot for Luna')
    house.ada.presses('I have a token')
    await house.sees('Telegram of Luna: your own token')
    house.ada.sends(bot.token())
    await house.sees('already speaks for Scout')

    const bob = house.api.person({ name: 'Bob' })
    await house.hasAssistant('ins_3', 'Rex', bob)
    bob.sends('/connect')
    await house.api.until(() => bob.chat.last()?.text.includes('Where people meet Rex'))
    bob.presses('Connect Telegram')
    await house.api.until(() => bob.chat.last()?.text.includes('One tap opens'))
    bob.presses('I have a token')
    await house.api.until(() => bob.chat.last()?.text.includes('your own token'))
    bob.sends(bot.token())
    const refused = await house.api.until(() => bob.chat.messages().findLast(({ text }) => text.includes('already belongs')))
    expect(refused.text).not.toContain('Scout')
  })

  it('is kept when the assistant does not answer, for another try', async () => {
    const bot = house.api.addBot()
    openclaw.fails({ code: 'gateway-failed', retryable: false, text: { id: 'gateway-failed' } })
    await askedForToken()
    house.ada.sends(bot.token())
    await house.sees('Telegram is not connected')
    expect(await house.channel()).toMatchObject({ state: 'unreachable' })
    openclaw.fails(null)
    house.ada.presses('Check')
    await house.sees('Telegram is connected')
  })
})

describe('who may talk', () => {
  const eve = {
    requestId: 'req-1',
    kind: 'telegram',
    senderId: '77',
    senderName: 'Eve (@eve)',
    expiresAt: new Date(Date.now() + 3_600_000),
  } as const

  beforeEach(async () => {
    house.api.opensNewBotLink(house.ada, linkOf(await offered(), 'Make the bot'))
    await house.sees('Telegram is connected')
  })

  it('is asked of the owner once for each request', async () => {
    openclaw.asked(eve)
    await Promise.all([house.watchPairings(), house.watchPairings()])
    await house.watchPairings()
    await house.sees('Eve (@eve) wants to talk to Scout')
    expect(house.ada.chat.messages().filter(({ text }) => text.includes('wants to talk'))).toHaveLength(1)
    house.ada.presses('No')
    await house.sees('may not talk to Scout')
    await soon(() => expect(openclaw.dismissed).toEqual(['req-1']))
    expect(openclaw.channels.get('telegram')?.allowed).toEqual([`${house.ada.user.id}`])
    expect(openclaw.said.map(({ to }) => to)).not.toContain('77')
  })

  it('gets in with a yes, is told so, and out again', async () => {
    openclaw.asked(eve)
    await house.watchPairings()
    await house.sees('Eve (@eve) wants')
    house.ada.presses('Yes, they may')
    await soon(() => expect(openclaw.channels.get('telegram')?.allowed).toEqual([`${house.ada.user.id}`, '77']))
    await soon(() => expect(openclaw.said.find(({ to }) => to === '77')?.text).toContain('You may talk to Scout'))
    await house.asks('/access', 'Who may talk to an assistant')
    house.ada.presses((await house.channel())?.name ? `Scout · @${(await house.channel())?.name}` : '')
    await house.sees('Who may talk to Scout on Telegram')
    house.ada.presses('Eve (@eve)')
    await soon(() => expect(openclaw.channels.get('telegram')?.allowed).toEqual([`${house.ada.user.id}`]))
  })

  it('is decided once: of two who answer at the same moment the first counts', async () => {
    openclaw.asked(eve)
    await house.watchPairings()
    await house.sees('Eve (@eve) wants')
    const { id } = await house.prisma.pairing.findFirstOrThrow()
    // The other one’s no lands between the look and the writing of this yes.
    await house.database.pool.query(`CREATE FUNCTION no_first() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$`)
    await house.database.pool.query(
      `CREATE TRIGGER no_first BEFORE UPDATE ON pairings FOR EACH ROW WHEN (NEW.state = 'approved') EXECUTE FUNCTION no_first()`,
    )
    house.ada.presses('Yes, they may')
    await house.sees('changed')
    expect(await house.prisma.pairing.findUnique({ where: { id } })).toMatchObject({ state: 'open' })
    expect((await house.channel())?.allowed).toEqual([`${house.ada.user.id}`])
  })

  it('is not decided by silence: after an hour the request is over and says so', async () => {
    openclaw.asked(eve)
    await house.watchPairings()
    await house.sees('Eve (@eve) wants')
    openclaw.asked()
    await house.prisma.pairing.updateMany({ data: { createdAt: new Date(Date.now() - 3_700_000) } })
    await house.watchPairings()
    const over = await house.sees('the hour is over')
    expect(over.buttons).toEqual([])
    expect(openclaw.channels.get('telegram')?.allowed).toEqual([`${house.ada.user.id}`])
  })

  it('becomes anyone only after a plain warning, and can be taken back', async () => {
    await house.asks('/connect', 'Where people meet Scout')
    house.ada.presses('Telegram')
    await house.sees('Telegram of Scout')
    house.ada.presses('Who may talk to it')
    await house.sees('Everybody else is asked to wait')
    house.ada.presses('Let anyone talk to it')
    await house.sees('at your cost')
    expect(openclaw.channels.get('telegram')?.open).toBe(false)
    house.ada.presses('Yes, anyone')
    await soon(() => expect(openclaw.channels.get('telegram')?.open).toBe(true))
    house.ada.presses('Only those on the list')
    await soon(() => expect(openclaw.channels.get('telegram')?.open).toBe(false))
  })

  it('is brought to an assistant that was away when it was decided', async () => {
    openclaw.asked(eve)
    await house.watchPairings()
    await house.sees('Eve (@eve) wants')
    openclaw.fails({ code: 'gateway-unreachable', retryable: true, text: { id: 'gateway-unreachable' } })
    house.ada.presses('Yes, they may')
    await house.sees('Eve (@eve) may talk to Scout')
    await soon(async () =>
      expect((await house.prisma.operation.findFirst({ where: { kind: 'channel-access' } }))?.attempts).toBe(1),
    )
    openclaw.fails(null)
    await soon(() => expect(openclaw.channels.get('telegram')?.allowed).toContain('77'))
  })
})

describe('a channel that falls silent', () => {
  beforeEach(async () => {
    house.api.opensNewBotLink(house.ada, linkOf(await offered(), 'Make the bot'))
    await house.sees('Telegram is connected')
  })

  it.each([
    ['conflict', 'does not hear everything', 'New token'],
    ['refused', 'is silent on Telegram', 'New token'],
  ] as const)('by %s is told once, with the fix as a button, and when it is back', async (state, words, fix) => {
    openclaw.says('telegram', state)
    await house.supervise()
    expect(house.shown(words)).toBeNull()
    await house.supervise()
    expect((await house.sees(words)).buttons.map(({ text }) => text)).toContain(fix)
    await house.supervise()
    expect(house.ada.chat.messages().filter(({ text }) => text.includes(words))).toHaveLength(1)
    openclaw.says('telegram', 'connected')
    await house.supervise()
    await house.sees('answers on Telegram again')
  })

  it.each(['connected', 'conflict'] as const)('keeps what its owner decided while it was looked at (%s)', async (state) => {
    const id = (await house.channel())?.id ?? ''
    await house.prisma.channel.update({ where: { id }, data: { settings: { open: true } } })
    openclaw.says('telegram', state)
    openclaw.meanwhile(() => house.prisma.channel.update({ where: { id }, data: { settings: { open: false } } }))
    await house.supervise()
    expect((await house.channel())?.settings).toMatchObject({ open: false })
  })

  it('because OpenClaw forgot it is put in again', async () => {
    openclaw.channels.clear()
    await house.supervise()
    expect(openclaw.channels.get('telegram')?.allowed).toEqual([`${house.ada.user.id}`])
  })
})

describe('the first words', () => {
  it('come as soon as the owner can be written to, and once', async () => {
    const id = `${house.ada.user.id}`
    openclaw.cannotWriteTo(id)
    house.api.opensNewBotLink(house.ada, linkOf(await offered(), 'Make the bot'))
    await house.sees('Telegram is connected')
    expect((await house.channel())?.greetedAt).toBeNull()
    openclaw.cannotWriteTo(id, false)
    openclaw.hears()
    await house.supervise()
    await house.supervise()
    expect(openclaw.said).toEqual([{ kind: 'telegram', to: id, text: expect.stringContaining('Hello! I am Scout') }])
    expect((await house.channel())?.greetedAt).not.toBeNull()
  })
})
