import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFeishu, type Feishu, type FeishuPerson } from './index.ts'
import { button, card, createSdkBot, form, input, keyForm, markdown, PNG, plain, refusal, submit } from './sdk-bot.ts'

const columns = (elements: readonly object[]) => ({ tag: 'column_set', columns: [{ tag: 'column', elements }] })
const nested = (depth: number): object => (depth === 0 ? markdown('in') : columns([nested(depth - 1)]))
const select = (more: object) => ({
  tag: 'select_static',
  behaviors: [{ type: 'callback', value: {} }],
  options: [{ text: plain('A'), value: 'a' }],
  ...more,
})
const table = '| a | b |\n| --- | --- |\n| 1 | 2 |'

describe('the rules of Feishu', () => {
  let feishu: Feishu
  let ada: FeishuPerson
  let bot: ReturnType<typeof createSdkBot>

  beforeEach(async () => {
    feishu = await createFeishu()
    ada = feishu.person({ name: 'Ada' })
    bot = createSdkBot(feishu)
  })
  afterEach(() => feishu.close())

  const send = (content: object, type?: string, uuid?: string) => bot.send(ada.chat().id, content, type, uuid)

  it.each<[string, object, string]>([
    ['without schema', { elements: [] }, '200621'],
    ['that is not shared', { ...card([]), config: { update_multi: false } }, 'config.update_multi'],
    [
      'with a setting of 1.0',
      { ...card([]), config: { update_multi: true, wide_screen_mode: true } },
      'unknown property: wide_screen_mode',
    ],
    ['with elements beside the body', { ...card([]), elements: [] }, 'unknown property: elements, path: []'],
    ['with an unknown colour', card([], { title: plain('x'), template: 'pink' }), 'header.template'],
    ['with a header without title', card([], { template: 'red' }), 'header.title'],
    ['with the action wrapper of 1.0', card([{ tag: 'action', actions: [] }]), 'ErrCode: 200861'],
    ['with the note of 1.0', card([{ tag: 'note', elements: [] }]), 'unsupported tag note'],
    ['with an unknown tag', card([{ tag: 'buton' }]), 'unknown tag buton'],
    ['with a tag the stand-in can’t draw', card([{ tag: 'table' }]), 'teach it in card-schema.ts'],
    ['with an unknown property', card([button('x', {}, { colour: 'red' })]), 'unknown property: colour'],
    [
      'with an unknown property deep inside',
      card([columns([{ tag: 'hr', size: 1 }])]),
      '[0](tag: column) -> elements -> [0](tag: hr)',
    ],
    ['with a button’s value of 1.0', card([button('x', {}, { value: {} })]), 'unknown property: value'],
    ['with a button that does nothing', card([button('x', {}, { behaviors: [] })]), 'does nothing'],
    [
      'with a value that is no object',
      card([button('x', {}, { behaviors: [{ type: 'callback', value: 'x' }] })]),
      'behaviors.0.value',
    ],
    ['with a link to nowhere', card([button('x', {}, { behaviors: [{ type: 'open_url', default_url: 'x' }] })]), 'default_url'],
    ['with a label of 101 characters', card([button('x'.repeat(101))]), 'takes 100 characters'],
    ['with a picture that was not uploaded', card([{ tag: 'img', img_key: 'img_1', alt: plain('') }]), 'ErrCode: 200570'],
    ['with such a picture in its words', card([markdown('![x](img_1)')]), 'ErrCode: 200570'],
    ['with a picture without alt', card([{ tag: 'img', img_key: 'img_1' }]), 'alt'],
    ['that mentions everybody', card([markdown('<at id=all></at>')]), 'ErrCode: 100290'],
    ['that mentions nobody', card([{ tag: 'div', text: { tag: 'lark_md', content: '<at id=ou_1></at>' } }]), 'ErrCode: 100290'],
    ['with an unknown text size', card([{ ...markdown('x'), text_size: 'huge' }]), 'text_size: huge'],
    ['with a form inside', card([columns([keyForm])]), 'only possible directly in the body'],
    ['with a form without submit', card([form(input())]), 'exactly one button'],
    ['with a form with two', card([form(input(), submit, { ...submit, name: 'other' })]), 'not 2'],
    ['with a nameless field', card([form({ tag: 'input' }, submit)]), 'name of a component in a form is empty'],
    ['with the same name twice', card([form(input(), input(), submit)]), 'name(secret) duplicate'],
    [
      'with the same element_id twice',
      card([1, 2].map(() => ({ ...markdown('x'), element_id: 'a' }))),
      'element_id(a) duplicate',
    ],
    ['with a submit button outside', card([submit]), 'form_action_type outside a form'],
    ['with a required field outside', card([input({ required: true })]), 'required outside a form'],
    ['with a choice that tells nobody', card([select({ behaviors: [] })]), 'without behaviors'],
    ['with equal options', card([select({ options: [1, 2].map(() => ({ text: plain('A'), value: 'a' })) })]), 'same value'],
    ['with a chosen option that is not there', card([select({ initial_option: 'B' })]), 'there is no B'],
    ['with a field for 1001 characters', card([form(input({ max_length: 1001 }), submit)]), 'max_length'],
    ['with a column outside', card([{ tag: 'column', elements: [] }]), "can't be inside the body"],
    ['with containers six deep', card([nested(6)]), 'more than 5 deep'],
    ['with 202 parts', card(Array.from({ length: 101 }, () => button('x'))), 'element exceeds the limit'],
    ['with six tables', card(Array.from({ length: 6 }, () => markdown(table))), 'card table number over limit'],
  ])('refuse a card %s, and remember', async (_what, content, words) => {
    expect(await refusal(send(content))).toMatchObject({ status: 400, code: 230099, msg: expect.stringContaining(words) })
    expect(feishu.violations).toEqual([expect.stringContaining(words)])
    expect(ada.chat().messages()).toEqual([])
  })

  it('take a card as large as can be', async () => {
    await send(
      card([nested(5), ...Array.from({ length: 89 }, () => button('x')), ...Array.from({ length: 5 }, () => markdown(table))]),
    )
    // 30 KB of request, in which the card's quotes are escaped.
    const full = (length: number) => send(card([markdown('x'.repeat(length))]))
    await full(30_500)
    expect(feishu.violations).toEqual([])
    expect((await refusal(full(30_600))).code).toBe(230025)
    expect(feishu.violations).toEqual([expect.stringContaining('takes 30720 bytes')])
  })

  it.each<[string, () => Promise<unknown>, number]>([
    ['a text of more than 150 KB', () => send({ text: 'x'.repeat(150 * 1024) }, 'text'), 230025],
    ['a text without words', () => send({ text: ' ' }, 'text'), 230001],
    ['a post with an unknown part', () => send({ zh_cn: { content: [[{ tag: 'video' }]] } }, 'post'), 230001],
    ['a picture that was not uploaded', () => send({ image_key: 'img_1' }, 'image'), 230001],
    ['a file that was not uploaded', () => send({ file_key: 'file_1' }, 'file'), 230017],
    ['an unknown type', () => send({}, 'hologram'), 230001],
    ['a uuid of 51 characters', () => send({ text: 'x' }, 'text', 'x'.repeat(51)), 99992402],
    ['a field nobody knows', () => bot.post('/im/v1/messages?receive_id_type=chat_id', { recieve_id: 'x' }), 99992402],
    ['an empty picture', () => bot.client.im.image.create({ data: { image_type: 'message', image: Buffer.alloc(0) } }), 234010],
    [
      'a picture in an unknown format',
      () => bot.client.im.image.create({ data: { image_type: 'message', image: Buffer.from('x') } }),
      234011,
    ],
    [
      'a picture of more than 10 MB',
      () =>
        bot.client.im.image.create({
          data: { image_type: 'message', image: Buffer.concat([PNG, Buffer.alloc(10 * 1024 * 1024)]) },
        }),
      234006,
    ],
    [
      'a file of more than 30 MB',
      () =>
        bot.client.im.file.create({ data: { file_type: 'stream', file_name: 'x', file: Buffer.alloc(30 * 1024 * 1024 + 1) } }),
      234006,
    ],
    [
      'an ephemeral card in a private chat',
      () =>
        bot.post('/ephemeral/v1/send', { chat_id: ada.chat().id, open_id: ada.openId, msg_type: 'interactive', card: card([]) }),
      10003,
    ],
    ['a change of what somebody else said', async () => bot.patch(await ada.says('mine'), card([])), 230001],
    ['a patch of a text', async () => bot.patch(await send({ text: 'x' }, 'text'), card([])), 230001],
    [
      'a change after 14 days',
      async () => {
        const id = await send(card([]))
        feishu.advance(14 * 24 * 3600 + 1)
        return bot.patch(id, card([]))
      },
      230031,
    ],
    ['an update token nobody was given', () => bot.post('/interactive/v1/card/update', { token: 'c-1', card: card([]) }), 300020],
  ])('refuse %s, and remember', async (_what, call, code) => {
    expect(await refusal(call())).toMatchObject({ status: 400, code })
    expect(feishu.violations).toHaveLength(1)
  })

  it('let five messages a second into a chat; who goes on without waiting breaks them', async () => {
    const text = { text: 'x' }
    const sent = await Promise.all(Array.from({ length: 5 }, () => send(text, 'text')))
    expect(await refusal(send(text, 'text'))).toMatchObject({ status: 400, code: 230020 })
    expect(feishu.violations).toEqual([])
    expect((await refusal(send(text, 'text'))).code).toBe(230020)
    expect(feishu.violations).toEqual([expect.stringContaining('did not wait')])
    const other = feishu.person({ name: 'Bob' })
    await bot.send(other.chat().id, text, 'text')
    await new Promise((resolve) => setTimeout(resolve, 1050))
    expect(sent).not.toContain(await send(text, 'text'))
    expect(feishu.violations).toHaveLength(1)
  })

  it('notice one uuid for two messages', async () => {
    await send({ text: 'x' }, 'text', 'same')
    await bot.send(feishu.person({ name: 'Bob' }).chat().id, { text: 'x' }, 'text', 'same')
    expect(feishu.violations).toEqual([expect.stringContaining('uuid same was used for another message')])
  })

  it('notice calls without a token, with a made-up one, and to nowhere', async () => {
    const call = async (path: string, authorization?: string) => {
      const response = await fetch(`${feishu.url}/open-apis${path}`, {
        headers: authorization === undefined ? {} : { authorization },
      })
      return [response.status, await response.json()]
    }
    expect(await call('/bot/v3/info')).toMatchObject([400, { code: 99991661 }])
    expect(await call('/bot/v3/info', 'Bearer t-1')).toMatchObject([400, { code: 99991663 }])
    expect(await call('/bot/v4/info', 'Bearer t-1')).toMatchObject([404, {}])
    expect(feishu.violations).toHaveLength(3)
  })

  it.each([
    ['&#60;b&#62; &lt;at id=all&gt;&lt;/at&gt;', '<b> <at id=all></at>'],
    ['<b>Bob</b> <script>1</script> <x y>', 'Bob 1'],
    ['*a* __b__ ~~c~~ ***d*** `*e*` snake_case_word 2 * 3 * 4', 'a b c d *e* snake_case_word 2 * 3 * 4'],
    ['\\*a\\* &#42;b&#42; \\# \\n', '*a* *b* # \\n'],
    ['[link **x**](https://a.test) ![p](img_v3_1) <https://b.test>', 'link x  https://b.test'],
    ['# Head\n- one\n- two\n1. three\n> quoted\n---\nend', 'Head\n• one\n• two\n1. three\nquoted\nend'],
    ['a\nb\n\n\n\nc<br>d', 'a\nb\n\nc\nd'],
    ['```js\nconst a = 1 < 2\n  *in*\n```\nafter', 'const a = 1 < 2\n  *in*\nafter'],
    [table, 'a b\n1 2'],
    ["<font color='red'>red</font> :OK: 10:30:45 <raw>*r*</raw>", 'red [OK] 10:30:45 *r*'],
  ])('show the markdown %j as it looks', async (content, looks) => {
    const known = content.includes('img_v3_1')
    const image = known ? await bot.client.im.image.create({ data: { image_type: 'message', image: PNG } }) : null
    await send(card([markdown(content.replace('img_v3_1', image?.image_key ?? ''))]))
    expect(ada.chat().last()?.text).toBe(looks)
  })
})
