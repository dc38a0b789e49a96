import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { telegramWalker } from '../e2e/telegram-walker.ts'
import { CARDS, orderUpToPayment } from '../e2e/walk.ts'
import { type BotApi, createBotApi, type Person } from '../support/bot-api/index.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { dataDirectory, freePort, type RunningService, startService } from '../support/service.ts'
import { startVendors, type Vendors } from '../support/vendors.ts'
import { createGate } from './gate.ts'

// Deploy, switch and destroy are killed at each of their boundaries, in turn. Each round is a customer of their own.
const DEPLOY = ['prepare-server', 'create-sub-key', 'start-gateway', 'settle-model', 'connect-model', 'probe', null] as const
const SWITCH = ['configure', 'probe', null] as const
const DESTROY = ['mark', 'cancel-subscription', 'delete-server', 'delete-sub-key', null] as const

const DEPLOY_SECONDS = 200
const MASTER_KEY = `1:${Buffer.alloc(32, 7).toString('base64')}`

let telegram: BotApi
let vendors: Vendors
let database: TestDatabase
let data: Awaited<ReturnType<typeof dataDirectory>>
let service: RunningService
let gate: Awaited<ReturnType<typeof createGate>>
let environment: Record<string, string>

beforeAll(async () => {
  telegram = await createBotApi()
  database = await createTestDatabase()
  data = await dataDirectory()
  const port = await freePort()
  vendors = await startVendors(`http://127.0.0.1:${port}/stripe`)
  environment = {
    DATA_DIR: data.path,
    DATABASE_URL: database.url,
    PORT: String(port),
    TELEGRAM_BOT_TOKEN: telegram.token,
    TELEGRAM_API_ROOT: telegram.url,
    MASTER_KEY,
    ...vendors.environment,
  }
  service = await startService(environment)
  gate = await createGate(database.database.pool)
}, 240_000)

afterAll(async () => {
  await gate?.close()
  await service?.kill('SIGTERM')
  data?.endGateways()
  await vendors?.close()
  await telegram?.close()
  await database?.close()
  data?.remove()
}, 60_000)

/** Kills the service with the next statement at the boundary, and starts it again. */
async function killAt(kind: string, step: string | null, act: () => Promise<void>, forget: boolean): Promise<void> {
  await gate.arm(kind, step)
  try {
    await act()
    await gate.reached(DEPLOY_SECONDS)
    await service.kill('SIGKILL')
  } finally {
    await gate.open(forget)
  }
  service = await startService(environment)
}

async function instanceOf(name: string) {
  const { rows } = await database.database.pool.query('SELECT id, host_id, sub_key_hash, state FROM instances WHERE name = $1', [
    name,
  ])
  expect(rows).toHaveLength(1)
  return rows[0]
}

const timesShown = (person: Person, pattern: RegExp) =>
  person.chat.messages().filter((message) => message.fromBot && pattern.test(message.text)).length

describe('kill -9 at every step boundary', () => {
  for (const [round, deployStep] of DEPLOY.entries()) {
    const switchStep = SWITCH[round % SWITCH.length] ?? null
    const destroyStep = DESTROY[round % DESTROY.length] ?? null
    const forget = round % 2 === 0

    it(`of deploy (${deployStep ?? 'ready'}), switch-model (${switchStep ?? 'done'}) and destroy (${destroyStep ?? 'gone'}) ends with one gateway, one key, one charge and one "ready"`, {
      timeout: 600_000,
    }, async () => {
      const name = `Kill${round}`
      const somebody = telegram.person({ name: `Ada ${round}` })
      const person = telegramWalker(telegram, somebody)
      try {
        const url = await orderUpToPayment(person, name)
        await killAt('deploy', deployStep, () => person.pay(url, CARDS.works), forget)
        await person.until(new RegExp(`${name} is ready`), DEPLOY_SECONDS)
        await expectOneOfEach(name)
        // The order's own message, and the one that rings, in whichever order.
        await person.until(/is ready(?! and waits)/)
        await person.until(/is ready and waits/)
        expect(timesShown(somebody, /is ready(?! and waits)/)).toBe(1)
        expect(timesShown(somebody, /is ready and waits/)).toBe(1)

        await person.say('/model')
        await person.until(/Change to/)
        await killAt('switch-model', switchStep, () => person.press('GPT-5'), forget)
        await person.until(/now uses/, 90)
        await person.say('/ask which model are you')
        await person.until(/gpt-5/i, 60)
        await expectOneOfEach(name)

        await person.say('/destroy')
        await person.until(/Lost for good/)
        await killAt('destroy', destroyStep, () => person.say(name), forget)
        await person.until(/is deleted/, 120)
        const gone = await instanceOf(name)
        expect(gone).toMatchObject({ state: 'destroyed', host_id: null, sub_key_hash: null })
        expect(vendors.openrouter.keys().filter((key) => key.name.includes(gone.id))).toEqual([])
        expect(timesShown(somebody, /is deleted/)).toBe(1)
      } catch (error) {
        throw new Error(
          `${error instanceof Error ? error.message : error}\n\nthe service printed:\n${service.output().slice(-5000)}`,
        )
      }
    })
  }

  async function expectOneOfEach(name: string): Promise<void> {
    const instance = await instanceOf(name)
    expect(data.gateways(instance.host_id)).toHaveLength(1)
    const keys = vendors.openrouter.keys().filter((key) => key.name.includes(instance.id))
    expect(keys.map((key) => key.hash)).toEqual([instance.sub_key_hash])
    const { rows } = await database.database.pool.query(
      'SELECT p.state, p.amount_cents FROM payments p JOIN orders o ON o.id = p.order_id WHERE o.instance_id = $1',
      [instance.id],
    )
    expect(rows).toEqual([{ state: 'kept', amount_cents: 2900 }])
    const { rows: ledger } = await database.database.pool.query(
      `SELECT count(*)::int AS charges FROM ledger l JOIN orders o ON o.id = l.order_id WHERE o.instance_id = $1 AND l.amount_cents > 0`,
      [instance.id],
    )
    expect(ledger[0]?.charges).toBe(1)
  }
})
