import * as lark from '@larksuiteoapi/node-sdk'
import { z } from 'zod'
import type { Feishu } from './index.ts'

const nothing = () => {}
const logger = { fatal: nothing, error: nothing, warn: nothing, info: nothing, debug: nothing, trace: nothing }

export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAGg4SZAAAAABJRU5ErkJggg==',
  'base64',
)

export const plain = (content: string) => ({ tag: 'plain_text', content })
export const markdown = (content: string) => ({ tag: 'markdown', content })
export const button = (label: string, value: object = { token: label }, more: object = {}) => ({
  tag: 'button',
  text: plain(label),
  behaviors: [{ type: 'callback', value }],
  ...more,
})
export const card = (elements: readonly object[], header?: object) => ({
  schema: '2.0',
  config: { update_multi: true },
  ...(header && { header }),
  body: { elements },
})
export const submit = button('Save', { token: 'save' }, { name: 'save', form_action_type: 'submit' })
export const input = (more: object = {}) => ({ tag: 'input', name: 'secret', ...more })
export const form = (...elements: readonly object[]) => ({ tag: 'form', name: 'form', elements })
export const keyForm = form(
  input({ input_type: 'password', label: plain('API key'), required: true, max_length: 20 }),
  {
    tag: 'select_static',
    name: 'size',
    placeholder: plain('Size'),
    options: [
      { text: plain('Small'), value: 's' },
      { text: plain('Large'), value: 'l' },
    ],
  },
  submit,
)

export type Handlers = Readonly<Record<string, (data: unknown) => unknown>>
export const dispatcher = (
  handlers: Handlers,
  secrets: { readonly encryptKey?: string; readonly verificationToken?: string } = {},
) => new lark.EventDispatcher({ logger, ...secrets }).register<Handlers>(handlers)

const Refusal = z.object({
  response: z.object({
    status: z.number(),
    headers: z.looseObject({}),
    data: z.object({ code: z.number(), msg: z.string() }),
  }),
})

/** A Feishu error, as the SDK throws it. */
export async function refusal(call: Promise<unknown>) {
  const error: unknown = await call.then(
    () => new Error('was not refused'),
    (reason: unknown) => reason,
  )
  const parsed = Refusal.safeParse(error)
  if (!parsed.success) throw error
  const { status, headers, data } = parsed.data.response
  return { status, headers, ...data }
}

/** A bot that is nothing but the SDK: whether the fake speaks as Feishu does is its judgement. */
export function createSdkBot(feishu: Feishu, more: { readonly cache?: lark.Cache } = {}) {
  const { appId, appSecret, url } = feishu
  const client = new lark.Client({ appId, appSecret, domain: url, logger, ...more })
  const connections: lark.WSClient[] = []

  return {
    client,

    async send(chatId: string, content: object, type = 'interactive', uuid?: string): Promise<string> {
      const { data } = await client.im.message.create({
        params: { receive_id_type: 'chat_id' },
        data: { receive_id: chatId, msg_type: type, content: JSON.stringify(content), ...(uuid !== undefined && { uuid }) },
      })
      return data?.message_id ?? ''
    },
    patch: (id: string, content: object) =>
      client.im.message.patch({ path: { message_id: id }, data: { content: JSON.stringify(content) } }),
    /** A route the SDK has no method for. */
    post: (path: string, data: object): Promise<unknown> => client.request({ method: 'POST', url: `/open-apis${path}`, data }),

    connect(handlers: Handlers): Promise<void> {
      return new Promise((resolve) => {
        const ws = new lark.WSClient({ appId, appSecret, domain: url, logger, onReady: () => resolve() })
        connections.push(ws)
        void ws.start({ eventDispatcher: dispatcher(handlers) })
      })
    },
    disconnect() {
      for (const ws of connections.splice(0)) ws.close({ force: true })
    },
  }
}
