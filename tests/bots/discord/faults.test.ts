import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { faultOf, networkReason } from '../../../bots/discord/faults.ts'
import { plainFallback } from '../../../core/chat/fit.ts'
import type { Incoming } from '../../../core/chat/incoming.ts'
import type { DiscordGuild, DiscordPerson } from '../../support/discord/index.ts'
import { button, createWorld, says, type World } from './world.ts'

let world: World
let ada: DiscordPerson
let guild: DiscordGuild
let allowed: RegExp

beforeEach(async () => {
  world = await createWorld('gateway')
  ada = world.discord.person({ name: 'Ada' })
  guild = world.discord.guild()
  ada.setRole(guild, 'member')
  allowed = /^$/
})
afterEach(async () => {
  await world.close(allowed)
})

const seen = () => ada.in(guild).messages()
const asked = async (): Promise<{ incoming: Incoming; reaction: Promise<unknown> }> => {
  const count = world.received.length + 1
  const reaction = ada.command('usage', {}, guild)
  return { incoming: await world.arrived(count), reaction }
}
/** A message that answers nothing. */
const send = (words: string, more = {}) =>
  world.platform.deliver({ chatId: guild.channelId, tone: 'info', message: says(words), ...more })

describe('an answer to an interaction', () => {
  it('that Discord makes wait too long comes by the channel after the wait, and once', async () => {
    const { incoming, reaction } = await asked()
    world.discord.rateLimitNext('interaction', 20)
    expect(await world.answer(incoming, says('Once'))).toMatchObject({ kind: 'retry-later', afterSeconds: 20 })
    await reaction
    await world.answerOk(incoming, says('Once'))
    expect(seen().map(({ text }) => text)).toEqual(['Once'])
  })

  it('that got lost before it arrived is given again', async () => {
    const { incoming, reaction } = await asked()
    world.discord.failNext('interaction', 'drop')
    expect(await world.answer(incoming, says('Once'))).toMatchObject({ kind: 'retry-later' })
    await world.answerOk(incoming, says('Once'))
    expect(await reaction).toMatchObject({ kind: 'message' })
    expect(seen().map(({ text }) => text)).toEqual(['Once'])
  })

  it.each(['at once', 'after the acknowledgement was tried'])(
    'that arrived, and whose receipt got lost, is shown once: tried again %s',
    async (when) => {
      const { incoming, reaction } = await asked()
      world.discord.failNext('interaction', 'cut')
      expect(await world.answer(incoming, says('Once'))).toMatchObject({ kind: 'retry-later' })
      // Discord says that it had an answer already, which is how we learn it.
      allowed = /a second time/
      await reaction
      if (when !== 'at once') await new Promise((resolve) => setTimeout(resolve, 1500))
      const ref = await world.answerOk(incoming, says('Once'))
      expect(seen().map(({ text, id }) => [text, id])).toEqual([['Once', ref]])
      await world.answerOk(incoming, says('and more'))
      expect(seen().map(({ text }) => text)).toEqual(['Once', 'and more'])
    },
  )

  it('that Discord refuses leaves room for plain words in its place', async () => {
    const { incoming, reaction } = await asked()
    world.discord.failNext('interaction', '400')
    const message = says('Colourful', { rows: [[button('Go', 'go')]] })
    expect(await world.answer(incoming, message)).toMatchObject({ kind: 'refused' })
    await world.answerOk(incoming, plainFallback(message))
    expect(await reaction).toMatchObject({ kind: 'message' })
    expect(seen().map(({ text }) => text)).toEqual(['Colourful\n\n1. Go'])
  })

  it('is acknowledged in spite of an outage that lasts a moment', async () => {
    world.discord.failNext('interaction', '500', 2)
    const { incoming, reaction } = await asked()
    expect(await reaction).toMatchObject({ kind: 'deferred' })
    await world.answerOk(incoming, says('Through'))
    expect(seen().map(({ text }) => text)).toEqual(['Through'])
  })

  it('whose “is thinking …” somebody deleted comes all the same', async () => {
    const { incoming, reaction } = await asked()
    await reaction
    ada.deletes(seen()[0]?.id ?? '')
    await world.answerOk(incoming, says('Still here'))
    expect(seen().map(({ text }) => text)).toEqual(['Still here'])
  })

  it('that comes from a process that never acknowledged it goes to the channel', async () => {
    const { incoming, reaction } = await asked()
    await reaction
    const foreign = { ...incoming, acknowledgement: `${BigInt(incoming.acknowledgement?.split('.')[0] ?? 0) + 1n}.unknown-token` }
    allowed = /token that was never given/
    await world.answerOk(foreign, says('By the channel'))
    expect(seen().some(({ text, ephemeral }) => text === 'By the channel' && !ephemeral)).toBe(true)
  })

  it('to what no Discord ever asked is a message', async () => {
    const nonsense: Incoming = { ...(await asked()).incoming, acknowledgement: 'nonsense' }
    await world.answerOk(nonsense, says('Hello'))
    await world.platform.acknowledge(nonsense, 'a note')
    expect(seen().at(-1)).toMatchObject({ text: 'Hello' })
  })
})

describe('a message', () => {
  it('for a server we were taken out of says that the chat is gone', async () => {
    guild.removesBot()
    expect(await send('anybody?')).toMatchObject({ kind: 'chat-gone' })
    await world.discord.until(() => world.left.length > 0, 'that we left')
    expect(world.left).toEqual([guild.id])
  })

  it('for a channel that was deleted says that the chat is gone', async () => {
    guild.deletesChannel()
    expect(await send('anybody?')).toMatchObject({ kind: 'chat-gone' })
  })

  it('in a thread stays in the thread, and belongs to its server', async () => {
    const thread = guild.thread()
    const reaction = ada.command('usage', {}, thread)
    const incoming = await world.arrived()
    expect(incoming.chat).toMatchObject({ id: thread.channelId, groupId: guild.id, kind: 'group', title: guild.name })
    await world.answerOk(incoming, says('In here'))
    await reaction
    await world.platform.deliver({ chatId: thread.channelId, tone: 'info', message: says('And here') })
    expect(
      ada
        .in(thread)
        .messages()
        .map(({ text }) => text),
    ).toEqual(['In here', 'And here'])
    expect(seen()).toEqual([])
  })

  it('sent again after its receipt got lost is shown once', async () => {
    world.discord.failNext('send', 'cut')
    expect(await send('Once', { key: 'abcdefghij.0' })).toMatchObject({ kind: 'retry-later' })
    expect(await send('Once', { key: 'abcdefghij.0' })).toMatchObject({ kind: 'delivered' })
    expect(seen().map(({ text }) => text)).toEqual(['Once'])
  })

  it('notifies nobody, whoever its words name', async () => {
    const words = `@everyone @here <@${ada.id}> <@&${guild.id}> <#${guild.channelId}>`
    await send(words)
    expect(seen()).toMatchObject([{ text: words, pings: [] }])
  })

  it('waits for as long as a limit for everything says', async () => {
    world.discord.rateLimitNext('send', 9, { global: true })
    expect(await send('slow')).toMatchObject({ kind: 'retry-later', afterSeconds: 9 })
  })

  it('keeps its place when an edit meets an outage', async () => {
    const delivery = await send('before')
    const edit = delivery.kind === 'delivered' ? delivery.ref : ''
    world.discord.failNext('edit', '500')
    expect(await send('after', { edit })).toMatchObject({ kind: 'retry-later' })
    expect(await send('after', { edit })).toEqual({ kind: 'delivered', ref: edit })
    expect(seen().map(({ text }) => text)).toEqual(['after'])
  })

  it('with a picture that can’t be uploaded now waits with it', async () => {
    const chart = { kind: 'daily-usage', days: [], allowanceMicros: 1, language: 'en' } as const
    const message = says('A chart', { image: { chart, alt: 'none' } })
    world.discord.failNext('upload', 'drop')
    expect(await send('', { message })).toMatchObject({ kind: 'retry-later' })
    expect(await send('', { message })).toMatchObject({ kind: 'delivered' })
    expect(seen()[0]?.picture).not.toBeNull()
  })
})

describe('an error of Discord’s', () => {
  const answer = (status: number, code: number, message = 'words') =>
    Object.assign(new Error(message), { status, code, requestBody: {}, url: 'https://discord.com/api/webhooks/1/secret-token' })

  it.each([
    [answer(404, 10008), { kind: 'message-gone' }],
    [answer(404, 10003), { kind: 'chat-gone', reason: 'words' }],
    [answer(403, 50001), { kind: 'chat-gone', reason: 'words' }],
    [answer(403, 50007), { kind: 'chat-gone', reason: 'words' }],
    [answer(400, 50035), { kind: 'refused', reason: 'words' }],
    [answer(400, 1_234_567), { kind: 'refused', reason: 'words' }],
    [answer(401, 0), { kind: 'retry-later', afterSeconds: 60, reason: 'Discord refuses the bot token' }],
    [answer(503, 0), { kind: 'retry-later', afterSeconds: 5, reason: 'Discord has an outage: 503' }],
    [
      Object.assign(new Error('x'), { code: 'ECONNREFUSED' }),
      { kind: 'retry-later', afterSeconds: 5, reason: 'Discord could not be reached (ECONNREFUSED)' },
    ],
    ['nonsense', { kind: 'retry-later', afterSeconds: 5, reason: 'Discord could not be reached (no reason given)' }],
  ])('%s means what we do about it', (error, delivery) => {
    expect(faultOf(error)).toEqual({ kind: 'delivery', delivery })
  })

  it.each([10015, 10062, 40060, 50027])('%d ends an interaction', (code) => {
    expect(faultOf(answer(code === 50027 ? 401 : 404, code))).toEqual({ kind: 'interaction-over', reason: 'words' })
  })

  it('is told in words that hold no address', () => {
    expect(networkReason(new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ENOTFOUND' }) }))).toBe(
      'ENOTFOUND',
    )
    expect(networkReason(new DOMException('This operation was aborted', 'AbortError'))).toBe('no answer in time')
  })
})
