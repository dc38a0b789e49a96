import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { assetPath } from '../../../core/assets.ts'
import { plainFallback } from '../../../core/chat/fit.ts'
import { button, CHART, EMPTY, MARKUP, PIXEL, silent, text, title } from '../../contracts/platform-samples.ts'
import { adapterOf } from './harness.ts'
import { asking, CHANGES, SENDS, worlds } from './support.ts'

const { open } = worlds()

describe('a message to Feishu', () => {
  it('is sent once, also when the answer to the first try was lost', async () => {
    const { feishu, send, sendOk } = await open()
    const ada = feishu.person({ name: 'Ada' })
    feishu.failNext('send', 'cut', 2)
    const message = { chatId: ada.openId, key: '0123456789.0' }
    expect(await send({ blocks: [text('once')] }, message)).toMatchObject({ kind: 'retry-later' })
    const ref = await sendOk({ blocks: [text('once')] }, message)
    expect(
      ada
        .chat()
        .messages()
        .map(({ id, text }) => [id, text]),
    ).toEqual([[ref, 'once']])
  })

  it('keeps to five a second to one chat, and others don’t wait for it', async () => {
    const { feishu, sendOk } = await open()
    const ada = feishu.person({ name: 'Ada' })
    const bob = feishu.person({ name: 'Bob' })
    const numbers = Array.from({ length: 12 }, (_, at) => `${at}`)
    const start = performance.now()
    const toAda = Promise.all(numbers.map((number) => sendOk({ blocks: [text(number)] }, { chatId: ada.openId })))
    const toBob = sendOk({ blocks: [text('hello')] }, { chatId: bob.openId })
    expect(await Promise.race([toAda.then(() => 'Ada'), toBob.then(() => 'Bob')])).toBe('Bob')
    await toAda
    expect(performance.now() - start).toBeGreaterThan(2000)
    // All at once: their order is the sender's, who waits for each (core/notices).
    const words = ada
      .chat()
      .messages()
      .map((message) => message.text)
    expect(new Set(words)).toEqual(new Set(numbers))
  })

  it.each([
    [undefined, 7],
    [230020, 3],
    [11232, 9],
    [99991400, 4],
  ] as const)('that is limited with code %s waits as long as Feishu says', async (code, seconds) => {
    const { feishu, send, sendOk } = await open()
    const ada = feishu.person({ name: 'Ada' })
    feishu.rateLimitNext('send', seconds, code)
    expect(await send({ blocks: [text('x')] }, { chatId: ada.openId })).toMatchObject({
      kind: 'retry-later',
      afterSeconds: seconds,
    })
    const ref = await sendOk(asking, { chatId: ada.openId })
    feishu.rateLimitNext('patch', seconds, code)
    expect(await send(asking, { chatId: ada.openId, edit: ref })).toMatchObject({ kind: 'retry-later', afterSeconds: seconds })
  })

  it('gets a new token when the one it has is refused', async () => {
    const { feishu, sendOk } = await open()
    const ada = feishu.person({ name: 'Ada' })
    await sendOk({ blocks: [text('one')] }, { chatId: ada.openId })
    feishu.expireTenantTokens()
    await sendOk({ blocks: [text('two')] }, { chatId: ada.openId })
    expect(ada.chat().last()?.text).toBe('two')
  })

  it('that is refused as a card is told so, and arrives as words', async () => {
    const { feishu, send, sendOk } = await open()
    const ada = feishu.person({ name: 'Ada' })
    const message = { blocks: [title('Pay?'), text('$29')], rows: [[button('Pay', 'p')], [button('No', 'n')]], selects: [] }
    feishu.refuseNextCard('no reason')
    const refused = await send(message, { chatId: ada.openId, key: 'k.0' })
    expect(refused).toMatchObject({ kind: 'refused', reason: expect.stringContaining('no reason') })
    await sendOk(plainFallback(message), { chatId: ada.openId, key: 'k.0.plain' })
    expect(
      ada
        .chat()
        .messages()
        .map(({ text }) => text),
    ).toEqual(['Pay?\n\n$29\n\n1. Pay\n2. No'])
  })

  it('of plain words goes as a post when even that is refused as a card, and nothing in it becomes markup', async () => {
    const { feishu, sendOk } = await open()
    const ada = feishu.person({ name: 'Ada' })
    feishu.refuseNextCard()
    await sendOk({ blocks: [text(`${MARKUP}\nzwei`)] }, { chatId: ada.openId })
    expect(ada.chat().last()?.text).toBe(`${MARKUP}\nzwei`)
  })

  it('of plain words that no card can hold goes all the same', async () => {
    const { feishu, sendOk } = await open()
    const ada = feishu.person({ name: 'Ada' })
    const words = `${'"\\'.repeat(8900)}<at user_id="all"></at> end`
    await sendOk({ blocks: [text(words)] }, { chatId: ada.openId })
    expect(ada.chat().last()?.text).toContain('‹at user_id="all">')
    expect(ada.chat().last()?.text.length).toBe(words.length)
  })

  it('that can’t be changed to words on a card goes, and they come anew', async () => {
    const { feishu, send, sendOk } = await open()
    const ada = feishu.person({ name: 'Ada' })
    const ref = await sendOk(asking, { chatId: ada.openId })
    feishu.refuseNextCard()
    expect(await send({ blocks: [text('Done')] }, { chatId: ada.openId, edit: ref })).toEqual({ kind: 'message-gone' })
    expect(ada.chat().messages()).toEqual([])
  })

  it('waits a moment for whoever presses it just then, if it is another process that holds the press', async () => {
    const { feishu, sendOk, inbox, adapter } = await open()
    const ada = feishu.person({ name: 'Ada' })
    const ref = await sendOk(asking, { chatId: ada.openId })
    const other = await adapterOf(feishu, 'webhook', { draw: async () => PIXEL, log: silent })
    const change = () =>
      other.deliver({ chatId: ada.openId, tone: 'info', edit: ref, message: { ...EMPTY, blocks: [text('later')] } })
    const reaction = ada.presses('Yes')
    const incoming = await inbox.take()
    expect(await change()).toMatchObject({ kind: 'retry-later', afterSeconds: 1 })
    await adapter.acknowledge(incoming)
    await reaction
    expect(await change()).toEqual({ kind: 'delivered', ref })
    await other.stop()
  })

  it('uploads a picture once, however often it is shown, and anew if that failed', async () => {
    const { feishu, send, sendOk, calls } = await open()
    const ada = feishu.person({ name: 'Ada' })
    const picture = { blocks: [text('Usage')], image: { chart: CHART, alt: 'one day' } }
    feishu.failNext('image', '500')
    expect(await send(picture, { chatId: ada.openId })).toMatchObject({ kind: 'retry-later' })
    const ref = await sendOk(picture, { chatId: ada.openId })
    await Promise.all([sendOk(picture, { chatId: ada.openId }), sendOk(picture, { chatId: ada.openId, edit: ref })])
    expect(calls(/images$/)).toHaveLength(2)
    expect(
      ada
        .chat()
        .messages()
        .every((message) => message.picture !== null),
    ).toBe(true)
  })

  it('brings a file behind its card, and behind a card that is changed', async () => {
    const { feishu, sendOk, calls } = await open()
    const ada = feishu.person({ name: 'Ada' })
    const file = { name: '日志.log', mime: 'text/plain', content: 'line 1\n' }
    const ref = await sendOk({ blocks: [text('The log')], file }, { chatId: ada.openId, key: 'f.0' })
    expect(
      ada
        .chat()
        .messages()
        .map((message) => message.file?.name ?? message.text),
    ).toEqual(['The log', '日志.log'])
    expect(await sendOk({ blocks: [text('The log now')], file }, { chatId: ada.openId, edit: ref, key: 'f.1' })).toBe(ref)
    expect(
      ada
        .chat()
        .messages()
        .map((message) => message.file?.name ?? message.text),
    ).toEqual(['The log now', '日志.log', '日志.log'])
    expect(calls(SENDS)).toHaveLength(3)
    expect(calls(CHANGES)).toHaveLength(1)
  })

  it('says when its chat or itself is gone', async () => {
    const { feishu, send, sendOk } = await open()
    const ada = feishu.person({ name: 'Ada' })
    const group = feishu.group({ owner: ada })
    const inGroup = await sendOk(asking, { chatId: group.id })
    const recalled = await sendOk(asking, { chatId: ada.openId })
    await ada.recalls(recalled)
    expect(await send(asking, { chatId: ada.openId, edit: recalled })).toEqual({ kind: 'message-gone' })
    group.removesBot()
    expect(await send(asking, { chatId: group.id })).toMatchObject({ kind: 'chat-gone' })
    expect(await send(asking, { chatId: group.id, edit: inGroup })).toMatchObject({ kind: 'chat-gone' })
    const other = feishu.group()
    other.disbands()
    expect(await send(asking, { chatId: other.id })).toMatchObject({ kind: 'chat-gone' })
  })

  it('answers in the thread it was asked in, and in the group when the thread’s beginning is gone', async () => {
    const { feishu, sendOk, calls } = await open()
    const ada = feishu.person({ name: 'Ada' })
    const group = feishu.group({ owner: ada })
    const root = await ada.says('look here', group, { mention: false })
    await sendOk({ blocks: [text('in the thread')] }, { chatId: `${group.id}:${root}` })
    expect(calls(new RegExp(`^POST .*/${root}/reply$`))).toHaveLength(1)
    await ada.recalls(root)
    await sendOk({ blocks: [text('in the group')] }, { chatId: `${group.id}:${root}` })
    expect(ada.in(group).last()?.text).toBe('in the group')
  })

  it('for one person only is refused where others would see it', async () => {
    const { feishu, send } = await open()
    const ada = feishu.person({ name: 'Ada' })
    const group = feishu.group({ owner: ada })
    expect(await send(asking, { chatId: group.id, onlyFor: ada.openId })).toMatchObject({ kind: 'refused' })
    expect(await send(asking, { chatId: ada.openId, onlyFor: ada.openId })).toMatchObject({ kind: 'delivered' })
  })
})

it('the SDK is read by nobody who has no Feishu', () => {
  const main = readFileSync(assetPath('main.ts'), 'utf8')
  expect(main).toContain("await import('./bots/feishu/index.ts')")
  for (const file of ['index', 'api', 'connection', 'transport'])
    expect(readFileSync(assetPath(`bots/feishu/${file}.ts`), 'utf8')).not.toMatch(/^import (?!type).*node-sdk/m)
})
