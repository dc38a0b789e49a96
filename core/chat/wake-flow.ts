import { z } from 'zod'
import type { PrismaTransaction } from '../../prisma/database.ts'
import { Incoming } from './incoming.ts'
import type { ChatContext } from './reply.ts'
import type { JsonObject } from './view.ts'

/** PostgreSQL's channel on which routers hear that an update waits in the inbox. */
export const INBOX_CHANNEL = 'clawcloud_inbox'

const Waiting = z.object({
  platform: z.string(),
  chat: Incoming.shape.chat,
  sender: Incoming.shape.sender,
  flow: z.string(),
  viewId: z.string(),
})

/** What an operation keeps of the flow that waits for it, among its arguments. */
export function wakeArgs({ incoming: { platform, chat, sender } }: ChatContext, flow: string, viewId: string): JsonObject {
  return { platform, chat, sender, flow, viewId }
}

/**
 * Lets the flow that started this work go on: an update of nobody, which the router takes like any other. Once per `key`.
 * In the transaction that ends the work, so that neither happens without the other.
 */
export async function wakeFlow(
  transaction: PrismaTransaction,
  args: unknown,
  { key, now }: { key: string; now: Date },
): Promise<void> {
  const { flow, viewId, ...from } = Waiting.parse(args)
  const updateKey = `wake:${key}`
  const incoming: Incoming = { ...from, updateKey, at: now.getTime(), content: { kind: 'wake', flow, viewId } }
  await transaction.$executeRaw`
    INSERT INTO inbox (platform, update_key, payload, claimed_until)
    VALUES (${from.platform}, ${updateKey}, ${JSON.stringify(incoming)}::jsonb, now() - interval '1 second')
    ON CONFLICT DO NOTHING`
  await transaction.$executeRaw`SELECT pg_notify(${INBOX_CHANNEL}, '')::text`
}
