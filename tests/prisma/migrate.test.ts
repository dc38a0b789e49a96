import { readFileSync } from 'node:fs'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { assetPath } from '../../core/assets.ts'
import { type Migration, MigrationError, migrate, readMigrations } from '../../prisma/migrate.ts'
import { schemaDiff } from '../../prisma/schema-diff.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

let empty: TestDatabase
beforeEach(async () => {
  empty = await createTestDatabase({ empty: true })
})
afterEach(() => empty.close())

const migration = (name: string, sql: string, checksum = name): Migration => ({ name, sql, checksum })
const THINGS = migration('0001_things', 'CREATE TABLE things (id int); INSERT INTO things VALUES (1);')

describe('the migrations', () => {
  it('make exactly the tables of schema.prisma', async () => {
    await migrate(empty.url)
    expect(await schemaDiff(empty.url, readFileSync(assetPath('prisma/schema.prisma'), 'utf8'))).toBe('')
  })

  it('are noticed when schema.prisma moves on without them', async () => {
    await migrate(empty.url)
    const schema = readFileSync(assetPath('prisma/schema.prisma'), 'utf8').replace(
      'language   String?',
      'language   String?\n  nickname   String?',
    )
    expect(await schemaDiff(empty.url, schema)).toContain('ALTER TABLE "people" ADD COLUMN     "nickname" TEXT')
  })

  it('have names in one order and no empty files', () => {
    const migrations = readMigrations()
    expect(migrations.map((one) => one.name.slice(0, 4))).toEqual(
      migrations.map((_, index) => String(index + 1).padStart(4, '0')),
    )
    for (const one of migrations) expect(one.sql.trim(), one.name).not.toBe('')
  })
})

describe('migrating', () => {
  it('applies each migration once, in order, and nothing the second time', async () => {
    const all = [THINGS, migration('0002_more', 'ALTER TABLE things ADD COLUMN name text;')]
    expect(await migrate(empty.url, [THINGS])).toEqual(['0001_things'])
    expect(await migrate(empty.url, all)).toEqual(['0002_more'])
    expect(await migrate(empty.url, all)).toEqual([])
  })

  it('applies each migration once when many processes start together', async () => {
    const slow = migration('0001_slow', 'SELECT pg_sleep(0.2); CREATE TABLE things (id int);')
    const results = await Promise.all(Array.from({ length: 6 }, () => migrate(empty.url, [slow])))
    expect(results.flat()).toEqual(['0001_slow'])
  })

  it('keeps its books as Prisma does', async () => {
    await migrate(empty.url)
    const rows = await query('SELECT * FROM _prisma_migrations ORDER BY migration_name')
    expect(rows.map((row) => row.migration_name)).toEqual(readMigrations().map((one) => one.name))
    for (const row of rows) {
      expect(row).toMatchObject({
        checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
        rolled_back_at: null,
        logs: null,
        applied_steps_count: 1,
      })
      expect(row.finished_at).toBeInstanceOf(Date)
      expect(row.id).toMatch(/^[0-9a-f-]{36}$/)
    }
  })

  it('takes a failed migration back completely and can try again', async () => {
    const broken = migration('0002_broken', 'CREATE TABLE half (id int); SELECT 1/0;')
    await expect(migrate(empty.url, [THINGS, broken])).rejects.toThrow(
      'The migration 0002_broken failed and was taken back: division by zero. The database is as it was before it.',
    )
    const mended = migration('0002_broken', 'CREATE TABLE half (id int);')
    expect(await migrate(empty.url, [THINGS, mended])).toEqual(['0002_broken'])
  })

  it('refuses a database that is newer than the code', async () => {
    await migrate(empty.url, [THINGS, migration('0002_future', 'SELECT 1')])
    await expect(migrate(empty.url, [THINGS])).rejects.toThrow(MigrationError)
    await expect(migrate(empty.url, [THINGS])).rejects.toThrow(
      "The database's schema is newer than this code: it has 0002_future, which this version does not know. Update ClawCloud",
    )
  })

  it('refuses to go on when an applied migration was edited', async () => {
    await migrate(empty.url, [THINGS])
    await expect(migrate(empty.url, [migration(THINGS.name, THINGS.sql, 'other')])).rejects.toThrow(
      'The migration 0001_things was changed after it had been applied',
    )
  })

  it('refuses to go on when another tool left a migration half done', async () => {
    await migrate(empty.url, [THINGS])
    await query(`UPDATE _prisma_migrations SET finished_at = NULL, logs = 'out of disk'`)
    await expect(migrate(empty.url, [THINGS])).rejects.toThrow('was begun on this database and never finished (out of disk)')
  })
})

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: empty.url })
  await client.connect()
  const { rows } = await client.query<Record<string, unknown>>(sql)
  await client.end()
  return rows
}
