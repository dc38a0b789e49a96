import pg from 'pg'
import { afterEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

const open: TestDatabase[] = []
const fresh = async () => {
  const database = await createTestDatabase()
  open.push(database)
  return database
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((database) => database.close()))
})

describe('a test database', () => {
  it('is migrated and its own', async () => {
    const [one, two] = await Promise.all([fresh(), fresh()])
    await one.database.pool.query(`INSERT INTO people (id) VALUES ('per_1')`)
    const seen = await two.database.pool.query('SELECT id FROM people')
    expect(seen.rows).toEqual([])
  })
})

describe('the database', () => {
  it('serves Prisma and plain SQL over the same connections', async () => {
    const { database } = await fresh()
    const prisma = await database.prisma()
    await prisma.person.create({ data: { id: 'per_1', language: 'zh' } })
    const { rows } = await database.pool.query('SELECT id, language FROM people')
    expect(rows).toEqual([{ id: 'per_1', language: 'zh' }])
    expect(database.pool.totalCount).toBe(1)
  })

  it('sells Lite, Pro and Max', async () => {
    const { database } = await fresh()
    const plans = await (await database.prisma()).plan.findMany({ orderBy: { position: 'asc' } })
    expect(plans.map((plan) => [plan.id, plan.priceCents, plan.creditMicros])).toEqual([
      ['lite', 2900, 8_000_000n],
      ['pro', 4900, 25_000_000n],
      ['max', 10900, 60_000_000n],
    ])
  })

  it('keeps a living instance name unique in its workspace, whatever its case', async () => {
    const { database } = await fresh()
    await database.pool.query(
      `INSERT INTO people (id) VALUES ('p'); INSERT INTO workspaces (id, kind, owner_person_id) VALUES ('w', 'personal', 'p')`,
    )
    const insert = (id: string, name: string, destroyed: string | null) =>
      database.pool.query(
        `INSERT INTO instances (id, workspace_id, owner_person_id, name, plan_id, state, model, platform, chat_id, user_id, language, host_provider, destroyed_at)
         VALUES ($1, 'w', 'p', $2, 'lite', 'running', 'm', 'web', 'c', 'u', 'en', 'local', $3)`,
        [id, name, destroyed],
      )
    await insert('i1', 'Größe', '2026-01-01')
    await insert('i2', 'größe', null)
    await expect(insert('i3', 'GRÖSSE', null)).resolves.toBeDefined()
    await expect(insert('i4', 'GRÖßE', null)).rejects.toThrow('instances_live_name')
  })

  it('survives losing all its connections', async () => {
    const { database, url } = await fresh()
    await Promise.all([1, 2, 3].map(() => database.pool.query('SELECT pg_sleep(0.01)')))
    await killConnections(url)
    await expect
      .poll(() =>
        database.pool.query('SELECT 1').then(
          () => 'answers',
          () => 'fails',
        ),
      )
      .toBe('answers')
  })

  it('survives losing a connection that somebody holds without using it', async () => {
    const { database, url } = await fresh()
    const held = await database.pool.connect()
    await held.query('SELECT 1')
    const lost = new Promise((resolve) => held.once('end', resolve))
    await killConnections(url)
    await lost
    await expect(held.query('SELECT 1')).rejects.toThrow()
    held.release(true)
    expect((await database.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  })

  it('hears notifications, and says so when some may have been missed', async () => {
    const { database, url } = await fresh()
    const heard: string[] = []
    const stop = await database.listen('news', (payload) => heard.push(payload))
    await database.pool.query(`SELECT pg_notify('news', 'one')`)
    await expect.poll(() => heard).toEqual(['one'])

    await killConnections(url)
    await expect.poll(() => heard, { timeout: 10_000 }).toEqual(['one', ''])
    await retried(() => database.pool.query(`SELECT pg_notify('news', 'two')`))
    await expect.poll(() => heard).toEqual(['one', '', 'two'])

    await stop()
    await database.pool.query(`SELECT pg_notify('news', 'three'), pg_notify('other', 'x')`)
    expect(heard).toEqual(['one', '', 'two'])
  })
})

async function retried(action: () => Promise<unknown>): Promise<void> {
  await expect
    .poll(() =>
      action().then(
        () => 'done',
        () => 'failed',
      ),
    )
    .toBe('done')
}

async function killConnections(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  )
  await client.end()
}
