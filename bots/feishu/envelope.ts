import { z } from 'zod'
import { ChatId, MessageId, OpenId } from './chat-key.ts'

// What Feishu posts and pushes, as far as we read it; everything else of it is let through unread.

/** Event and callback alike; the long connection and the webhook (once decrypted) carry the same. */
export const Envelope = z.object({
  schema: z.literal('2.0'),
  header: z.object({
    event_id: z.string().min(1).max(200),
    event_type: z.string(),
    /** The app's verification token; only the webhook needs it. */
    token: z.string().optional(),
    tenant_key: z.string().optional(),
  }),
  event: z.unknown(),
})
export type Envelope = z.infer<typeof Envelope>

const PersonId = z.object({ open_id: OpenId })

/** Times come as strings of milliseconds. */
const Milliseconds = z.coerce.number().int().nonnegative().max(8.64e15)

export const MessageEvent = z.object({
  sender: z.object({
    sender_id: z.object({ open_id: z.string().optional() }).nullish(),
    sender_type: z.string(),
    tenant_key: z.string().optional(),
  }),
  message: z.object({
    message_id: MessageId,
    root_id: z.string().optional(),
    thread_id: z.string().optional(),
    create_time: Milliseconds.optional(),
    chat_id: ChatId,
    chat_type: z.string(),
    message_type: z.string(),
    content: z.string(),
    mentions: z
      .array(
        z.object({ key: z.string(), id: z.object({ open_id: z.string().optional() }).nullish(), name: z.string().optional() }),
      )
      .nullish(),
    user_agent: z.string().optional(),
  }),
})
export type MessageEvent = z.infer<typeof MessageEvent>

export const TextContent = z.object({ text: z.string() })

/** Words with formatting, as they come when somebody pastes them: lines of pieces. */
export const PostContent = z.object({
  title: z.string().optional(),
  content: z.array(z.array(z.looseObject({ tag: z.string(), text: z.string().optional(), user_id: z.string().optional() }))),
})

export const CardActionEvent = z.object({
  operator: PersonId.extend({ tenant_key: z.string().optional() }),
  action: z.object({
    tag: z.string(),
    value: z.unknown(),
    name: z.string().optional(),
    option: z.string().optional(),
    form_value: z.record(z.string(), z.unknown()).nullish(),
  }),
  context: z.object({ open_message_id: MessageId, open_chat_id: ChatId }),
})
export type CardActionEvent = z.infer<typeof CardActionEvent>

export const MenuEvent = z.object({
  operator: z.object({ operator_name: z.string().optional(), operator_id: PersonId }),
  event_key: z.string(),
  /** Seconds. */
  timestamp: z.coerce.number().int().nonnegative().max(8.64e12).optional(),
})
export type MenuEvent = z.infer<typeof MenuEvent>

export const LeftEvent = z.object({ chat_id: ChatId })
