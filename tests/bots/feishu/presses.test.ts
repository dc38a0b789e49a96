import { describe, expect, it } from 'vitest'
import type { Incoming } from '../../../core/chat/incoming.ts'
import { button, text } from '../../contracts/platform-samples.ts'
import { asking, CHANGES, type Way, worlds } from './support.ts'

const { open } = worlds()
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe.each<Way>(['long connection', 'webhook'])('a press, over the %s,', (way) => {
  it('is answered with the note and the changed card themselves when the core is quick', async () => {
    const { feishu, adapter, inbox, sendOk, calls } = await open({ way })
    const ada = feishu.person({ name: 'Ada' })
    const ref = await sendOk(asking, { chatId: ada.openId })
    const reaction = ada.presses('Yes')
    const incoming = await inbox.take()
    const edited = sendOk({ blocks: [text('Done.')] }, { chatId: ada.openId, edit: ref, answers: incoming.acknowledgement ?? '' })
    await adapter.acknowledge(incoming, '已完成')
    expect(await reaction).toMatchObject({ card: true, toast: { type: 'info', content: '已完成' }, error: null })
    expect((await reaction).ms).toBeLessThan(1000)
    expect(ada.chat().last()?.text).toBe('Done.')
    expect(await edited).toBe(ref)
    expect(calls(CHANGES)).toEqual([])
  })

  it('is answered within a second whatever the core is doing, and the card changes later', async () => {
    const { feishu, inbox, sendOk, calls } = await open({ way })
    const ada = feishu.person({ name: 'Ada' })
    const ref = await sendOk(asking, { chatId: ada.openId })
    const reaction = ada.presses('Yes')
    const { acknowledgement } = await inbox.take()
    expect(await reaction).toMatchObject({ card: false, toast: null, error: null })
    expect((await reaction).ms).toBeLessThan(1500)
    await sendOk({ blocks: [text('Done.')] }, { chatId: ada.openId, edit: ref, answers: acknowledgement ?? '' })
    expect(ada.chat().last()?.text).toBe('Done.')
    expect(calls(CHANGES)).toHaveLength(1)
  })

  it('that could not be stored says so, for Feishu gives it once only', async () => {
    const { feishu, inbox, sendOk } = await open({ way })
    const ada = feishu.person({ name: 'Ada' })
    await sendOk(asking, { chatId: ada.openId })
    inbox.refuseNext(1)
    expect(await ada.presses('Yes')).toMatchObject({ toast: { type: 'error' }, error: null })
    expect(ada.toasts()).toEqual(['没有收到这次操作，请再点一次。'])
  })

  it('that hangs in a database that does not answer is told in time, too', async () => {
    const { feishu, sendOk } = await open({ way, receive: () => new Promise(() => undefined) })
    const ada = feishu.person({ name: 'Ada', locale: 'en_us' })
    await sendOk(asking, { chatId: ada.openId })
    const reaction = await ada.presses('Yes')
    expect(reaction).toMatchObject({ toast: { type: 'warning' }, error: null })
    expect(reaction.ms).toBeLessThan(2900)
    expect(ada.toasts()).toEqual(['This takes a moment longer. If nothing changes here, press once more.'])
  })

  it('on a card that is none of ours gets a note and goes no further', async () => {
    const { feishu, inbox, sendOk, logged } = await open({ way })
    const ada = feishu.person({ name: 'Ada' })
    const ref = await sendOk(asking, { chatId: ada.openId })
    const action = { tag: 'button', value: { approve: 'yes' } }
    const context = { open_message_id: ref, open_chat_id: ada.chat().id }
    await feishu.rawEvent('card.action.trigger', { operator: { open_id: ada.openId }, token: 'c-1', action, context })
    expect(inbox.all()).toEqual([])
    expect(logged.join('\n')).toContain('none of ours')
  })
})

describe('a press', () => {
  it('does not wait for what became of the one before it', async () => {
    const { feishu, adapter, inbox, sendOk, calls } = await open()
    const ada = feishu.person({ name: 'Ada' })
    const ref = await sendOk(asking, { chatId: ada.openId })
    let before: Promise<unknown> = Promise.resolve()
    const began = performance.now()
    for (let turn = 1; turn <= 5; turn += 1) {
      const reaction = ada.presses('Yes')
      const incoming = await inbox.take()
      // As the core does: one message of a chat after the other.
      await before
      before = sendOk(
        { ...asking, blocks: [text(`${turn}`)] },
        { chatId: ada.openId, edit: ref, answers: incoming.acknowledgement ?? '' },
      )
      await adapter.acknowledge(incoming)
      expect(await reaction).toMatchObject({ card: true })
    }
    expect(performance.now() - began).toBeLessThan(700)
    expect(ada.chat().last()?.text).toBe('5')
    expect(calls(CHANGES)).toEqual([])
    await before
  })

  it('and the change of its card are in order: what is said later is what stays', async () => {
    const { feishu, adapter, inbox, sendOk } = await open()
    const ada = feishu.person({ name: 'Ada' })
    const ref = await sendOk(asking, { chatId: ada.openId })
    for (let turn = 0; turn < 3; turn += 1) {
      const reaction = ada.presses('Yes')
      const incoming = await inbox.take()
      const first = sendOk(
        { blocks: [text('working')] },
        { chatId: ada.openId, edit: ref, answers: incoming.acknowledgement ?? '' },
      )
      await adapter.acknowledge(incoming)
      await first
      await sendOk({ blocks: [text('done')], rows: [[button('Yes', 'again')]] }, { chatId: ada.openId, edit: ref })
      await reaction
      expect(ada.chat().last()?.text).toBe('done')
    }
  })

  it('of two people on one card of a group has an answer each', async () => {
    const { feishu, adapter, inbox, sendOk } = await open()
    const [ada, bob] = [feishu.person({ name: 'Ada' }), feishu.person({ name: 'Bob' })]
    const group = feishu.group({ owner: ada })
    const ref = await sendOk(asking, { chatId: group.id })
    const reactions = [ada.presses('Yes', { group }), bob.presses('Yes', { group })]
    const pressed = [await inbox.take(), await inbox.take()]
    const of = (id: string) => pressed.find(({ sender }) => sender.id === id) as Incoming
    const changed = sendOk(
      { blocks: [text('Ada was first')] },
      { chatId: group.id, edit: ref, answers: of(ada.openId).acknowledgement ?? '' },
    )
    await adapter.acknowledge(of(ada.openId))
    await adapter.acknowledge(of(bob.openId), 'too late')
    expect((await Promise.all(reactions)).map(({ card, toast }) => [card, toast?.content])).toEqual([
      [true, undefined],
      [false, 'too late'],
    ])
    await changed
    expect(bob.in(group).last()?.text).toBe('Ada was first')
  })

  it('whose answer may have been lost with the connection has its card changed by a request', async () => {
    const { feishu, adapter, inbox, sendOk, calls } = await open()
    const ada = feishu.person({ name: 'Ada' })
    const ref = await sendOk(asking, { chatId: ada.openId })
    const reaction = ada.presses('Yes')
    const incoming = await inbox.take()
    feishu.dropConnection()
    const edited = sendOk({ blocks: [text('Done.')] }, { chatId: ada.openId, edit: ref, answers: incoming.acknowledgement ?? '' })
    await adapter.acknowledge(incoming)
    expect((await reaction).error).not.toBeNull()
    await edited
    expect(ada.chat().last()?.text).toBe('Done.')
    expect(calls(CHANGES)).toHaveLength(1)
    await feishu.until(() => feishu.connections() === 1, 'a new connection')
  })

  it('waits a second at the most for a picture, which then comes by a request', async () => {
    const { feishu, adapter, inbox, sendOk } = await open({
      draw: async () => {
        await pause(300)
        throw new Error('no font')
      },
    })
    const ada = feishu.person({ name: 'Ada' })
    const ref = await sendOk(asking, { chatId: ada.openId })
    const reaction = ada.presses('Yes')
    const incoming = await inbox.take()
    const chart = { kind: 'daily-usage', days: [], allowanceMicros: 1, language: 'en' } as const
    const edited = sendOk({ blocks: [text('Usage')], image: { chart, alt: 'none' } }, { chatId: ada.openId, edit: ref })
    await adapter.acknowledge(incoming)
    expect(await reaction).toMatchObject({ card: false, error: null })
    expect(await edited).toBe(ref)
    expect(ada.chat().last()?.text).toContain('Usage')
  })

  it('is answered when the service stops', async () => {
    const { feishu, adapter, inbox, sendOk } = await open({ way: 'webhook' })
    const ada = feishu.person({ name: 'Ada' })
    await sendOk(asking, { chatId: ada.openId })
    const reaction = ada.presses('Yes')
    await inbox.take()
    await adapter.stop()
    expect(await reaction).toMatchObject({ error: null })
  })
})
