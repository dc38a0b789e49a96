import type { Cache, Client, HttpInstance, Logger } from '@larksuiteoapi/node-sdk'
import { z } from 'zod'
import type { Log } from '../../core/log.ts'
import type { Place } from './chat-key.ts'
import { FeishuError, isStaleToken, OUTSIDE } from './faults.ts'

/** The SDK itself, loaded when there is an app to speak for: it takes a third of a second and 40 MB. */
export const loadSdk = () => import('@larksuiteoapi/node-sdk')
type Sdk = Awaited<ReturnType<typeof loadSdk>>

export type Credentials = {
  readonly appId: string
  readonly appSecret: string
  /** open.feishu.cn, open.larksuite.com or a stand-in; without a slash at the end. */
  readonly domain: string
}

/** What a message consists of: its kind, and its content as Feishu wants it, a string of JSON. */
export type Content = { readonly type: 'interactive' | 'post' | 'text' | 'file'; readonly json: string }

export type Group = { readonly name: string; readonly administratorIds: ReadonlySet<string> }
/** `runsTenant` is null where we are not allowed to know. */
export type Person = { readonly name: string | null; readonly locale: string | null; readonly runsTenant: boolean | null }

/** The calls we make. Each rejects with a FeishuError, or with the network's own error. */
export type Api = {
  bot(): Promise<{ readonly openId: string; readonly name: string }>
  /** The new message's id. Feishu sends at most one message an hour for one uuid. */
  send(place: Place, content: Content, uuid: string | null): Promise<string>
  /** Only cards can be changed. */
  change(messageId: string, card: string): Promise<void>
  recall(messageId: string): Promise<void>
  uploadImage(png: Buffer): Promise<string>
  uploadFile(name: string, content: Buffer): Promise<string>
  group(chatId: string): Promise<Group>
  person(openId: string): Promise<Person>
}

const Bot = z.object({ bot: z.object({ open_id: z.string(), app_name: z.string().optional() }) })
const Sent = z.object({ data: z.object({ message_id: z.string() }) })
const GroupAnswer = z.object({
  data: z.object({
    name: z.string().nullish(),
    owner_id: z.string().nullish(),
    user_manager_id_list: z.array(z.string()).nullish(),
    /** Told only to who is in the group; others get its name and no error. */
    chat_mode: z.string().nullish(),
    chat_status: z.string().nullish(),
  }),
})
const PersonAnswer = z.object({
  data: z.object({
    user: z.object({
      name: z.string().nullish(),
      locale: z.string().nullish(),
      is_tenant_manager: z.boolean().nullish(),
    }),
  }),
})

export function createApi(sdk: Sdk, credentials: Credentials, http: HttpInstance, log: Log): Api {
  const tokens = createTokenCache()
  const client: Client = new sdk.Client({ ...credentials, httpInstance: http, cache: tokens, ...sdkLogging(sdk, log) })

  /** Feishu may end a token before its time (a new secret, a wiped cache); the SDK would go on with it for two hours. */
  async function call<T>(attempt: () => Promise<T>): Promise<T> {
    try {
      return await attempt()
    } catch (error) {
      if (!isStaleToken(error)) throw error
      tokens.clear()
      return attempt()
    }
  }

  return {
    async bot() {
      const answer = await call(() => client.request({ url: '/open-apis/bot/v3/info', method: 'GET' }))
      const { open_id: openId, app_name: name } = Bot.parse(answer).bot
      return { openId, name: name ?? 'the bot' }
    },

    async send(place, { type, json }, uuid) {
      const data = { msg_type: type, content: json, ...(uuid !== null && { uuid }) }
      const answer = await call(() =>
        place.kind === 'thread'
          ? client.im.message.reply({ path: { message_id: place.rootId }, data: { ...data, reply_in_thread: true } })
          : client.im.message.create({
              params: { receive_id_type: place.kind === 'private' ? 'open_id' : 'chat_id' },
              data: { ...data, receive_id: place.kind === 'private' ? place.openId : place.chatId },
            }),
      )
      return Sent.parse(answer).data.message_id
    },

    async change(messageId, card) {
      await call(() => client.im.message.patch({ path: { message_id: messageId }, data: { content: card } }))
    },

    async recall(messageId) {
      await call(() => client.im.message.delete({ path: { message_id: messageId } }))
    },

    async uploadImage(png) {
      const answer = await call(() => client.im.image.create({ data: { image_type: 'message', image: png } }))
      return z.object({ image_key: z.string() }).parse(answer).image_key
    },

    async uploadFile(name, content) {
      const answer = await call(() => client.im.file.create({ data: { file_type: 'stream', file_name: name, file: content } }))
      return z.object({ file_key: z.string() }).parse(answer).file_key
    },

    async group(chatId) {
      const answer = await call(() => client.im.chat.get({ path: { chat_id: chatId }, params: { user_id_type: 'open_id' } }))
      const { name, owner_id, user_manager_id_list, chat_mode, chat_status } = GroupAnswer.parse(answer).data
      if (!chat_mode || chat_status?.startsWith('dissolved')) throw new FeishuError(200, OUTSIDE, 'we are not in this group')
      const administratorIds = [owner_id, ...(user_manager_id_list ?? [])].filter((id) => typeof id === 'string')
      return { name: name ?? '', administratorIds: new Set(administratorIds) }
    },

    async person(openId) {
      const answer = await call(() => client.contact.user.get({ path: { user_id: openId }, params: { user_id_type: 'open_id' } }))
      const { name, locale, is_tenant_manager } = PersonAnswer.parse(answer).data.user
      return { name: name?.trim() || null, locale: locale || null, runsTenant: is_tenant_manager ?? null }
    },
  }
}

/** Of one client: the SDK's own is shared by all clients of the process, and nothing can be taken out of it. */
function createTokenCache(): Cache & { clear(): void } {
  const entries = new Map<string, { readonly value: unknown; readonly until: number }>()
  const keyOf = (key: unknown, options?: { namespace?: string }) => `${options?.namespace ?? ''}/${String(key)}`
  return {
    async get(key, options) {
      const entry = entries.get(keyOf(key, options))
      // The SDK counts `until` by the machine's clock, not by ours.
      return entry && entry.until > performance.timeOrigin + performance.now() ? entry.value : undefined
    },
    async set(key, value, until, options) {
      entries.set(keyOf(key, options), { value, until: until ?? Number.POSITIVE_INFINITY })
      return true
    },
    clear: () => entries.clear(),
  }
}

/**
 * The SDK's own lines, for whoever looks for them. It tells of every failure once more, with everything that was sent: only its words are
 * kept, and our log takes what is secret out of them.
 */
export function sdkLogging(sdk: Sdk, log: Log): { readonly loggerLevel: number; readonly logger: Logger } {
  const line = (...parts: unknown[]) => {
    const words = parts.flat(2).map((part) => (part instanceof Error ? part.message : typeof part === 'string' ? part : ''))
    log.debug({ sdk: words.filter((word) => word !== '').join(' ') }, 'The Feishu SDK says')
  }
  return { loggerLevel: sdk.LoggerLevel.warn, logger: { error: line, warn: line, info: line, debug: line, trace: line } }
}
