import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { discordCapabilities } from '../../../bots/discord/capabilities.ts'
import { telegramCapabilities } from '../../../bots/telegram/capabilities.ts'
import { capabilities as webCapabilities } from '../../../bots/web/capabilities.ts'
import { galleryPage } from '../../support/gallery/page.ts'
import { expectGoldens, tinyCapabilities } from '../../support/render-goldens.ts'
import { allScreens } from '../../support/screens.ts'

const DOCS = join(import.meta.dirname, '../../../docs')

describe('every screen', () => {
  it('is drawn as kept in tests/goldens, on every platform and in both languages', { timeout: 60_000 }, async () => {
    const screens = await allScreens()
    expect(screens.length).toBeGreaterThan(50)
    await expectGoldens(screens, {
      telegram: telegramCapabilities,
      discord: discordCapabilities,
      web: webCapabilities,
      tiny: tinyCapabilities,
    })
  })

  it('is pictured in docs/ as each platform shows it, with nothing of its native message left out', async () => {
    await expect(galleryPage(await allScreens('en'), 'en')).toMatchFileSnapshot(join(DOCS, 'screens.html'))
    await expect(galleryPage(await allScreens('zh'), 'zh')).toMatchFileSnapshot(join(DOCS, 'screens.zh.html'))
  })
})
