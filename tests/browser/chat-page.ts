import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { z } from 'zod'
import type { Walker } from '../e2e/walk.ts'

const PHONE = { width: 390, height: 844 }
const DESKTOP = { width: 1100, height: 860 }
const POLL_MS = 50
const PATIENCE_SECONDS = 15

type Message = {
  readonly id: string
  readonly own: boolean
  readonly text: string
  readonly controls: readonly { readonly label: string; readonly link: string | null }[]
  readonly picture: string | null
  readonly file: string | null
}

export type ChatPageOptions = {
  readonly phone?: boolean
  readonly dark?: boolean
  readonly locale?: string
  readonly room?: string
  /** Folder below tests/browser/screenshots. */
  readonly album?: string
  /** Joins the person of another page, in a tab beside it. */
  readonly beside?: ChatPage
  readonly reducedMotion?: boolean
}

/** A person in front of the web chat. Each has a browser profile of their own, and so is somebody else. */
export type ChatPage = Walker & {
  readonly page: Page
  messages(): Promise<readonly Message[]>
  lastMessage(): Promise<Message | undefined>
  screenshot(name: string): Promise<void>
  /** Pays on the sandbox's checkout page in a tab of its own; returns what the page says in the end. */
  fillCheckout(url: string, card: string): Promise<string>
  /** Script errors, refused resources, violations of the page's own content security policy. */
  problems(): readonly string[]
  close(): Promise<void>
}

/** Read at one moment, so that a message that changes meanwhile is not seen half. */
const READ_MESSAGES = `[...document.querySelectorAll('#log .message')].map((message) => ({
  id: message.dataset.id ?? '',
  own: message.classList.contains('own'),
  text: message.querySelector('.bubble').innerText,
  controls: [...message.querySelectorAll('.button, .option')].map((control) => ({
    label: (control.querySelector('.option-label') ?? control.firstChild).textContent.trim(),
    link: control.getAttribute('href'),
  })),
  picture: message.querySelector('img')?.src ?? null,
  file: message.querySelector('a.file')?.href ?? null,
}))`
const Messages = z.array(
  z.object({
    id: z.string(),
    own: z.boolean(),
    text: z.string(),
    controls: z.array(z.object({ label: z.string(), link: z.string().nullable() })),
    picture: z.string().nullable(),
    file: z.string().nullable(),
  }),
)

export async function openChat(browser: Browser, root: string, options: ChatPageOptions = {}): Promise<ChatPage> {
  const look: BrowserContextOptions = {
    viewport: options.phone ? PHONE : DESKTOP,
    deviceScaleFactor: 2,
    isMobile: options.phone ?? false,
    hasTouch: options.phone ?? false,
    colorScheme: options.dark ? 'dark' : 'light',
    locale: options.locale ?? 'en-GB',
    reducedMotion: options.reducedMotion ? 'reduce' : 'no-preference',
  }
  const context = options.beside?.page.context() ?? (await browser.newContext(look))
  const page = await context.newPage()
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (line) => {
    // A failed request is what the page is built to live with; everything else is a mistake of ours.
    if (['error', 'warning'].includes(line.type()) && !line.text().startsWith('Failed to load resource'))
      problems.push(line.text())
  })
  await page.goto(`${root}/chat${options.room ? `?room=${options.room}` : ''}`)
  await page.locator('#connection.on').waitFor()

  const messages = async (): Promise<readonly Message[]> => Messages.parse(await page.evaluate(READ_MESSAGES))
  const fromService = async () => (await messages()).filter(({ own }) => !own)

  async function poll<T>(find: (all: readonly Message[]) => T | undefined, what: string, seconds = PATIENCE_SECONDS): Promise<T> {
    const deadline = performance.now() + seconds * 1000
    for (;;) {
      const all = await fromService()
      const found = find(all)
      if (found !== undefined) return found
      if (performance.now() > deadline) {
        throw new Error(`not within ${seconds} s: ${what}. The page shows:\n${all.slice(-4).map(describe).join('\n-----\n')}`)
      }
      await page.waitForTimeout(POLL_MS)
    }
  }
  const withControl = (label: string) => (all: readonly Message[]) =>
    all.findLast(({ controls }) => controls.some((control) => control.label.includes(label)))

  async function download(address: string): Promise<Buffer> {
    const answer = await context.request.get(address)
    if (!answer.ok()) throw new Error(`${address} answers ${answer.status()}`)
    return answer.body()
  }

  async function screenshot(name: string): Promise<void> {
    const folder = fileURLToPath(new URL(`screenshots/${options.album ?? 'chat'}/`, import.meta.url))
    mkdirSync(folder, { recursive: true })
    await page.screenshot({ path: `${folder}${name}.png` })
  }

  async function fillCheckout(url: string, card: string): Promise<string> {
    const checkout = await context.newPage()
    await checkout.goto(url)
    await checkout.getByLabel('Card number').fill(card)
    await checkout.getByRole('button', { name: /^Pay/ }).click()
    await checkout.waitForLoadState()
    const confirm = checkout.getByRole('button', { name: 'Approve' })
    if (await confirm.isVisible()) await confirm.click()
    await checkout.waitForLoadState()
    const [outcome = ''] = await checkout.locator('main').allInnerTexts()
    await checkout.close()
    return outcome
  }

  const link = (label: string) =>
    poll(
      (all) => withControl(label)(all)?.controls.find((control) => control.label.includes(label))?.link ?? undefined,
      `a link “${label}”`,
    )

  return {
    page,
    messages,
    screenshot,
    fillCheckout,
    capture: screenshot,
    problems: () => problems,
    lastMessage: async () => (await messages()).at(-1),
    close: () => (options.beside ? page.close() : context.close()),

    async say(text) {
      await page.locator('#box').fill(text)
      // The menu of commands takes the first Enter of a half-typed command; the button always sends.
      await page.getByRole('button', { name: /^(Send|发送)$/ }).click()
    },
    async press(label) {
      const message = await poll(withControl(label), `a button “${label}”`)
      const index = message.controls.findIndex((control) => control.label.includes(label))
      await page.locator(`#m${message.id}`).locator('.button, .option').nth(index).click()
    },
    until: (pattern, seconds) =>
      poll(
        (all) => {
          const found = all.slice(-2).findLast((message) => pattern.test(describe(message)))
          return found && describe(found)
        },
        `${pattern}`,
        seconds,
      ),
    link,
    picture: async () => download(await poll((all) => all.findLast(({ picture }) => picture)?.picture ?? undefined, 'a picture')),
    file: async () =>
      (await download(await poll((all) => all.findLast(({ file }) => file)?.file ?? undefined, 'a file'))).toString(),
    pay: async (url, card) => void (await fillCheckout(url, card)),
    async handOver(secret) {
      const handing = await context.newPage()
      await handing.goto(await link('safe page'))
      await handing.locator('#secret').fill(secret)
      await handing.getByRole('button').click()
      await handing.getByRole('heading', { name: 'Thank you' }).waitFor()
      await handing.close()
    },
  }
}

const describe = (message: Message): string =>
  [message.text, message.controls.map(({ label }) => `[${label}]`).join(' ')].join('\n').trim()
