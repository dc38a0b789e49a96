import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { assetPath } from '../core/assets.ts'

export type Migration = { readonly name: string; readonly sql: string; readonly checksum: string }

/** Any number will do as long as nobody else uses it: "claw" in ASCII. */
const LOCK_KEY = 0x636c6177
/** A long index build is no reason to give up; another process that hangs is. */
const LOCK_SECONDS = 300

// As Prisma's own engine makes it, so that its command line works on our databases.
const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum VARCHAR(64) NOT NULL,
  finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL,
  logs TEXT,
  rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`

type AppliedRow = { migration_name: string; checksum: string; finished_at: Date | null; logs: string | null }

/** All migrations of the folder, in order. The checksum is Prisma's: SHA-256 of the file's bytes. */
export function readMigrations(folder = assetPath('prisma/migrations')): readonly Migration[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'migration.sql')))
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const bytes = readFileSync(join(folder, name, 'migration.sql'))
      return { name, sql: bytes.toString('utf8'), checksum: createHash('sha256').update(bytes).digest('hex') }
    })
}

/**
 * Brings the database to this code's schema; returns the names of the migrations it applied (none, usually: then it costs
 * one query). Processes that start at the same time wait for each other, and each migration is one transaction.
 *
 * Throws MigrationError when the database is newer than the code, when an applied migration was edited, and when one failed.
 */
export async function migrate(url: string, migrations = readMigrations()): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'clawcloud-migrate', statement_timeout: 0 })
  client.on('error', () => undefined) // the statement under way fails with it
  await client.connect()
  try {
    if (pending(await applied(client), migrations).length === 0) return []
    await lock(client)
    await client.query(CREATE_TABLE)
    const open = pending(await applied(client), migrations) // again: another process may have done it while we waited
    for (const migration of open) await apply(client, migration)
    return open.map((migration) => migration.name)
  } finally {
    await client.end() // gives the lock back
  }
}

export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}

async function applied(client: pg.Client): Promise<readonly AppliedRow[]> {
  try {
    const { rows } = await client.query<AppliedRow>(
      'SELECT migration_name, checksum, finished_at, logs FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at',
    )
    return rows
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === '42P01') return [] // no such table: an empty database
    throw error
  }
}

function pending(rows: readonly AppliedRow[], migrations: readonly Migration[]): readonly Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]))
  const newer = rows.filter((row) => !known.has(row.migration_name)).map((row) => row.migration_name)
  if (newer.length > 0) {
    throw new MigrationError(
      `The database's schema is newer than this code: it has ${newer.join(', ')}, which this version does not know. Update ClawCloud to the version that last ran on this database, or point DATABASE_URL at another one (DATA_DIR for the built-in one).`,
    )
  }
  const done = new Set<string>()
  for (const row of rows) {
    if (row.finished_at === null) {
      throw new MigrationError(
        `The migration ${row.migration_name} was begun on this database and never finished${row.logs ? ` (${row.logs.split('\n')[0]})` : ''}. Find out what it left, put it right, and then say so: npx prisma migrate resolve --rolled-back ${row.migration_name} (or --applied).`,
      )
    }
    if (known.get(row.migration_name)?.checksum !== row.checksum) {
      throw new MigrationError(
        `The migration ${row.migration_name} was changed after it had been applied to this database. Restore prisma/migrations/${row.migration_name}/migration.sql, and put the change into a new migration.`,
      )
    }
    done.add(row.migration_name)
  }
  return migrations.filter((migration) => !done.has(migration.name))
}

async function lock(client: pg.Client): Promise<void> {
  await client.query(`SET lock_timeout = '${LOCK_SECONDS}s'`)
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK_KEY])
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && error.code === '55P03')) throw error
    throw new MigrationError(
      `Another process has been migrating this database for ${LOCK_SECONDS / 60} minutes. Wait for it; if it hangs, end it and start again.`,
    )
  }
}

// The row is written in the migration's own transaction: a kill leaves either both or nothing.
async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('BEGIN')
  try {
    await client.query(migration.sql)
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, started_at, applied_steps_count)
       VALUES ($1, $2, clock_timestamp(), $3, now(), 1)`,
      [randomUUID(), migration.checksum, migration.name],
    )
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined) // the connection is gone, and the transaction with it
    const reason = error instanceof Error ? error.message : String(error)
    throw new MigrationError(
      `The migration ${migration.name} failed and was taken back: ${reason}. The database is as it was before it.`,
      {
        cause: error,
      },
    )
  }
}
