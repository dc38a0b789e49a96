import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { receive } from '../../../bots/feishu/receive.ts'
import { Incoming } from '../../../core/chat/incoming.ts'

const ME = { openId: 'ou_b07b07b07b07b07b07b07b07b07b07b0' }
const RECEIVED_AT = 1_795_400_000_000
const SAMPLES = new URL('../../../bots/feishu/samples/', import.meta.url)
const sample = (name: string): unknown => JSON.parse(readFileSync(new URL(`${name}.json`, SAMPLES), 'utf8'))

const ADA = 'ou_84aad35d084aa403a838cf73ee18467a'
const MING = 'ou_3c14f3a59eaf2825dbe25359f15b00aa'
const GROUP = 'oc_a0553eda9014c201e6969b478895c230'
const ROOT = 'om_dc13264520392913993dd051dba2ffff'
const CARD = 'om_574d639e4a44e4dd646eaf628e2c0001'
const inPrivate = (id: string) => ({ id, kind: 'private' }) as const
const group = { id: GROUP, kind: 'group' } as const
const thread = { id: `${GROUP}:${ROOT}`, kind: 'group', groupId: GROUP } as const
const command = (name: string, argument = '') => ({ kind: 'command', name, argument }) as const

type Expected = Omit<Partial<Incoming>, 'sender'> & { readonly sender?: Partial<Incoming['sender']> }

/** sample → what it is to us, or why it is nothing. */
const TABLE: Record<string, Expected | string> = {
  'private-text': {
    updateKey: 'om_dc13264520392913993dd051dba20001',
    chat: inPrivate(ADA),
    sender: { id: ADA, name: '…18467a', privateChatId: ADA },
    at: 1_795_348_800_123,
    content: { kind: 'text', text: 'my assistant is silent 😕' },
    messageRef: 'om_dc13264520392913993dd051dba20001',
  },
  'private-command': { content: command('deploy', 'my first one') },
  'private-command-chinese': { sender: { id: MING, locale: 'zh-CN' }, content: command('用量', '小助手') },
  'group-mention': { chat: group, sender: { id: MING }, content: { kind: 'text', text: '工作助手' } },
  'group-command': { chat: group, content: command('access', '@小明 admin') },
  'group-only-our-name': { chat: group, content: command('help') },
  'group-talk': 'group talk, not meant for us',
  'group-everybody': 'group talk, not meant for us',
  'thread-command': { chat: thread, content: command('status') },
  post: { chat: group, content: command('ask', 'first line\na link') },
  image: { chat: inPrivate(ADA), content: { kind: 'unsupported', what: 'image' } },
  'sticker-in-group': 'a sticker in a group, not meant for us',
  'from-a-bot': 'a message of a bot or an anonymous sender',
  guest: { chat: group, sender: { id: MING }, content: command('usage') },
  'press-in-private': {
    updateKey: 'f7984f25108f8137722bb63cee000001',
    chat: inPrivate(ADA),
    at: RECEIVED_AT,
    content: { kind: 'press', token: '4hTq8Zk1Wn1', messageRef: CARD },
    acknowledgement: 'f7984f25108f8137722bb63cee000001',
  },
  'press-in-group': { chat: group, sender: { id: MING }, content: { kind: 'press', token: '4hTq8Zk1Wn2', messageRef: CARD } },
  'press-in-thread': { chat: thread, content: { kind: 'press', token: '4hTq8Zk1Wn3', messageRef: CARD } },
  select: { chat: inPrivate(ADA), content: { kind: 'press', token: '4hTq8Zk1Wn4', messageRef: CARD } },
  form: {
    chat: group,
    content: { kind: 'form', token: '4hTq8Zk1Wn5', values: { name: '小助手 🦞' }, messageRef: CARD },
  },
  'press-of-another-version': 'a press without our data',
  menu: { chat: inPrivate(ADA), sender: { id: ADA, name: '艾达' }, at: 1_795_348_800_000, content: command('usage') },
  'removed-from-group': 'left',
  'group-disbanded': 'left',
  'added-to-group': "an event we don't use: im.chat.member.bot.added_v1",
  'old-kind-of-event': 'not an event we understand: schema',
}

describe('a Feishu event', () => {
  it.each(Object.entries(TABLE))('%s is understood', (name, expected) => {
    const received = receive(sample(name), ME, RECEIVED_AT)
    if (expected === 'left') return expect(received).toEqual({ kind: 'left', groupId: GROUP })
    if (typeof expected === 'string') return expect(received).toMatchObject({ reason: expected })
    expect(received).toMatchObject({ kind: 'incoming', incoming: { platform: 'feishu', ...expected } })
    if (received.kind === 'incoming') Incoming.parse(received.incoming)
  })

  it('has a sample for every row', () => {
    const names = readdirSync(SAMPLES).map((file) => file.replace('.json', ''))
    expect(names.sort()).toEqual(Object.keys(TABLE).sort())
  })

  it('tells whose role is to be asked for where, and who is a guest of another organisation', () => {
    const person = (name: string) => {
      const received = receive(sample(name), ME, RECEIVED_AT)
      return received.kind === 'incoming' ? received.person : null
    }
    expect(person('private-text')).toMatchObject({ groupId: null, nameless: true })
    expect(person('thread-command')).toMatchObject({ groupId: GROUP, tenant: { key: '2ca1d211f64f6438', isTheirs: true } })
    expect(person('guest')).toMatchObject({ groupId: GROUP, tenant: { isTheirs: false } })
    expect(person('menu')).toMatchObject({ nameless: false })
  })

  it.each([
    ['/usage', command('usage')],
    ['/USAGE  Scout ', command('usage', 'Scout')],
    ['／用量', command('用量')],
    ['/ 用量　小助手', command('用量', '小助手')],
    ['\u00a0/status\nnow', command('status', 'now')],
    ['/ｕｓａｇｅ', command('usage')],
    ['/etc/passwd', { kind: 'text', text: '/etc/passwd' }],
    ['用量', { kind: 'text', text: '用量' }],
    ['and/or', { kind: 'text', text: 'and/or' }],
  ])('"%s" means what it says', (text, content) => {
    expect(receive(privateText(text), ME, RECEIVED_AT)).toMatchObject({ incoming: { content } })
  })

  it('loses the characters no database takes, and nothing else', () => {
    expect(receive(privateText('a\0b\uD800c 👍'), ME, RECEIVED_AT)).toMatchObject({
      incoming: { content: { text: 'ab\uFFFDc 👍' } },
    })
  })

  it('never throws and never makes an invalid Incoming, whatever it is', () => {
    const bent = fc.tuple(fc.constantFrom(...Object.keys(TABLE)), fc.jsonValue(), fc.nat()).map(([name, value, at]) => {
      const paths: (readonly string[])[] = []
      const walk = (node: unknown, path: readonly string[]): void => {
        paths.push(path)
        if (typeof node === 'object' && node !== null)
          for (const [key, inner] of Object.entries(node)) walk(inner, [...path, key])
      }
      const event = sample(name)
      walk(event, [])
      return replaced(event, paths[at % paths.length] ?? [], value)
    })
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.jsonValue(), bent), (event) => {
        const received = receive(event, ME, RECEIVED_AT)
        if (received.kind === 'incoming') Incoming.parse(received.incoming)
        else if (received.kind !== 'left') expect(received.reason).not.toBe('')
      }),
      { numRuns: 2000 },
    )
  })

  it('takes well below a millisecond', () => {
    const events = Object.keys(TABLE).map(sample)
    const times = Array.from({ length: 7 }, () => {
      const start = performance.now()
      for (let turn = 0; turn < 40; turn++) for (const event of events) receive(event, ME, RECEIVED_AT)
      return (performance.now() - start) / (40 * events.length)
    }).sort((a, b) => a - b)
    expect(times[3]).toBeLessThan(0.5)
  })
})

function privateText(text: string): unknown {
  return replaced(sample('private-text'), ['event', 'message', 'content'], JSON.stringify({ text }))
}

/** The same event with something else at one place. */
function replaced(node: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value
  if (Array.isArray(node)) return node.map((item, at) => (String(at) === key ? replaced(item, rest, value) : item))
  if (typeof node !== 'object' || node === null) return node
  return Object.fromEntries(
    Object.entries(node).map(([name, inner]) => [name, name === key ? replaced(inner, rest, value) : inner]),
  )
}
