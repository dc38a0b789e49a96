import { mkdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { type ServerType, serve } from '@hono/node-server'
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Incoming } from '../../core/chat/incoming.ts'
import { createLocaliser } from '../../core/i18n/index.ts'
import { createSecretPage, hashOf } from '../../core/secrets/index.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { quietLog, systemClock } from '../support/services.ts'
import { accessibilityFaults } from './accessibility.ts'
import { openBrowser } from './open-browser.ts'

const PHONE = { width: 360, height: 740 }
const SHOTS = fileURLToPath(new URL('./screenshots/secret-page/', import.meta.url))
const KEY = `sk-ant-api03-${'a1'.repeat(40)}`

let browser: Browser
let database: TestDatabase
let server: ServerType
let root: string
let handed: { incoming: Incoming; secret: string }[]

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true })
  browser = await openBrowser()
  database = await createTestDatabase()
  handed = []
  const page = createSecretPage({
    pool: database.database.pool,
    localiser: createLocaliser(),
    clock: systemClock,
    log: quietLog,
    brandName: 'ClawCloud',
    secure: false,
    receive: async (incoming, secret) => void handed.push({ incoming, secret }),
    chatLink: () => 'https://t.me/clawcloud_bot',
  })
  await new Promise<void>((resolve) => {
    server = serve({ fetch: page.fetch, hostname: '127.0.0.1', port: 0 }, (address: AddressInfo) => {
      root = `http://127.0.0.1:${address.port}`
      resolve()
    })
  })
})
afterAll(async () => {
  await browser?.close()
  server?.close()
  await database?.close()
})

async function asked(token: string, language = 'en'): Promise<string> {
  const prisma = await database.database.prisma()
  await prisma.secretRequest.create({
    data: {
      tokenHash: hashOf(token),
      platform: 'telegram',
      chat: { id: '7', kind: 'private' },
      sender: { id: '7', name: 'Ada Lovelace' },
      chatId: '7',
      userId: '7',
      flow: 'deploy',
      step: 'key',
      viewId: 'deploy:1',
      title: { literal: language === 'zh' ? '小龙的 Anthropic API 密钥' : 'The Anthropic API key for Scout' },
      hint: {
        literal:
          language === 'zh'
            ? '在 console.anthropic.com 的 API Keys 中创建。'
            : 'Make one at console.anthropic.com, under API keys.',
      },
      language,
      expiresAt: new Date(Date.now() + 600_000),
    },
  })
  return `${root}/s/${token}`
}

async function phone(dark = false): Promise<{ context: BrowserContext; problems: string[] }> {
  const context = await browser.newContext({
    viewport: PHONE,
    deviceScaleFactor: 2,
    hasTouch: true,
    colorScheme: dark ? 'dark' : 'light',
    javaScriptEnabled: true,
  })
  const problems: string[] = []
  context.on('console', (line) => problems.push(line.text()))
  context.on('request', (request) => {
    if (!request.url().startsWith(root)) problems.push(`asks for ${request.url()}`)
  })
  return { context, problems }
}

describe('the secret page in a browser', () => {
  it('takes a key on a phone by keyboard alone and without scripts, and says what happens next', async () => {
    const context = await browser.newContext({ viewport: PHONE, javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(await asked('without-scripts'))
    await page.keyboard.type(KEY)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Thank you' }).waitFor()
    expect(handed.at(-1)).toMatchObject({ secret: KEY, incoming: { content: { kind: 'handed', flow: 'deploy', step: 'key' } } })
    expect(await page.getByRole('link', { name: 'Back to the chat' }).getAttribute('href')).toBe('https://t.me/clawcloud_bot')
    const before = handed.length
    await page.reload()
    await page.goBack()
    expect(handed).toHaveLength(before)
    expect(await page.content()).not.toContain(KEY)
    await context.close()
  })

  it.each([
    ['en', false],
    ['zh', true],
  ] as const)('reads well in %s, dark %s, and loads nothing from anywhere', async (language, dark) => {
    const { context, problems } = await phone(dark)
    const page = await context.newPage()
    const address = await asked(`looks-${language}`, language)
    await page.goto(address)
    expect(await accessibilityFaults(page)).toEqual([])
    await page.screenshot({ path: `${SHOTS}${language}-asks.png` })
    const input = page.locator('#secret')
    expect([await input.getAttribute('type'), await page.locator('#secret:focus').count()]).toEqual(['password', 1])
    await input.fill('   ')
    await page.getByRole('button').tap()
    await page.getByRole('alert').waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await page.screenshot({ path: `${SHOTS}${language}-empty.png` })
    await page.locator('#secret').fill(KEY)
    await page.getByRole('button').tap()
    await page.getByRole('link').waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await page.screenshot({ path: `${SHOTS}${language}-done.png` })
    expect(problems.filter((problem) => !/400/.test(problem))).toEqual([])
    await context.close()
  })

  it('is turned away from a second browser, which sees nothing of the question', async () => {
    const address = await asked('two-browsers')
    const [mine, other] = [await phone(), await phone()]
    const page = await mine.context.newPage()
    await page.goto(address)
    await page.locator('#secret').waitFor()
    const elsewhere = await other.context.newPage()
    await elsewhere.goto(address)
    expect(await elsewhere.textContent('main')).toContain('open elsewhere')
    expect(await elsewhere.textContent('main')).not.toContain('Anthropic')
    await elsewhere.screenshot({ path: `${SHOTS}other.png` })
    await page.reload()
    await page.locator('#secret').waitFor()
    await Promise.all([mine.context.close(), other.context.close()])
  })
})
