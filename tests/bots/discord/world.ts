import { expect } from 'vitest'
import type { Discord as Adapter } from '../../../bots/discord/index.ts'
import type { FittedMessage } from '../../../core/chat/fit.ts'
import type { Incoming } from '../../../core/chat/incoming.ts'
import type { CommandMenu, CoreLine, Delivery, Outgoing } from '../../../core/chat/platform.ts'
import type { Log } from '../../../core/log.ts'
import { PIXEL, text } from '../../contracts/platform-samples.ts'
import { createDiscord, type Discord } from '../../support/discord/index.ts'
import { connect } from './support.ts'

export const button = (label: string, token: string) => ({ label, style: 'default', token }) as const
export const says = (words: string, more: Partial<FittedMessage> = {}): FittedMessage => ({
  blocks: [text(words)],
  rows: [],
  selects: [],
  ...more,
})

/** What the commands of these tests are. */
const MENUS: readonly CommandMenu[] = [
  {
    language: 'en',
    commands: [
      { name: 'usage', description: 'Looks' },
      { name: 'logs', description: 'Reads', onlyYou: true },
      {
        name: 'model',
        description: 'Changes',
        options: [
          { name: 'assistant', description: 'Which', required: false, suggests: true },
          { name: 'text', description: 'What', required: false, suggests: true },
        ],
      },
    ],
  },
]

export type World = Awaited<ReturnType<typeof createWorld>>

/** A Discord, our adapter in it, and a core that a test plays itself. */
export async function createWorld(over: 'gateway' | 'http', options: { readonly shards?: number } = {}) {
  const discord: Discord = await createDiscord(options)
  const closing: (() => Promise<void>)[] = []
  const logged: string[] = []
  const received: Incoming[] = []
  const urls: string[] = []
  const left: string[] = []
  let onIncoming: (incoming: Incoming) => Promise<void> = async () => {}
  let suggest: CoreLine['suggest'] = async () => []

  const write = (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields, errorsToo)}`)
  const log: Log = { debug: write, info: write, warn: write, error: write, child: () => log }

  /** A process of the service. */
  async function start(): Promise<Adapter> {
    const clock = { now: () => new Date() }
    const { platform, url, close } = await connect(discord, { clock, log, draw: async () => PIXEL, over })
    urls.push(url)
    closing.push(async () => {
      await platform.stop()
      await close()
    })
    await platform.start(
      async (incoming) => {
        await onIncoming(incoming)
        received.push(incoming)
      },
      { groupLeft: async (groupId) => void left.push(groupId), suggest: (asked) => suggest(asked) },
    )
    await platform.publishCommands(MENUS)
    return platform
  }

  const platform = await start()
  const answerOf = (incoming: Incoming, message: FittedMessage, more: Partial<Outgoing> = {}): Outgoing => ({
    chatId: incoming.chat.id,
    tone: 'info',
    message,
    ...(incoming.acknowledgement !== undefined && { answers: incoming.acknowledgement }),
    ...more,
  })

  return {
    discord,
    platform,
    received,
    left,
    logged,
    /** Where signed interactions come to, of the first process. */
    url: () => urls[0] ?? '',
    start,
    /** What the core does with what arrives. */
    onIncoming(handler: (incoming: Incoming) => Promise<void>) {
      onIncoming = handler
    },
    onSuggest(handler: CoreLine['suggest']) {
      suggest = handler
    },
    /** The newest update, once there are that many. */
    async arrived(count = 1): Promise<Incoming> {
      await discord.until(() => received.length >= count, `${count} updates`)
      const last = received[count - 1]
      if (!last) throw new Error('nothing arrived')
      return last
    },
    /** Answers an update as the router does. */
    answer: (incoming: Incoming, message: FittedMessage, more: Partial<Outgoing> = {}, through = platform): Promise<Delivery> =>
      through.deliver(answerOf(incoming, message, more)),
    async answerOk(
      incoming: Incoming,
      message: FittedMessage,
      more: Partial<Outgoing> = {},
      through = platform,
    ): Promise<string> {
      const delivery = await through.deliver(answerOf(incoming, message, more))
      if (delivery.kind !== 'delivered') throw new Error(`Not delivered: ${JSON.stringify(delivery)}`)
      return delivery.ref
    },
    /** The operations called, newest last, without the ones every start makes. */
    calls: () => discord.calls.map(({ operation }) => operation).filter((one) => !/gateway|applications/.test(one)),
    async close(allowed: RegExp = /^$/) {
      for (const close of closing.reverse()) await close()
      await discord.close()
      expect(discord.violations.filter((one) => !allowed.test(one))).toEqual([])
      // Interaction tokens and the bot's are credentials.
      const tokens = [discord.token, ...received.flatMap(({ acknowledgement }) => acknowledgement?.split('.')[1] ?? [])]
      for (const token of tokens) expect(logged.join('\n')).not.toContain(token)
    },
  }
}

/** Errors with all they carry, as a careless logger would write them. */
function errorsToo(_key: string, value: unknown): unknown {
  return value instanceof Error ? { ...value, message: value.message, stack: value.stack } : value
}
