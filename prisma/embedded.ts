import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { type Account, accountFor, findPrograms, type PostgresPrograms, runAs } from './embedded/binaries.ts'
import { keptSecret } from './embedded/kept-secret.ts'
import { findPostmaster, freePort, isAlive, isFree, isStale, type Postmaster } from './embedded/postmaster.ts'

export type EmbeddedPostgres = {
  /** With user, password and database; good for as long as the data folder lives (the port is kept). */
  readonly url: string
  /** True if it was running already: left behind by a killed process, or shared with another one. */
  readonly adopted: boolean
  /** Stops PostgreSQL, unless another ClawCloud process still uses it. */
  stop(): Promise<void>
}

export type EmbeddedOptions = {
  /** Everything is kept here: data/, password, port, server.log. */
  readonly directory: string
  /** One line for the person who waits: only the very first start takes long enough to need it. */
  readonly say?: (line: string) => void
  readonly maxConnections?: number
}

const DATABASE = 'clawcloud'
// A first start after a crash replays the log before it answers.
const START_SECONDS = 60
// Fast shutdown writes everything to disk; past this it is asked to go without (and recovers at the next start).
const STOP_SECONDS = 20
const POLL_MILLISECONDS = 50
const LOG_KEEP_BYTES = 1_000_000
// Enough for one process with all roles and its tests' neighbours; each costs memory only when used.
const MAX_CONNECTIONS = 100
// Every process that uses this PostgreSQL holds one connection of this name: the last one stops it.
const KEEPER = 'clawcloud-keeper'

/**
 * A PostgreSQL of our own in `directory`, on a loopback port, with a random password and fsync on.
 *
 * It runs in a session of its own: Ctrl+C and `kill -9` of this process don't reach it. One that was left behind is adopted.
 * Should it die while we use it, it is started again on the same port.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const directory = resolve(options.directory)
  const place: Place = {
    directory,
    data: join(directory, 'data'),
    log: join(directory, 'server.log'),
    programs: findPrograms(),
    account: accountFor(join(directory, 'data')),
    maxConnections: options.maxConnections ?? MAX_CONNECTIONS,
  }
  mkdirSync(directory, { recursive: true, mode: 0o755 })
  const password = keptSecret(join(directory, 'password'), () => randomBytes(24).toString('base64url'))
  if (!existsSync(place.data)) {
    options.say?.('Setting up the built-in PostgreSQL (once, about a second) …')
    await initialise(place, password)
  }

  const first = await startOrAdopt(place, password)
  let keeper = await hold(first.postmaster, password)
  await createDatabase(keeper)
  let stopping = false
  let restarting: Promise<void> = Promise.resolve()

  const watch = (client: pg.Client) => {
    client.on('error', () => undefined) // what matters is the end, which follows
    client.once('end', () => {
      if (!stopping) restarting = revive()
    })
  }
  const revive = async () => {
    for (let attempt = 1; !stopping; attempt++) {
      try {
        const { postmaster } = await startOrAdopt(place, password, first.postmaster.port)
        keeper = await hold(postmaster, password)
        return watch(keeper)
      } catch {
        // Told by /readyz and by every query meanwhile; a full disk or the like may pass.
        await wait(Math.min(attempt, 10) * 500)
      }
    }
  }
  watch(keeper)

  return {
    url: urlOf(first.postmaster, password),
    adopted: first.adopted,
    async stop() {
      if (stopping) return
      stopping = true
      await restarting
      const others = await otherKeepers(keeper)
      await keeper.end().catch(() => undefined)
      if (others === 0) await shutDown(place.data)
    },
  }
}

type Place = {
  readonly directory: string
  readonly data: string
  readonly log: string
  readonly programs: PostgresPrograms
  readonly account: Account | null
  readonly maxConnections: number
}

// Made beside its place and moved there when complete, so that a kill in between leaves no half database.
async function initialise(place: Place, password: string): Promise<void> {
  for (const name of readdirSync(place.directory)) {
    const owner = /^data\.new-(\d+)$/.exec(name)?.[1]
    if (owner && (Number(owner) === process.pid || !isAlive(Number(owner))))
      rmSync(join(place.directory, name), { recursive: true })
  }
  const fresh = `${place.data}.new-${process.pid}`
  const passwordFile = `${fresh}.password`
  mkdirSync(fresh, { mode: 0o700 })
  writeFileSync(passwordFile, password, { mode: 0o600 })
  if (place.account) {
    for (const path of [fresh, passwordFile]) chownSync(path, place.account.uid, place.account.gid)
  }
  try {
    const { code, output } = await runToEnd(place, [
      `--pgdata=${fresh}`,
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // The same order and case rules on every machine, whatever locales it has.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
    ])
    if (code !== 0) {
      throw new Error(
        `The built-in PostgreSQL could not be set up in ${place.directory}. Make room there or set DATA_DIR elsewhere. initdb said:\n${output}`,
      )
    }
    try {
      renameSync(fresh, place.data)
    } catch (error) {
      if (!existsSync(place.data)) throw error // else another process was quicker, and its database is ours too
    }
  } finally {
    rmSync(passwordFile, { force: true })
    rmSync(fresh, { recursive: true, force: true })
  }
}

function runToEnd(place: Place, args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  const run = runAs(place.account, place.programs.initdb, args, [place.data])
  return new Promise((done, fail) => {
    const child = spawn(run.command, run.args, { ...run.ids, env: ENVIRONMENT, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.once('error', fail)
    child.once('close', (code) => done({ code, output }))
  })
}

// Nothing of ours is handed down: our environment holds secrets.
const ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }

async function startOrAdopt(
  place: Place,
  password: string,
  wantedPort?: number,
): Promise<{ readonly postmaster: Postmaster; readonly adopted: boolean }> {
  const deadline = performance.now() + START_SECONDS * 1000
  let lastWords = ''
  while (performance.now() < deadline) {
    const running = findPostmaster(place.data)
    if (running) {
      if (await answers(running, password)) return { postmaster: running, adopted: true }
      await wait(POLL_MILLISECONDS) // starting, recovering, or on its way out
      continue
    }
    if (isStale(place.data)) rmSync(join(place.data, 'postmaster.pid'), { force: true })
    const started = await launch(place, wantedPort ?? (await choosePort(place.directory)), password, deadline)
    if ('postmaster' in started) return { postmaster: started.postmaster, adopted: false }
    lastWords = started.lastWords
    // Another process was quicker, a killed one's children still leave, or the port was taken: all pass with another try.
    if (!/already exists|still in use|could not bind|in use/.test(lastWords)) break
    await wait(POLL_MILLISECONDS * 4)
  }
  throw new Error(
    `The built-in PostgreSQL in ${place.directory} does not start. If its last words (below, from server.log) name no cause you can remove, set DATABASE_URL to a PostgreSQL of your own.\n${lastWords}`,
  )
}

async function choosePort(directory: string): Promise<number> {
  const file = join(directory, 'port')
  const kept = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
  if (kept > 0 && (await isFree(kept))) return kept
  const port = await freePort()
  writeFileSync(file, String(port))
  return port
}

async function launch(
  place: Place,
  port: number,
  password: string,
  deadline: number,
): Promise<{ readonly postmaster: Postmaster } | { readonly lastWords: string }> {
  if (existsSync(place.log) && readFileSync(place.log).length > LOG_KEEP_BYTES) rmSync(place.log)
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    `max_connections=${place.maxConnections}`,
    'timezone=UTC',
    'log_timezone=UTC',
    // Compiling a query costs more than any of ours takes.
    'jit=off',
    // Its port is on loopback and its statements are ours: errors are logged by us, with what they were for.
    'log_min_messages=warning',
    'log_min_error_statement=panic',
  ]
  const args = ['-D', place.data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])]
  const run = runAs(place.account, place.programs.postgres, args, [place.data])
  const log = openSync(place.log, 'a', 0o600)
  const child = spawn(run.command, run.args, {
    ...run.ids,
    env: ENVIRONMENT,
    cwd: '/',
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  child.unref()
  let ended = false
  child.once('error', () => (ended = true))
  child.once('exit', () => (ended = true))
  while (!ended && performance.now() < deadline) {
    const postmaster = findPostmaster(place.data)
    // The one that runs may not be the one we launched: a process that started at the same time can be quicker.
    if (postmaster && (await answers(postmaster, password))) return { postmaster }
    await wait(POLL_MILLISECONDS / 2)
  }
  return { lastWords: readFileSync(place.log, 'utf8').trimEnd().split('\n').slice(-8).join('\n') }
}

function urlOf(postmaster: Postmaster, password: string, database = DATABASE): string {
  return `postgres://postgres:${password}@127.0.0.1:${postmaster.port}/${database}`
}

async function answers(postmaster: Postmaster, password: string): Promise<boolean> {
  if (postmaster.port === 0) return false
  const client = new pg.Client({ connectionString: urlOf(postmaster, password, 'postgres'), connectionTimeoutMillis: 5000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('SELECT 1')
    return true
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === '28P01') {
      throw new Error(
        `The built-in PostgreSQL refuses the password in ${DATABASE}'s data folder. Was the file postgres/password replaced? Put it back, or start with another DATA_DIR.`,
      )
    }
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function hold(postmaster: Postmaster, password: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: urlOf(postmaster, password, 'postgres'),
    application_name: KEEPER,
    keepAlive: true,
  })
  await client.connect()
  return client
}

async function createDatabase(keeper: pg.Client): Promise<void> {
  const { rowCount } = await keeper.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE])
  if (rowCount) return
  try {
    await keeper.query(`CREATE DATABASE ${DATABASE}`)
  } catch (error) {
    // 42P04, 23505: another process made it between the two statements.
    if (!(error instanceof pg.DatabaseError && (error.code === '42P04' || error.code === '23505'))) throw error
  }
}

async function otherKeepers(keeper: pg.Client): Promise<number> {
  try {
    const { rows } = await keeper.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = $1 AND pid <> pg_backend_pid()',
      [KEEPER],
    )
    return rows[0]?.count ?? 0
  } catch {
    return 0 // it is down already
  }
}

async function shutDown(dataDirectory: string): Promise<void> {
  const postmaster = findPostmaster(dataDirectory)
  if (!postmaster) return
  for (const [signal, seconds] of [
    ['SIGINT', STOP_SECONDS],
    ['SIGQUIT', 5],
    ['SIGKILL', 5],
  ] as const) {
    if (!isAlive(postmaster.processId)) return
    process.kill(postmaster.processId, signal)
    const deadline = performance.now() + seconds * 1000
    while (isAlive(postmaster.processId) && performance.now() < deadline) await wait(POLL_MILLISECONDS / 2)
  }
}
