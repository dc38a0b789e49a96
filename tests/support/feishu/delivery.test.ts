import { createServer, type Server } from 'node:http'
import { adaptDefault } from '@larksuiteoapi/node-sdk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createFeishu, type Feishu, type FeishuPerson } from './index.ts'
import { button, card, createSdkBot, dispatcher, type Handlers, keyForm, markdown, plain, refusal } from './sdk-bot.ts'

/** What the tests ask of an event; the SDK hands header and event on as one object. */
const Heard = z.looseObject({
  event_id: z.string(),
  event_type: z.string(),
  token: z.string(),
  message: z
    .looseObject({ message_id: z.string(), chat_type: z.string(), message_type: z.string(), content: z.string() })
    .optional(),
})
const LATE_MS = 3200
const late = () => new Promise((resolve) => setTimeout(resolve, LATE_MS))

let feishu: Feishu
let ada: FeishuPerson
let bot: ReturnType<typeof createSdkBot>
let heard: z.infer<typeof Heard>[]

beforeEach(async () => {
  feishu = await createFeishu()
  ada = feishu.person({ name: 'Ada' })
  bot = createSdkBot(feishu)
  heard = []
})
afterEach(async () => {
  bot.disconnect()
  await feishu.close()
})

const hear = (data: unknown) => void heard.push(Heard.parse(data))
const hearing = (...types: string[]): Handlers => Object.fromEntries(types.map((type) => [type, hear]))
const send = (content: object) => bot.send(ada.chat().id, content)

describe('the fake Feishu over the SDK’s long connection', () => {
  it('brings what people write, in their order and with who they are', async () => {
    const group = feishu.group({ owner: ada })
    await bot.connect(hearing('im.message.receive_v1'))
    // Longer than a frame, and cut inside a character.
    const long = `a${'长'.repeat(5000)}`
    const ids = [await ada.says('one'), await ada.says(long), await ada.says('/用量', group)]
    await ada.says('not for the bot', group, { mention: false })
    await feishu.until(() => heard.length === 3)
    expect(heard.map(({ message }) => message?.message_id)).toEqual(expect.arrayContaining(ids))
    const [first, second] = heard.filter(({ message }) => message?.chat_type === 'p2p')
    expect(first).toMatchObject({
      event_id: feishu.events.find(({ type }) => type === 'im.message.receive_v1')?.id,
      token: feishu.verificationToken,
      tenant_key: feishu.tenantKey,
      sender: { sender_id: { open_id: ada.openId, union_id: ada.unionId }, sender_type: 'user' },
      message: { chat_id: ada.chat().id, message_type: 'text', content: '{"text":"one"}' },
    })
    expect(second?.message?.content).toBe(JSON.stringify({ text: long }))
    expect(heard.find(({ message }) => message?.chat_type === 'group')?.message).toMatchObject({
      chat_id: group.id,
      content: '{"text":"@_user_1 /用量"}',
      mentions: [{ key: '@_user_1', id: { open_id: feishu.botOpenId } }],
    })
    expect(
      ada
        .in(group)
        .messages()
        .map(({ text }) => text),
    ).toEqual(['@ClawCloud /用量', 'not for the bot'])
    expect(feishu.violations).toEqual([])
  })

  it('brings what else people do', async () => {
    const [menu, recalled, ...group] = [
      'application.bot.menu_v6',
      'im.message.recalled_v1',
      'im.chat.member.bot.added_v1',
      'im.chat.member.bot.deleted_v1',
      'im.chat.disbanded_v1',
    ] as const
    await bot.connect(hearing('im.message.receive_v1', menu, recalled, ...group, 'custom.event_v1'))
    for (const kind of ['image', 'file', 'sticker', 'post'] as const) await ada.sends(kind)
    await ada.recalls(await ada.says('oops'))
    await ada.menu('usage')
    const left = feishu.group({ owner: ada })
    left.removesBot()
    feishu.group({ owner: ada }).disbands()
    await feishu.rawEvent('custom.event_v1', { some: 'thing' })
    const of = (type: string) => heard.filter(({ event_type }) => event_type === type)
    await feishu.until(() => [menu, recalled, ...group].every((type) => of(type).length > 0))
    const messages = of('im.message.receive_v1').map(({ message }) => message?.message_type)
    expect(messages).toEqual(['image', 'file', 'sticker', 'post', 'text'])
    expect(of(menu)).toMatchObject([{ event_key: 'usage', operator: { operator_name: 'Ada' } }])
    expect(of('im.chat.member.bot.deleted_v1')).toMatchObject([{ chat_id: left.id }])
    expect(of('custom.event_v1')).toMatchObject([{ some: 'thing' }])
    expect(
      ada
        .chat()
        .messages()
        .map(({ text }) => text),
    ).not.toContain('oops')
  })

  it('gives an event again until it is acknowledged, and again when asked', async () => {
    let refusals = 2
    const receive = (data: unknown) => {
      hear(data)
      if (refusals-- > 0) throw new Error('not stored')
    }
    await bot.connect({ 'im.message.receive_v1': receive })
    await ada.says('do not lose me')
    await feishu.until(() => heard.length === 3)
    const [event] = feishu.events
    await feishu.redeliver(event?.id ?? '')
    expect(new Set(heard.map(({ event_id }) => event_id))).toEqual(new Set([event?.id]))
    expect(heard).toHaveLength(4)
    expect(feishu.violations).toEqual([])
  })

  it('keeps what is said while nobody is connected, and is connected to again after a break', async () => {
    // What was acknowledged into the break comes again: not how often counts, but that it came.
    const heardOf = (words: string) => heard.some(({ message }) => message?.content.includes(words))
    await ada.says('are you there?')
    await bot.connect(hearing('im.message.receive_v1'))
    await feishu.until(() => heardOf('are you there?'))
    feishu.dropConnection()
    await feishu.until(() => feishu.connections() === 0)
    await ada.says('still there?')
    await feishu.until(() => heardOf('still there?'))
    expect(feishu.connections()).toBe(1)
    expect(feishu.violations).toEqual([])
  })

  it('brings a press, and shows the answer in its acknowledgement', async () => {
    const toast = { type: 'success', content: 'Done', i18n: { zh_cn: '好了' } }
    const presses: unknown[] = []
    const answer = (data: unknown) => {
      presses.push(data)
      return { toast, card: { type: 'raw', data: card([]) } }
    }
    await bot.connect({ 'card.action.trigger': answer })
    const id = await send(card([button('Yes', { token: 't1' }), button('No')]))
    const reaction = await ada.presses('Yes')
    expect(reaction).toMatchObject({ toast: { type: 'success', content: 'Done' }, card: true, error: null })
    expect(ada.toasts()).toEqual(['好了'])
    expect(ada.chat().last()).toMatchObject({ id, buttons: [], edited: true })
    expect(presses).toMatchObject([
      {
        operator: { open_id: ada.openId },
        action: { tag: 'button', value: { token: 't1' } },
        context: { open_message_id: id, open_chat_id: ada.chat().id },
      },
    ])
    expect(() => ada.presses('Yes')).toThrow('sees no button "Yes" to use')
    expect(feishu.violations).toEqual([])
  })

  it('brings a choice and a form, once the client lets it', async () => {
    const actions: unknown[] = []
    await bot.connect({
      'card.action.trigger': (data) => void actions.push(z.object({ action: z.unknown() }).parse(data).action),
    })
    const options = [{ text: plain('Small'), value: 's' }]
    const behaviors = [{ type: 'callback', value: { token: 'pick' } }]
    await send(card([{ tag: 'select_static', options, behaviors }]))
    expect(await ada.selects('Small')).toMatchObject({ toast: null, card: false, error: null })
    await send(card([keyForm]))
    expect(() => ada.submits({})).toThrow('有必填项未填写')
    expect(() => ada.submits({ secret: 'x'.repeat(21) })).toThrow('takes 20 characters')
    expect(() => ada.submits({ secret: 'x', colour: 'red' })).toThrow('no field "colour"')
    await ada.submits({ 'API key': 'sk-1', size: 'Large' })
    expect(actions).toMatchObject([
      { tag: 'select_static', option: 's', value: { token: 'pick' } },
      { tag: 'button', name: 'save', value: { token: 'save' }, form_value: { secret: 'sk-1', size: 'l' } },
    ])
  })

  it('lets a pressed card be changed later by its token: after the answer, twice, for half an hour', async () => {
    const tokens: string[] = []
    const early: number[] = []
    const update = (content: string, token: string | undefined) =>
      bot.post('/interactive/v1/card/update', { token, card: card([markdown(content), button('Go')]) })
    await bot.connect({
      'card.action.trigger': async (data) => {
        const { token } = z.object({ token: z.string() }).parse(data)
        tokens.push(token)
        early.push((await refusal(update('too early', token))).code)
      },
    })
    await send(card([button('Go')]))
    await ada.presses('Go')
    await update('one', tokens[0])
    await update('two', tokens[0])
    expect(ada.chat().last()?.text).toBe('two')
    expect((await refusal(update('three', tokens[0]))).code).toBe(300040)
    await ada.presses('Go')
    feishu.advance(1801)
    expect((await refusal(update('four', tokens[1]))).code).toBe(300030)
    expect(early).toEqual([300020, 300020])
    expect(feishu.violations).toHaveLength(4)
  })

  it('locks a card while a press on it is open, which nobody can know', async () => {
    let answer = () => {}
    const open = new Promise<void>((resolve) => {
      answer = resolve
    })
    await bot.connect({ 'card.action.trigger': () => open })
    const id = await send(card([button('Go')]))
    const reaction = ada.presses('Go')
    expect((await refusal(bot.patch(id, card([])))).msg).toContain('card action is lock')
    answer()
    await reaction
    await bot.patch(id, card([]))
    expect(feishu.violations).toEqual([])
  })

  it.each([
    ['late', late, '200341'],
    ['with an error', () => Promise.reject(new Error('bug')), '200671'],
    ['in a form nobody knows', () => ({ tost: {} }), '200672'],
    ['with a card of JSON 1.0', () => ({ card: { type: 'raw', data: { elements: [] } } }), '200673'],
  ])('shows an error when a press is answered %s', async (_how, handler, code) => {
    await bot.connect({ 'card.action.trigger': handler })
    await send(card([button('Go')]))
    const reaction = await ada.presses('Go')
    expect(reaction).toMatchObject({ toast: null, card: false, error: expect.stringContaining(code) })
    expect(feishu.violations).toEqual([reaction.error])
  })

  it('shows an error when a press reaches nobody, and blames nobody', async () => {
    await send(card([button('Go')]))
    expect((await ada.presses('Go')).error).toContain('200342')
    expect(feishu.violations).toEqual([])
  })

  it('notices an event that is acknowledged late, and one that is lost', async () => {
    await bot.connect({ 'a.late_v1': late, 'a.lost_v1': () => Promise.reject(new Error('bug')) })
    void feishu.rawEvent('a.late_v1', {})
    await feishu.rawEvent('a.lost_v1', {})
    await feishu.until(() => feishu.violations.length === 2)
    expect(feishu.violations.join()).toMatch(/a\.lost_v1 \w+ was lost.*a\.late_v1 was not acknowledged within 3 s/)
  })
})

describe('the fake Feishu over HTTP, read by the SDK', () => {
  let server: Server

  beforeEach(async () => {
    const handlers: Handlers = {
      ...hearing('im.message.receive_v1'),
      'card.action.trigger': () => ({ toast: { type: 'info', content: 'ok' } }),
    }
    const { encryptKey, verificationToken } = feishu
    const read = dispatcher(handlers, { encryptKey, verificationToken })
    server = createServer(adaptDefault('/feishu', read, { autoChallenge: true }))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    feishu.callbacksTo(`http://127.0.0.1:${address.port}/feishu`)
  })
  afterEach(() => void server.close())

  it('posts events and presses, encrypted and signed over their bytes', async () => {
    await ada.says('by post')
    await feishu.until(() => heard.length === 1)
    expect(heard).toMatchObject([{ message: { content: '{"text":"by post"}' }, token: feishu.verificationToken }])
    await send(card([button('Go')]))
    expect(await ada.presses('Go')).toMatchObject({ toast: { type: 'info', content: 'ok' }, error: null })
    expect(feishu.violations).toEqual([])
  })

  it('asks for the address to be confirmed', async () => {
    expect(await feishu.challenge()).toMatchObject({ status: 200, body: { challenge: expect.stringMatching(/^\w{32}$/) } })
    expect(feishu.violations).toEqual([])
  })

  it('posts by hand, as Feishu does and forged', async () => {
    const [message, nonce] = [{ message_id: 'om_1', chat_type: 'p2p', message_type: 'text', content: '{}' }, 'n']
    const event = feishu.envelope('im.message.receive_v1', { message })
    await feishu.signedPost(event)
    await feishu.signedPost(event, { nonce, timestampSeconds: 1 })
    expect(heard).toHaveLength(2)
    await feishu.signedPost(event, { tamper: 'signature' })
    expect(heard).toHaveLength(2)
    // The SDK looks at the signature only, and signs what it parsed: other white space it refuses, a wrong token it takes.
    await feishu.signedPost(event, { reformatted: true })
    expect(heard).toHaveLength(2)
    await feishu.signedPost(event, { tamper: 'token', plain: true })
    expect(heard[2]?.token).not.toBe(feishu.verificationToken)
  })

  it('goes back to the long connection', async () => {
    feishu.callbacksTo(null)
    await bot.connect(hearing('im.message.receive_v1'))
    await ada.says('by wire')
    await feishu.until(() => heard.length === 1)
  })
})

describe('the fake Feishu over HTTP, answered wrongly', () => {
  let server: Server
  let answer: { readonly status: number; readonly body: string; readonly afterMs?: number }

  beforeEach(async () => {
    server = createServer((_request, response) => {
      setTimeout(() => response.writeHead(answer.status, { location: '/elsewhere' }).end(answer.body), answer.afterMs ?? 0)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    feishu.callbacksTo(`http://127.0.0.1:${address.port}`)
  })
  afterEach(() => void server.close())

  it.each([
    [{ status: 302, body: '{}' }, '200671'],
    [{ status: 500, body: '{}' }, '200671'],
    [{ status: 200, body: '' }, '200672'],
    [{ status: 200, body: 'ok' }, '200672'],
  ])('remembers a press answered with %j', async (wrong, code) => {
    answer = wrong
    await send(card([button('Go')]))
    expect((await ada.presses('Go')).error).toContain(code)
    await feishu.rawEvent('card.action.trigger', { action: { value: { token: 'unknown' } } })
    expect(feishu.violations).toEqual([1, 2].map(() => expect.stringContaining(code)))
  })

  it('remembers an address confirmed wrongly, or after more than a second', async () => {
    answer = { status: 200, body: '{}', afterMs: 1100 }
    await feishu.challenge()
    expect(feishu.violations).toEqual([expect.stringContaining('url_verification took'), 'url_verification was answered with {}'])
    answer = { status: 403, body: '' }
    expect((await feishu.challenge({ tamper: 'token' })).status).toBe(403)
    expect(feishu.violations).toHaveLength(2)
  })

  it('repeats an event until the answer is 200', async () => {
    answer = { status: 503, body: '' }
    const done = feishu.rawEvent('a.late_v1', {})
    setTimeout(() => {
      answer = { status: 200, body: '' }
    }, 100)
    await done
    expect(feishu.violations).toEqual([])
  })
})
