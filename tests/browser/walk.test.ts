import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deployAssistant, destroyAssistant, OWN_KEYS, useAssistant, useOwnKey } from '../e2e/walk.ts'
import { dataDirectory, freePort, type RunningService, startService } from '../support/service.ts'
import { accessibilityFaults } from './accessibility.ts'
import { openChat } from './chat-page.ts'
import { openBrowser } from './open-browser.ts'

let browser: Browser
let data: Awaited<ReturnType<typeof dataDirectory>>
let service: RunningService

beforeAll(async () => {
  browser = await openBrowser()
  data = await dataDirectory()
  service = await startService({ DATA_DIR: data.path, PORT: String(await freePort()) })
}, 240_000)

afterAll(async () => {
  await service?.kill('SIGINT')
  await browser?.close()
  data?.remove()
}, 60_000)

describe('a newcomer with a browser', () => {
  it('orders, pays, talks to a real OpenClaw of their own, switches its model and deletes it, all in the chat', {
    timeout: 660_000,
  }, async () => {
    const page = await openChat(browser, service.url, { album: 'walk', reducedMotion: true })
    try {
      await page.capture('0-empty')
      await deployAssistant(page, 'Scout')
      await useAssistant(page, 'Scout')
      expect(await accessibilityFaults(page.page)).toEqual([])
      await destroyAssistant(page, 'Scout')
      // A key goes over the one-time page.
      await useOwnKey(page, 'Luna', OWN_KEYS.openrouter)
    } catch (error) {
      await page.capture('failed')
      throw new Error(
        `${error instanceof Error ? error.message : error}\n\nthe service printed:\n${service.output().slice(-5000)}`,
      )
    }
    expect(page.problems()).toEqual([])
  })
})
