import { z } from 'zod'
import type { Incoming } from '../../core/chat/incoming.ts'
import { withoutSecrets } from '../../core/secrets/index.ts'
import type { Visitor, WebChat } from './session.ts'

/** Longest text a person may send. Ten times what anybody types; more is a file. */
export const TEXT_MAX = 20_000

/** Fields of one form and characters of one answer; more than any form of ours asks for. */
const FORM_FIELDS_MAX = 50
const FORM_VALUE_MAX = 4000

/** PostgreSQL's jsonb can hold neither NUL nor half of a surrogate pair. */
export const storable = (text: string): string => text.replaceAll('\u0000', '').replace(/\p{Surrogate}/gu, '\ufffd')

const Words = z.string().transform(storable)
const Control = { token: Words.pipe(z.string().min(1).max(200)), messageId: z.string().regex(/^[0-9]{1,18}$/) }
/** Made by the browser once for each thing a person does, and sent again with every retry of it. */
const ClientId = z.string().regex(/^[A-Za-z0-9_-]{8,64}$/)

/** As forms of ours name their fields. */
const FieldName = z.string().regex(/^[a-z][\w.-]{0,99}$/i)

const Post = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), clientId: ClientId, text: Words.pipe(z.string().trim().min(1).max(TEXT_MAX)) }),
  z.object({ kind: z.literal('press'), clientId: ClientId, ...Control }),
  z.object({
    kind: z.literal('form'),
    clientId: ClientId,
    ...Control,
    values: z
      .record(FieldName, Words.pipe(z.string().max(FORM_VALUE_MAX)))
      .refine((values) => Object.keys(values).length <= FORM_FIELDS_MAX, { message: 'too many fields' }),
  }),
])

export type From = { readonly visitor: Visitor; readonly chat: WebChat; readonly at: number }
export type Received =
  /** As the core wants it; and the words as they come into the history, if it was words. */
  | { readonly ok: true; readonly incoming: Incoming; readonly said?: { readonly clientId: string; readonly text: string } }
  /** What is wrong with it, for whoever wrote the page. */
  | { readonly ok: false; readonly tooLong: boolean; readonly reason: string }

/** POST /chat/messages body → Incoming. Pure; any value may come in, none throws. */
export function receive(body: unknown, from: From): Received {
  const parsed = Post.safeParse(body)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const reason = `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'not understood'}`
    return { ok: false, tooLong: issue?.code === 'too_big' && issue.path[0] === 'text', reason }
  }
  const post = parsed.data
  return {
    ok: true,
    incoming: {
      platform: 'web',
      updateKey: `${from.visitor.userId}:${post.clientId}`,
      chat: from.chat,
      sender: {
        id: from.visitor.userId,
        name: from.visitor.name,
        ...(from.visitor.locale === undefined ? {} : { locale: from.visitor.locale }),
      },
      at: from.at,
      content: contentOf(post),
      ...(post.kind === 'text' ? {} : { acknowledgement: post.clientId }),
    },
    // The router gets the words as they are, to warn their writer; a key among them is not kept here either.
    ...(post.kind === 'text' ? { said: { clientId: post.clientId, text: withoutSecrets(post.text).text } } : {}),
  }
}

function contentOf(post: z.infer<typeof Post>): Incoming['content'] {
  if (post.kind === 'press') return { kind: 'press', token: post.token, messageRef: post.messageId }
  if (post.kind === 'form') return { kind: 'form', token: post.token, values: post.values, messageRef: post.messageId }
  const command = /^\/([\p{L}\p{N}_]{1,32})(?:@\S*)?(?:\s+([\s\S]*))?$/u.exec(post.text)
  if (!command?.[1]) return { kind: 'text', text: post.text }
  return { kind: 'command', name: command[1].toLowerCase(), argument: command[2] ?? '' }
}
