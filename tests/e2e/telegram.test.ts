import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BotApi, createBotApi, type Person } from '../support/bot-api/index.ts'
import { eventually } from '../support/eventually.ts'
import { dataDirectory, freePort, type RunningService, startService } from '../support/service.ts'
import { telegramWalker } from './telegram-walker.ts'
import { deployAssistant, destroyAssistant, useAssistant } from './walk.ts'

let telegram: BotApi
let data: Awaited<ReturnType<typeof dataDirectory>>
let service: RunningService

beforeAll(async () => {
  telegram = await createBotApi({ managesBots: true })
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

/** One tap makes the assistant a bot of its own, in which it answers its owner and sends a stranger to them. */
async function meetInItsOwnBot(person: Person): Promise<void> {
  const ada = telegramWalker(telegram, person)
  await ada.say('/connect')
  await ada.until(/Where people meet Scout/)
  await ada.press('Connect Telegram')
  const bot = telegram.opensNewBotLink(person, await ada.link('Make the bot'))
  await ada.until(/Telegram is connected/, 90)
  const answers = (one: Person) =>
    bot
      .knows(one)
      .chat.messages()
      .filter(({ fromBot }) => fromBot)
      .map(({ text }) => text)
      .join('\n')
  bot.knows(person).sends('Hello, which model are you?')
  await eventually(async () => expect(answers(person)).toMatch(/I am /), 60)
  const eve = telegram.person({ name: 'Eve' })
  bot.knows(eve).sends('Hello?')
  await ada.until(/Eve wants to talk to Scout/, 60)
  await ada.press('Yes, they may')
  await ada.until(/Eve may talk to Scout/, 60)
  await eventually(async () => expect(answers(eve)).toContain('You may talk to Scout now'), 60)
}

describe('a customer in Telegram', () => {
  it('orders, pays, talks to a real OpenClaw of their own, switches its model and deletes it, all in the chat', {
    timeout: 420_000,
  }, async () => {
    const person = telegram.person({ name: 'Ada' })
    const ada = telegramWalker(telegram, person)
    try {
      await deployAssistant(ada, 'Scout')
      await useAssistant(ada, 'Scout')
      await meetInItsOwnBot(person)
      await destroyAssistant(ada, 'Scout')
    } catch (error) {
      throw new Error(
        `${error instanceof Error ? error.message : error}\n\nthe service printed:\n${service.output().slice(-6000)}`,
      )
    }
    expect(telegram.violations).toEqual([])
  })
})
