import { z } from 'zod'

/**
 * What a person did, in no platform's terms. Adapters make it from a native update (pure), the inbox keeps it
 * until it has been answered, so that a killed process loses nothing.
 */
export const Incoming = z.object({
  platform: z.string(),
  /** Identifies the update for ever: a second delivery carries the same key. */
  updateKey: z.string(),
  chat: z.object({
    id: z.string(),
    kind: z.enum(['private', 'group']),
    title: z.string().optional(),
    /** The group a thread or topic belongs to, where `id` names the thread: the group owns the instances. */
    groupId: z.string().optional(),
  }),
  sender: z.object({
    id: z.string(),
    name: z.string(),
    username: z.string().optional(),
    /** BCP 47, as the platform gives it; the first guess of the person's language. */
    locale: z.string().optional(),
    /** What the platform lets them do in this group at this moment, where it tells: an admin administers it. */
    groupRole: z.enum(['admin', 'member']).optional(),
    /** The private chat with them, where the platform lets us write to people who never wrote to us. */
    privateChatId: z.string().optional(),
    /** The platform's own roles they hold in this group; one of them may be named with /access. */
    groupRoleIds: z.array(z.string()).optional(),
  }),
  /** When the person did it (epoch milliseconds), as far as the platform tells; else when we received it. */
  at: z.number(),
  content: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('text'), text: z.string() }),
    /** `/name argument…`; the name in lower case without slash and bot mention. */
    z.object({ kind: z.literal('command'), name: z.string(), argument: z.string() }),
    /** A button or a select option; `messageRef` is the message it hangs on. */
    z.object({ kind: z.literal('press'), token: z.string(), messageRef: z.string().optional() }),
    /** A native form was sent. */
    z.object({
      kind: z.literal('form'),
      token: z.string(),
      values: z.record(z.string(), z.string()),
      messageRef: z.string().optional(),
    }),
    /** A secret came in on the one-time page, for the question of a flow's step. It is handed on beside this, in memory alone. */
    z.object({ kind: z.literal('handed'), flow: z.string(), step: z.string(), viewId: z.string() }),
    /** Work that a flow's step waits for is over: nobody's doing, it only lets the flow go on. */
    z.object({ kind: z.literal('wake'), flow: z.string(), viewId: z.string() }),
    /** A person made a bot through ours, or its token or owner changed (Telegram's managed bots). */
    z.object({ kind: z.literal('bot-made'), botId: z.string(), username: z.string(), name: z.string() }),
    /** Something we can't use (sticker, photo, voice): answered, not ignored. */
    z.object({ kind: z.literal('unsupported'), what: z.string() }),
  ]),
  /** The platform's message, for deleting a pasted secret. */
  messageRef: z.string().optional(),
  /** We took a pasted key out of it before it was stored; its writer must be warned, also after a crash. */
  pastedSecret: z.boolean().optional(),
  /** What the adapter needs to acknowledge and to answer this update (a callback query id). Opaque to the core. */
  acknowledgement: z.string().optional(),
})
export type Incoming = z.infer<typeof Incoming>
