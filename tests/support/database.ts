import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { createDatabase, type Database } from '../../prisma/database.ts'

export type TestDatabase = {
  readonly url: string
  readonly database: Database
  /** Closes `database` and drops it, whoever is still connected. */
  close(): Promise<void>
}

/** A fresh, migrated database of the test's own (some 50 ms), on the run's PostgreSQL. `empty`: without our tables. */
export async function createTestDatabase(
  options: { readonly poolSize?: number; readonly empty?: boolean } = {},
): Promise<TestDatabase> {
  const template = new URL(inject('templateUrl'))
  const name = `test_${randomBytes(6).toString('hex')}`
  await asAdmin(template, `CREATE DATABASE ${name} TEMPLATE ${options.empty ? 'template1' : template.pathname.slice(1)}`)
  const url = new URL(template)
  url.pathname = `/${name}`
  const database = createDatabase({ url: url.href, ...(options.poolSize ? { poolSize: options.poolSize } : {}) })
  return {
    url: url.href,
    database,
    async close() {
      await database.close()
      await asAdmin(template, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    },
  }
}

async function asAdmin(template: URL, statement: string): Promise<void> {
  const admin = new URL(template)
  admin.pathname = '/postgres'
  const client = new pg.Client({ connectionString: admin.href })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
