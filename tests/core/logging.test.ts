import { describe, expect, it } from 'vitest'
import type { Log } from '../../core/log.ts'
import { createLog } from '../../core/logging.ts'
import { ProblemError } from '../../core/problem.ts'

const CANARY = 'sk-or-v1-canary'

function logged(level: 'info' | 'debug', use: (log: Log) => void): Record<string, unknown>[] {
  const lines: string[] = []
  use(createLog({ level, redact: (text) => text.replaceAll(CANARY, '[secret]'), write: (line) => lines.push(line) }))
  expect(lines.join('')).not.toContain(CANARY)
  return lines.map((line) => JSON.parse(line))
}

describe('the log', () => {
  it('is one JSON object a line, with time and level in words', () => {
    const [line] = logged('info', (log) => log.info({ instanceId: 'ins_1' }, 'ready'))
    expect(line).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      instanceId: 'ins_1',
      msg: 'ready',
    })
  })

  it('carries what a child was told on every line', () => {
    const lines = logged('info', (log) => {
      const child = log.child({ requestId: 'req_1' })
      child.info({}, 'one')
      child.child({ operation: 'op_1' }).warn({}, 'two')
    })
    expect(lines).toMatchObject([{ requestId: 'req_1' }, { requestId: 'req_1', operation: 'op_1', level: 'warn' }])
  })

  it('lets no secret out, in whatever field it hides', () => {
    const error = new Error(`401 for ${CANARY}`, { cause: new Error(`inner ${CANARY}`) })
    logged('debug', (log) => {
      log.info({ key: CANARY, deep: { list: [CANARY] } }, `used ${CANARY}`)
      log.child({ token: CANARY }).error({ error, err: error }, 'failed')
    })
  })

  it('says of an error what it is and where, and leaves out what libraries hang on it', () => {
    const error = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', config: { headers: { authorization: 'x' } } })
    const [line] = logged('info', (log) => log.error({ error }, 'failed'))
    expect(line).toMatchObject({
      error: { type: 'Error', message: 'refused', code: 'ECONNREFUSED', stack: expect.stringContaining('logging.test') },
    })
    expect(JSON.stringify(line)).not.toContain('authorization')
  })

  it('names the code of a problem', () => {
    const problem = new ProblemError({ code: 'host-full', retryable: false, text: { literal: 'x' }, detail: '3 of 3' })
    const [line] = logged('info', (log) => log.error({ error: problem }, 'failed'))
    expect(line).toMatchObject({ error: { type: 'ProblemError', code: 'host-full', message: 'host-full: 3 of 3' } })
  })

  it('is quiet below its level', () => {
    expect(logged('info', (log) => log.debug({}, 'detail'))).toEqual([])
  })
})
