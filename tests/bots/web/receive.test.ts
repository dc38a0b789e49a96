import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { receive, TEXT_MAX } from '../../../bots/web/receive.ts'
import {
  chatOf,
  cleanName,
  preferredLocale,
  privateChatOf,
  randomName,
  roomName,
  userIdOf,
  type Visitor,
} from '../../../bots/web/session.ts'
import { Incoming } from '../../../core/chat/incoming.ts'

const ada: Visitor = { userId: 'w1', name: 'Ada', locale: 'en-GB' }
const from = { visitor: ada, chat: chatOf(ada, null), at: 1_764_000_000_000 }
const clientId = '0123456789abcdef'
const take = (body: object) => receive({ clientId, ...body }, from)
const content = (body: object) => {
  const received = take(body)
  return received.ok ? received.incoming.content : received
}

describe('what a page sends', () => {
  it.each([
    ['hello', { kind: 'text', text: 'hello' }],
    ['  two\nlines ', { kind: 'text', text: 'two\nlines' }],
    ['/deploy', { kind: 'command', name: 'deploy', argument: '' }],
    ['/ASK@ClawCloud what\nis this? ', { kind: 'command', name: 'ask', argument: 'what\nis this?' }],
    ['/模型 x', { kind: 'command', name: '模型', argument: 'x' }],
    ['/', { kind: 'text', text: '/' }],
    ['/ deploy', { kind: 'text', text: '/ deploy' }],
    ['/tmp/file', { kind: 'text', text: '/tmp/file' }],
    ['half \ud83d nul \u0000 whole 👩‍🚀', { kind: 'text', text: 'half \ufffd nul  whole 👩‍🚀' }],
  ])('is understood as what it says: %j', (text, expected) => {
    expect(content({ kind: 'text', text })).toEqual(expected)
  })

  it('carries who, where, when, and a key that a second delivery carries too', () => {
    const received = take({ kind: 'text', text: 'hi' })
    expect(received).toEqual(take({ kind: 'text', text: 'hi' }))
    expect(received).toMatchObject({
      incoming: {
        platform: 'web',
        updateKey: `w1:${clientId}`,
        chat: { id: 'person:w1', kind: 'private' },
        sender: { id: 'w1', name: 'Ada', locale: 'en-GB' },
        at: from.at,
      },
      said: { clientId, text: 'hi' },
    })
  })

  it('may be a press or a form, which hang on a message and want an acknowledgement', () => {
    expect(take({ kind: 'press', token: 'abc.1', messageId: '12' })).toMatchObject({
      incoming: { content: { kind: 'press', token: 'abc.1', messageRef: '12' }, acknowledgement: clientId },
    })
    const form = take({ kind: 'form', token: 'abc.2', messageId: '13', values: { key: 'sk-1', empty: '' } })
    expect(form).toMatchObject({
      incoming: { content: { kind: 'form', values: { key: 'sk-1', empty: '' }, messageRef: '13' }, acknowledgement: clientId },
    })
    // Nothing of a form is shown as said by the person: it may hold a secret.
    expect(form).not.toHaveProperty('said')
  })

  it('keeps a pasted key out of the history, and hands it on so that its owner can be warned', () => {
    const key = `sk-or-v1-${'0123456789abcdef'.repeat(4)}`
    const received = take({ kind: 'text', text: `use ${key} please` })
    expect(received).toMatchObject({ incoming: { content: { text: `use ${key} please` } } })
    expect(received.ok && received.said?.text).not.toContain(key)
  })

  it.each([
    ['no body', undefined],
    ['another kind', { kind: 'dance', clientId }],
    ['no client id', { kind: 'text', text: 'hi' }],
    ['a client id that is no id', { kind: 'text', text: 'hi', clientId: '"><script>' }],
    ['nothing said', { kind: 'text', text: ' \n ', clientId }],
    ['a message that can not be one of ours', { kind: 'press', token: 't', messageId: '1; drop', clientId }],
    [
      'too many fields',
      {
        kind: 'form',
        token: 't',
        messageId: '1',
        clientId,
        values: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`f${index}`, ''])),
      },
    ],
  ])('is refused with a reason: %s', (_what, body) => {
    expect(receive(body, from)).toMatchObject({ ok: false, tooLong: false, reason: expect.stringMatching(/\w: ./) })
  })

  it('is refused as too long beyond the limit, and taken at it', () => {
    expect(take({ kind: 'text', text: 'x'.repeat(TEXT_MAX + 1) })).toMatchObject({ ok: false, tooLong: true })
    expect(take({ kind: 'text', text: 'x'.repeat(TEXT_MAX) })).toMatchObject({ ok: true })
  })

  it('never throws, and what it makes is always an Incoming that PostgreSQL can store', () => {
    const nearly = fc.record(
      {
        kind: fc.constantFrom('text', 'press', 'form', 'x'),
        clientId: fc.oneof(fc.constant(clientId), fc.anything()),
        text: fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string().map((text) => `/${text}`),
          fc.anything(),
        ),
        token: fc.oneof(fc.string({ unit: 'binary' }), fc.anything()),
        messageId: fc.oneof(fc.nat().map(String), fc.anything()),
        values: fc.oneof(fc.dictionary(fc.string(), fc.string({ unit: 'binary' })), fc.anything()),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.oneof(nearly, fc.anything()), (body) => {
        const received = receive(body, from)
        if (!received.ok) return
        expect(Incoming.parse(received.incoming)).toEqual(received.incoming)
        expect(JSON.stringify(received.incoming)).not.toMatch(/\\u0000|\\ud[89a-f]/i)
      }),
    )
  })
})

describe('who is who', () => {
  it('hides the session behind a hash', () => {
    expect(userIdOf('secret')).toMatch(/^w[0-9a-f]{24}$/)
    expect(userIdOf('secret')).not.toBe(userIdOf('secret2'))
    expect(privateChatOf('w1')).toBe('person:w1')
  })

  it('gives a nameless browser the same friendly name every time', () => {
    expect(randomName('w1')).toMatch(/^[A-Z][a-z]+ [A-Z][a-z]+$/)
    expect(randomName('w1')).toBe(randomName('w1'))
  })

  it.each([
    ['Team', 'team'],
    ['  Größe & Co ', 'größe-co'],
    ['团队', '团队'],
    ['../..', null],
    ['', null],
    [undefined, null],
    ['x'.repeat(100), 'x'.repeat(40)],
  ])('makes a room of %j', (query, name) => {
    expect(roomName(query)).toBe(name)
  })

  it.each([
    [' Ada  Lovelace\n', 'Ada Lovelace'],
    ['\u202eevil\u0000', 'evil'],
    [' \t ', null],
    ['👩‍🚀 דניאל', '👩‍🚀 דניאל'],
  ])('shows a typed name %j presentably', (typed, name) => {
    expect(cleanName(typed)).toBe(name)
  })

  it.each([
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh-CN'],
    ['en', 'en'],
    ['*', undefined],
    ['<script>', undefined],
    [undefined, undefined],
  ])('takes the language of %j', (header, locale) => {
    expect(preferredLocale(header)).toBe(locale)
  })
})
