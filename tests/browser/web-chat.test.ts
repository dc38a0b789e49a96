import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createDraw } from '../../core/credits/index.ts'
import { createLocaliser } from '../../core/i18n/index.ts'
import { buildWeb, serveWeb, type Web } from '../bots/web/web-server.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { accessibilityFaults } from './accessibility.ts'
import { type ChatPage, type ChatPageOptions, openChat } from './chat-page.ts'
import { createEchoService, type EchoService } from './echo-service.ts'
import { openBrowser } from './open-browser.ts'

let browser: Browser
let draw: ReturnType<typeof createDraw>
let test: TestDatabase
let web: Web
let echo: EchoService
let server: Awaited<ReturnType<typeof serveWeb>>
const pages: ChatPage[] = []

beforeAll(async () => {
  browser = await openBrowser()
  draw = createDraw({ localiser: createLocaliser() })
})
afterAll(async () => {
  await browser?.close()
  await draw?.close()
})

beforeEach(async () => {
  test = await createTestDatabase()
  await startService()
  server = await serveWeb(() => web)
})
afterEach(async () => {
  const problems = pages.flatMap((page) => page.problems())
  await Promise.all(pages.splice(0).map((page) => page.close()))
  await web.stop()
  await server.close()
  await test.close()
  expect(problems).toEqual([])
})

async function startService(): Promise<void> {
  web = buildWeb({ database: test.database, draw })
  echo = createEchoService(web)
  await echo.start()
}

async function open(options: ChatPageOptions = {}): Promise<ChatPage> {
  const page = await openChat(browser, server.root, { album: 'web-chat', ...options })
  pages.push(page)
  return page
}

const focusedId = (page: ChatPage) => page.page.evaluate('document.activeElement.id')

describe('the web chat in a browser', () => {
  it.each([
    { name: 'desktop-light', options: {} },
    { name: 'desktop-dark', options: { dark: true } },
    { name: 'phone-light', options: { phone: true } },
    { name: 'phone-dark', options: { phone: true, dark: true } },
    { name: 'phone-chinese', options: { phone: true, locale: 'zh-CN' } },
  ])('draws every kind of screen readably: $name', async ({ name, options }) => {
    const ada = await open({ ...options, reducedMotion: true })
    await ada.screenshot(`${name}-1-welcome`)
    expect(await accessibilityFaults(ada.page)).toEqual([])

    await ada.say('/deploy')
    await ada.until(/Which model/)
    await ada.screenshot(`${name}-2-choice`)
    await ada.say('/review')
    await ada.until(/Is this right/)
    await ada.say('/pay')
    await ada.until(/30 minutes/)
    await ada.screenshot(`${name}-3-review`)
    await ada.say('/progress 2')
    await ada.until(/Setting up/)
    await ada.say('/ready')
    await ada.until(/is ready/)
    await ada.screenshot(`${name}-4-progress`)
    await ada.say('/usage')
    await ada.until(/Resets/)
    await expect
      .poll(() => ada.page.evaluate('[...document.images].every((image) => image.complete && image.naturalWidth > 100)'))
      .toBe(true)
    await ada.screenshot(`${name}-5-usage`)
    await ada.say('/bars')
    await ada.until(/Almost/)
    await ada.say('/logs')
    await ada.until(/blacked out/)
    await ada.screenshot(`${name}-6-logs`)
    await ada.say('/key')
    await ada.until(/stays yours/)
    await ada.say('/destroy')
    await ada.until(/Lost for good/)
    await ada.say('How are you, دانيال? 👩‍🚀')
    await ada.until(/You said: How/)
    await ada.screenshot(`${name}-7-form`)
    expect(await accessibilityFaults(ada.page)).toEqual([])
  })

  it('can be used from end to end with the keyboard alone', async () => {
    const ada = await open()
    const { keyboard } = ada.page
    expect(await focusedId(ada)).toBe('box')

    await keyboard.type('/')
    await ada.page.locator('#menu [role="option"]').first().waitFor()
    await ada.screenshot('keyboard-menu')
    await keyboard.type('lo')
    await keyboard.press('Enter')
    await ada.until(/The last lines/)
    expect(await focusedId(ada)).toBe('box')

    await keyboard.type('/d')
    await keyboard.press('Tab')
    expect(await ada.page.locator('#box').inputValue()).toBe('/deploy ')
    await keyboard.press('Enter')
    await ada.until(/Which model/)

    const choice = (await ada.messages()).at(-1)?.id
    for (let steps = 0; steps < 30; steps++) {
      await keyboard.press('Shift+Tab')
      if (await ada.page.evaluate(`document.activeElement.matches('#m${choice} .option:nth-child(2)')`)) break
    }
    await keyboard.press('Enter')
    await ada.until(/Claude Haiku 4.5 it is/)
    // The pressed option is gone; the text box takes over, so that one can simply type on.
    expect(await focusedId(ada)).toBe('box')
    await keyboard.type('line one')
    await keyboard.press('Shift+Enter')
    await keyboard.type('line two')
    await keyboard.press('Enter')
    await ada.until(/You said: line one\nline two/)
    expect(echo.received.map(({ content }) => content.kind)).toEqual(['command', 'command', 'press', 'text'])
  })

  it('lets a keyboard user go on from a button that changes in place', async () => {
    const ada = await open()
    await ada.say('/progress')
    await ada.until(/Setting up/)
    await ada.page.getByRole('button', { name: 'Next' }).focus()
    for (const step of ['Credit set aside', 'Server prepared']) {
      await ada.page.keyboard.press('Enter')
      await ada.page.locator('.progress li.running', { hasText: step }).waitFor()
      expect(await ada.page.evaluate('document.activeElement.textContent')).toBe('Next')
      expect(await ada.page.locator('#status').textContent()).toBe(step)
    }
  })

  it('fills in a form with labels, hides the secret, and sends both', async () => {
    const ada = await open()
    await ada.say('/key')
    await ada.page.getByLabel('A name for it').fill('work')
    const key = ada.page.getByLabel('API key')
    await key.fill('not-a-real-key')
    expect(await key.getAttribute('type')).toBe('password')
    await key.press('Enter')
    await ada.until(/Saved work/)
    expect(echo.received.at(-1)?.content).toMatchObject({
      kind: 'form',
      token: 'key-form',
      values: { label: 'work', key: 'not-a-real-key' },
    })
  })

  it('keeps what was typed into a form while its message changes', async () => {
    const ada = await open()
    await ada.say('/key')
    await ada.page.getByLabel('A name for it').fill('half-typed')
    const form = (await ada.lastMessage())?.id ?? ''
    await echo.send(
      echo.received[0]?.chat.id ?? '',
      {
        blocks: [{ kind: 'text', text: 'Still waiting for your key.' }],
        form: {
          name: 'key',
          token: 'again',
          submitLabel: 'Save',
          fields: [{ name: 'label', label: 'A name for it', maxLength: 40, secret: false }],
        },
      },
      { edit: form },
    )
    await ada.until(/Still waiting/)
    expect(await ada.page.getByLabel('A name for it').inputValue()).toBe('half-typed')
    expect(await ada.page.evaluate('document.activeElement.name')).toBe('label')
  })

  it('shows everything again after a reload, and in a second tab as it happens', async () => {
    const ada = await open()
    await ada.say('/usage')
    await ada.until(/Resets/)
    const tab = await open({ beside: ada })
    expect((await tab.messages()).map(({ text }) => text)).toEqual((await ada.messages()).map(({ text }) => text))
    await ada.say('are you there?')
    await tab.until(/You said: are you there/)
    expect((await tab.messages()).map(({ own }) => own)).toEqual([true, false, true, false])
    await ada.page.reload()
    expect(await ada.messages()).toEqual(await tab.messages())
  })

  it('sends what was written without a connection once it is back, once and in order', async () => {
    const ada = await open()
    await ada.page.context().setOffline(true)
    await ada.say('first')
    await ada.say('second')
    await ada.page.locator('.pending .state', { hasText: 'Waiting for the connection' }).nth(1).waitFor()
    await ada.screenshot('offline')
    expect(echo.received).toEqual([])
    await ada.page.context().setOffline(false)
    await ada.until(/You said: second/)
    expect(echo.received.map(({ content }) => content)).toMatchObject([{ text: 'first' }, { text: 'second' }])
    expect((await ada.messages()).filter(({ own }) => own).map(({ text }) => text)).toEqual(['first', 'second'])
  })

  it('keeps an unsent message over a reload', async () => {
    const ada = await open()
    await ada.page.route('**/chat/messages*', (route) => route.abort())
    await ada.say('do not lose me')
    await ada.page.locator('.pending .state', { hasText: 'Waiting' }).waitFor()
    await ada.page.unroute('**/chat/messages*')
    await ada.page.reload()
    await ada.until(/You said: do not lose me/)
    expect(echo.received).toHaveLength(1)
  })

  it('goes on by itself after the service restarts', async () => {
    const ada = await open()
    await ada.say('before')
    await ada.until(/You said: before/)
    await web.stop()
    await ada.say('meanwhile')
    await startService()
    await ada.until(/You said: meanwhile/)
    await ada.page.locator('#connection.on').waitFor()
    await echo.send(echo.received[0]?.chat.id ?? '', { blocks: [{ kind: 'text', text: 'I am back.' }] })
    await ada.until(/I am back/)
    expect((await ada.messages()).map(({ text }) => text)).toEqual([
      'before',
      'You said: before',
      'meanwhile',
      'You said: meanwhile',
      'I am back.',
    ])
  })

  it('answers a press with a note that is read aloud, and lets the button be pressed again', async () => {
    const ada = await open()
    await ada.say('/usage')
    await ada.press('Refresh')
    const note = ada.page.locator('#toasts[aria-live="polite"] .toast')
    await note.waitFor()
    expect(await note.textContent()).toBe('These are the newest figures.')
    await ada.screenshot('toast')
    await ada.page.locator('.button[aria-disabled]').first().waitFor({ state: 'detached' })
    await ada.press('Refresh')
    await expect.poll(() => echo.received.filter(({ content }) => content.kind === 'press').length).toBe(2)
  })

  it('says in the tab’s title that something new arrived while nobody looked', async () => {
    const ada = await open()
    await ada.say('hello')
    await ada.until(/You said: hello/)
    await ada.page.evaluate(`Object.defineProperty(document, 'hidden', { configurable: true, get: () => true })`)
    await echo.send(echo.received[0]?.chat.id ?? '', { blocks: [{ kind: 'text', text: 'Scout is ready' }] })
    await expect.poll(() => ada.page.title()).toBe('(1) ClawCloud')
    await ada.page.evaluate(
      `Object.defineProperty(document, 'hidden', { configurable: true, get: () => false }); document.dispatchEvent(new Event('visibilitychange'))`,
    )
    expect(await ada.page.title()).toBe('ClawCloud')
  })

  it('lets two people share a room under names of their choice, each told apart', async () => {
    const ada = await open({ room: 'team' })
    await ada.page.locator('.who summary').click()
    await ada.page.getByLabel('Your name in this room').fill('Ada')
    await ada.page.getByRole('button', { name: 'Save' }).click()
    await ada.page.locator('#my-name', { hasText: 'Ada' }).waitFor()
    const bob = await open({ room: 'team' })
    await ada.say('Hello Bob')
    await bob.until(/Hello Bob/)
    await bob.say('Hello Ada')
    await ada.until(/^You said: Hello Ada/)
    await bob.screenshot('room')
    expect(await bob.page.locator('.message.other .author').allTextContents()).toEqual(['Ada'])
    expect(new Set(echo.received.map(({ sender }) => sender.id)).size).toBe(2)
    expect(echo.received.map(({ chat }) => chat)).toEqual([
      { id: 'room:team', kind: 'group', title: 'team' },
      { id: 'room:team', kind: 'group', title: 'team' },
    ])
  })
})
