/**
 * Tests that drive a real OpenClaw for a minute or more each, beside the walk in Telegram: they run in .ci/run, so that `npm test`, which
 * has that walk, stays below ten minutes.
 */
export const MINUTES_OF_OPENCLAW = [
  'tests/core/gateway/sources.test.ts',
  'tests/core/instances/models.test.ts',
  'tests/core/instances/switch-proof.test.ts',
  'tests/e2e/discord.test.ts',
  'tests/e2e/feishu.test.ts',
]
