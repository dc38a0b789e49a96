import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assetPath } from '../core/assets.ts'
import { startEmbeddedPostgres } from './embedded.ts'
import { migrate, readMigrations } from './migrate.ts'
import { schemaDiff } from './schema-diff.ts'

/**
 * Writes the next migration: what schema.prisma has and the migrations have not.
 *
 *     npm run migration -- add_coupons
 *
 * Works offline (Prisma's command line downloads a program for this). Read the SQL before you commit it.
 */
async function createMigration(title: string): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'clawcloud-migration-'))
  const postgres = await startEmbeddedPostgres({ directory: join(directory, 'postgres') })
  try {
    await migrate(postgres.url)
    const sql = await schemaDiff(postgres.url, readFileSync(assetPath('prisma/schema.prisma'), 'utf8'))
    if (sql === '') return say('The migrations already make what schema.prisma says: nothing to write.')
    const last = readMigrations().at(-1)?.name ?? '0000'
    const name = `${String(Number(last.slice(0, 4)) + 1).padStart(4, '0')}_${title}`
    mkdirSync(join(assetPath('prisma/migrations'), name), { recursive: true })
    writeFileSync(join(assetPath('prisma/migrations'), name, 'migration.sql'), sql)
    say(`Wrote prisma/migrations/${name}/migration.sql. Read it before you commit it.`)
  } finally {
    await postgres.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

const title = process.argv[2]
if (!title || !/^[a-z0-9_]+$/.test(title)) {
  say('Name the change in a few words: npm run migration -- add_coupons')
  process.exitCode = 1
} else {
  await createMigration(title)
}
