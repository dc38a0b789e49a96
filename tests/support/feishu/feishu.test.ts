import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createFeishu, type Feishu, type FeishuPerson } from './index.ts'
import { button, card, createSdkBot, keyForm, markdown, PNG, plain, refusal } from './sdk-bot.ts'

const Sent = z.object({ data: z.object({ message_id: z.string() }) })

describe('the fake Feishu, used with the SDK’s client', () => {
  let feishu: Feishu
  let ada: FeishuPerson
  let bot: ReturnType<typeof createSdkBot>

  beforeEach(async () => {
    feishu = await createFeishu()
    ada = feishu.person({ name: 'Ada' })
    bot = createSdkBot(feishu)
  })
  afterEach(async () => {
    await feishu.close()
    expect(feishu.violations).toEqual([])
  })

  const send = (content: object, type?: string, uuid?: string) => bot.send(ada.chat().id, content, type, uuid)

  it('shows a text, with mentions and tags as they look', async () => {
    await send({ text: `<at user_id="${ada.openId}"></at> <b>look</b> [here](https://a.test) 1 < 2` }, 'text')
    expect(ada.chat().last()).toMatchObject({
      text: '@Ada look here 1 < 2',
      fromBot: true,
      title: null,
      template: null,
      ephemeral: false,
      picture: null,
      file: null,
    })
  })

  it('shows a post', async () => {
    const content = [
      [
        { tag: 'text', text: 'Log: ' },
        { tag: 'a', text: 'open', href: 'https://a.test' },
      ],
      [{ tag: 'md', text: '**done**' }],
    ]
    await send({ zh_cn: { title: 'Report', content } }, 'post')
    expect(ada.chat().last()?.text).toBe('Report\nLog: open\ndone')
  })

  it('shows a card as it looks: header, words, buttons, choices, fields', async () => {
    const header = { title: plain('用量 **not bold**'), subtitle: plain('this month'), template: 'green' }
    const columns = ['Plan', 'Pro'].map((word) => ({ tag: 'column', elements: [{ tag: 'div', text: plain(word) }] }))
    const note = { tag: 'div', text: { ...plain('By the way'), text_size: 'notation', text_color: 'grey' } }
    const link = { type: 'open_url', default_url: 'https://pay.test/?a=1&b=2' }
    const sure = { title: plain('Sure?'), text: plain('All is lost') }
    const parts = [
      markdown('**Spent** &#42;3&#42; \\_x\\_ `a*b*`\n```\n1 < 2 &amp;\n  in\n```'),
      { tag: 'hr' },
      { tag: 'column_set', columns },
      note,
      button('Stop', {}, { type: 'danger', confirm: sure }),
      button('Pay', {}, { behaviors: [link] }),
      keyForm,
    ]
    await send(card(parts, header))
    expect(ada.chat().last()).toMatchObject({
      text: '用量 **not bold**\nthis month\nSpent *3* _x_ a*b*\n1 < 2 &amp;\n  in\nPlan Pro\nBy the way',
      title: '用量 **not bold**',
      template: 'green',
      buttons: [
        { label: 'Stop', type: 'danger', url: null, confirm: true },
        { label: 'Pay', type: 'default', url: 'https://pay.test/?a=1&b=2', confirm: false },
        { label: 'Save', type: 'default', url: null, confirm: false },
      ],
      selects: [
        { name: 'size', placeholder: 'Size', options: [{ label: 'Small' }, { label: 'Large', value: 'l', selected: false }] },
      ],
      inputs: [{ name: 'secret', label: 'API key', masked: true }],
    })
  })

  it('changes cards and texts in place', async () => {
    const id = await send(card([markdown('before'), button('Go')]))
    const text = await send({ text: 'later' }, 'text')
    await bot.patch(id, card([markdown('after')]))
    await bot.client.im.message.update({ path: { message_id: text }, data: { msg_type: 'text', content: '{"text":"sooner"}' } })
    const [first, second] = ada.chat().messages()
    expect(first).toMatchObject({ id, text: 'after', buttons: [], edited: true })
    expect(second).toMatchObject({ text: 'sooner', edited: true })
  })

  it('answers to a person by their open_id, in reply, and takes back', async () => {
    const { data } = await bot.client.im.message.create({
      params: { receive_id_type: 'open_id' },
      data: { receive_id: ada.openId, msg_type: 'text', content: '{"text":"hello"}' },
    })
    expect(data?.chat_id).toBe(ada.chat().id)
    const id = data?.message_id ?? ''
    await bot.client.im.message.reply({ path: { message_id: id }, data: { msg_type: 'text', content: '{"text":"and more"}' } })
    await bot.client.im.message.delete({ path: { message_id: id } })
    expect(
      ada
        .chat()
        .messages()
        .map(({ text }) => text),
    ).toEqual(['and more'])
    const theirs = await ada.says('a secret')
    expect((await refusal(bot.client.im.message.delete({ path: { message_id: theirs } }))).code).toBe(230026)
  })

  it('takes pictures and files', async () => {
    const image = await bot.client.im.image.create({ data: { image_type: 'message', image: PNG } })
    await send(card([{ tag: 'img', img_key: image?.image_key, alt: plain('a chart') }]))
    expect(ada.chat().last()).toMatchObject({ picture: PNG, text: '' })
    await send({ image_key: image?.image_key }, 'image')
    expect(ada.chat().last()?.picture).toEqual(PNG)
    const file = Buffer.from('Zeile ü 你好\n')
    const uploaded = await bot.client.im.file.create({ data: { file_type: 'stream', file_name: '日志.log', file } })
    await send({ file_key: uploaded?.file_key }, 'file')
    expect(ada.chat().last()?.file).toEqual({ name: '日志.log', content: 'Zeile ü 你好\n' })
  })

  it('shows an ephemeral card to one person, until it is deleted', async () => {
    const bob = feishu.person({ name: 'Bob' })
    const group = feishu.group({ owner: ada })
    const [seenByAda, seenByBob] = [ada.in(group), bob.in(group)]
    const ephemeral = { chat_id: group.id, open_id: bob.openId, msg_type: 'interactive', card: card([button('Mine')]) }
    const { data } = Sent.parse(await bot.post('/ephemeral/v1/send', ephemeral))
    expect(seenByBob.last()).toMatchObject({ id: data.message_id, ephemeral: true })
    expect(seenByAda.last()).toBeNull()
    await bot.post('/ephemeral/v1/delete', { message_id: data.message_id })
    expect(seenByBob.last()).toBeNull()
  })

  it('tells who is who', async () => {
    const bob = feishu.person({ name: 'Bob' })
    const group = feishu.group({ name: 'Shop', owner: ada })
    bob.isAdmin(group, true)
    const { im, contact } = bot.client
    const chat = await im.chat.get({ path: { chat_id: group.id } })
    expect(chat.data).toMatchObject({
      name: 'Shop',
      owner_id: ada.openId,
      user_manager_id_list: [bob.openId],
      chat_mode: 'group',
    })
    bob.isAdmin(group, false)
    expect((await im.chat.get({ path: { chat_id: group.id } })).data?.user_manager_id_list).toEqual([])
    const members = await im.chatMembers.get({ path: { chat_id: group.id }, params: { page_size: 1 } })
    expect(members.data).toMatchObject({ items: [{ member_id: ada.openId, name: 'Ada' }], has_more: true, member_total: 2 })
    const user = await contact.user.get({ path: { user_id: ada.openId }, params: { user_id_type: 'open_id' } })
    expect(user.data?.user).toMatchObject({ name: 'Ada', union_id: ada.unionId })
    feishu.permitContacts(false)
    const forbidden = contact.user.get({ path: { user_id: ada.openId }, params: { user_id_type: 'open_id' } })
    expect((await refusal(forbidden)).code).toBe(41050)
    group.removesBot()
    expect((await im.chat.get({ path: { chat_id: group.id } })).data?.owner_id).toBeUndefined()
    const info: unknown = await bot.client.request({ method: 'GET', url: '/open-apis/bot/v3/info' })
    expect(info).toMatchObject({ bot: { open_id: feishu.botOpenId } })
  })

  it('sends the same uuid once within an hour', async () => {
    const first = await send({ text: 'once' }, 'text', 'n-1')
    expect(await send({ text: 'once' }, 'text', 'n-1')).toBe(first)
    expect(ada.chat().messages()).toHaveLength(1)
    feishu.advance(3601)
    expect(await send({ text: 'once' }, 'text', 'n-1')).not.toBe(first)
  })

  it('refuses expired tokens until a new one is asked for', async () => {
    const values = new Map<unknown, unknown>()
    const cache = {
      get: async (key: unknown) => values.get(key),
      set: async (key: unknown, value: unknown) => values.set(key, value) === values,
    }
    bot = createSdkBot(feishu, { cache })
    await send({ text: 'one' }, 'text')
    feishu.expireTenantTokens()
    expect(await refusal(send({ text: 'two' }, 'text'))).toMatchObject({ status: 400, code: 99991663 })
    values.clear()
    await send({ text: 'two' }, 'text')
  })

  it.each([
    [undefined, 429, 99991400],
    [99991400, 400, 99991400],
    [230020, 400, 230020],
  ] as const)('limits the rate with code %s as HTTP %i', async (code, status, shown) => {
    feishu.rateLimitNext('send', 17, code)
    const refused = await refusal(send({ text: 'x' }, 'text'))
    expect(refused).toMatchObject({ status, code: shown, headers: { 'x-ogw-ratelimit-reset': '17' } })
    await send({ text: 'x' }, 'text')
  })

  it('limits the rate with code 11232 as HTTP 200, which the SDK takes for success', async () => {
    feishu.rateLimitNext('patch', 3, 11232)
    const id = await send(card([]))
    expect(await bot.patch(id, card([button('No')]))).toMatchObject({ code: 11232 })
    expect(ada.chat().last()?.buttons).toEqual([])
  })

  it('fails as planned: refused cards, errors, lost connections and lost answers', async () => {
    feishu.refuseNextCard('too blue')
    expect(await refusal(send(card([])))).toMatchObject({ code: 230099, msg: expect.stringContaining('ErrorValue: too blue') })
    feishu.failNext('image', '500')
    const upload = bot.client.im.image.create({ data: { image_type: 'message', image: PNG } })
    expect(await refusal(upload)).toMatchObject({ status: 500 })
    feishu.failNext('send', 'drop')
    await expect(send({ text: 'x' }, 'text')).rejects.toThrow()
    expect(ada.chat().messages()).toEqual([])
    feishu.failNext('any', 'cut')
    await expect(send({ text: 'x' }, 'text')).rejects.toThrow()
    expect(ada.chat().messages()).toHaveLength(1)
    expect(feishu.calls.map(({ kind }) => kind)).toEqual(['send', 'image', 'send', 'send'])
  })

  it('ends chats as people do', async () => {
    const [group, other] = [feishu.group({ owner: ada }), feishu.group({ owner: ada })]
    const code = async (call: Promise<unknown>) => (await refusal(call)).code
    const text = { text: 'x' }
    group.removesBot()
    expect(await refusal(bot.send(group.id, text, 'text'))).toMatchObject({ status: 400, code: 230002 })
    other.disbands()
    expect(await code(bot.send(other.id, text, 'text'))).toBe(232009)
    expect(await code(bot.send('nonsense', text, 'text'))).toBe(230034)
    expect(await code(bot.patch('nonsense', card([])))).toBe(230001)
    const id = await send(card([]))
    await ada.recalls(id)
    expect(await code(bot.patch(id, card([])))).toBe(230011)
    ada.blocks()
    expect(await code(send(text, 'text'))).toBe(230013)
  })
})
