import { defineConfig } from 'vitest/config'
import { MINUTES_OF_OPENCLAW } from './tests/minutes-of-openclaw.ts'

/** `npm test`: everything that needs nothing but Node and the npm registry. The rest is in vitest.ci.config.ts and vitest.on-demand.config.ts. */
export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: [
      '**/node_modules/**',
      'tests/redis/**',
      'tests/browser/**',
      'tests/chaos/**',
      'tests/bench/**',
      'tests/on-demand/**',
      ...MINUTES_OF_OPENCLAW,
    ],
    globalSetup: ['tests/support/build.ts', 'tests/support/postgres.ts'],
    // Two cores: more workers than that only fight the gateways and PostgreSQL for them.
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
})
