import { existsSync } from 'node:fs'
import type { Browser } from 'playwright-core'

/** Debian's package; .ci/run installs it. */
const CHROMIUM = '/usr/bin/chromium'

const ARGUMENTS = [
  // Containers and CI run as root, where Chromium's own sandbox can not.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A headless Chromium with a profile of its own, gone when it is closed. */
export async function openBrowser(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) {
    throw new Error(`This suite drives a real browser and there is none at ${CHROMIUM}. Install it: apt-get install chromium`)
  }
  const { chromium } = await import('playwright-core')
  return chromium.launch({ executablePath: CHROMIUM, headless: true, args: ARGUMENTS })
}
