/**
 * How we name a message of ours, so that any process can change it later:
 *
 *   1234               in the chat itself
 *   1234@5678          in another channel, 5678: what was for one person alone and came to their private chat
 *   1234!<token>       seen by one person: reached for 15 minutes with the token of the interaction it answered
 */
export type Ref = {
  readonly messageId: string
  readonly channelId?: string
  /** A credential for those minutes: it goes into no log. */
  readonly token?: string
}

const SNOWFLAKE = /^\d{1,20}$/
export const isSnowflake = (id: string): boolean => SNOWFLAKE.test(id)

/** Null for what is no message of Discord's. */
export function parseRef(ref: string): Ref | null {
  const [, messageId = '', kind, rest = ''] = /^(\d{1,20})(?:([@!])(.+))?$/.exec(ref) ?? []
  if (messageId === '') return null
  if (kind === '!') return { messageId, token: rest }
  if (kind === '@') return isSnowflake(rest) ? { messageId, channelId: rest } : null
  return { messageId }
}

export function formatRef({ messageId, channelId, token }: Ref): string {
  if (token !== undefined) return `${messageId}!${token}`
  return channelId === undefined ? messageId : `${messageId}@${channelId}`
}
