import { z } from 'zod'
import { Component, Embed, Flag, has, shownNames, walk, withoutNulls } from './components.ts'
import { cannotMessageUser, emptyMessage, type FormError, invalidForm, missingAccess, tooLarge } from './fault.ts'
import { mentionErrors, messageErrors } from './message-rules.ts'
import { mentioned } from './natives.ts'
import type { Attachment, Channel, Message, Origin, User, World } from './world.ts'

export type Upload = { readonly filename: string; readonly contentType: string | null; readonly bytes: Buffer }
/** By the number n of the form field `files[n]`. */
export type Uploads = ReadonlyMap<string, Upload>

/** What an app without boosts may upload per file. */
export const FILE_MAX_BYTES = 10 * 1024 * 1024
/** "The past few minutes" in which a nonce is remembered. */
const NONCE_MS = 5 * 60_000

const Mentions = z.object({
  parse: z.array(z.string()).optional(),
  users: z.array(z.string()).optional(),
  roles: z.array(z.string()).optional(),
})
const AttachmentBody = z.object({
  id: z.string(),
  filename: z.string().optional(),
  description: z.string().optional(),
  title: z.string().optional(),
})

const inner = <T extends z.ZodType>(schema: T) => z.preprocess(withoutNulls, schema)
/** A message as every route takes it. Null and left out differ in an edit. */
export const MessageBody = z.object({
  content: z.string().nullish(),
  embeds: inner(z.array(Embed)).nullish(),
  components: inner(z.array(Component)).nullish(),
  attachments: inner(z.array(AttachmentBody)).nullish(),
  allowed_mentions: inner(Mentions).nullish(),
  flags: z.number().nullish(),
  nonce: z.union([z.string(), z.number()]).nullish(),
  enforce_nonce: z.boolean().nullish(),
})
export type MessageBody = z.infer<typeof MessageBody>

export type Post = {
  readonly channel: Channel
  readonly body: MessageBody
  readonly files: Uploads
  readonly origin?: Origin
  readonly onlyFor?: User | null
  /** Flags that the way it is sent allows, besides those of every message. */
  readonly flags?: number
}

const ANY_MESSAGE = Flag.suppressEmbeds | Flag.suppressNotifications | Flag.componentsV2

export type Told = 'CREATE' | 'UPDATE' | 'DELETE'

/** Writing and changing messages, as far as people see it. `tell` lets the bot know over the gateway. */
export function createMessages(world: World, violate: (what: string) => void, tell: (what: Told, message: Message) => void) {
  const byNonce = new Map<string, Message>()

  function changed(what: Told, message: Message): Message {
    // Nobody else hears of what one person alone sees.
    if (!message.onlyFor) tell(what, message)
    world.changed()
    return message
  }

  function add(fields: Pick<Message, 'channel' | 'author'> & Partial<Message>): Message {
    const message: Message = {
      id: world.ids.next(),
      createdAt: new Date().toISOString(),
      origin: null,
      onlyFor: null,
      nonce: null,
      content: '',
      embeds: [],
      components: [],
      attachments: [],
      flags: 0,
      pings: [],
      editedAt: null,
      deleted: false,
      ...fields,
    }
    message.channel.messages.push(message)
    world.messages.set(message.id, message)
    return changed('CREATE', message)
  }

  /** The files the message has afterwards. */
  function attachmentsOf(body: MessageBody, files: Uploads, before: readonly Attachment[]): readonly Attachment[] {
    const wrong: FormError[] = []
    const listed = (body.attachments ?? []).flatMap(({ id, filename, description, title }, index) => {
      const upload = files.get(id)
      const kept = before.find((one) => one.id === id)
      const words = { ...(description !== undefined && { description }), ...(title !== undefined && { title }) }
      if (upload) return [{ ...fresh(filename === undefined ? upload : { ...upload, filename }), ...words }]
      if (kept) return [{ ...kept, ...words }]
      wrong.push({
        path: ['attachments', index, 'id'],
        code: 'ATTACHMENT_NOT_FOUND',
        message: `There is no file or attachment ${id}`,
      })
      return []
    })
    if (wrong.length > 0) throw invalidForm(wrong)
    const mentionedIds = new Set((body.attachments ?? []).map(({ id }) => id))
    const unlisted = [...files].filter(([id]) => !mentionedIds.has(id)).map(([, upload]) => fresh(upload))
    const untouched = body.attachments === undefined ? before : []
    return [...untouched, ...listed, ...unlisted]
  }

  const fresh = ({ filename, contentType, bytes }: Upload): Attachment => {
    if (bytes.length > FILE_MAX_BYTES) throw tooLarge(`${filename} has ${bytes.length} bytes`)
    return { id: world.ids.next(), filename: asStored(filename), description: null, title: null, contentType, bytes }
  }

  /** Judges what a message would become. */
  function drafted(body: MessageBody, files: Uploads, before: Message | null, flags: number) {
    const wasV2 = before !== null && has(before.flags, Flag.componentsV2)
    if (wasV2 && typeof body.flags === 'number' && !has(body.flags, Flag.componentsV2)) {
      throw invalidForm([
        {
          path: ['flags'],
          code: 'MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG',
          message: 'The IS_COMPONENTS_V2 flag cannot be removed',
        },
      ])
    }
    const attachments = attachmentsOf(body, files, before?.attachments ?? [])
    const draft = {
      content: (body.content === undefined ? (before?.content ?? '') : (body.content ?? '')).trim(),
      embeds: body.embeds === undefined ? (before?.embeds ?? []) : (body.embeds ?? []),
      components: body.components === undefined ? (before?.components ?? []) : (body.components ?? []),
      attachments,
      flags,
    }
    const errors = [
      ...messageErrors({ ...draft, fileNames: attachments.map(({ filename }) => filename) }),
      ...mentionErrors(body.allowed_mentions ?? {}),
    ]
    if (errors.length > 0) throw invalidForm(errors)
    const v2 = has(flags, Flag.componentsV2)
    const visible = draft.content !== '' || draft.embeds.length > 0 || attachments.length > 0
    if (v2 ? draft.components.length === 0 : !visible) throw emptyMessage()
    const shown = shownNames(draft.components, draft.embeds)
    for (const { filename } of attachments) {
      if (v2 && !shown.has(filename)) violate(`nobody sees the file ${filename}: no component refers to attachment://${filename}`)
    }
    const text = [draft.content, ...[...walk(draft.components)].map(({ component }) => component.content ?? '')].join('\n')
    return { ...draft, pings: pingsOf(world, text, body) }
  }

  return {
    /** What a person wrote. */
    say: (channel: Channel, author: User, content: string): Message => add({ channel, author, content }),

    /** The bot's message, or Discord's reason why not. */
    post({ channel, body, files, origin = undefined, onlyFor = null, flags = 0 }: Post): Message {
      if (channel.recipient && !origin && world.closedDms.has(channel.recipient.id)) throw cannotMessageUser()
      if (channel.guild && !channel.guild.botIn && !origin) throw missingAccess()
      const nonce = body.nonce ?? null
      if (nonce !== null && body.enforce_nonce) {
        const same = byNonce.get(`${channel.id}:${nonce}`)
        if (same && isRecent(same)) return same
      }
      const wanted = body.flags ?? 0
      const ignored = wanted & ~(ANY_MESSAGE | flags)
      if (ignored) violate(`flags ${ignored} can’t be set here; Discord ignores them`)
      const draft = drafted(body, files, null, wanted & (ANY_MESSAGE | flags))
      const message = add({ channel, author: world.bot, origin: origin ?? null, onlyFor, nonce, ...draft })
      if (nonce !== null) byNonce.set(`${channel.id}:${nonce}`, message)
      return message
    },

    /** The "is thinking …" that stands for a message to come. */
    think: (channel: Channel, origin: Origin, onlyFor: User | null): Message =>
      add({ channel, author: world.bot, origin, onlyFor, flags: Flag.loading | (onlyFor ? Flag.ephemeral : 0) }),

    /** Changes it in place. What was a "is thinking …" becomes the message, and is not called edited. */
    edit(message: Message, body: MessageBody, files: Uploads): Message {
      const wanted = body.flags ?? message.flags
      if (has(wanted, Flag.ephemeral) && !message.onlyFor) {
        violate('a message is for one person from its first response or never: the ephemeral flag of an edit does nothing')
      }
      const kept = message.flags & (Flag.ephemeral | Flag.suppressNotifications | Flag.componentsV2)
      const draft = drafted(body, files, message, kept | (wanted & (Flag.suppressEmbeds | Flag.componentsV2)))
      const wasThinking = has(message.flags, Flag.loading)
      Object.assign(message, draft, { editedAt: wasThinking ? null : new Date().toISOString() })
      return changed('UPDATE', message)
    },

    delete(message: Message): void {
      message.deleted = true
      changed('DELETE', message)
    },
  }
}
export type Messages = ReturnType<typeof createMessages>

const isRecent = ({ createdAt }: Message) => Date.now() - Date.parse(createdAt) < NONCE_MS

/** Discord stores a name without spaces and without what is no plain letter; `attachment://` means that name. */
const asStored = (filename: string) => filename.replaceAll(' ', '_').replace(/[^\w.-]/g, '') || 'unknown'

/** Whom a text notifies. Without `allowed_mentions` everything in it does. */
function pingsOf(world: World, text: string, { allowed_mentions: allowed }: MessageBody): readonly string[] {
  const may = (kind: string) => !allowed || (allowed.parse ?? []).includes(kind)
  const everyone = /@(everyone|here)\b/.test(text) && may('everyone') ? ['everyone'] : []
  const users = mentioned(world, text).filter(({ id }) => may('users') || allowed?.users?.includes(id))
  const roles = [...text.matchAll(/<@&(\d+)>/g)].flatMap(([, id = '']) =>
    may('roles') || allowed?.roles?.includes(id) ? [id] : [],
  )
  return [...everyone, ...users.map(({ id }) => id), ...roles]
}
