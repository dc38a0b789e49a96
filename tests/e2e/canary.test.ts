import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSecretBox, parseKeyRing } from '../../core/secrets/index.ts'
import { type RunningProviders, startProviders } from '../sandbox/provider-servers.ts'
import { type BotApi, createBotApi } from '../support/bot-api/index.ts'
import { createCanaries, expectNowhere } from '../support/canary.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { dataDirectory, freePort, type RunningService, startService } from '../support/service.ts'
import { startVendors, type Vendors } from '../support/vendors.ts'
import { telegramWalker } from './telegram-walker.ts'
import { CARDS } from './walk.ts'

const RING_KEY = Buffer.alloc(32, 9).toString('base64')
/** OpenClaw's own secret store: the one place that is meant to hold its key and token. */
const SECRET_STORE = /state\/state\/openclaw\.sqlite(-wal|-shm)?$/

const planted = createCanaries()
/** Handed over in answer to a question, which the provider's stand-in accepts: in a message, and on the page. */
const handed = ['message', 'page'].map((way, position) => ({
  name: `own key handed over in a ${way}`,
  value: `sk-ant-api03-sandbox-${planted.bareSecret.value}${position}`,
}))

let telegram: BotApi
let vendors: Vendors
let providers: RunningProviders
let database: TestDatabase
let data: Awaited<ReturnType<typeof dataDirectory>>
let service: RunningService

beforeAll(async () => {
  telegram = await createBotApi()
  database = await createTestDatabase()
  data = await dataDirectory()
  const port = await freePort()
  vendors = await startVendors(`http://127.0.0.1:${port}/stripe`, {
    stripeKey: planted.stripeKey.value,
    webhookSecret: planted.webhookSecret.value,
    managementKey: planted.openRouterKey.value,
  })
  providers = await startProviders()
  service = await startService({
    DATA_DIR: data.path,
    DATABASE_URL: database.url,
    PORT: String(port),
    TELEGRAM_BOT_TOKEN: telegram.token,
    TELEGRAM_API_ROOT: telegram.url,
    MASTER_KEY: `1:${RING_KEY}`,
    LOG_LEVEL: 'debug',
    ANTHROPIC_API_ROOT: providers.roots.anthropic,
    ...vendors.environment,
  })
}, 180_000)

afterAll(async () => {
  await service?.kill('SIGTERM')
  data?.endGateways()
  await vendors?.close()
  await providers?.stop()
  await telegram?.close()
  await database?.close()
  data?.remove()
}, 60_000)

describe('no secret', () => {
  it('is in a table, a log, a file, a job or a message, after a deploy, a question, a pasted key and the logs', {
    timeout: 300_000,
  }, async () => {
    const person = telegram.person({ name: 'Ada' })
    const ada = telegramWalker(telegram, person)
    await ada.say('/deploy')
    await ada.until(/What shall it be called/)
    await ada.say('Scout')
    await ada.press('Lite')
    await ada.press('AI included')
    await ada.press('Claude Sonnet')
    await ada.press('Continue to payment')
    await ada.pay(await ada.link('Pay'), CARDS.works)
    await ada.until(/Scout is ready/, 200)
    await ada.say('/ask hello')
    await ada.until(/claude-sonnet/i, 60)
    await ada.say(`my key is ${planted.anthropicKey.value}`)
    await ada.until(/looked like a secret key/)
    // In answer to a question it is taken: by a message, and by the page.
    await ada.say('/key')
    await ada.press('Change how it is paid')
    await ada.press('My own Anthropic key')
    await ada.until(/Your Anthropic key/)
    await ada.say(`this one: ${handed[0]?.value}`)
    await ada.until(/Which model/, 30)
    await ada.press('Claude Sonnet')
    await ada.press('Change it')
    await ada.until(/now runs on/, 90)
    await ada.say('/key')
    await ada.press('Replace key')
    const page = await ada.link('safe page')
    const answer = await fetch(page, { method: 'POST', body: new URLSearchParams({ secret: `"${handed[1]?.value}"` }) })
    expect(await answer.text()).toContain('used') // a client without cookies is nobody's browser
    await ada.until(/answers with the new key/, 90)
    // A bot's token that Telegram does not know.
    await ada.say('/connect')
    await ada.until(/Where people meet/)
    await ada.press('Connect Telegram')
    await ada.until(/BotFather/)
    await ada.say(planted.telegramToken.value)
    await ada.until(/does not know|not accept|refused/i, 30)
    await ada.say('/logs')
    const log = await ada.file()

    const { rows } = await database.database.pool.query('SELECT id, gateway_token_sealed, sub_key_sealed FROM instances')
    const [instance] = rows
    const box = createSecretBox(parseKeyRing(`1:${RING_KEY}`))
    const canaries = [
      ...Object.values(planted),
      ...handed,
      { name: 'master key', value: RING_KEY },
      { name: 'bot token', value: telegram.token },
      {
        name: "the instance's gateway token",
        value: box.open(instance.gateway_token_sealed, `instance:${instance.id}:gateway-token`),
      },
      { name: "the instance's sub-key", value: box.open(instance.sub_key_sealed, `instance:${instance.id}:sub-key`) },
    ]
    expect(canaries.every(({ value }) => value.length >= 16)).toBe(true)
    await expectNowhere(canaries, {
      database: database.database.pool,
      folders: [{ path: data.path, exclude: (path) => SECRET_STORE.test(path) || path.startsWith('runtimes') }],
      logLines: service.output().split('\n'),
      texts: {
        'the log sent to the chat': log,
        'the messages of the chat': person.chat
          .messages()
          .filter((message) => message.fromBot)
          .map((message) => message.text)
          .join('\n'),
      },
    })
    // The person's own message is gone too.
    const secrets = [planted.anthropicKey, planted.telegramToken, ...handed].map(({ value }) => value)
    const kept = person.chat.messages().filter(({ text }) => secrets.some((secret) => text.includes(secret)))
    expect(kept).toEqual([])
  })
})
