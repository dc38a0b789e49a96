import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BotApi, createBotApi, type Person } from '../support/bot-api/index.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { freePort, type RunningService, startService } from '../support/service.ts'
import { startVendors, type Vendors } from '../support/vendors.ts'

const PEOPLE = 20
const ANSWER_SECONDS = 40

let telegram: BotApi
let vendors: Vendors
let database: TestDatabase
let balancer: Server
let folders: string[]
let replicas: RunningService[]
/** Where the balancer takes an update: to all replicas at once, or to the next in turn. */
let mode: 'both' | 'turns' = 'turns'

/** What stands before two replicas: it knows of no message which of them had the last one. */
function createBalancer(): Server {
  let turn = 0
  const pass = async (url: string, headers: Record<string, string>, body: Buffer) =>
    fetch(`${url}/telegram`, { method: 'POST', headers, body: new Uint8Array(body) }).then(
      (answer) => answer.status,
      () => 502,
    )
  const bodyOf = async (request: IncomingMessage) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(Buffer.from(part))
    return Buffer.concat(parts)
  }
  return createServer(async (request, response) => {
    const body = await bodyOf(request)
    const headers = {
      'content-type': 'application/json',
      'x-telegram-bot-api-secret-token': String(request.headers['x-telegram-bot-api-secret-token'] ?? ''),
    }
    const next = replicas[turn++ % replicas.length]
    const chosen = mode === 'both' ? replicas : next ? [next] : []
    const statuses = await Promise.all(chosen.map(({ url }) => pass(url, headers, body)))
    response.writeHead(statuses.every((status) => status === 200) ? 200 : 502).end()
  })
}

beforeAll(async () => {
  telegram = await createBotApi()
  database = await createTestDatabase()
  const [balancerPort, firstPort, secondPort] = [await freePort(), await freePort(), await freePort()]
  vendors = await startVendors(`http://127.0.0.1:${firstPort}/stripe`)
  replicas = []
  balancer = createBalancer().listen(balancerPort, '127.0.0.1')
  await once(balancer, 'listening')
  folders = [firstPort, secondPort].map(() => mkdtempSync(join(tmpdir(), 'clawcloud-replica-')))
  for (const [index, port] of [firstPort, secondPort].entries())
    replicas.push(
      await startService({
        DATA_DIR: folders[index] ?? '',
        DATABASE_URL: database.url,
        PORT: String(port),
        PUBLIC_URL: `http://127.0.0.1:${balancerPort}`,
        ROLES: 'bots,http',
        TELEGRAM_BOT_TOKEN: telegram.token,
        TELEGRAM_API_ROOT: telegram.url,
        TELEGRAM_WEBHOOK_SECRET: 'a-secret-of-the-tests',
        MASTER_KEY: `1:${Buffer.alloc(32, 7).toString('base64')}`,
        ...vendors.environment,
      }),
    )
}, 120_000)

afterAll(async () => {
  await Promise.all((replicas ?? []).map((replica) => replica.kill('SIGTERM')))
  balancer?.close()
  balancer?.closeAllConnections()
  await vendors?.close()
  await telegram?.close()
  await database?.close()
  for (const folder of folders ?? []) rmSync(folder, { recursive: true, force: true })
}, 60_000)

const answersTo = (person: Person) => person.chat.messages().filter(({ fromBot }) => fromBot)
const people = (name: string) => Array.from({ length: PEOPLE }, (_, index) => telegram.person({ name: `${name} ${index}` }))

const open = async () => {
  const { rows } = await database.database.pool.query<{ updates: number; messages: number }>(
    `SELECT (SELECT count(*)::int FROM inbox WHERE handled_at IS NULL) AS updates, (SELECT count(*)::int FROM outbox) AS messages`,
  )
  return rows[0]
}
const nothingOpen = () => eventually(async () => expect(await open()).toEqual({ updates: 0, messages: 0 }), ANSWER_SECONDS)
const allAnswered = (crowd: readonly Person[]) =>
  eventually(
    async () => expect(crowd.filter((person) => answersTo(person).length === 0).map(({ user }) => user.first_name)).toEqual([]),
    ANSWER_SECONDS,
  )

/** How often each person's conversation was moved on: once per handled message, whoever handled it. */
async function revisionsOf(crowd: readonly Person[]): Promise<readonly number[]> {
  const { rows } = await database.database.pool.query<{ revision: number }>(
    'SELECT revision FROM conversations WHERE user_id = ANY ($1)',
    [crowd.map(({ user }) => String(user.id))],
  )
  return rows.map(({ revision }) => revision)
}

describe('two replicas on one database', () => {
  it('handle an update once that is delivered to both at the same moment', { timeout: 90_000 }, async () => {
    mode = 'both'
    const crowd = people('Both')
    for (const person of crowd) person.sends('/deploy')
    await allAnswered(crowd)
    await nothingOpen()
    expect(crowd.map((person) => answersTo(person).length)).toEqual(Array(PEOPLE).fill(1))
    expect(await revisionsOf(crowd)).toEqual(Array(PEOPLE).fill(1))
  })

  it('go on with each other’s conversations, message by message', { timeout: 90_000 }, async () => {
    mode = 'turns'
    const person = telegram.person({ name: 'Turn' })
    const shows = (words: string) =>
      eventually(async () => expect(answersTo(person).at(-1)?.text).toContain(words), ANSWER_SECONDS)
    person.sends('/deploy')
    await shows('What shall it be called')
    person.sends('Scout')
    await shows('A plan for Scout')
    person.presses(
      answersTo(person)
        .at(-1)
        ?.buttons.find(({ text }) => text.includes('Lite'))?.text ?? 'Lite',
    )
    await shows('How shall the AI be paid')
    person.presses('‹ Back')
    await shows('A plan for Scout')
    await nothingOpen()
    expect(await revisionsOf([person])).toEqual([4])
  })

  it('lose nothing when one of them is killed: the other answers what it had taken', { timeout: 120_000 }, async () => {
    mode = 'turns'
    const crowd = people('Kill')
    for (const person of crowd) person.sends('/deploy')
    await eventually(async () => expect(crowd.some((person) => answersTo(person).length > 0)).toBe(true))
    await replicas[0]?.kill('SIGKILL')
    replicas = replicas.slice(1)
    for (const person of crowd.slice(0, 5)) person.sends('Scout')
    await eventually(async () => {
      // As it is a minute later: what the dead one had taken for itself is anybody's.
      await database.database.pool.query(
        `WITH updates AS (UPDATE inbox SET claimed_until = now() WHERE handled_at IS NULL AND claimed_until > now() + interval '50 seconds')
         UPDATE outbox SET next_attempt_at = now() WHERE next_attempt_at > now() + interval '20 seconds'`,
      )
      // In this order: what was taken after the rows were looked at would be missed.
      expect(telegram.pending()).toBe(0)
      expect(await open()).toEqual({ updates: 0, messages: 0 })
    }, ANSWER_SECONDS)
    await allAnswered(crowd)
    const [named, others] = [crowd.slice(0, 5), crowd.slice(5)]
    expect(await revisionsOf(others)).toEqual(Array(PEOPLE - 5).fill(1))
    // Both of theirs are answered. Where the first was the dead one's, the second may come before it, and is no step forward then.
    for (const person of named) expect(answersTo(person).length).toBeGreaterThanOrEqual(2)
    for (const revision of await revisionsOf(named)) expect([1, 2]).toContain(revision)
    expect(telegram.violations).toEqual([])
  })
})
