import { GrammyError, HttpError } from 'grammy'
import { describe, expect, it } from 'vitest'
import { faultOf } from '../../../bots/telegram/faults.ts'

const telegram = (error_code: number, description: string, parameters = {}) =>
  new GrammyError('Call failed!', { ok: false, error_code, description, parameters }, 'sendMessage', {})
const network = (cause: unknown) => new HttpError('Network request failed!', cause)

/** what Telegram says → what becomes of the message */
const TABLE: readonly (readonly [string, Error, object])[] = [
  [
    '429 with a wait',
    telegram(429, 'Too Many Requests: retry after 7', { retry_after: 7 }),
    { kind: 'retry-later', afterSeconds: 7 },
  ],
  ['429 without one', telegram(429, 'Too Many Requests'), { kind: 'retry-later', afterSeconds: 5 }],
  ['500', telegram(500, 'Internal Server Error'), { kind: 'retry-later', afterSeconds: 5 }],
  ['a revoked token', telegram(401, 'Unauthorized'), { kind: 'retry-later', afterSeconds: 60 }],
  [
    'a connection refused',
    network(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })),
    { kind: 'retry-later', reason: expect.stringContaining('ECONNREFUSED') },
  ],
  [
    'an error page',
    network(new SyntaxError('Unexpected token <')),
    { kind: 'retry-later', reason: expect.stringContaining('no JSON') },
  ],
  ['blocked', telegram(403, 'Forbidden: bot was blocked by the user'), { kind: 'chat-gone' }],
  ['kicked', telegram(403, 'Forbidden: bot was kicked from the supergroup chat'), { kind: 'chat-gone' }],
  ['deactivated', telegram(403, 'Forbidden: user is deactivated'), { kind: 'chat-gone' }],
  ['no such chat', telegram(400, 'Bad Request: chat not found'), { kind: 'chat-gone' }],
  ['muted in a group', telegram(400, 'Bad Request: not enough rights to send text messages to the chat'), { kind: 'chat-gone' }],
  ['a deleted topic', telegram(400, 'Bad Request: message thread not found'), { kind: 'chat-gone' }],
  ['a deleted message', telegram(400, 'Bad Request: message to edit not found'), { kind: 'message-gone' }],
  ['somebody else’s message', telegram(400, "Bad Request: message can't be edited"), { kind: 'message-gone' }],
  ['a wrong message id', telegram(400, 'Bad Request: MESSAGE_ID_INVALID'), { kind: 'message-gone' }],
  ['broken formatting', telegram(400, "Bad Request: can't parse entities: Unsupported start tag"), { kind: 'refused' }],
  ['too long', telegram(400, 'Bad Request: message is too long'), { kind: 'refused' }],
  ['a wrong button', telegram(400, 'Bad Request: BUTTON_DATA_INVALID'), { kind: 'refused' }],
]

describe('an error of Telegram’s', () => {
  it.each(TABLE)('%s has the right outcome', (_name, error, delivery) => {
    expect(faultOf(error)).toMatchObject({ kind: 'delivery', delivery })
  })

  it('that is none, or has an answer, is told apart', () => {
    expect(faultOf(telegram(400, 'Bad Request: message is not modified: specified new message content …'))).toEqual({
      kind: 'not-modified',
    })
    expect(faultOf(telegram(400, 'Bad Request: there is no text in the message to edit'))).toEqual({ kind: 'not-text' })
    expect(faultOf(telegram(400, 'Bad Request: group chat was upgraded', { migrate_to_chat_id: -1009 }))).toEqual({
      kind: 'moved',
      chatId: -1009,
    })
  })
})
