import { describe, expect, it } from 'vitest'
import { FeishuError, faultOf } from '../../../bots/feishu/faults.ts'

const feishu = (status: number, code: number, msg = 'no', reset: number | null = null) =>
  new FeishuError(status, code, msg, reset)
const network = (code: string) => Object.assign(new Error('connect'), { code })

/** what Feishu says → what becomes of a new message, and of a change where that differs */
type Row = readonly [name: string, error: Error, sent: object, changed?: object]
const TABLE: readonly Row[] = [
  ['429 with a wait', feishu(429, 99991400, 'limit', 7), { kind: 'retry-later', afterSeconds: 7 }],
  ['429 without one', feishu(429, 0), { kind: 'retry-later', afterSeconds: 5 }],
  ['a chat’s five a second', feishu(400, 230020), { kind: 'retry-later', afterSeconds: 1 }],
  ['a tenant’s limit, said with 200', feishu(200, 11232, 'limit', 3), { kind: 'retry-later', afterSeconds: 3 }],
  ['an outage', feishu(502, 0), { kind: 'retry-later', afterSeconds: 5 }],
  ['a connection refused', network('ECONNREFUSED'), { kind: 'retry-later', reason: expect.stringContaining('ECONNREFUSED') }],
  ['an error page', new SyntaxError('<'), { kind: 'retry-later', reason: expect.stringContaining('no JSON') }],
  ['a wrong secret', feishu(200, 10014), { kind: 'retry-later', afterSeconds: 60 }],
  ['a permission that is missing', feishu(400, 99991672), { kind: 'retry-later', afterSeconds: 60 }],
  ['a token that stays refused', feishu(400, 99991663), { kind: 'retry-later', afterSeconds: 60 }],
  ['on its way already', feishu(400, 230049), { kind: 'retry-later', afterSeconds: 1 }],
  ['taken out of the group', feishu(400, 230002), { kind: 'chat-gone' }],
  ['the group disbanded', feishu(400, 232009), { kind: 'chat-gone' }],
  ['nobody may write there', feishu(400, 230035), { kind: 'chat-gone' }],
  ['outside the app’s availability', feishu(400, 230013), { kind: 'chat-gone' }],
  ['stopped by the person', feishu(400, 230053), { kind: 'chat-gone' }],
  ['no such receiver', feishu(400, 230001, 'ext=invalid receive_id'), { kind: 'chat-gone' }, { kind: 'message-gone' }],
  ['recalled', feishu(400, 230011), { kind: 'message-gone' }],
  ['deleted', feishu(400, 230110), { kind: 'message-gone' }],
  ['older than 14 days', feishu(400, 230031), { kind: 'message-gone' }],
  ['no such message', feishu(400, 230001, 'ext=invalid message_id'), { kind: 'refused' }, { kind: 'message-gone' }],
  [
    'pressed at this moment',
    feishu(400, 230099, 'ext=ErrCode: 11310; ErrMsg: card action is lock'),
    { kind: 'refused' },
    { kind: 'retry-later', afterSeconds: 1 },
  ],
  ['a wrong card', feishu(400, 230099, 'ext=ErrCode: 200621'), { kind: 'refused' }],
  ['too long', feishu(400, 230025), { kind: 'refused' }],
  ['not through the audit', feishu(400, 230028), { kind: 'refused' }],
  ['something nobody ever saw', feishu(400, 123456), { kind: 'refused' }],
]

describe('an error of Feishu’s', () => {
  it.each(TABLE.map(([name, error, sent, changed]) => ({ name, error, sent, changed: changed ?? sent })))(
    '$name has the right outcome',
    ({ error, sent, changed }) => {
      expect(faultOf(error, 'send')).toMatchObject(sent)
      expect(faultOf(error, 'edit')).toMatchObject(changed)
    },
  )
})
