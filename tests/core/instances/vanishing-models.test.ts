import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createVanishingCheck } from '../../../core/instances/index.ts'
import { settleModel } from '../../../core/instances/steps/settle-model.ts'
import { type Model, replacementFor } from '../../../core/models/index.ts'
import { createNotices } from '../../../core/notices/index.ts'
import type { Services } from '../../../core/services.ts'
import { testClock } from '../../sandbox/openrouter-server.ts'
import { cataloguesOf, SOLD } from '../../support/catalogue.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { quietLog, randomIds, servicesFor } from '../../support/services.ts'
import { insertInstance } from '../credits/support.ts'

const SONNET = 'anthropic/claude-sonnet-4.6'

let database: TestDatabase
let sold: readonly Model[]
let down: boolean
let clock: ReturnType<typeof testClock>
let check: () => Promise<void>
let services: Services

beforeEach(async () => {
  database = await createTestDatabase()
  clock = testClock('2026-11-25T12:00:00Z')
  sold = SOLD
  down = false
  await insertInstance(database.database, { id: 'ins_1' })
  const list = () => {
    if (down) throw new Error('down')
    return sold
  }
  services = servicesFor(database.database, {
    clock,
    ...cataloguesOf(list, clock),
    notices: createNotices({ ids: randomIds, wake: () => undefined }),
  })
  check = createVanishingCheck(services)
})
afterEach(() => database.close())

const told = async () => (await database.database.pool.query('SELECT view::text AS view FROM outbox ORDER BY id')).rows
const without = (id: string) => SOLD.filter((model) => model.id !== id)
const ending = (endsOn: string) => SOLD.map((model) => (model.id === SONNET ? { ...model, endsOn } : model))
const look = async () => {
  clock.advance(3600)
  await check()
}

it('a model with a last day is told of once, a month ahead, with a replacement and a button that switches', async () => {
  sold = ending('2027-03-01')
  await look()
  expect(await told()).toEqual([])
  sold = ending('2026-12-20')
  await look()
  await look()
  const [notice, ...more] = await told()
  expect(more).toEqual([])
  expect(notice.view).toContain('model-vanishing-soon')
  expect(notice.view).toContain('2026-12-20')
  expect(notice.view).toMatch(/"action": ?"model\.choose"/)
  expect(notice.view).toContain('anthropic/claude-sonnet-4.5')
})

it('a model that is simply gone is told of when it was missing twice, not when one list was incomplete', async () => {
  await look()
  sold = without(SONNET)
  await look()
  sold = SOLD
  await look()
  sold = without(SONNET)
  await look()
  expect(await told()).toEqual([])
  await look()
  await look()
  expect((await told()).map(({ view }) => /model-vanishing-\w+/.exec(view)?.[0])).toEqual(['model-vanishing-title'])
})

it('an outage of the list says nothing about any model', async () => {
  await look()
  down = true
  for (let at = 0; at < 4; at++) await look()
  expect(await told()).toEqual([])
})

describe('an assistant that is set up', () => {
  const settle = () =>
    settleModel.run({
      services,
      operation: {
        id: 'op_1',
        kind: 'deploy',
        instanceId: 'ins_1',
        orderId: null,
        args: {},
        data: {},
        requestId: 'r',
        place: null,
      },
      log: quietLog,
      signal: new AbortController().signal,
      save: async () => undefined,
      note: () => undefined,
    })
  const model = async () => (await database.database.pool.query('SELECT model FROM instances')).rows[0].model
  const ordered = (id: string) => database.database.pool.query('UPDATE instances SET model = $1', [id])

  it('keeps the model that was ordered while it is sold', async () => {
    await settle()
    expect([await model(), await told()]).toEqual([SONNET, []])
  })

  it('gets the nearest one when its model went off the list after the order, and its owner is told', async () => {
    sold = without(SONNET)
    await settle()
    await settle()
    expect(await model()).toBe('anthropic/claude-sonnet-4.5')
    expect((await told()).map(({ view }) => /model-replaced(?=",)/.exec(view)?.[0])).toEqual(['model-replaced'])
  })

  it('is given the list’s own name for a model that was ordered by another', async () => {
    await ordered('claude-sonnet-4-6')
    await settle()
    expect([await model(), await told()]).toEqual([SONNET, []])
  })

  it('is not touched when there is no list to look in', async () => {
    down = true
    await ordered('never/heard-of')
    await settle()
    expect([await model(), await told()]).toEqual(['never/heard-of', []])
  })
})

it('a replacement is of the same family, still sold, and no dearer where there is a choice', async () => {
  const of = async (id: string, models: readonly Model[]) => (await replacementFor(cataloguesOf(() => models).catalogue, id))?.id
  expect(await of(SONNET, without(SONNET))).toBe('anthropic/claude-sonnet-4.5')
  expect(await of('moonshotai/kimi-k2.6', without('moonshotai/kimi-k2.6'))).toBe('moonshotai/kimi-k2.5')
  expect(await of('google/gemini-2.5-flash', SOLD)).toMatch(/gemini.*flash/)
  expect(await of('deepseek/deepseek-v4-flash', SOLD)).toMatch(/^deepseek\//)
  expect(await of('vendor/never-heard-of', SOLD)).toBe(SONNET)
})
