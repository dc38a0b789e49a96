import { defineConfig } from 'vitest/config'
import { MINUTES_OF_OPENCLAW } from './tests/minutes-of-openclaw.ts'

/** The suites that need more than Node: redis-server, Chromium, or minutes of OpenClaw or of killing. Run by .ci/run, which installs what they need. */
export default defineConfig({
  test: {
    include: ['tests/redis/**/*.test.ts', 'tests/browser/**/*.test.ts', 'tests/chaos/**/*.test.ts', ...MINUTES_OF_OPENCLAW],
    globalSetup: ['tests/support/build.ts', 'tests/support/postgres.ts'],
    // Each starts services with gateways of their own, which want the machine for themselves.
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
