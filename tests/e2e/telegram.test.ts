import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BotApi, createBotApi } from '../support/bot-api/index.ts'
import { dataDirectory, freePort, type RunningService, startService } from '../support/service.ts'
import { telegramWalker } from './telegram-walker.ts'
import { deployAssistant, destroyAssistant, OWN_KEYS, useAssistant, useOwnKey } from './walk.ts'

let telegram: BotApi
let data: Awaited<ReturnType<typeof dataDirectory>>
let service: RunningService

beforeAll(async () => {
  telegram = await createBotApi()
  data = await dataDirectory()
  service = await startService({
    DATA_DIR: data.path,
    PORT: String(await freePort()),
    TELEGRAM_BOT_TOKEN: telegram.token,
    TELEGRAM_API_ROOT: telegram.url,
    LOG_LEVEL: 'info',
  })
}, 180_000)

afterAll(async () => {
  await service?.kill('SIGINT')
  await telegram?.close()
  data?.remove()
}, 60_000)

describe('a customer in Telegram', () => {
  it('orders, pays, talks to a real OpenClaw of their own, switches its model and deletes it, all in the chat', {
    timeout: 600_000,
  }, async () => {
    const person = telegram.person({ name: 'Ada' })
    const ada = telegramWalker(telegram, person)
    try {
      await deployAssistant(ada, 'Scout')
      await useAssistant(ada, 'Scout')
      await destroyAssistant(ada, 'Scout')
      // A key is a private message, which is gone at once.
      await useOwnKey(ada, 'Luna', OWN_KEYS.anthropic)
    } catch (error) {
      throw new Error(
        `${error instanceof Error ? error.message : error}\n\nthe service printed:\n${service.output().slice(-6000)}`,
      )
    }
    expect(telegram.violations).toEqual([])
    expect(service.output()).not.toContain(OWN_KEYS.anthropic.key)
    const sent = person.chat.messages().map((message) => message.text)
    expect(sent.filter((text) => text.includes('sk-ant-'))).toEqual([])
  })
})
