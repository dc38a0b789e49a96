import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BotApi, createBotApi } from '../support/bot-api/index.ts'
import { dataDirectory, freePort, type RunningService, startService } from '../support/service.ts'
import { telegramWalker } from './telegram-walker.ts'
import { CARDS, destroyAssistant, type Walker } from './walk.ts'

const FIRST = 'sk-ant-api03-sandbox-the-first-key-0001'
const SECOND = 'sk-ant-api03-sandbox-the-second-key-0002'
const EMPTY = 'sk-ant-api03-sandbox-nocredit-key-0003'

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

/** What a stand-in wrote down, newest last. */
function journal(name: string): string[] {
  const path = join(data.path, 'sandbox', `${name}.jsonl`)
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []
}

/** The model of the newest turn that Anthropic's stand-in answered, and the end of the key it came with. */
const lastTurn = () => {
  const turn = journal('anthropic').findLast((line) => line.includes('"path":"/v1/messages"') && line.includes('"status":200'))
  return turn === undefined ? null : { model: /"model":"([^"]+)"/.exec(turn)?.[1], key: /"key":"([^"]+)"/.exec(turn)?.[1] }
}

async function orderWithOwnKey(ada: Walker): Promise<void> {
  await ada.say('/deploy')
  await ada.until(/What shall it be called/)
  await ada.say('Scout')
  await ada.until(/A plan for Scout/)
  await ada.press('Lite')
  await ada.until(/How shall the AI be paid/)
  await ada.press('My own Anthropic key')
  await ada.until(/Your Anthropic key/)
  await ada.say('sk-proj-sandbox-a-key-of-another-0009')
  await ada.until(/That is a key for OpenAI/)
  await ada.say('sk-ant-api03-nobody-knows-this-key-0000')
  await ada.until(/doesn’t know this key/)
  await ada.say(EMPTY)
  await ada.until(/has no credit/)
  await ada.press('Another key')
  await ada.until(/Make a key of its own/)
  await ada.say(`"${FIRST.slice(0, 24)}\n${FIRST.slice(24)}"`)
  await ada.until(/Which model shall answer/)
  await ada.press('Claude Sonnet 4.6')
  const review = await ada.until(/Is this right/)
  expect(review).toContain('your own Anthropic key …0001')
  expect(review).toContain('No AI credit is used')
  expect(review).toContain('$29')
  await ada.press('Continue to payment')
  await ada.until(/\[.*Pay/)
  await ada.pay(await ada.link('Pay'), CARDS.works)
  const ready = await ada.until(/Scout is ready[\s\S]*First answer/, 180)
  expect(ready).toContain('your own key at Anthropic')
  expect(ready).not.toContain('AI credit')
}

describe('a customer with a key of their own', () => {
  it('hands it over, is answered by the provider itself, replaces it, changes the way of paying, and comes back', {
    timeout: 420_000,
  }, async () => {
    const person = telegram.person({ name: 'Ada' })
    const ada = telegramWalker(telegram, person)
    try {
      await orderWithOwnKey(ada)
      await ada.say('/ask which model are you')
      await ada.until(/claude-sonnet-4-6/, 60)
      expect(lastTurn()).toEqual({ model: 'claude-sonnet-4-6', key: '0001' })
      // No credit of ours: no sub-key was ever made.
      expect(journal('openrouter').filter((line) => line.includes('oc-'))).toEqual([])

      await ada.say('/usage')
      expect(await ada.until(/Scout: usage/)).toContain('Anthropic’s bill')
      await ada.say('/status')
      expect(await ada.until(/Scout[\s\S]*State/)).toContain('your own key at Anthropic')

      await ada.say('/key')
      expect(await ada.until(/how its AI is paid/)).toContain('…0001')
      await ada.press('Check now')
      await ada.until(/Last checked[\s\S]*accepted/, 30)
      await ada.press('Replace key')
      await ada.until(/Your Anthropic key/)
      await ada.say(SECOND)
      await ada.until(/answers with the new key/, 60)
      expect(lastTurn()).toEqual({ model: 'claude-sonnet-4-6', key: '0002' })

      await ada.say('/key')
      await ada.until(/how its AI is paid[\s\S]*…0002/)
      await ada.press('Add free backup models')
      await ada.until(/has free backup models/, 60)

      await ada.say('/key')
      await ada.until(/free models, tried when/)
      await ada.press('Change how it is paid')
      await ada.until(/What would you like instead/)
      await ada.press('AI included')
      await ada.until(/Which model shall answer/)
      await ada.press('Claude Sonnet 4.6')
      const confirm = await ada.until(/Kept/)
      expect(confirm).toContain('its memory, files, channels and name')
      expect(confirm).toContain('$8')
      await ada.press('Change it')
      await ada.until(/now runs on .*managed credit/, 90)
      await ada.say('/ask which model are you')
      await ada.until(/anthropic\/claude-sonnet-4\.6/, 60)
      await ada.say('/usage')
      await ada.until(/of \$8\.00/)

      await ada.say('/key')
      await ada.until(/managed credit, part of your plan/)
      await ada.press('Undo the change')
      await ada.until(/now runs on .*Anthropic/, 90)
      await ada.say('/ask which model are you now')
      await ada.until(/claude-sonnet-4-6/, 60)
      expect(lastTurn()).toEqual({ model: 'claude-sonnet-4-6', key: '0002' })

      // None of the keys is in the chat any more, nor in anything that was printed.
      const shown = person.chat
        .messages()
        .map((message) => message.text)
        .join('\n')
      for (const key of [FIRST, SECOND, EMPTY]) {
        expect(shown).not.toContain(key)
        expect(service.output()).not.toContain(key)
      }
      await destroyAssistant(ada, 'Scout')
      // Both sub-keys, of the credit and of the free models, are gone with it.
      const made = journal('openrouter').filter((line) => line.includes('"name":"oc-') && line.startsWith('{"key"'))
      const deleted = journal('openrouter').filter((line) => line.startsWith('{"deleted"'))
      expect(new Set(made.map((line) => /"name":"([^"]+)"/.exec(line)?.[1])).size).toBe(2)
      expect(deleted).toHaveLength(2)
    } catch (error) {
      throw new Error(
        `${error instanceof Error ? error.message : error}\n\nthe service printed:\n${service.output().slice(-5000)}`,
      )
    }
    expect(telegram.violations).toEqual([])
  })
})
