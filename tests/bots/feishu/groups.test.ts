import { describe, expect, it } from 'vitest'
import { button, text } from '../../contracts/platform-samples.ts'
import { asking, type Way, worlds } from './support.ts'

const { open, mayViolate } = worlds()
const CHATS = /^GET .*\/im\/v1\/chats\//

describe('what somebody does in a Feishu group', () => {
  it('says whether they administer it, and a permission that was taken counts from the next thing on', async () => {
    const { feishu, inbox } = await open()
    const [owner, manager, member] = ['Owner', 'Manager', 'Member'].map((name) => feishu.person({ name })) as [
      ReturnType<typeof feishu.person>,
      ReturnType<typeof feishu.person>,
      ReturnType<typeof feishu.person>,
    ]
    const group = feishu.group({ name: 'The <b>team</b>', owner })
    manager.isAdmin(group, true)
    for (const person of [owner, manager, member]) await person.says('/usage', group)
    const said = [await inbox.take(), await inbox.take(), await inbox.take()]
    expect(said.map(({ sender }) => [sender.name, sender.groupRole])).toEqual([
      ['Owner', 'admin'],
      ['Manager', 'admin'],
      ['Member', 'member'],
    ])
    expect(said[0]?.chat).toEqual({ id: group.id, kind: 'group', title: 'The <b>team</b>' })
    manager.isAdmin(group, false)
    // Longer than it takes to do one and the same thing twice.
    await new Promise((resolve) => setTimeout(resolve, 3100))
    await manager.says('/restart', group)
    expect((await inbox.take()).sender.groupRole).toBe('member')
  })

  it('asks Feishu once for a burst of them', async () => {
    const { feishu, inbox, calls } = await open()
    const people = ['A', 'B', 'C', 'D'].map((name) => feishu.person({ name }))
    const group = feishu.group({ owner: people[0] as (typeof people)[number] })
    for (const person of people) await person.says('/usage', group)
    for (const _ of people) await inbox.take()
    expect(calls(CHATS)).toHaveLength(1)
  })

  it('comes back when Feishu could not say what they may do, rather than with a wrong answer', async () => {
    const { feishu, inbox } = await open()
    const ada = feishu.person({ name: 'Ada' })
    const group = feishu.group({ owner: ada })
    feishu.failNext('any', '500', 3)
    await ada.says('/restart', group)
    const incoming = await inbox.take()
    expect(incoming.sender.groupRole).toBe('admin')
    expect(inbox.all()).toHaveLength(1)
  })

  it('is a press with the same role, and in its order with what is written', async () => {
    const { feishu, inbox, sendOk } = await open()
    const ada = feishu.person({ name: 'Ada' })
    const group = feishu.group({ owner: ada })
    await sendOk(asking, { chatId: group.id })
    void ada.presses('Yes', { group })
    const pressed = await inbox.take()
    expect(pressed).toMatchObject({ chat: { id: group.id, kind: 'group' }, sender: { groupRole: 'admin' } })
  })

  it('in a thread is answered there, presses included', async () => {
    const { feishu, inbox, sendOk, adapter } = await open()
    const ada = feishu.person({ name: 'Ada' })
    const group = feishu.group({ owner: ada })
    const root = await ada.says('look here', group, { mention: false })
    await ada.says('/usage', group, { thread: root })
    const { chat } = await inbox.take()
    expect(chat).toMatchObject({ id: `${group.id}:${root}`, groupId: group.id, kind: 'group' })
    const ref = await sendOk(asking, { chatId: chat.id })
    const reaction = ada.presses('Yes', { group, messageId: ref })
    const pressed = await inbox.take()
    expect(pressed.chat).toMatchObject({ id: chat.id, groupId: group.id })
    await adapter.acknowledge(pressed)
    expect((await reaction).error).toBeNull()
  })

  it('is not for us unless we are called', async () => {
    const { feishu, inbox } = await open()
    const ada = feishu.person({ name: 'Ada' })
    const group = feishu.group({ owner: ada })
    const event = {
      sender: { sender_id: { open_id: ada.openId }, sender_type: 'user', tenant_key: feishu.tenantKey },
      message: {
        message_id: 'om_00000000000000000000000000000001',
        chat_id: group.id,
        chat_type: 'group',
        message_type: 'text',
        content: '{"text":"/usage"}',
      },
    }
    await feishu.rawEvent('im.message.receive_v1', event)
    await ada.says('/help', group)
    expect((await inbox.take()).content).toMatchObject({ name: 'help' })
    expect(inbox.all()).toHaveLength(1)
  })

  it('tells the core when we are taken out, or the group is no more', async () => {
    const { feishu, left } = await open()
    const [one, two] = [feishu.group(), feishu.group()]
    one.removesBot()
    two.disbands()
    await feishu.until(() => left.length === 2)
    expect([...left].sort()).toEqual([one.id, two.id].sort())
  })

  it('is ignored when it comes from a group that we left', async () => {
    const { feishu, inbox, sendOk, left } = await open()
    const ada = feishu.person({ name: 'Ada' })
    const group = feishu.group({ owner: ada })
    await sendOk(asking, { chatId: group.id })
    group.removesBot()
    await feishu.until(() => left.length === 1)
    expect(await ada.presses('Yes', { group })).toMatchObject({ error: null, card: false })
    expect(inbox.all()).toEqual([])
  })
})

describe('with one workspace for the whole organisation', () => {
  it('every group is part of it, its administrators are those of the organisation, and leaving one group leaves nothing', async () => {
    const { feishu, inbox, left } = await open({ workspaces: 'tenant' })
    const ada = feishu.person({ name: 'Ada' })
    const [one, two] = [feishu.group({ owner: ada }), feishu.group({ owner: ada })]
    await ada.says('/usage', one)
    await ada.says('/usage', two)
    const said = [await inbox.take(), await inbox.take()]
    expect(said.map(({ chat }) => [chat.id, chat.groupId])).toEqual([
      [one.id, feishu.tenantKey],
      [two.id, feishu.tenantKey],
    ])
    // Owning a group makes nobody an administrator of the organisation.
    expect(said[0]?.sender.groupRole).toBe('member')
    const boss = feishu.person({ name: 'Boss' })
    boss.isTenantManager(true)
    one.removesBot()
    await boss.says('/usage', two)
    expect((await inbox.take()).sender.groupRole).toBe('admin')
    expect(left).toEqual([])
  })

  it('guests of another organisation stay with the group they are in', async () => {
    const { feishu, inbox } = await open({ workspaces: 'tenant' })
    const ada = feishu.person({ name: 'Ada' })
    const group = feishu.group({ owner: ada })
    const mention = { key: '@_user_1', id: { open_id: feishu.botOpenId }, name: 'ClawCloud' }
    const event = {
      sender: { sender_id: { open_id: ada.openId }, sender_type: 'user', tenant_key: 'another' },
      message: {
        message_id: 'om_00000000000000000000000000000002',
        chat_id: group.id,
        chat_type: 'group',
        message_type: 'text',
        content: '{"text":"@_user_1 /usage"}',
        mentions: [mention],
      },
    }
    await feishu.rawEvent('im.message.receive_v1', event)
    expect((await inbox.take()).chat).toEqual({ id: group.id, kind: 'group', title: 'The team' })
  })
})

describe('who somebody is', () => {
  it('comes with a name and the language of their app', async () => {
    const { feishu, inbox } = await open()
    await feishu.person({ name: '小明 **' }).says('/start')
    await feishu.person({ name: 'Ada', locale: 'en_us' }).says('/start')
    const people = [await inbox.take(), await inbox.take()].map(({ sender }) => [sender.name, sender.locale])
    expect(people.sort()).toEqual([
      ['Ada', 'en-US'],
      ['小明 **', 'zh-CN'],
    ])
  })

  it('is the end of their id where we may not look people up, and nobody waits for that', async () => {
    const { feishu, inbox, calls } = await open({ prepare: (feishu) => feishu.permitContacts(false) })
    const ada = feishu.person({ name: 'Ada' })
    await ada.says('/start')
    expect((await inbox.take()).sender.name).toBe(`…${ada.openId.slice(-6)}`)
    await ada.says('again')
    await inbox.take()
    expect(calls(/contact\/v3\/users/)).toHaveLength(1)
  })

  it('is told by the menu itself, whose entries are commands in either language', async () => {
    const { feishu, inbox } = await open()
    const ada = feishu.person({ name: 'Ada' })
    await ada.menu('usage')
    expect(await inbox.take()).toMatchObject({
      chat: { id: ada.openId, kind: 'private' },
      sender: { id: ada.openId, name: 'Ada' },
      content: { kind: 'command', name: 'usage', argument: '' },
    })
    await ada.menu('/用量')
    expect((await inbox.take()).content).toMatchObject({ name: '用量' })
  })
})

describe.each<Way>(['long connection', 'webhook'])('an event over the %s', (way) => {
  it('is acknowledged when it is stored, and else comes again', async () => {
    const { feishu, inbox } = await open({ way })
    const ada = feishu.person({ name: 'Ada' })
    inbox.refuseNext(2)
    await ada.says('do not lose me')
    expect((await inbox.take()).content).toEqual({ kind: 'text', text: 'do not lose me' })
    expect(inbox.refused()).toHaveLength(2)
  })

  it('that comes a second time has the key of the first', async () => {
    const keys: string[] = []
    const { feishu } = await open({ way, receive: async ({ updateKey }) => void keys.push(updateKey) })
    await feishu.person({ name: 'Ada' }).says('one')
    await feishu.until(() => keys.length === 1)
    const { id } = feishu.events.at(-1) ?? { id: '' }
    await feishu.redeliver(id)
    expect(keys).toEqual([keys[0], keys[0]])
  })

  it('of a form carries what was filled in', async () => {
    const { feishu, inbox, sendOk, adapter } = await open({ way })
    const ada = feishu.person({ name: 'Ada' })
    await sendOk(
      {
        blocks: [text('Key?')],
        form: {
          name: 'key',
          token: 'tok:key',
          submitLabel: 'Save',
          fields: [{ name: 'key', label: 'Key', maxLength: 100, secret: true }],
        },
        rows: [[button('Cancel', 'tok:no')]],
      },
      { chatId: ada.openId },
    )
    expect(ada.chat().last()?.inputs).toEqual([{ name: 'key', label: 'Key', masked: true }])
    const reaction = ada.submits({ key: 'a secret' })
    const incoming = await inbox.take()
    expect(incoming.content).toMatchObject({ kind: 'form', token: 'tok:key', values: { key: 'a secret' } })
    await adapter.acknowledge(incoming)
    expect((await reaction).error).toBeNull()
  })
})

describe('the long connection', () => {
  it('connects anew when it breaks, and loses nothing meanwhile', async () => {
    const { feishu, inbox, adapter } = await open()
    const ada = feishu.person({ name: 'Ada' })
    feishu.dropConnection()
    await ada.says('are you back?')
    expect((await inbox.take()).content).toMatchObject({ text: 'are you back?' })
    expect(adapter.health()).toEqual({ ok: true, detail: 'Feishu: connected' })
  })

  it('is tried again when the platform is down at the start', async () => {
    mayViolate(/./)
    const { feishu, adapter } = await open({ prepare: (feishu) => feishu.failNext('any', '500', 1) })
    expect(adapter.health().ok).toBe(false)
    await feishu.until(() => feishu.connections() === 1, 'a connection')
  })
})
