import { z } from 'zod'
import { type ApiRequest, body, type Route } from './api.ts'
import { cardOf, checkSize, parseContent, readContent } from './content.ts'
import { broken, CardRefused, cardFault, fault, invalidParameter } from './fault.ts'
import { RateWindow } from './rates.ts'
import type { ChatRecord, MessageRecord, World } from './world.ts'

const UUID_MAX = 50
/** "Requests with the same uuid send at most one message within an hour." */
const UUID_HOURS = 1
const HOUR_MS = 3_600_000
const CHANGEABLE_DAYS = 14
const DAY_MS = 24 * HOUR_MS
/** To one person, to one group (shared by its bots), and to one message that is changed. */
const PER_SECOND = 5
/** The ephemeral route has a limit of its own, per group. */
const EPHEMERAL_PER_SECOND = 40
const TEXT_EDITS_MAX = 20

const uuid = z.string().max(UUID_MAX, `uuid takes ${UUID_MAX} characters`).optional()
const Create = z.strictObject({ receive_id: z.string(), msg_type: z.string(), content: z.string(), uuid })
const Reply = z.strictObject({ msg_type: z.string(), content: z.string(), reply_in_thread: z.boolean().optional(), uuid })
const Patch = z.strictObject({ content: z.string() })
const Edit = z.strictObject({ msg_type: z.enum(['text', 'post']), content: z.string() })
const Ephemeral = z.strictObject({
  chat_id: z.string(),
  open_id: z.string(),
  msg_type: z.literal('interactive'),
  card: z.unknown(),
})
const EphemeralDelete = z.strictObject({ message_id: z.string() })
const CardUpdate = z.strictObject({ token: z.string(), card: z.looseObject({}) })

/** Sending and changing messages. `refusal` is the next planned reason to refuse a card. */
export function messageRoutes(world: World, refusal: () => string | undefined): readonly Route[] {
  const sends = new RateWindow(PER_SECOND, 1000)
  const changes = new RateWindow(PER_SECOND, 1000)
  const ephemerals = new RateWindow(EPHEMERAL_PER_SECOND, 1000)
  const uuids = new Map<string, { readonly messageId: string; readonly at: number }>()
  const edits = new Map<string, number>()

  function pace(window: RateWindow, key: string, what: string): void {
    // In real time: a test that lets days pass does not mean to lift the limit.
    const taken = window.take(key, Date.now())
    if (taken === 'taken') return
    const limit = 'This operation triggers the frequency limit.'
    throw taken === 'again'
      ? broken(230020, limit, `${what} ${key}: refused for its rate and did not wait`)
      : fault(230020, limit)
  }

  function refuseIfPlanned(): void {
    const reason = refusal()
    if (reason !== undefined) {
      throw cardFault(new CardRefused(200621, 'parse card json err, please check whether the card json is correct', reason))
    }
  }

  function send(chat: ChatRecord, type: string, content: string, request: ApiRequest, id: string | undefined) {
    checkSize(type, request.bytes)
    const before = id === undefined ? undefined : uuids.get(id)
    const first = before && world.now() - before.at < UUID_HOURS * HOUR_MS ? world.messages.get(before.messageId) : undefined
    if (first) {
      if (first.chatId !== chat.id || first.type !== type)
        world.violate(`uuid ${id} was used for another message within the hour`)
      return answer(first)
    }
    pace(sends, world.writable(chat).id, 'chat')
    if (type === 'interactive') refuseIfPlanned()
    const message = world.addMessage({ chatId: chat.id, senderId: null, type, ...readContent(type, content, world) })
    if (id !== undefined) uuids.set(id, { messageId: message.id, at: world.now() })
    return answer(message)
  }

  const answer = (message: MessageRecord) => ({
    data: {
      message_id: message.id,
      msg_type: message.type,
      create_time: `${message.sentAt}`,
      update_time: `${message.sentAt}`,
      deleted: false,
      updated: false,
      chat_id: message.chatId,
      sender: { id: world.appId, id_type: 'app_id', sender_type: 'app', tenant_key: world.tenantKey },
    },
  })

  function receiver(type: string | null, id: string): ChatRecord {
    if (type === 'chat_id') {
      if (!/^oc_[0-9a-f]{32}$/.test(id)) throw fault(230034, 'The receive_id is invalid.')
      const chat = world.chats.get(id)
      if (!chat) throw fault(230002, 'The bot can not be outside the group.')
      return chat
    }
    const key = type === 'open_id' ? 'openId' : type === 'union_id' ? 'unionId' : type === 'user_id' ? 'userId' : null
    if (key === null) throw broken(99992402, 'field validation failed', `receive_id_type ${type} is unknown`)
    const person = [...world.people.values()].find((one) => one[key] === id)
    if (!person) throw fault(230034, 'The receive_id is invalid.')
    return world.chat(person.chatId)
  }

  function find(id: string): MessageRecord {
    const message = /^om_[0-9a-f]{32}$/.test(id) ? world.messages.get(id) : undefined
    if (!message) throw invalidParameter('invalid message_id')
    world.writable(world.chat(message.chatId))
    return message
  }

  /** A message of ours that is still there and may be changed. */
  function changeable(id: string): MessageRecord {
    const message = find(id)
    if (message.recalled) throw fault(230011, 'The message is recalled.')
    if (message.senderId !== null) {
      throw broken(
        230001,
        invalidParameter('NOT the sender of the message').msg,
        `${id} was not sent by the bot, and can't be changed by it`,
      )
    }
    if (world.now() - message.sentAt > CHANGEABLE_DAYS * DAY_MS) {
      throw broken(
        230031,
        'Message can only be modified within 14 days after sending.',
        `${id} is older than ${CHANGEABLE_DAYS} days`,
      )
    }
    return message
  }

  function change(message: MessageRecord, fields: Partial<MessageRecord>): void {
    Object.assign(message, { ...fields, edited: true })
    world.changed()
  }

  return [
    {
      method: 'POST',
      path: /^\/open-apis\/im\/v1\/messages$/,
      kind: 'send',
      run(request) {
        const { receive_id, msg_type, content, uuid: id } = body(Create, request.json, 'POST messages')
        return send(receiver(request.query.get('receive_id_type'), receive_id), msg_type, content, request, id)
      },
    },
    {
      method: 'POST',
      path: /^\/open-apis\/im\/v1\/messages\/([^/]+)\/reply$/,
      kind: 'send',
      run(request) {
        const { msg_type, content, uuid: id } = body(Reply, request.json, 'POST reply')
        const message = find(request.params[0] ?? '')
        if (message.recalled) throw fault(230011, 'The message is recalled.')
        return send(world.chat(message.chatId), msg_type, content, request, id)
      },
    },
    {
      method: 'PATCH',
      path: /^\/open-apis\/im\/v1\/messages\/([^/]+)$/,
      kind: 'patch',
      run(request) {
        const { content } = body(Patch, request.json, 'PATCH messages')
        const message = changeable(request.params[0] ?? '')
        if (message.card === null || message.onlyFor !== null) {
          throw broken(
            230001,
            invalidParameter('This message is NOT a card.').msg,
            `${message.id} is no card everybody sees, and can't be patched`,
          )
        }
        checkSize('interactive', request.bytes)
        pace(changes, message.id, 'message')
        refuseIfPlanned()
        // Not a broken rule: who changes a card can't know that somebody presses it at this moment.
        if (message.openPresses > 0) throw cardFault(new CardRefused(11310, 'card action is lock', message.id))
        change(message, { card: cardOf(parseContent(content), world) })
        return { data: {} }
      },
    },
    {
      method: 'PUT',
      path: /^\/open-apis\/im\/v1\/messages\/([^/]+)$/,
      kind: 'patch',
      run(request) {
        const { msg_type, content } = body(Edit, request.json, 'PUT messages')
        const message = changeable(request.params[0] ?? '')
        if (message.type !== 'text' && message.type !== 'post') {
          throw broken(
            230054,
            'This operation is not supported for this message type.',
            `PUT of a message of type ${message.type}`,
          )
        }
        const count = (edits.get(message.id) ?? 0) + 1
        if (count > TEXT_EDITS_MAX) throw broken(230072, 'The message has reached the number of times it can be edited.')
        edits.set(message.id, count)
        checkSize(msg_type, request.bytes)
        pace(changes, message.id, 'message')
        change(message, readContent(msg_type, content, world))
        return answer(message)
      },
    },
    {
      method: 'DELETE',
      path: /^\/open-apis\/im\/v1\/messages\/([^/]+)$/,
      kind: 'other',
      run(request) {
        const message = find(request.params[0] ?? '')
        if (message.recalled) throw fault(230110, 'Action unavailable as the message has been deleted.')
        if (message.senderId !== null) throw fault(230026, 'No permission to recall this message.')
        message.recalled = true
        world.changed()
        return { data: {} }
      },
    },
    {
      method: 'POST',
      path: /^\/open-apis\/ephemeral\/v1\/send$/,
      kind: 'send',
      run(request) {
        const { chat_id, open_id, card } = body(Ephemeral, request.json, 'POST ephemeral/v1/send')
        const chat = receiver('chat_id', chat_id)
        if (chat.kind !== 'group')
          throw broken(10003, 'invalid parameter: chat_id', 'ephemeral cards are possible only in groups')
        world.writable(chat)
        if (!chat.memberIds.has(open_id)) throw broken(10003, 'invalid parameter: open_id', `${open_id} is not in the group`)
        checkSize('interactive', request.bytes)
        pace(ephemerals, chat.id, 'group')
        refuseIfPlanned()
        const shown = cardOf(card, world)
        const message = world.addMessage({ chatId: chat.id, senderId: null, type: 'interactive', card: shown, onlyFor: open_id })
        return { msg: 'ok', data: { message_id: message.id } }
      },
    },
    {
      method: 'POST',
      path: /^\/open-apis\/ephemeral\/v1\/delete$/,
      kind: 'other',
      run(request) {
        const message = find(body(EphemeralDelete, request.json, 'POST ephemeral/v1/delete').message_id)
        if (message.onlyFor === null) throw broken(10003, 'invalid parameter: message_id', `${message.id} is no ephemeral card`)
        if (message.recalled) throw fault(18051, 'message has been deleted')
        message.recalled = true
        world.changed()
        return { msg: 'ok' }
      },
    },
    {
      method: 'POST',
      path: /^\/open-apis\/interactive\/v1\/card\/update$/,
      kind: 'patch',
      run(request) {
        const { token, card } = body(CardUpdate, request.json, 'POST card/update')
        const found = world.updateTokens.get(token)
        if (!found) throw broken(300020, 'invalid card update token', `nobody was given the update token ${token}`)
        const { messageId, issuedAt } = found
        if (!found.answered)
          throw broken(300020, 'invalid card update token', 'a card is updated by its token only after its press was answered')
        if (world.now() - issuedAt > HOUR_MS / 2)
          throw broken(300030, 'card update token expired', 'an update token is good for 30 minutes')
        if (found.uses >= 2) throw broken(300040, 'card update token used up', 'an update token is good for two updates')
        const message = world.messages.get(messageId)
        if (!message || message.recalled) throw fault(200000, 'the message card has been recalled')
        checkSize('interactive', request.bytes)
        refuseIfPlanned()
        if ('open_ids' in card) throw broken(200320, 'open_ids is invalid', 'open_ids is for cards of JSON 1.0 only')
        change(message, { card: cardOf(card, world) })
        found.uses += 1
        return { msg: 'ok' }
      },
    },
  ]
}
