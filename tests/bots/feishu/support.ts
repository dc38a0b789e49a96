import { afterEach, beforeEach, expect } from 'vitest'
import type { Feishu as Adapter } from '../../../bots/feishu/index.ts'
import type { FittedMessage } from '../../../core/chat/fit.ts'
import type { Incoming } from '../../../core/chat/incoming.ts'
import type { CoreLine, Delivery, Draw, Outgoing } from '../../../core/chat/platform.ts'
import type { Log } from '../../../core/log.ts'
import { button, createInbox, EMPTY, type Inbox, PIXEL, text } from '../../contracts/platform-samples.ts'
import { createFeishu, type Feishu } from '../../support/feishu/index.ts'
import { adapterOf, serve } from './harness.ts'

export type Way = 'long connection' | 'webhook'

/** An adapter with the stand-in around it, and a core that only keeps what it is given. */
export type World = {
  readonly feishu: Feishu
  readonly adapter: Adapter
  readonly inbox: Inbox
  /** Everything that was logged, at any level. */
  readonly logged: readonly string[]
  readonly left: readonly string[]
  send(message: Partial<FittedMessage>, more: Partial<Outgoing> & { readonly chatId: string }): Promise<Delivery>
  /** The message's ref; fails if it was not delivered. */
  sendOk(message: Partial<FittedMessage>, more: Partial<Outgoing> & { readonly chatId: string }): Promise<string>
  /** Calls of one kind, as `METHOD path`. */
  calls(pattern: RegExp): readonly { readonly method: string; readonly path: string }[]
}

type Options = {
  readonly way?: Way
  readonly workspaces?: 'group' | 'tenant'
  readonly draw?: Draw
  /** Before the adapter starts. */
  readonly prepare?: (feishu: Feishu) => void
  readonly receive?: (incoming: Incoming) => Promise<void>
}

/** Opens worlds for the tests of a file; closed after each, which also judges them. */
export function worlds() {
  const closing: (() => Promise<unknown>)[] = []
  let expected: RegExp | null = null

  beforeEach(() => {
    expected = null
  })
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })

  return {
    /** A test that breaks a rule on purpose says which. */
    mayViolate: (pattern: RegExp) => {
      expected = pattern
    },
    async open({
      way = 'long connection',
      workspaces = 'group',
      draw = async () => PIXEL,
      prepare,
      receive,
    }: Options = {}): Promise<World> {
      const feishu = await createFeishu()
      prepare?.(feishu)
      const logged: string[] = []
      const write = (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields, errorsToo)}`)
      const log: Log = { debug: write, info: write, warn: write, error: write, child: () => log }
      const adapter = await adapterOf(feishu, way, { draw, log, workspaces })
      const server = way === 'webhook' ? await serve(() => adapter) : null
      feishu.callbacksTo(server?.url ?? null)
      const inbox = createInbox()
      const left: string[] = []
      const line: CoreLine = { groupLeft: async (id) => void left.push(id), suggest: async () => [] }
      await adapter.start(receive ?? inbox.receive, line)
      closing.push(async () => {
        await adapter.stop()
        await feishu.close()
        await server?.close()
        expect(feishu.violations.filter((one) => !expected?.test(one))).toEqual([])
        for (const secret of [feishu.appSecret, feishu.encryptKey, feishu.verificationToken])
          expect(logged.join('\n')).not.toContain(secret)
      })
      const send: World['send'] = (message, more) => adapter.deliver({ tone: 'info', message: { ...EMPTY, ...message }, ...more })
      return {
        feishu,
        adapter,
        inbox,
        logged,
        left,
        send,
        async sendOk(message, more) {
          const delivery = await send(message, more)
          if (delivery.kind !== 'delivered') throw new Error(`Not delivered: ${JSON.stringify(delivery)}`)
          return delivery.ref
        },
        calls: (pattern) => feishu.calls.filter(({ method, path }) => pattern.test(`${method} ${path}`)),
      }
    },
  }
}

const errorsToo = (_key: string, value: unknown): unknown =>
  value instanceof Error ? { ...value, message: value.message, stack: value.stack } : value

export const asking: Partial<FittedMessage> = { blocks: [text('Sure?')], rows: [[button('Yes', 'tok:yes')]] }
export const CHANGES = /^PATCH .*\/im\/v1\/messages\//
export const SENDS = /^POST .*\/im\/v1\/messages$/
