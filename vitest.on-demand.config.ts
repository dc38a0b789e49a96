import { defineConfig } from 'vitest/config'

/** What downloads for minutes, for a person who changed what it is about: `npx vitest run --config vitest.on-demand.config.ts`. */
export default defineConfig({
  test: {
    include: ['tests/on-demand/**/*.test.ts'],
    globalSetup: ['tests/support/build.ts', 'tests/support/postgres.ts'],
    maxWorkers: 1,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
})
