import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { receive } from '../../../bots/telegram/receive.ts'
import { Incoming } from '../../../core/chat/incoming.ts'
import { botApiSchema } from '../../support/bot-api/index.ts'

const ME = { id: 7_000_000_001, username: 'ClawTestBot' }
const RECEIVED_AT = 1_795_400_000_000
const SAMPLES = new URL('../../../bots/telegram/samples/', import.meta.url)
const sample = (name: string): unknown => JSON.parse(readFileSync(new URL(`${name}.json`, SAMPLES), 'utf8'))

const ada = { id: '512345678', name: 'Ada Lovelace', username: 'ada_l', locale: 'en' }
const bob = { id: '612345678', name: '小明', locale: 'zh-hans' }
const privateChat = { id: '512345678', kind: 'private' } as const
const group = { id: '-1001987654321', kind: 'group', title: 'Analytical Engines' } as const
const topic = { id: '-1001555666777:5', groupId: '-1001555666777', kind: 'group', title: 'Engine forum' } as const
const T = 1_795_348_800_000

/** sample → what it is to us, or why it is nothing. */
const TABLE: Record<string, Partial<Incoming> | string> = {
  'private-text': {
    chat: privateChat,
    sender: ada,
    at: T,
    content: { kind: 'text', text: 'my assistant is silent 😕' },
    messageRef: '41',
  },
  'private-command': { sender: ada, content: { kind: 'command', name: 'deploy', argument: 'my first one' } },
  'start-with-payload': { content: { kind: 'command', name: 'start', argument: 'link_9fQ2x' } },
  'group-command-for-us': {
    chat: group,
    sender: bob,
    content: { kind: 'command', name: 'usage', argument: 'team-bot' },
  },
  'managed-bot': {
    chat: privateChat,
    sender: ada,
    at: RECEIVED_AT,
    content: { kind: 'bot-made', botId: '7712345678', username: 'Scout_k3x9a_bot', name: 'Scout' },
  },
  'group-command-for-another': 'a command for another bot',
  'group-talk': 'group talk, not meant for us',
  'group-mention': { content: { kind: 'text', text: 'team-bot' } },
  'group-reply-to-us': { chat: group, sender: bob, content: { kind: 'text', text: '工作助手' } },
  press: {
    chat: privateChat,
    sender: ada,
    at: RECEIVED_AT,
    content: { kind: 'press', token: 's:4hTq8Zk1Wn:1', messageRef: '43' },
    acknowledgement: '2201517811447346601',
  },
  'press-on-old-message': {
    chat: group,
    sender: bob,
    content: { kind: 'press', token: 's:1aBcD3fGhI:3', messageRef: '12' },
  },
  'press-in-forum-topic': { chat: topic, content: { kind: 'press', token: 's:4hTq8Zk1Wn:2', messageRef: '77' } },
  'forum-topic-command': { chat: topic, sender: ada, content: { kind: 'command', name: 'status', argument: '' } },
  'reply-thread-in-plain-supergroup': { chat: group, content: { kind: 'text', text: 'Babbage' } },
  'edited-message': "an update we don't use: edited_message",
  photo: { content: { kind: 'unsupported', what: 'photo' } },
  sticker: { content: { kind: 'unsupported', what: 'sticker' } },
  voice: { content: { kind: 'unsupported', what: 'voice' } },
  blocked: "an update we don't use: my_chat_member",
  'channel-post': "an update we don't use: channel_post",
  'anonymous-administrator': 'a message of a bot or an anonymous sender',
  'joined-group': 'a service message',
}

describe('a Telegram update', () => {
  it.each(Object.entries(TABLE))('%s is understood', (name, expected) => {
    const received = receive(sample(name), ME, RECEIVED_AT)
    if (typeof expected === 'string') return expect(received).toEqual({ kind: 'ignored', reason: expected })
    expect(received).toMatchObject({ kind: 'incoming', incoming: { platform: 'telegram', ...expected } })
    if (received.kind === 'incoming') Incoming.parse(received.incoming)
  })

  it('has a sample for every row, and every sample is what Telegram would send', () => {
    const names = readdirSync(SAMPLES).map((file) => file.replace('.json', ''))
    expect(names.sort()).toEqual(Object.keys(TABLE).sort())
    for (const name of names) expect([name, botApiSchema().update(sample(name))]).toEqual([name, null])
  })

  it('has a key that differs from every other update and from those of another bot', () => {
    const key = (name: string, id = ME.id) => {
      const received = receive(sample(name), { ...ME, id }, RECEIVED_AT)
      return received.kind === 'incoming' ? received.incoming.updateKey : null
    }
    expect(key('press')).toBe(key('press'))
    expect(key('press')).not.toBe(key('private-text'))
    expect(key('press')).not.toBe(key('press', 99))
  })

  it.each([
    ['@ClawTestBot', { kind: 'command', name: 'help', argument: '' }],
    ['@clawtestbot /model pro', { kind: 'command', name: 'model', argument: 'pro' }],
    ['hey @ClawTestBot, hello', { kind: 'text', text: 'hey , hello' }],
    ['@ClawTestBot /用量 Scout', { kind: 'command', name: '用量', argument: 'Scout' }],
    ['/x@ClawTestBot', { kind: 'command', name: 'x', argument: '' }],
    ['/status\nnow', { kind: 'command', name: 'status', argument: 'now' }],
    ['@ClawTestBotty hello', null],
    ['mail me@ClawTestBot', null],
    ['/etc/passwd', null],
  ])('in a group, "%s" means what it says', (text, content) => {
    const update = {
      update_id: 1,
      message: { message_id: 2, date: 3, chat: { id: -5, type: 'group', title: 'G' }, from: person(), text },
    }
    const received = receive(update, ME, RECEIVED_AT)
    expect(received.kind === 'incoming' ? received.incoming.content : null).toEqual(content)
  })

  it('loses the characters no database takes, and nothing else', () => {
    const text = 'a\0b\uD800c 👍'
    const update = { update_id: 1, message: { message_id: 2, date: 3, chat: { id: 5, type: 'private' }, from: person(), text } }
    expect(receive(update, ME, RECEIVED_AT)).toMatchObject({ incoming: { content: { text: 'ab\uFFFDc 👍' } } })
  })

  it('never throws and never makes an invalid Incoming, whatever it is', () => {
    const anything = fc.oneof(fc.anything(), fc.jsonValue(), updates())
    fc.assert(
      fc.property(anything, (update) => {
        const received = receive(update, ME, RECEIVED_AT)
        if (received.kind === 'incoming') Incoming.parse(received.incoming)
        else expect(received.reason).not.toBe('')
      }),
      { numRuns: 500 },
    )
  })
})

function person() {
  return { id: 1, is_bot: false, first_name: 'Ada' }
}

/** Things that look like updates, so that the random values reach all the code. */
function updates() {
  const from = fc.oneof(fc.constant(person()), fc.jsonValue())
  const chat = fc.record({ id: fc.integer(), type: fc.constantFrom('private', 'group', 'supergroup', 'channel', 'new') })
  const message = fc.record(
    {
      message_id: fc.integer(),
      date: fc.integer(),
      chat,
      from,
      text: fc.oneof(
        fc.string(),
        fc.string({ unit: 'binary' }),
        fc.constant('/start@ClawTestBot x'),
        fc.constant('@ClawTestBot'),
      ),
      is_topic_message: fc.boolean(),
      message_thread_id: fc.integer(),
      sticker: fc.jsonValue(),
      reply_to_message: fc.jsonValue(),
    },
    { requiredKeys: ['message_id', 'date', 'chat'] },
  )
  const callback_query = fc.record({ id: fc.string(), from, message, data: fc.string() }, { requiredKeys: ['id', 'from'] })
  return fc.record({ update_id: fc.integer(), message, callback_query }, { requiredKeys: ['update_id'] })
}
