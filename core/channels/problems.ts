import type { Problem } from '../problem.ts'

export type Observe = (status: number | 'no-answer') => void

export type ChannelProblemCode =
  | 'channel-token-refused'
  | 'channel-token-ours'
  | 'channel-in-use'
  | 'channel-webhook'
  | 'channel-bots-not-managed'
  | 'channel-no-intent'
  | 'channel-no-bot'
  | 'channel-scopes'
  | 'channel-registration-refused'
  | 'channel-registration-over'
  | 'channel-not-up'
  | 'channel-vendor-down'

/** Its text is the Fluent message of the same name. Only an outage mends itself. */
export const channelProblem = (
  code: ChannelProblemCode,
  args: Readonly<Record<string, string>> = {},
  detail?: string,
): Problem => ({
  code,
  retryable: code === 'channel-vendor-down' || code === 'channel-not-up',
  text: { id: code, args },
  ...(detail !== undefined && { detail }),
})
