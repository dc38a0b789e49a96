import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BotApi, createBotApi } from '../support/bot-api/index.ts'
import { dataDirectory, freePort, type RunningService, startService } from '../support/service.ts'
import { telegramWalker } from './telegram-walker.ts'
import { deployAssistant, destroyAssistant, useAssistant } from './walk.ts'

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
    timeout: 420_000,
  }, async () => {
    const ada = telegramWalker(telegram, telegram.person({ name: 'Ada' }))
    try {
      await deployAssistant(ada, 'Scout')
      await useAssistant(ada, 'Scout')
      await destroyAssistant(ada, 'Scout')
    } catch (error) {
      throw new Error(
        `${error instanceof Error ? error.message : error}\n\nthe service printed:\n${service.output().slice(-6000)}`,
      )
    }
    expect(telegram.violations).toEqual([])
  })
})
