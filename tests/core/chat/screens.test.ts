import { describe, expect, it } from 'vitest'
import { discordCapabilities } from '../../../bots/discord/capabilities.ts'
import { telegramCapabilities } from '../../../bots/telegram/capabilities.ts'
import { capabilities as webCapabilities } from '../../../bots/web/capabilities.ts'
import { expectGoldens, tinyCapabilities } from '../../support/render-goldens.ts'
import { allScreens } from '../../support/screens.ts'

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
})
