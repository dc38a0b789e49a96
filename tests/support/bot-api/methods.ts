import { z } from 'zod'
import { badRequest } from './fault.ts'
import { type Entity, type Formatted, format } from './formatting.ts'
import type { Upload } from './multipart.ts'
import type { Updates } from './updates.ts'
import type { Keyboard, Message, World } from './world.ts'

/** Documented limits; lengths in UTF-16 units after formatting. */
const TEXT_MAX = 4096
const CAPTION_MAX = 1024
const TOAST_MAX = 200
const CALLBACK_DATA_MAX_BYTES = 64
const BUTTONS_MAX = 100
const PHOTO_MAX_BYTES = 10 * 1024 * 1024
const PHOTO_SIDES_MAX = 10_000
const PHOTO_RATIO_MAX = 20

const Entities = z.array(z.object({ type: z.string(), offset: z.number(), length: z.number(), url: z.string().optional() }))
const Button = z.object({
  text: z.string(),
  callback_data: z.string().optional(),
  url: z.string().optional(),
  style: z.string().optional(),
})
/** The parameters of all methods in one; which of them a method takes is the schema's to judge. */
const Parameters = z.object({
  chat_id: z.union([z.number(), z.string()]).optional(),
  message_id: z.number().optional(),
  user_id: z.number().optional(),
  message_thread_id: z.number().optional(),
  text: z.string().optional(),
  caption: z.string().optional(),
  entities: Entities.optional(),
  caption_entities: Entities.optional(),
  parse_mode: z.string().optional(),
  reply_markup: z.object({ inline_keyboard: z.array(z.array(Button)).optional() }).optional(),
  photo: z.string().optional(),
  document: z.string().optional(),
  media: z
    .object({
      type: z.string(),
      media: z.string(),
      caption: z.string().optional(),
      caption_entities: Entities.optional(),
      parse_mode: z.string().optional(),
    })
    .optional(),
  callback_query_id: z.string().optional(),
  show_alert: z.boolean().optional(),
  commands: z.array(z.object({ command: z.string(), description: z.string() })).optional(),
  language_code: z.string().optional(),
  offset: z.number().optional(),
  limit: z.number().optional(),
  timeout: z.number().optional(),
  allowed_updates: z.array(z.string()).optional(),
  url: z.string().optional(),
  secret_token: z.string().optional(),
  drop_pending_updates: z.boolean().optional(),
})
type Parameters = z.infer<typeof Parameters>
type Call = { readonly parameters: Parameters; readonly files: ReadonlyMap<string, Upload>; readonly closed: AbortSignal }

export function parseParameters(raw: unknown): Parameters {
  const parsed = Parameters.safeParse(raw)
  if (parsed.success) return parsed.data
  throw badRequest(`invalid parameter ${parsed.error.issues[0]?.path.join('.')}`)
}

type Method = (call: Call) => unknown

/** The Bot API methods we know, as far as their effect can be seen by a person or a bot. */
export function createMethods(world: World, updates: Updates): Readonly<Record<string, Method>> {
  function send({ parameters }: Call, words: Formatted, media: Partial<Pick<Message, 'photo' | 'document'>>) {
    const chat = world.writableChat(Number(parameters.chat_id))
    const keyboard = keyboardOf(parameters)
    world.countMessage(chat)
    return world.native(
      world.addMessage({
        chatId: chat.id,
        threadId: parameters.message_thread_id,
        from: world.bot,
        ...words,
        keyboard,
        ...media,
      }),
    )
  }

  /** Applies an edit; refuses what changes nothing, as Telegram does. A missing keyboard removes the old one. */
  function edit(
    { parameters }: Call,
    message: Message,
    changes: Partial<Pick<Message, 'text' | 'entities' | 'photo' | 'document'>>,
  ) {
    const next = { ...pick(message), ...changes, keyboard: keyboardOf(parameters) }
    const uploaded = changes.photo || changes.document
    if (!uploaded && JSON.stringify(next) === JSON.stringify(pick(message))) {
      throw badRequest(
        'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
      )
    }
    Object.assign(message, next)
    message.edits += 1
    world.changed()
    return world.native(message)
  }

  function editable({ parameters }: Call): Message {
    const chat = world.writableChat(Number(parameters.chat_id))
    const message = world.find(chat.id, parameters.message_id ?? 0)
    if (!message) throw badRequest('message to edit not found')
    if (message.from.id !== world.bot.id) throw badRequest("message can't be edited")
    return message
  }

  return {
    getMe: () => ({
      ...world.bot,
      can_join_groups: true,
      can_read_all_group_messages: false,
      supports_inline_queries: false,
    }),

    getUpdates: ({ parameters, closed }) => updates.read(parameters, closed),
    setWebhook: ({ parameters }) => updates.setWebhook(parameters),
    deleteWebhook: ({ parameters }) => updates.deleteWebhook(parameters.drop_pending_updates ?? false),
    getWebhookInfo: () => updates.webhookInfo(),

    sendMessage: (call) => send(call, textOf(call.parameters), {}),
    sendPhoto: (call) => send(call, captionOf(call.parameters), { photo: photo(upload(call.parameters.photo, call)) }),
    sendDocument: (call) => send(call, captionOf(call.parameters), { document: upload(call.parameters.document, call) }),
    sendChatAction: ({ parameters }) => Boolean(world.writableChat(Number(parameters.chat_id))),

    editMessageText: (call) => {
      const message = editable(call)
      if (message.photo || message.document) throw badRequest('there is no text in the message to edit')
      return edit(call, message, textOf(call.parameters, 'MESSAGE_TOO_LONG'))
    },
    editMessageCaption: (call) => {
      const message = editable(call)
      if (!message.photo && !message.document) throw badRequest('there is no caption in the message to edit')
      return edit(call, message, captionOf(call.parameters))
    },
    editMessageMedia: (call) => {
      const message = editable(call)
      const { media } = call.parameters
      if (!media) throw badRequest('there is no media in the request')
      const file = upload(media.media, call)
      const content = media.type === 'photo' ? { photo: photo(file), document: null } : { photo: null, document: file }
      return edit(call, message, { ...captionOf(media), ...content })
    },
    editMessageReplyMarkup: (call) => edit(call, editable(call), {}),

    deleteMessage: ({ parameters }) => {
      const message = world.find(Number(parameters.chat_id), parameters.message_id ?? 0)
      if (!message) throw badRequest('message to delete not found')
      const isPrivate = world.chats.get(message.chatId)?.type === 'private'
      if (!isPrivate && message.from.id !== world.bot.id) throw badRequest("message can't be deleted")
      message.deleted = true
      world.changed()
      return true
    },

    answerCallbackQuery: ({ parameters }) => {
      const press = world.presses.get(parameters.callback_query_id ?? '')
      if (!press || press.expired || press.answer) {
        throw badRequest('query is too old and response timeout expired or query ID is invalid')
      }
      const text = parameters.text ?? ''
      if (text.length > TOAST_MAX) throw badRequest('MESSAGE_TOO_LONG')
      press.answer = { text, alert: parameters.show_alert ?? false }
      world.changed()
      return true
    },

    setMyCommands: ({ parameters }) => {
      const { commands = [], language_code: code = '' } = parameters
      if (commands.length > 100) throw badRequest('BOT_COMMANDS_TOO_MUCH')
      for (const { command, description } of commands) {
        if (!/^[a-z0-9_]{1,32}$/.test(command)) throw badRequest('BOT_COMMAND_INVALID')
        if (description.length < 1 || description.length > 256) throw badRequest('BOT_COMMAND_DESCRIPTION_INVALID')
      }
      world.commands.set(code, commands)
      world.changed()
      return true
    },
    getMyCommands: ({ parameters }) => world.commands.get(parameters.language_code ?? '') ?? [],
    deleteMyCommands: ({ parameters }) => {
      world.commands.delete(parameters.language_code ?? '')
      return true
    },
  }
}

const pick = ({ text, entities, keyboard, photo, document }: Message) => ({ text, entities, photo, document, keyboard })

type Words = {
  readonly text?: string | undefined
  readonly caption?: string | undefined
  readonly entities?: readonly Entity[] | undefined
  readonly caption_entities?: readonly Entity[] | undefined
  readonly parse_mode?: string | undefined
}

function textOf(words: Words, tooLong = 'message is too long'): Formatted {
  const formatted = format(words.text ?? '', words.parse_mode, words.entities)
  if (formatted.text === '') throw badRequest('message text is empty')
  if (formatted.text.length > TEXT_MAX) throw badRequest(tooLong)
  return formatted
}

function captionOf(words: Words): Formatted {
  const formatted = format(words.caption ?? '', words.parse_mode, words.caption_entities)
  if (formatted.text.length > CAPTION_MAX) throw badRequest('message caption is too long')
  return formatted
}

function keyboardOf({ reply_markup: markup }: Parameters): Keyboard {
  const keyboard = (markup?.inline_keyboard ?? []).filter((row) => row.length > 0)
  if (keyboard.flat().length > BUTTONS_MAX) throw badRequest('reply markup is too long')
  for (const { text, callback_data: data, url } of keyboard.flat()) {
    if (text.trim() === '') throw badRequest('can\'t parse inline keyboard button: Field "text" must be non-empty')
    if (data === undefined && url === undefined) {
      throw badRequest("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    }
    if (data !== undefined && (data === '' || Buffer.byteLength(data) > CALLBACK_DATA_MAX_BYTES))
      throw badRequest('BUTTON_DATA_INVALID')
    if (url !== undefined && !/^(tg:\/\/.+|https?:\/\/[^/\s]*\.[^\s]+)$/.test(url)) {
      throw badRequest(`inline keyboard button URL '${url}' is invalid: Wrong HTTP URL`)
    }
  }
  return keyboard
}

function upload(reference: string | undefined, { files }: Call): Upload {
  const file = files.get(reference?.replace(/^attach:\/\//, '') ?? '')
  if (!file) throw badRequest('wrong remote file identifier specified: wrong character in the string')
  if (file.bytes.length === 0) throw badRequest('file must be non-empty')
  return file
}

/** Photos are decoded by Telegram; a PNG's size stands in its header. */
function photo(file: Upload): Upload {
  const { bytes } = file
  if (bytes.length > PHOTO_MAX_BYTES) throw badRequest(`file is too big`)
  const isPng = bytes.subarray(1, 4).toString('latin1') === 'PNG' && bytes.length > 24
  const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8
  if (!isPng && !isJpeg) throw badRequest('IMAGE_PROCESS_FAILED')
  if (isPng) {
    const width = bytes.readUInt32BE(16)
    const height = bytes.readUInt32BE(20)
    const ratio = Math.max(width, height) / Math.min(width, height)
    if (width + height > PHOTO_SIDES_MAX || !(ratio <= PHOTO_RATIO_MAX)) throw badRequest('PHOTO_INVALID_DIMENSIONS')
  }
  return file
}
