import { mkdirSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { assetPath } from '../../core/assets.ts'
import { openBrowser } from './open-browser.ts'

const PHONE = { width: 390, height: 844 }
const DESKTOP = { width: 1440, height: 900 }
/** Each column about as wide as a message on a large phone. */
const WIDE = { width: 1720, height: 900 }

/** The screen on the README's picture: `platforms.png` is what this test leaves in tests/browser/screenshots/gallery. */
const SHOWN = 'usage'

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
})

async function open(file: string, viewport: typeof PHONE, dark: boolean) {
  const context = await browser.newContext({
    viewport,
    deviceScaleFactor: 1.25,
    colorScheme: dark ? 'dark' : 'light',
    javaScriptEnabled: false,
    offline: true,
  })
  const page = await context.newPage()
  const problems: string[] = []
  page.on('console', (line) => problems.push(line.text()))
  page.on('request', (request) => {
    if (!/^(file|data):/.test(request.url())) problems.push(`asks for ${request.url()}`)
  })
  await page.goto(pathToFileURL(assetPath(`docs/${file}`)).href)
  return { page, problems, close: () => context.close() }
}

/** What sticks out of its picture, or of the page. */
const STICKING_OUT = `[
  ...[...document.querySelectorAll('.stage')].filter((stage) => stage.scrollWidth > stage.clientWidth),
  ...(document.documentElement.scrollWidth > innerWidth ? [document.documentElement] : []),
].map((element) => (element.closest('.screen')?.id ?? 'page') + ': ' + (element.parentElement?.className ?? ''))`

const VISIBLE = `[...document.querySelectorAll('#${SHOWN} .cell')].filter((cell) => cell.offsetWidth > 0).map((cell) => cell.classList[1])`

describe('the page of all screens in a browser', () => {
  it.each([
    { file: 'screens.html', viewport: DESKTOP, dark: false },
    { file: 'screens.html', viewport: PHONE, dark: true },
    { file: 'screens.zh.html', viewport: DESKTOP, dark: true },
    { file: 'screens.zh.html', viewport: PHONE, dark: false },
  ])('stands on its own and keeps every picture in its frame: $file at $viewport.width', async ({ file, viewport, dark }) => {
    const { page, problems, close } = await open(file, viewport, dark)
    expect(z.array(z.string()).parse(await page.evaluate(STICKING_OUT))).toEqual([])
    expect(problems).toEqual([])
    await close()
  })

  it('shows one platform alone when asked to, without a script', async () => {
    const { page, close } = await open('screens.html', DESKTOP, false)
    expect(await page.evaluate(VISIBLE)).toEqual(['telegram', 'discord', 'feishu', 'web'])
    await page.getByLabel('Feishu / Lark').check({ force: true })
    expect(await page.evaluate(VISIBLE)).toEqual(['feishu'])
    await close()
  })

  it('has a row that is fit for the README', async () => {
    const { page, close } = await open('screens.html', WIDE, false)
    const folder = fileURLToPath(new URL('screenshots/gallery/', import.meta.url))
    mkdirSync(folder, { recursive: true })
    await page
      .locator(`#${SHOWN} .row`)
      .first()
      .screenshot({ path: `${folder}platforms.png` })
    await close()
  })
})
