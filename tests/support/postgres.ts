import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { findPostmaster, isAlive } from '../../prisma/embedded/postmaster.ts'
import { startEmbeddedPostgres } from '../../prisma/embedded.ts'
import { migrate } from '../../prisma/migrate.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The migrated database that every test's own is cloned from. Nobody may connect to it. */
    templateUrl: string
  }
}

const PREFIX = 'clawcloud-test-'
// Two test files at a time, some with several services of ten connections each.
const MAX_CONNECTIONS = 300

/** One PostgreSQL for the whole run (vitest's globalSetup), with fsync on as in production. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  removeLeftovers()
  const directory = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`))
  const postgres = await startEmbeddedPostgres({ directory, maxConnections: MAX_CONNECTIONS })
  await migrate(postgres.url)
  project.provide('templateUrl', postgres.url)
  return async () => {
    await postgres.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

// A run that was killed leaves its PostgreSQL behind.
function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const owner = Number(name.slice(PREFIX.length).split('-')[0])
    if (!Number.isInteger(owner) || isAlive(owner)) continue
    const postmaster = findPostmaster(join(tmpdir(), name, 'data'))
    if (postmaster) process.kill(postmaster.processId, 'SIGQUIT')
    rmSync(join(tmpdir(), name), { recursive: true, force: true, maxRetries: 5 })
  }
}
