import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BotApi, createBotApi, type Person } from '../support/bot-api/index.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { OPENCLAW_VERSION } from '../support/openclaw.ts'
import { freePort, type RunningService, startService } from '../support/service.ts'
import { startVendors, type Vendors } from '../support/vendors.ts'
import { telegramWalker } from './telegram-walker.ts'
import { CARDS, orderUpToPayment, type Walker } from './walk.ts'

// The whole service over real wires, with an OpenClaw that never comes up: what money and people see when things go wrong.

let telegram: BotApi
let vendors: Vendors
let database: TestDatabase
let folder: string
let service: RunningService
let environment: Record<string, string>

beforeAll(async () => {
  telegram = await createBotApi()
  database = await createTestDatabase()
  folder = mkdtempSync(join(tmpdir(), 'clawcloud-faults-'))
  brokenRuntime(join(folder, 'runtimes', `openclaw-${OPENCLAW_VERSION}`))
  const port = await freePort()
  vendors = await startVendors(`http://127.0.0.1:${port}/stripe`)
  environment = {
    DATA_DIR: folder,
    DATABASE_URL: database.url,
    PORT: String(port),
    TELEGRAM_BOT_TOKEN: telegram.token,
    TELEGRAM_API_ROOT: telegram.url,
    MASTER_KEY: `1:${Buffer.alloc(32, 7).toString('base64')}`,
    OPENCLAW_VERSION,
    ...vendors.environment,
  }
  service = await startService(environment)
}, 120_000)

afterAll(async () => {
  await service?.kill('SIGTERM')
  await vendors?.close()
  await telegram?.close()
  await database?.close()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

/** Looks installed, stores secrets, and ends as soon as it shall run as a gateway. */
function brokenRuntime(directory: string): void {
  mkdirSync(join(directory, 'node_modules/openclaw'), { recursive: true })
  mkdirSync(join(directory, `node_modules/node-${process.platform}-${process.arch}/bin`), { recursive: true })
  mkdirSync(join(directory, 'compile-cache'))
  symlinkSync(process.execPath, join(directory, `node_modules/node-${process.platform}-${process.arch}/bin/node`))
  writeFileSync(join(directory, 'runtime.json'), JSON.stringify({ version: OPENCLAW_VERSION }))
  writeFileSync(join(directory, 'compile-cache/complete'), '')
  writeFileSync(
    join(directory, 'node_modules/openclaw/openclaw.mjs'),
    `if (process.argv.includes('gateway')) { console.error('cannot start: this copy is broken'); process.exit(1) }`,
  )
}

async function withOutput<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n\nthe service printed:\n${service.output().slice(-5000)}`)
  }
}

const customer = (name: string): { person: Person; walker: Walker } => {
  const person = telegram.person({ name })
  return { person, walker: telegramWalker(telegram, person) }
}

const telegramHasPayLink = (person: Person) =>
  person.chat.messages().some((message) => message.buttons.some((button) => button.url))

const refunds = () =>
  vendors.stripe.requests.filter((request) => request.method === 'POST' && request.path === '/v1/refunds').length

describe('a gateway that never becomes healthy', () => {
  it('ends in a full refund that the same message tells, with no key and no server left behind', {
    timeout: 120_000,
  }, async () => {
    const { person, walker } = customer('Ada')
    await withOutput(async () => {
      const url = await orderUpToPayment(walker, 'Doomed')
      const before = refunds()
      await walker.pay(url, CARDS.works)
      const shown = await walker.until(/given back/, 90)
      expect(shown).not.toMatch(/is ready/)
      await walker.until(/\$29/, 30)
      await expect
        .poll(
          async () =>
            (await database.database.pool.query(`SELECT state FROM orders WHERE instance_name = 'Doomed'`)).rows[0]?.state,
          { timeout: 60_000 },
        )
        .toBe('refunded')
      expect(refunds()).toBe(before + 1)
      expect(vendors.openrouter.keys()).toEqual([])
      expect((await database.database.pool.query(`SELECT state FROM instances WHERE name = 'Doomed'`)).rows).toEqual([
        { state: 'failed' },
      ])
      expect((await database.database.pool.query(`SELECT state FROM payments`)).rows).toEqual([{ state: 'refunded' }])
      expect(person.chat.messages().filter((message) => message.fromBot && /is ready/.test(message.text))).toEqual([])
    })
  })
})

describe('money that arrives when its order was just cancelled', () => {
  it('is given back, and the message says so', { timeout: 60_000 }, async () => {
    const { person, walker } = customer('Bea')
    await withOutput(async () => {
      const url = await orderUpToPayment(walker, 'Late')
      vendors.stripe.webhooks.hold()
      await walker.pay(url, CARDS.works)
      await walker.say('/cancel')
      await expect
        .poll(
          async () =>
            (await database.database.pool.query(`SELECT state FROM orders WHERE instance_name = 'Late'`)).rows[0]?.state,
          {
            timeout: 30_000,
          },
        )
        .toBe('refunded')
      vendors.stripe.webhooks.release()
      await walker.until(/given back/, 20)
      await expect.poll(() => telegramHasPayLink(person), { timeout: 10_000 }).toBe(false)
      const { rows } = await database.database.pool.query(
        `SELECT p.state, p.refund_reason FROM payments p JOIN orders o ON o.id = p.order_id WHERE o.instance_name = 'Late'`,
      )
      expect(rows).toEqual([{ state: 'refunded', refund_reason: 'late' }])
    })
  })
})

describe('a webhook', () => {
  it('that is forged leaves nothing; one of an unknown type, delivered twice, is stored once and reported', {
    timeout: 60_000,
  }, async () => {
    const forged = await fetch(`${service.url}/stripe`, {
      method: 'POST',
      body: '{"id":"evt_forged"}',
      headers: { 'stripe-signature': 't=1,v1=00' },
    })
    expect(forged.status).toBe(400)
    const payload = JSON.stringify({ id: 'evt_new', type: 'moon.landed', data: { object: { id: 'moon_1' } } })
    const header = new Stripe('sk_test_x').webhooks.generateTestHeaderString({
      payload,
      secret: vendors.environment.STRIPE_WEBHOOK_SECRET ?? '',
    })
    for (let delivery = 0; delivery < 2; delivery++) {
      const answer = await fetch(`${service.url}/stripe`, {
        method: 'POST',
        body: payload,
        headers: { 'stripe-signature': header },
      })
      expect(answer.status).toBe(200)
    }
    await expect
      .poll(
        async () =>
          (await database.database.pool.query(`SELECT id, outcome FROM stripe_events WHERE id IN ('evt_new', 'evt_forged')`))
            .rows,
        { timeout: 20_000 },
      )
      .toEqual([{ id: 'evt_new', outcome: 'unknown-type' }])
    expect((await database.database.pool.query(`SELECT count FROM alerts WHERE key LIKE '%moon.landed%'`)).rows).toEqual([
      { count: 1 },
    ])
  })
})

describe('what people type', () => {
  it('is answered whatever it is: thousands of characters, emoji, right-to-left, unknown commands', {
    timeout: 60_000,
  }, async () => {
    const { walker } = customer('Cem')
    await withOutput(async () => {
      await walker.say('/deploi')
      await walker.until(/Did you mean \/deploy/)
      await walker.say('/deploy')
      await walker.until(/What shall it be called/)
      await walker.say('x'.repeat(4000))
      await walker.until(/4,000 characters long/)
      await walker.say('مساعد 🦞')
      await walker.until(/A plan for .*مساعد 🦞/)
      await walker.say('the big one please')
      await walker.until(/choose one of the plans/)
      await walker.press('Cancel')
      await walker.until(/Cancelled\. Nothing was ordered/)
    })
    expect(telegram.violations).toEqual([])
  })
})

describe('a restart in the middle of a conversation', () => {
  it('goes on with the next press, after kill -9', { timeout: 60_000 }, async () => {
    const { walker } = customer('Dan')
    await withOutput(async () => {
      await walker.say('/deploy')
      await walker.until(/What shall it be called/)
      await walker.say('Phoenix')
      await walker.until(/A plan for Phoenix/)
      await service.kill('SIGKILL')
      await walker.press('Pro') // while nobody is there
      service = await startService(environment)
      await walker.until(/How shall the AI be paid/)
    })
  })
})
