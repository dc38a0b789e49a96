import type { Delivery, Draw, Outgoing } from '../../core/chat/platform.ts'
import type { Log } from '../../core/log.ts'
import type { Answered, Answers } from './answers.ts'
import type { Api, Draft, Upload } from './api.ts'
import { faultOf } from './faults.ts'
import { formatRef, isSnowflake, parseRef } from './ref.ts'
import { render } from './render.ts'

type Dependencies = {
  readonly api: Pick<Api, 'send' | 'edit' | 'editAnswer' | 'openPrivateChat'>
  readonly answers: Pick<Answers, 'answer' | 'change'>
  readonly draw: Draw
  readonly log: Log
}

/**
 * Sends or edits one message, as the answer to an interaction as long as that takes answers, else by the channel. Every outcome Discord
 * knows is a value, so this never rejects.
 */
export function createDeliver({ api, answers, draw, log }: Dependencies): (outgoing: Outgoing) => Promise<Delivery> {
  return async (outgoing) => {
    if (!isSnowflake(outgoing.chatId)) return { kind: 'chat-gone', reason: `"${outgoing.chatId}" is no channel of Discord` }
    const draft = await draftOf(outgoing)
    if (!draft) return { kind: 'refused', reason: 'The fields of the form have no room on its button' }
    try {
      return outgoing.edit === undefined ? await send(outgoing, draft) : await edit(outgoing, outgoing.edit, draft)
    } catch (error) {
      const fault = faultOf(error)
      // Only calls by a token of an earlier message get here with it: that message can't be reached any more.
      return fault.kind === 'interaction-over' ? { kind: 'message-gone' } : fault.delivery
    }
  }

  async function send(outgoing: Outgoing, draft: Draft): Promise<Delivery> {
    const { chatId, onlyFor, answers: question } = outgoing
    if (question !== undefined) {
      const delivery = outcome(await answers.answer(question, draft, onlyFor !== undefined))
      if (delivery) return delivery
    }
    if (onlyFor !== undefined) return sendPrivately(outgoing, onlyFor)
    return { kind: 'delivered', ref: await api.send(chatId, draft, outgoing.key) }
  }

  /** Null: it must go another way. */
  function outcome(answered: Answered): Delivery | null {
    if (answered.kind === 'over') return null
    if (answered.kind !== 'delivered') return answered
    const { messageId, token } = answered
    return { kind: 'delivered', ref: formatRef({ messageId, ...(token !== null && { token }) }) }
  }

  /**
   * Only an answer can be for one person's eyes. What comes later (after a restart, or after 15 minutes) goes to the private chat, without
   * what would not work there: its buttons belong to the server's channel.
   */
  async function sendPrivately(outgoing: Outgoing, userId: string): Promise<Delivery> {
    const { rows, form: _form, ...message } = outgoing.message
    const links = rows.map((row) => row.filter((button) => 'url' in button)).filter((row) => row.length > 0)
    const draft = await draftOf({ ...outgoing, message: { ...message, rows: links, selects: [] } })
    if (!draft) return { kind: 'refused', reason: 'Nothing of the message is left to show' }
    const channelId = await api.openPrivateChat(userId)
    return { kind: 'delivered', ref: formatRef({ messageId: await api.send(channelId, draft, outgoing.key), channelId }) }
  }

  async function edit(outgoing: Outgoing, edited: string, draft: Draft): Promise<Delivery> {
    const ref = parseRef(edited)
    if (!ref) return { kind: 'message-gone' }
    const { messageId, token, channelId = outgoing.chatId } = ref
    if (outgoing.answers !== undefined) {
      const changed = await answers.change(outgoing.answers, messageId, draft)
      if (changed.kind === 'delivered') return { kind: 'delivered', ref: edited }
      if (changed.kind !== 'over') return changed
    }
    if (token === undefined) await api.edit(channelId, messageId, draft)
    else await api.editAnswer(token, messageId, draft)
    return { kind: 'delivered', ref: edited }
  }

  async function draftOf(outgoing: Pick<Outgoing, 'tone' | 'message'>): Promise<Draft | null> {
    const { image, file } = outgoing.message
    const picture = image ? await drawn(image) : null
    const text: Upload | null = file
      ? { name: fileName(file.name), mime: file.mime, data: Buffer.from(file.content, 'utf8') }
      : null
    const container = render(outgoing, { ...(picture && { picture: picture.name }), ...(text && { file: text.name }) })
    return container && { container, files: [picture, text].filter((upload) => upload !== null) }
  }

  async function drawn(image: NonNullable<Outgoing['message']['image']>): Promise<Upload | null> {
    try {
      return { name: 'chart.png', mime: 'image/png', data: await draw(image.chart) }
    } catch (error) {
      log.error({ err: error, alt: image.alt }, 'The chart could not be drawn; its words take its place')
      return null
    }
  }
}

/** Discord keeps of a name what is plain, and an attachment is referred to by what it keeps. */
const fileName = (name: string): string => name.replaceAll(/[^\w.-]+/g, '-').replace(/^[-.]+/, '') || 'file.txt'
