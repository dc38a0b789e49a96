import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAcknowledgement, receiveInteraction, receiveMessage, type Surroundings } from '../../../bots/discord/receive.ts'
import { Incoming } from '../../../core/chat/incoming.ts'

const SAMPLES = new URL('../../../bots/discord/samples/', import.meta.url)
const sample = (name: string): unknown => JSON.parse(readFileSync(new URL(`${name}.json`, SAMPLES), 'utf8'))

const TOKEN = 'aW50ZXJhY3Rpb246MTMxMjAwMDAwMDAwMDAwMDAwMTpRc2ZYb1lLd0Z2bUN0ZVZ5'
const ada = { id: '802345678901234567', name: 'Ada Lovelace', username: 'ada_l' }
const ROLE = '1296543215000000007'
const GUILD = '1296543210987654321'
const server = { id: '1296543211000000001', kind: 'group', groupId: GUILD, title: 'Analytical Engines' } as const
const thread = { ...server, id: '1296543299000000009' } as const
const privateChat = { id: '1311111111111111111', kind: 'private' } as const
const member: Incoming['sender'] = { ...ada, locale: 'en-GB', groupRole: 'member', groupRoleIds: [ROLE] }
const PRESSED = '1312000000000000500'

const around: Surroundings = {
  botUserId: '1310000000000000002',
  nameOf: (id) => (id === GUILD ? 'Analytical Engines' : undefined),
  roleOf: (_guild, _user, roles) => (roles.includes(ROLE) ? 'admin' : 'member'),
}

/** sample → what it is to us, or why it is nothing. */
const INTERACTIONS: Record<string, Partial<Incoming> | string> = {
  'command-in-server': { chat: server, sender: member, content: { kind: 'command', name: 'usage', argument: '' } },
  'command-of-admin': {
    sender: { ...member, groupRole: 'admin' },
    content: { kind: 'command', name: 'model', argument: 'Scout gpt  5' },
  },
  'command-in-thread': { chat: thread, sender: { ...member, groupRole: 'admin' } },
  'command-in-private-chat': {
    chat: privateChat,
    sender: { ...ada, locale: 'zh-CN' },
    content: { kind: 'command', name: 'deploy', argument: '' },
  },
  'command-on-a-person': { content: { kind: 'command', name: 'look up', argument: '' } },
  button: { chat: server, sender: member, content: { kind: 'press', token: '4hTq8Zk1Wn1', messageRef: PRESSED } },
  'button-seen-by-one': { content: { kind: 'press', token: '4hTq8Zk1Wn1', messageRef: `${PRESSED}!${TOKEN}` } },
  'button-of-nobody': { content: { kind: 'press', token: 'left_over_from_2023', messageRef: PRESSED } },
  select: { content: { kind: 'press', token: '4hTq8Zk1Wn4', messageRef: PRESSED } },
  form: { content: { kind: 'form', token: '4hTq8Zk1Wn5', values: { query: 'claude', why: 'so\nthat' }, messageRef: PRESSED } },
  'form-in-rows': { chat: privateChat, content: { kind: 'form', token: '4hTq8Zk1Wn5', values: { query: 'claude' } } },
  'of-the-future': 'an interaction of the unknown type 9',
  'without-person': 'an interaction of type 2 without a person or a channel',
  'typing-elsewhere': 'typing in an option that is none of ours',
}
/** Answered here, and nothing the core hears of. */
const ANSWERED = ['ping', 'typing', 'button-of-form', 'button-of-form-without-its-message']

const MESSAGES: Record<string, Partial<Incoming> | string> = {
  'private-text': {
    chat: privateChat,
    sender: ada,
    content: { kind: 'text', text: ' How do I begin? ' },
    messageRef: '1312000000000000101',
  },
  'private-command': { content: { kind: 'command', name: 'model', argument: 'gpt  5' } },
  'private-chinese-command': { content: { kind: 'command', name: '用量', argument: '' } },
  mention: {
    chat: server,
    sender: { ...ada, groupRole: 'admin', groupRoleIds: [ROLE] },
    content: { kind: 'text', text: 'what can you do?' },
  },
  'mention-at-the-end': { content: { kind: 'command', name: 'usage', argument: 'Scout' } },
  'mention-alone': { content: { kind: 'command', name: 'help', argument: '' } },
  'mention-in-thread': { chat: thread, content: { kind: 'command', name: 'status', argument: '' } },
  'reply-to-us': { content: { kind: 'text', text: 'Scout' } },
  talk: 'talk in a server, not meant for us',
  'talk-to-another': 'talk in a server, not meant for us',
  picture: { content: { kind: 'unsupported', what: 'file' } },
  sticker: { content: { kind: 'unsupported', what: 'sticker' } },
  joined: "Discord's own message of type 7",
  'of-a-bot': 'a message of a bot',
  'of-a-webhook': 'a message of a bot',
}

describe('what Discord sends', () => {
  it.each(Object.entries(INTERACTIONS))('interaction %s', (name, expected) => {
    const received = receiveInteraction(sample(`interaction-${name}`), around)
    if (typeof expected === 'string') return expect(received).toEqual({ kind: 'ignored', reason: expected })
    if (received.kind !== 'incoming') throw new Error(JSON.stringify(received))
    expect(received.incoming).toMatchObject({ platform: 'discord', ...expected })
    expect(received.incoming.updateKey).toBe(`i${received.asked.id}`)
    expect(new Date(received.incoming.at).getUTCFullYear()).toBe(2024)
    expect(Incoming.parse(received.incoming)).toEqual(received.incoming)
    expect(parseAcknowledgement(received.incoming.acknowledgement ?? '')).toEqual({ id: received.asked.id, token: TOKEN })
  })

  it.each(Object.entries(MESSAGES))('message %s', (name, expected) => {
    const received = receiveMessage(sample(`message-${name}`), around)
    if (typeof expected === 'string') return expect(received).toEqual({ kind: 'ignored', reason: expected })
    if (received.kind !== 'incoming') throw new Error(JSON.stringify(received))
    expect(received.incoming).toMatchObject({ platform: 'discord', ...expected })
    expect(received.incoming.acknowledgement).toBeUndefined()
    expect(Incoming.parse(received.incoming)).toEqual(received.incoming)
  })

  it('has a sample for each line of these tables, and a line for each sample', () => {
    const lines = [
      ...[...Object.keys(INTERACTIONS), ...ANSWERED].map((name) => `interaction-${name}.json`),
      ...Object.keys(MESSAGES).map((name) => `message-${name}.json`),
    ]
    expect(readdirSync(SAMPLES).sort()).toEqual(lines.sort())
  })

  it('asks for choices while an option is typed', () => {
    expect(receiveInteraction(sample('interaction-typing'), around)).toMatchObject({
      kind: 'suggest',
      suggest: { chat: server, sender: member, command: 'model', option: 'text', typed: 'cla' },
    })
  })

  it('is a PING that wants its answer', () => {
    expect(receiveInteraction(sample('interaction-ping'), around)).toEqual({ kind: 'ping' })
  })

  it('says what a press hangs on and whether it was in a server, for its answer', () => {
    const asked = (name: string) => Object(receiveInteraction(sample(`interaction-${name}`), around)).asked
    expect(asked('button')).toEqual({ id: '1312000000000000006', token: TOKEN, pressed: PRESSED, command: null, inGroup: true })
    expect(asked('command-in-private-chat')).toMatchObject({ pressed: null, command: 'deploy', inGroup: false })
  })

  it('opens a form from the message its button hangs on alone', () => {
    expect(receiveInteraction(sample('interaction-button-of-form'), around)).toMatchObject({
      kind: 'form',
      modal: {
        custom_id: 'm:4hTq8Zk1Wn5',
        title: 'Search',
        components: [
          {
            label: 'Any other model',
            description: 'part of its name, or “cheap”, “free”',
            component: { custom_id: 'query', max_length: 80, style: 1 },
          },
          { label: 'Snake_case *yes*', component: { custom_id: 'why', max_length: 4000, style: 2 } },
        ],
      },
    })
    // Its words are lost, the questions are not.
    expect(receiveInteraction(sample('interaction-button-of-form-without-its-message'), around)).toMatchObject({
      kind: 'form',
      modal: { components: [{ label: 'query' }, { label: 'why' }] },
    })
  })

  it('knows no role of a person in a server the gateway has not told of', () => {
    const received = receiveMessage(sample('message-mention'), { ...around, roleOf: () => undefined, nameOf: () => undefined })
    expect(received).toMatchObject({ kind: 'incoming', incoming: { sender: { groupRoleIds: [ROLE] } } })
    if (received.kind !== 'incoming') throw new Error(received.reason)
    expect(received.incoming.sender).not.toHaveProperty('groupRole')
    expect(received.incoming.chat).not.toHaveProperty('title')
  })

  it('never throws, whatever comes, and what it passes on can be stored', () => {
    const real = readdirSync(SAMPLES).map((name) => sample(name.replace('.json', '')))
    const spoilt = fc
      .tuple(fc.constantFrom(...real), fc.string({ unit: 'binary' }), fc.anything())
      .map(([payload, text, value]) => {
        const copy = structuredClone(Object(payload))
        const keys = Object.keys(copy)
        const key = keys[text.length % keys.length] ?? 'id'
        copy[key] = text.length % 2 === 0 ? text : value
        return copy
      })
    fc.assert(
      fc.property(fc.oneof(spoilt, fc.anything()), (payload) => {
        for (const received of [receiveInteraction(payload, around), receiveMessage(payload, around)]) {
          if (received.kind !== 'incoming') continue
          const { content } = Incoming.parse(received.incoming)
          const words = 'text' in content ? content.text : 'argument' in content ? content.argument : ''
          expect(/\0|\p{Surrogate}/u.test(words)).toBe(false)
        }
      }),
      { numRuns: 500 },
    )
  })
})
