import type { Delivery, Draw, Outgoing } from '../../core/chat/platform.ts'
import type { Log } from '../../core/log.ts'
import type { Api, Content } from './api.ts'
import type { Sealed } from './card.ts'
import { isMessageId, type Place, placeOf } from './chat-key.ts'
import { faultOf, reasonOf } from './faults.ts'
import type { Pace } from './pace.ts'
import type { Pictures } from './pictures.ts'
import type { Presses } from './presses.ts'
import { render } from './render.ts'
import { isWordsAlone, wordsContent } from './words.ts'

type Dependencies = {
  readonly api: Api
  readonly draw: Draw
  readonly pictures: Pictures
  readonly presses: Presses
  readonly pace: Pace
  readonly log: Log
}

/** uuid of a send: one message of the core may be two of Feishu's. */
const UUID_MAX = 50

/**
 * Sends or changes one message; every outcome Feishu knows is a value, so this never rejects.
 *
 * A message is a card, picture included, and its `ref` is that card's id. A file is a message of its own behind the card: it can't be
 * changed, so a card that is changed to one with a file is followed by that file, and files that were sent before stay.
 */
export function createDeliver(dependencies: Dependencies): (outgoing: Outgoing) => Promise<Delivery> {
  const { api, draw, pictures, presses, pace, log } = dependencies

  return async (outgoing) => {
    const { chatId, edit, onlyFor, message } = outgoing
    const place = placeOf(chatId)
    if (!place) return { kind: 'chat-gone', reason: `"${chatId}" is no Feishu chat` }
    if (onlyFor !== undefined && !(place.kind === 'private' && place.openId === onlyFor)) {
      return refused('Feishu shows a message to everyone in the chat; a message for one person belongs in the private chat')
    }
    if (edit !== undefined && !isMessageId(edit)) return { kind: 'message-gone' }
    try {
      // Both are uploaded before anything is shown: what is refused of them is refused as a whole.
      const [imageKey, file] = await Promise.all([pictureOf(outgoing), fileOf(outgoing)])
      const sealed = render({ tone: outgoing.tone, message, place, imageKey })
      const shown = await show(outgoing, place, sealed, edit)
      if (shown.kind !== 'delivered' || !file) return shown
      await send(place, file, outgoing.key && `${outgoing.key}.file`)
      return shown
    } catch (error) {
      return faultOf(error, 'send')
    }
  }

  async function show(outgoing: Outgoing, place: Place, sealed: Sealed, edit: string | undefined): Promise<Delivery> {
    const shown = sealed.ok
      ? await (edit === undefined ? sendCard(outgoing, place, sealed.content) : changeCard(outgoing, place, sealed, edit))
      : refused(sealed.reason)
    if (shown.kind !== 'refused' || !isWordsAlone(outgoing.message)) return shown
    // There is nothing simpler left than a message that is no card. What can't be changed into one goes, and the core sends anew.
    if (edit !== undefined) return retire(place, edit)
    log.warn({ reason: shown.reason }, 'Feishu refuses even plain words as a card; they go as a post')
    return attempt('send', () => send(place, wordsContent(outgoing.message), outgoing.key && `${outgoing.key}.w`))
  }

  function sendCard(outgoing: Outgoing, place: Place, content: string): Promise<Delivery> {
    return attempt('send', () => send(place, { type: 'interactive', json: content }, outgoing.key))
  }

  /** In the answer to a press on it while one waits, else by a request of its own. */
  async function changeCard(
    { answers }: Outgoing,
    place: Place,
    { card, content }: Extract<Sealed, { ok: true }>,
    messageId: string,
  ): Promise<Delivery> {
    if (await presses.offer(messageId, card, answers)) return { kind: 'delivered', ref: messageId }
    await presses.settled(messageId)
    return attempt('edit', async () => {
      await pace.turn(paceKey(place))
      await api.change(messageId, content)
      return messageId
    })
  }

  async function send(place: Place, content: Content, key: string | undefined): Promise<string> {
    await pace.turn(paceKey(place))
    const uuid = key === undefined || key.length > UUID_MAX ? null : key
    try {
      return await api.send(place, content, uuid)
    } catch (error) {
      if (place.kind !== 'thread' || faultOf(error, 'send').kind !== 'message-gone') throw error
      // The message that began the thread was taken back: the group is still there.
      await pace.turn(paceKey(place))
      return api.send({ kind: 'group', chatId: place.chatId }, content, uuid)
    }
  }

  async function retire(place: Place, messageId: string): Promise<Delivery> {
    await pace.turn(paceKey(place))
    await api
      .recall(messageId)
      .catch((error: unknown) => log.debug({ reason: reasonOf(error) }, 'An old card of ours stays, with its buttons'))
    return { kind: 'message-gone' }
  }

  async function pictureOf({ message }: Outgoing): Promise<string | null> {
    if (!message.image) return null
    const png = await draw(message.image.chart).catch((error: unknown) => {
      log.error({ err: error, alt: message.image?.alt }, 'The chart could not be drawn; the message goes without it')
      return null
    })
    if (!png) return null
    return pictures.keyOf(png).catch((error: unknown) => {
      if (faultOf(error, 'send').kind !== 'refused') throw error
      log.error({ reason: reasonOf(error) }, 'Feishu does not take the chart; the message goes without it')
      return null
    })
  }

  async function fileOf({ message: { file } }: Outgoing): Promise<Content | null> {
    if (!file) return null
    const fileKey = await api.uploadFile(file.name, Buffer.from(file.content, 'utf8'))
    return { type: 'file', json: JSON.stringify({ file_key: fileKey }) }
  }
}

async function attempt(doing: 'send' | 'edit', act: () => Promise<string>): Promise<Delivery> {
  try {
    return { kind: 'delivered', ref: await act() }
  } catch (error) {
    return faultOf(error, doing)
  }
}

const refused = (reason: string): Delivery => ({ kind: 'refused', reason })

/** Threads share their group's allowance. */
const paceKey = (place: Place): string => (place.kind === 'private' ? place.openId : place.chatId)
