import { afterAll, beforeAll, expect, it } from 'vitest'
import { createCanaries, findCanaries } from '../../support/canary.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

let test: TestDatabase
beforeAll(async () => {
  test = await createTestDatabase({ empty: true })
})
afterAll(() => test.close())

it('the search for leaked secrets looks into every column of every table, whatever its type', async () => {
  const { stripeKey, gatewayToken, bareSecret, openRouterKey } = createCanaries()
  const { pool } = test.database
  await pool.query(`
    CREATE SCHEMA queue;
    CREATE TABLE "Odd Name" (id int, words text, data jsonb, list text[], raw bytea);
    CREATE TABLE queue.jobs (payload json)`)
  await pool.query('INSERT INTO "Odd Name" VALUES (1, $1, $2, $3, NULL), (2, NULL, NULL, NULL, $4)', [
    `a ${stripeKey.value} b`,
    { deep: [{ token: gatewayToken.value }] },
    ['x', openRouterKey.value],
    Buffer.from(bareSecret.value),
  ])
  await pool.query('INSERT INTO queue.jobs VALUES ($1)', [JSON.stringify({ key: stripeKey.value })])

  const found = await findCanaries([stripeKey, gatewayToken, bareSecret, openRouterKey], { database: pool })
  expect(found.sort()).toEqual([
    'OpenRouter key in column public.Odd Name.list',
    'Stripe key in column public.Odd Name.words',
    'Stripe key in column queue.jobs.payload',
    'bare secret in column public.Odd Name.raw',
    'gateway token in column public.Odd Name.data',
  ])
})
