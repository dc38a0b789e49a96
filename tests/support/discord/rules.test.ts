// Long because it is one list: every rule of Discord's that the fake looks after, and what it answers who breaks it.
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { createDiscord, type Discord, type DiscordGuild, type DiscordPerson, type Reaction } from './index.ts'

const Answer = z.looseObject({ code: z.number().optional(), message: z.string().optional(), id: z.string().optional() })
const Delivered = z.object({
  t: z.literal('INTERACTION_CREATE'),
  d: z.looseObject({ id: z.string(), token: z.string(), type: z.number() }),
})
type Delivered = z.infer<typeof Delivered>['d']

const V2 = 32768
const EPHEMERAL = 64
const text = (content: string) => ({ type: 10, content })
const button = (customId: string, more: object = {}) => ({ type: 2, style: 1, label: 'b', custom_id: customId, ...more })
const row = (...components: object[]) => ({ type: 1, components })
const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index))
const select = (count: number, more: object = {}) => ({
  type: 3,
  custom_id: 's',
  options: many(count, (index) => ({ label: `o${index}`, value: `v${index}` })),
  ...more,
})
const input = (customId: string) => ({ type: 4, custom_id: customId, style: 1 })
const label = (customId: string) => ({ type: 18, label: 'l', component: input(customId) })

describe('the rules of the fake Discord', () => {
  let discord: Discord
  let ada: DiscordPerson
  let guild: DiscordGuild
  let dm: string
  let socket: WebSocket
  let interactions: Delivered[]

  beforeEach(async () => {
    discord = await createDiscord()
    ada = discord.person({ name: 'Ada' })
    guild = discord.guild({ owner: ada })
    interactions = []
    socket = new WebSocket(discord.url.replace('http', 'ws').replace('/api', '/gateway'))
    socket.on('message', (bytes) => {
      const event = Delivered.safeParse(JSON.parse(String(bytes)))
      if (event.success) interactions.push(event.data.d)
    })
    await once(socket, 'open')
    socket.send(JSON.stringify({ op: 2, d: { token: discord.token, intents: 1, properties: {} } }))
    await call('PUT', `/applications/${discord.applicationId}/commands`, [
      { name: 'help', description: 'Help' },
      { name: 'find', description: 'Find', options: [{ type: 3, name: 'what', description: 'What', autocomplete: true }] },
    ])
    dm = (await call('POST', '/users/@me/channels', { recipient_id: ada.id })).id ?? ''
    await discord.until(() => discord.connected())
  })
  afterEach(async () => {
    socket.close()
    await discord.close()
  })

  async function call(method: string, path: string, body?: unknown, files: Readonly<Record<string, Blob>> = {}) {
    const authorization = `Bot ${discord.token}`
    const form = new FormData()
    form.set('payload_json', JSON.stringify(body))
    for (const [name, file] of Object.entries(files)) form.set(name, file, 'file.bin')
    const hasFiles = Object.keys(files).length > 0
    const response = await fetch(`${discord.url}/v10${path}`, {
      method,
      headers: { authorization, ...(!hasFiles && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: hasFiles ? form : JSON.stringify(body) }),
    })
    const answer = await response.text()
    expect(response.headers.get('content-type')).toBe(response.status === 204 ? null : 'application/json')
    return { status: response.status, raw: answer, ...Answer.safeParse(answer === '' ? {} : JSON.parse(answer)).data }
  }
  const send = (body: unknown, files = {}) => call('POST', `/channels/${dm}/messages`, body, files)
  const edit = (id: string | undefined, body: unknown) => call('PATCH', `/channels/${dm}/messages/${id}`, body)

  /** Lets Ada act and gives what the bot hears of it. */
  async function received(act: () => Promise<unknown>): Promise<Delivered> {
    const known = interactions.length
    void act()
    return await discord.until(() => interactions[known])
  }
  const respond = (it: Delivered, type: number, data?: unknown) =>
    call('POST', `/interactions/${it.id}/${it.token}/callback`, { type, ...(data !== undefined && { data }) })
  const webhook = (it: Delivered, rest = '') => `/webhooks/${discord.applicationId}/${it.token}${rest}`

  it.each([
    ['2000 characters', { content: 'x'.repeat(2000) }, null],
    ['2001 characters', { content: 'x'.repeat(2001) }, 'content: Must be 2000 or fewer in length.'],
    ['5 rows', { content: 'x', components: many(5, (index) => row(button(`${index}`))) }, null],
    ['6 rows', { content: 'x', components: many(6, (index) => row(button(`${index}`))) }, 'components: Must be between 1 and 5'],
    ['6 buttons in a row', { content: 'x', components: [row(...many(6, (index) => button(`${index}`)))] }, 'Must be 5 or fewer'],
    ['an empty row', { content: 'x', components: [row()] }, 'components.0.components: Must be 1 or more'],
    ['a select beside a button', { content: 'x', components: [row(select(2), button('b'))] }, 'exceeds the maximum width'],
    ['25 options', { content: 'x', components: [row(select(25))] }, null],
    ['26 options', { content: 'x', components: [row(select(26))] }, 'components.0.options: Must be 25 or fewer'],
    [
      'an option value twice',
      { content: 'x', components: [row(select(0, { options: many(2, () => ({ label: 'a', value: 'v' })) }))] },
      'The value "v" is already used',
    ],
    ['more choices than options', { content: 'x', components: [row(select(2, { max_values: 3 }))] }, 'There are fewer options'],
    ['a custom id twice', { content: 'x', components: [row(button('a')), row(button('a'))] }, 'cannot be duplicated'],
    ['a custom id of 101', { content: 'x', components: [row(button('x'.repeat(101)))] }, 'custom_id: Must be 100 or fewer'],
    [
      'a button label of 81',
      { content: 'x', components: [row(button('a', { label: 'x'.repeat(81) }))] },
      'components.0.components.0.label: Must be 80',
    ],
    ['a button without words', { content: 'x', components: [row(button('a', { label: ' ' }))] }, 'A label or emoji is required'],
    ['a button with an emoji', { content: 'x', components: [row(button('a', { label: null, emoji: { name: '🗑️' } }))] }, null],
    ['an emoji that is none', { content: 'x', components: [row(button('a', { emoji: { name: 'bin' } }))] }, 'Invalid emoji'],
    ['a link without an address', { content: 'x', components: [row(button('a', { style: 5 }))] }, 'A url is required'],
    [
      'a link to a script',
      { content: 'x', components: [row({ type: 2, style: 5, label: 'b', url: 'javascript:alert(1)' })] },
      'Scheme must be http',
    ],
    [
      'a button without a custom id',
      { content: 'x', components: [row({ type: 2, style: 1, label: 'b' })] },
      'A custom id is required',
    ],
    ['text components without the flag', { content: 'x', components: [text('y')] }, 'components.0.type'],
    ['components of the second kind', { flags: V2, components: [text('y'), row(button('a'))] }, null],
    ['content beside them', { flags: V2, content: 'x', components: [text('y')] }, "The 'content' field cannot be used"],
    ['embeds beside them', { flags: V2, embeds: [{ title: 'x' }], components: [text('y')] }, "The 'embeds' field cannot be used"],
    ['40 of them', { flags: V2, components: many(40, (index) => text(`${index}`)) }, null],
    [
      '41 of them, counted inside',
      { flags: V2, components: [{ type: 17, components: many(40, (index) => text(`${index}`)) }] },
      'maximum number of components',
    ],
    ['4000 characters in them', { flags: V2, components: [text('x'.repeat(2000)), text('x'.repeat(2000))] }, null],
    [
      '4001 characters in them',
      { flags: V2, components: [text('x'.repeat(2000)), text('x'.repeat(2001))] },
      'exceeds the maximum size of 4000',
    ],
    [
      'a file that was not sent',
      { flags: V2, components: [{ type: 13, file: { url: 'attachment://a.txt' } }] },
      'The referenced attachment "a.txt" was not found',
    ],
    [
      'embeds of 6001 characters',
      { embeds: [{ description: 'x'.repeat(4000) }, { description: 'x'.repeat(2001) }] },
      'Embed size exceeds',
    ],
    ['a nonce of 26', { content: 'x', nonce: 'x'.repeat(26) }, 'nonce'],
    [
      'two ways to say who is notified',
      { content: 'x', allowed_mentions: { parse: ['users'], users: ['1'] } },
      'mutually exclusive',
    ],
    ['an attachment nobody sent', { content: 'x', attachments: [{ id: '0' }] }, 'There is no file or attachment 0'],
    ['a number for a text', { content: 1 }, 'content: must be string'],
  ])('judges a message with %s', async (_name, body, complaint) => {
    const answer = await send(body)
    expect([answer.status, answer.code]).toEqual(complaint === null ? [200, undefined] : [400, 50035])
    if (complaint === null) expect(discord.violations).toEqual([])
    else expect(discord.violations).toEqual([expect.stringContaining(complaint)])
    expect(ada.dm().messages()).toHaveLength(complaint === null ? 1 : 0)
  })

  it('says where a body is wrong in the way of Discord', async () => {
    const { raw } = await send({ content: 'x', components: [row(button('a', { label: 'x'.repeat(81) }))] })
    expect(JSON.parse(raw)).toEqual({
      message: 'Invalid Form Body',
      code: 50035,
      errors: {
        components: {
          0: {
            components: {
              0: { label: { _errors: [{ code: 'BASE_TYPE_MAX_LENGTH', message: 'Must be 80 or fewer in length.' }] } },
            },
          },
        },
      },
    })
  })

  it.each([
    ['nothing', {}],
    ['only space', { content: ' \n ' }],
    ['only buttons', { components: [row(button('a'))] }],
    ['no components of the second kind', { flags: V2 }],
  ])('refuses a message of %s', async (_name, body) => {
    expect(await send(body)).toMatchObject({ status: 400, code: 50006 })
    expect(discord.violations).toEqual([expect.stringContaining('Cannot send an empty message')])
  })

  it('takes files up to 10 MB, and notices one that nobody sees', async () => {
    const big = new Blob([Buffer.alloc(10 * 1024 * 1024 + 1)])
    expect(await send({ content: 'x' }, { 'files[0]': big })).toMatchObject({ status: 413, code: 40005 })
    expect(discord.violations).toEqual([expect.stringContaining('file.bin has 10485761 bytes')])
    expect(await send({ flags: V2, components: [text('x')] }, { 'files[0]': new Blob(['x']) })).toMatchObject({ status: 200 })
    expect(discord.violations[1]).toBe('nobody sees the file file.bin: no component refers to attachment://file.bin')
  })

  it('notices what Discord would quietly ignore', async () => {
    await send({ content: 'x', componets: [], components: [row({ ...button('a'), customid: 'b' })] })
    await send({ content: 'x', flags: EPHEMERAL })
    await send({ content: 'cut \uD83D' })
    expect(discord.violations).toEqual([
      'POST /channels/{channel_id}/messages: Discord knows no field componets',
      'POST /channels/{channel_id}/messages: Discord knows no field components/0/components/0/customid',
      'flags 64 can’t be set here; Discord ignores them',
      'POST /channels/{channel_id}/messages: a text is cut in the middle of a character',
    ])
  })

  it('lets nobody edit what is not theirs, empty, or once of the second kind', async () => {
    const hers = ada.says('mine')
    expect(await edit(hers, { content: 'x' })).toMatchObject({ status: 403, code: 50005 })
    const { id } = await send({ content: 'x', components: [row(button('a'))] })
    expect(await edit(id, { content: '' })).toMatchObject({ code: 50006 })
    expect(await edit(id, { flags: V2 })).toMatchObject({ code: 50035 })
    expect(await edit(id, { flags: V2, content: null, components: [text('y')] })).toMatchObject({ status: 200 })
    expect(await edit(id, { flags: 0, content: 'z', components: [] })).toMatchObject({ code: 50035 })
    expect(discord.violations.at(-1)).toContain('The IS_COMPONENTS_V2 flag cannot be removed')
    expect(await edit(id, { components: [text('still')] })).toMatchObject({ status: 200 })
    expect(ada.dm().last()).toMatchObject({ text: 'still', componentsV2: true })
    expect(discord.violations).toHaveLength(4)
  })

  it('does not blame anybody for what others did', async () => {
    const { id } = await send({ content: 'x' })
    ada.deletes(id ?? '')
    expect(await edit(id, { content: 'y' })).toMatchObject({ status: 404, code: 10008 })
    expect(await call('GET', '/channels/1')).toMatchObject({ status: 404, code: 10003 })
    const hers = ada.says('secret', guild)
    expect(await call('DELETE', `/channels/${guild.channelId}/messages/${hers}`)).toMatchObject({ status: 403, code: 50013 })
    expect(await call('DELETE', `/channels/${dm}/messages/${ada.says('secret')}`)).toMatchObject({ status: 403, code: 50003 })
    const open = discord.guild({ owner: ada, botManagesMessages: true })
    expect(await call('DELETE', `/channels/${open.channelId}/messages/${ada.says('secret', open)}`)).toMatchObject({
      status: 204,
    })
    guild.removesBot()
    expect(await call('POST', `/channels/${guild.channelId}/messages`, { content: 'x' })).toMatchObject({
      status: 403,
      code: 50001,
    })
    expect(await call('GET', `/guilds/${guild.id}`)).toMatchObject({ status: 403, code: 50001 })
    ada.blocksDms()
    expect(await send({ content: 'x' })).toMatchObject({ status: 403, code: 50007 })
    expect(discord.violations).toEqual([])
  })

  it.each([
    ['no description', { name: 'a' }, '0.description: This field is required'],
    ['a capital', { name: 'Help', description: 'x' }, 'Command name is invalid'],
    ['a space', { name: 'a b', description: 'x' }, 'Command name is invalid'],
    ['33 characters', { name: 'a'.repeat(33), description: 'x' }, 'Must be 32 or fewer'],
    ['a Chinese name', { name: 'a', description: 'x', name_localizations: { 'zh-CN': '用量' } }, null],
    [
      'a language Discord has not',
      { name: 'a', description: 'x', name_localizations: { zh: '用量' } },
      'Discord knows no such locale',
    ],
    ['a description of 101', { name: 'a', description: 'x'.repeat(101) }, '0.description: Must be 100 or fewer'],
    [
      'a required option last',
      {
        name: 'a',
        description: 'x',
        options: [
          { type: 3, name: 'b', description: 'x' },
          { type: 3, name: 'c', description: 'x', required: true },
        ],
      },
      'Required options must be placed before',
    ],
    [
      'an option twice',
      { name: 'a', description: 'x', options: many(2, () => ({ type: 3, name: 'b', description: 'x' })) },
      'Option names must be unique',
    ],
    [
      'choices and autocomplete',
      {
        name: 'a',
        description: 'x',
        options: [{ type: 3, name: 'b', description: 'x', autocomplete: true, choices: [{ name: 'x', value: 'x' }] }],
      },
      'mutually exclusive',
    ],
    ['permissions as digits', { name: 'a', description: 'x', default_member_permissions: '32' }, null],
  ])('judges a command with %s', async (_name, command, complaint) => {
    const answer = await call('PUT', `/applications/${discord.applicationId}/commands`, [command])
    expect(answer.status).toBe(complaint === null ? 200 : 400)
    expect(discord.violations).toEqual(complaint === null ? [] : [expect.stringContaining(complaint)])
  })

  it('takes one first response, of a kind that fits', async () => {
    const it = await received(() => ada.command('help'))
    expect(await respond(it, 6)).toMatchObject({ status: 400, code: 50035 })
    expect(await respond(it, 8, { choices: [] })).toMatchObject({ status: 400 })
    expect(await respond(it, 4, { content: '' })).toMatchObject({ code: 50006 })
    expect(await respond(it, 4, { content: 'x' })).toMatchObject({ status: 204 })
    expect(await respond(it, 4, { content: 'x' })).toMatchObject({ status: 400, code: 40060 })
    expect(discord.violations.map((violation) => violation.split(': ').at(-1))).toEqual([
      'Ada’s /help can’t be answered with type 6',
      'Ada’s /help can’t be answered with type 8',
      'the message is empty',
      'Ada’s /help was answered a second time (type 4 after message)',
    ])
    expect(await call('POST', `/interactions/1/${it.token}/callback`, { type: 5 })).toMatchObject({ status: 404, code: 10062 })
    expect(ada.dm().messages()).toHaveLength(1)
  })

  it('waits three seconds for it', async () => {
    let reaction: Reaction | undefined
    const it = await received(async () => {
      reaction = await ada.command('help')
    })
    await wait(3100)
    expect(reaction).toEqual({ ackMs: null, kind: 'none', ephemeral: false })
    expect(await respond(it, 5)).toMatchObject({ status: 404, code: 10062 })
    expect(discord.violations).toEqual(['Ada’s /help had no answer within 3 s'])
  })

  it.each([
    ['5 fields', { custom_id: 'm', title: 't', components: many(5, (index) => label(`${index}`)) }, null],
    ['6 fields', { custom_id: 'm', title: 't', components: many(6, (index) => label(`${index}`)) }, 'Must be between 1 and 5'],
    ['a title of 46', { custom_id: 'm', title: 't'.repeat(46), components: [label('a')] }, 'data.title: Must be 45 or fewer'],
    [
      'a label of 46',
      { custom_id: 'm', title: 't', components: [{ ...label('a'), label: 'x'.repeat(46) }] },
      'label: Must be 45 or fewer',
    ],
    ['two fields of one name', { custom_id: 'm', title: 't', components: [label('a'), label('a')] }, 'cannot be duplicated'],
    [
      'an old row without a label',
      { custom_id: 'm', title: 't', components: [row(input('a'))] },
      'label: This field is required',
    ],
    ['a button', { custom_id: 'm', title: 't', components: [row(button('a'))] }, 'components.0.components.0'],
  ])('judges a form with %s', async (_name, form, complaint) => {
    const it = await received(() => ada.command('help'))
    expect((await respond(it, 9, form)).status).toBe(complaint === null ? 204 : 400)
    if (complaint === null) expect([discord.violations, ada.modal?.title]).toEqual([[], 't'])
    else expect([discord.violations, ada.modal]).toEqual([[expect.stringContaining(complaint)], null])
  })

  it('takes 25 choices while an option is typed', async () => {
    const choices = (count: number) => ({ choices: many(count, (index) => ({ name: `n${index}`, value: `v${index}` })) })
    const it = await received(() => ada.autocomplete('find', 'what', 'x'))
    expect(await respond(it, 8, choices(26))).toMatchObject({ status: 400, code: 50035 })
    expect(await respond(it, 8, choices(25))).toMatchObject({ status: 204 })
    expect(discord.violations).toEqual([expect.stringContaining('data.choices: Must be 25 or fewer')])
  })

  it('gives no message to edit before the first response, nor to a token that was never given', async () => {
    const it = await received(() => ada.command('help'))
    expect(await call('PATCH', webhook(it, '/messages/@original'), { content: 'x' })).toMatchObject({ status: 404, code: 10015 })
    expect(await call('POST', webhook({ ...it, token: 'x' }), { content: 'x' })).toMatchObject({ status: 401, code: 50027 })
    expect(discord.violations.map((violation) => violation.split(': ').at(-1))).toEqual([
      'Ada’s /help has no first response yet',
      'a token that was never given',
    ])
    await respond(it, 9, { custom_id: 'm', title: 't', components: [label('a')] })
    expect(await call('PATCH', webhook(it, '/messages/@original'), { content: 'x' })).toMatchObject({ status: 404, code: 10008 })
  })

  it('lets a token be used for 15 minutes', async () => {
    const it = await received(() => ada.command('help'))
    await respond(it, 5)
    discord.expireTokens()
    expect(await call('PATCH', webhook(it, '/messages/@original'), { content: 'x' })).toMatchObject({ status: 401, code: 50027 })
    expect(await call('POST', webhook(it), { content: 'x' })).toMatchObject({ status: 401, code: 50027 })
    expect(discord.violations).toEqual([])
    expect(ada.dm().last()?.deferred).toBe(true)
  })

  it('makes a message for one person at its first response or never', async () => {
    const open = await received(() => ada.command('help', {}, guild))
    await respond(open, 5)
    await call('PATCH', webhook(open, '/messages/@original'), { content: 'x', flags: EPHEMERAL })
    expect(ada.in(guild).last()?.ephemeral).toBe(false)
    const secret = await received(() => ada.command('help', {}, guild))
    await respond(secret, 5, { flags: EPHEMERAL })
    await call('POST', webhook(secret), { content: 'fills the deferred one' })
    expect(ada.in(guild).last()).toMatchObject({ text: 'fills the deferred one', ephemeral: true, deferred: false })
    expect(discord.violations).toEqual([
      'a message is for one person from its first response or never: the ephemeral flag of an edit does nothing',
      'Ada’s /help: the follow-up fills the deferred message, whose ephemeral flag it can’t change',
    ])
    const id = ada.in(guild).last()?.id
    expect(await call('PATCH', `/channels/${guild.channelId}/messages/${id}`, { content: 'x' })).toMatchObject({
      status: 404,
      code: 10008,
    })
    expect(discord.violations.at(-1)).toContain('reached with its interaction’s token, not by its channel')
    expect(await call('PATCH', webhook(open, `/messages/${id}`), { content: 'x' })).toMatchObject({ status: 404, code: 10008 })
    expect(await call('DELETE', webhook(secret, `/messages/${id}`))).toMatchObject({ status: 204 })
    expect(ada.in(guild).last()?.ephemeral).toBe(false)
  })

  it('gives the response back when asked for it', async () => {
    const it = await received(() => ada.command('help'))
    const { raw } = await call('POST', `/interactions/${it.id}/${it.token}/callback?with_response=true`, {
      type: 4,
      data: { content: 'x' },
    })
    const shown = ada.dm().last()?.id
    expect(JSON.parse(raw)).toMatchObject({
      interaction: {
        id: it.id,
        type: 2,
        response_message_id: shown,
        response_message_loading: false,
        response_message_ephemeral: false,
      },
      resource: { type: 4, message: { id: shown, content: 'x' } },
    })
    expect(discord.violations).toEqual([])
  })

  it('holds everybody to the waits it imposed', async () => {
    discord.rateLimitNext('send', 2)
    const first = await send({ content: 'x' })
    expect([first.status, JSON.parse(first.raw)]).toEqual([
      429,
      { message: 'You are being rate limited.', retry_after: 2, global: false },
    ])
    await wait(200)
    expect(await send({ content: 'too early' })).toMatchObject({ status: 429 })
    expect(discord.violations).toEqual([expect.stringMatching(/asked again \d+ ms before the wait was over/)])
    expect(await call('POST', `/channels/${guild.channelId}/messages`, { content: 'elsewhere' })).toMatchObject({ status: 200 })
    await wait(1900)
    expect(await send({ content: 'in time' })).toMatchObject({ status: 200 })
    discord.rateLimitNext('send', 2, { global: true })
    await send({ content: 'x' })
    await wait(200)
    expect(await call('GET', '/users/@me')).toMatchObject({ status: 429 })
    expect(discord.violations).toHaveLength(2)
  })

  it('knows its routes and who may use them', async () => {
    const noToken = await fetch(`${discord.url}/v10/users/@me`)
    expect(noToken.status).toBe(401)
    expect(await call('GET', '/users/@me')).toMatchObject({ status: 200, id: discord.botUserId })
    expect(await call('GET', '/applications/@me')).toMatchObject({ status: 200, verify_key: discord.publicKeyHex })
    expect(await call('GET', `/users/${ada.id}`)).toMatchObject({ global_name: 'Ada' })
    expect(await call('GET', `/guilds/${guild.id}`)).toMatchObject({ name: 'The team', owner_id: ada.id })
    expect(await call('GET', `/guilds/${guild.id}/members/${ada.id}`)).toMatchObject({ status: 200 })
    expect(await call('POST', `/channels/${dm}/typing`)).toMatchObject({ status: 204 })
    expect(await call('GET', '/gateway/bot')).toMatchObject({ shards: 1 })
    expect(discord.violations).toEqual([expect.stringContaining('Authorization: none')])
    expect(await call('GET', '/voice/regions')).toMatchObject({ status: 404 })
    expect(discord.violations.at(-1)).toContain('a route this fake does not know')
  })
})
