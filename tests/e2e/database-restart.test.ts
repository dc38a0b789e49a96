import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BotApi, createBotApi, type Person } from '../support/bot-api/index.ts'
import { dataDirectory, freePort, type RunningService, startService } from '../support/service.ts'

const PEOPLE = 40
const ROUNDS = 5

let telegram: BotApi
let data: Awaited<ReturnType<typeof dataDirectory>>
let service: RunningService

beforeAll(async () => {
  telegram = await createBotApi()
  data = await dataDirectory()
  // Without the worker role no gateway is started ahead: this is about messages.
  service = await startService({
    DATA_DIR: data.path,
    PORT: String(await freePort()),
    ROLES: 'bots,http',
    TELEGRAM_BOT_TOKEN: telegram.token,
    TELEGRAM_API_ROOT: telegram.url,
  })
}, 180_000)

afterAll(async () => {
  await service?.kill('SIGINT')
  await telegram?.close()
  data?.remove()
}, 60_000)

const answers = (person: Person) =>
  person.chat.messages().filter((message) => message.fromBot && /no assistant here yet/.test(message.text)).length

describe('the database', () => {
  it('killed and restarted under load loses no message and answers none twice', { timeout: 120_000 }, async () => {
    const people = Array.from({ length: PEOPLE }, (_, index) => telegram.person({ name: `Person ${index}` }))
    for (let round = 0; round < ROUNDS; round++) {
      for (const person of people) person.sends('/instances')
      if (round === 2) {
        const postmaster = Number(readFileSync(join(data.path, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0])
        process.kill(postmaster, 'SIGQUIT') // at once, as in a crash: it replays its log when it comes back
      }
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    await expect
      .poll(() => people.map(answers).filter((count) => count < ROUNDS).length, {
        timeout: 100_000,
        interval: 200,
        message: `people without all their answers; the service printed:\n${service.output().slice(-3000)}`,
      })
      .toBe(0)
    expect(people.map(answers)).toEqual(people.map(() => ROUNDS))
  })
})
