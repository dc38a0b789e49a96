import { type Api, InputFile } from 'grammy'
import type { InlineKeyboardMarkup } from 'grammy/types'
import type { Delivery, Draw, Outgoing } from '../../core/chat/platform.ts'
import type { Log } from '../../core/log.ts'
import { type Place, placeOf } from './chat-key.ts'
import { faultOf } from './faults.ts'
import { type Rendered, render } from './render.ts'

type Dependencies = { readonly api: Pick<Api, 'raw'>; readonly draw: Draw; readonly log: Log }
type Attachment = { readonly kind: 'photo' | 'document'; readonly file: () => InputFile }
type Letter = { readonly rendered: Rendered; readonly attachment: Attachment | null; readonly editId: number | null }

/** Sends or edits one message; every outcome Telegram knows is a value, so this never rejects. */
export function createDeliver({ api, draw, log }: Dependencies): (outgoing: Outgoing) => Promise<Delivery> {
  /** Groups that became supergroups since we started: old id to new. */
  const moved = new Map<number, number>()

  return async (outgoing) => {
    const { message, chatId, edit } = outgoing
    const place = placeOf(chatId)
    if (!place) return { kind: 'chat-gone', reason: `"${chatId}" is no Telegram chat` }
    if (outgoing.onlyFor !== undefined && outgoing.onlyFor !== `${place.chatId}`) {
      return refused('Telegram shows a message to everyone in the chat; a message for one person belongs in the private chat')
    }
    if (message.form) return refused('Telegram has no forms; the questions must be asked one by one')
    if (message.image && message.file) return refused('Telegram shows a picture or a file in one message, not both')
    if (edit !== undefined && !/^\d{1,16}$/.test(edit)) return { kind: 'message-gone' }

    const rendered = render(outgoing)
    const letter = {
      rendered,
      attachment: await attachmentOf(outgoing, rendered),
      editId: edit === undefined ? null : Number(edit),
    }
    return attempt({ ...place, chatId: moved.get(place.chatId) ?? place.chatId }, letter, true)
  }

  async function attempt(place: Place, letter: Letter, mayMove: boolean): Promise<Delivery> {
    try {
      const messageId = letter.editId === null ? await send(place, letter) : await edit(place, letter, letter.editId)
      return { kind: 'delivered', ref: `${messageId}` }
    } catch (error) {
      const fault = faultOf(error)
      switch (fault.kind) {
        case 'delivery':
          return fault.delivery
        case 'not-modified':
          return { kind: 'delivered', ref: `${letter.editId}` }
        case 'not-text':
          await retire(place, letter.editId)
          return { kind: 'message-gone' }
        case 'moved':
          if (!mayMove) return { kind: 'chat-gone', reason: 'The group moved twice' }
          moved.set(place.chatId, fault.chatId)
          return attempt({ ...place, chatId: fault.chatId }, letter, false)
      }
    }
  }

  async function send(place: Place, { rendered, attachment }: Letter): Promise<number> {
    const target = { chat_id: place.chatId, ...(place.threadId !== undefined && { message_thread_id: place.threadId }) }
    const markup = rendered.keyboard.length > 0 ? { reply_markup: keyboardOf(rendered) } : {}
    if (!attachment) return (await api.raw.sendMessage({ ...target, ...textOf(rendered), ...markup })).message_id
    const rest = { ...target, ...captionOf(rendered), ...markup }
    const sent =
      attachment.kind === 'photo'
        ? await api.raw.sendPhoto({ ...rest, photo: attachment.file() })
        : await api.raw.sendDocument({ ...rest, document: attachment.file() })
    return sent.message_id
  }

  /** The keyboard is always given, if need be an empty one: an edit without one would leave the old buttons standing. */
  async function edit(place: Place, { rendered, attachment }: Letter, messageId: number): Promise<number> {
    const target = { chat_id: place.chatId, message_id: messageId, reply_markup: keyboardOf(rendered) }
    if (!attachment) await api.raw.editMessageText({ ...target, ...textOf(rendered) })
    // Replaces the picture of a message, and turns a text message into one with a picture.
    else
      await api.raw.editMessageMedia({
        ...target,
        media: { type: attachment.kind, media: attachment.file(), ...captionOf(rendered) },
      })
    return messageId
  }

  /** A picture can't be edited into text, so it goes, and the text comes as a new message. What can't be deleted loses its buttons. */
  async function retire(place: Place, messageId: number | null): Promise<void> {
    if (messageId === null) return
    const target = { chat_id: place.chatId, message_id: messageId }
    try {
      await api.raw.deleteMessage(target)
    } catch {
      // Older than 48 hours. That the buttons may stay, too, is harmless: a stale press only redraws.
      await api.raw
        .editMessageReplyMarkup({ ...target, reply_markup: { inline_keyboard: [] } })
        .catch((error: unknown) => log.debug({ fault: faultOf(error) }, 'An old picture kept its buttons'))
    }
  }

  async function attachmentOf({ message }: Outgoing, rendered: Rendered): Promise<Attachment | null> {
    const { image, file } = message
    if (file) return { kind: 'document', file: () => new InputFile(Buffer.from(file.content, 'utf8'), fileName(file.name)) }
    if (!image) return null
    try {
      const png = await draw(image.chart)
      return { kind: 'photo', file: () => new InputFile(png, 'chart.png') }
    } catch (error) {
      log.error(
        { err: error, alt: image.alt, words: rendered.text.length },
        'The chart could not be drawn; the message goes without it',
      )
      return null
    }
  }
}

const refused = (reason: string): Delivery => ({ kind: 'refused', reason })

const keyboardOf = ({ keyboard }: Rendered): InlineKeyboardMarkup => ({ inline_keyboard: keyboard })

/** Links are shown as they are: a preview would be longer than the message. */
const textOf = ({ text, entities }: Rendered) => ({ text, entities, link_preview_options: { is_disabled: true } })

const captionOf = ({ text, entities }: Rendered) => ({ caption: text, caption_entities: entities })

/** The name travels in a header that knows no quotes. */
const fileName = (name: string): string => name.replaceAll(/[^\w.-]+/g, '-').replace(/^[-.]+/, '') || 'file.txt'
