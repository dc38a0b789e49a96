import { once } from 'node:events'
import { Fault, tooMany } from './fault.ts'
import { createManagedBots, type OtherBot } from './other-bots.ts'
import { type ChatView, createPeople, type Person } from './people.ts'
import { type BotEnd, botEnd, createWire, type PlannedFault, type RecordedCall } from './server.ts'
import { Updates } from './updates.ts'
import { type Chat, type RateRule, type User, World } from './world.ts'

export { Fault } from './fault.ts'
export { parseHtml } from './formatting.ts'
export type { OtherBot } from './other-bots.ts'
export type { ChatView, Person, SeenMessage } from './people.ts'
export { botApiSchema } from './schema.ts'

export type BotApiOptions = {
  /** Judge every request and answer by the Bot API's published schema (default). Off for benchmarks. */
  readonly validate?: boolean
  readonly token?: string
  readonly username?: string
  /** Bot Management Mode is on: people may make bots through it. */
  readonly managesBots?: boolean
}

type PersonOptions = {
  readonly name?: string
  readonly lastName?: string
  readonly username?: string
  readonly language?: string
}

/** A Telegram of our own: a Bot API server for the bot, and people who use it. */
export type BotApi = {
  readonly url: string
  readonly token: string
  readonly bot: User
  person(options?: PersonOptions): Person
  group(options?: { readonly title?: string; readonly forum?: boolean; readonly type?: 'group' | 'supergroup' }): ChatView
  /** The group becomes a supergroup; returns it under its new id. */
  migrate(group: ChatView): ChatView
  /** Another bot of this Telegram, as made with @BotFather. */
  addBot(options?: { readonly token?: string; readonly username?: string; readonly name?: string }): OtherBot
  /** A person opens a t.me/newbot link and confirms; they may change the name before. Throws Telegram's error where it shows one. */
  opensNewBotLink(person: Person, link: string, changed?: { readonly username?: string }): OtherBot
  /** An update the people here can't cause. */
  push(kind: string, content: unknown): void
  /** The published commands; of everybody without a menu in their own language if no language is given. */
  commands(language?: string): readonly { readonly command: string; readonly description: string }[] | undefined
  /** The next calls of this method (`*`: of any) fail like this. */
  failNext(method: string, fault: PlannedFault, times?: number): void
  /** The next calls are refused with 429 and this wait. */
  rateLimitNext(method: string, seconds: number, times?: number): void
  /** From now on a chat takes only so many messages in a time; null for any number. */
  limitRate(rule: RateRule | null): void
  /** Presses not answered yet can't be answered any more. */
  expirePresses(): void
  readonly calls: readonly RecordedCall[]
  /** Requests that broke the published schema, and mistakes of this fake itself. A good test ends with none. */
  readonly violations: readonly string[]
  /** Updates the bot did not confirm yet. */
  pending(): number
  isPolled(): boolean
  /** Waits for something to become true; looks again whenever anything happened. Rejects with the last messages when it takes too long. */
  until<T>(read: () => T | undefined | null | false, what?: string): Promise<T>
  close(): Promise<void>
}

const UNTIL_SECONDS = 8
const LOOK_AGAIN_MS = 20

export async function createBotApi(options: BotApiOptions = {}): Promise<BotApi> {
  const {
    validate = true,
    token = '7000000001:AAH-fake-token-for-tests',
    username = 'ClawTestBot',
    managesBots = false,
  } = options
  const bot: User = { id: Number(token.split(':')[0]), is_bot: true, first_name: 'ClawCloud', username }
  const world = new World(bot)
  const updates = new Updates(() => world.changed())
  const bots = new Map<string, BotEnd>()
  const { server, schema } = createWire({ find: (known) => bots.get(known), validate })
  let nextPersonId = 5_000_001
  let nextGroupId = -4_000_001
  let nextSupergroupId = -1_001_000_000_001

  // The fake must send only what the real one would.
  const push = (kind: string, content: unknown) => {
    const wrong = schema?.update({ update_id: 0, [kind]: content })
    if (wrong) bots.get(token)?.violations.push(`the fake's own update: ${wrong}`)
    updates.push(kind, content)
  }
  const others = createManagedBots({ bots, manager: bot, managesBots, push, changed: () => world.changed() })
  const end = botEnd(world, updates, { methods: others.methods })
  const { calls, violations, plans } = end
  bots.set(token, end)
  const { person, viewOf } = createPeople(world, push)

  function addGroup(chat: Pick<Chat, 'type' | 'title' | 'isForum'>): ChatView {
    const id = chat.type === 'group' ? nextGroupId-- : nextSupergroupId--
    const group: Chat = { ...chat, id, started: true, blocked: false, sentAt: [] }
    world.chats.set(id, group)
    return viewOf(group)
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The fake Bot API has no port')

  return {
    url: `http://127.0.0.1:${address.port}`,
    token,
    bot,
    person: ({ name = 'Ada', lastName, username: handle, language = 'en' } = {}) =>
      person({
        id: nextPersonId++,
        is_bot: false,
        first_name: name,
        language_code: language,
        ...(lastName !== undefined && { last_name: lastName }),
        ...(handle !== undefined && { username: handle }),
      }),
    group: ({ title = 'The team', forum = false, type = forum ? 'supergroup' : 'group' } = {}) =>
      addGroup({ type, title, isForum: forum }),
    migrate(group) {
      const old = world.chats.get(group.id)
      if (!old) throw new Error(`no group ${group.id}`)
      const next = addGroup({ type: 'supergroup', title: old.title ?? '' })
      old.movedTo = next.id
      return next
    },
    addBot: others.add,
    opensNewBotLink: others.opensNewBotLink,
    push,
    commands: (language = '') => world.commands.get(language),
    failNext: (method, fault, times = 1) => void plans.push(...Array.from({ length: times }, () => ({ method, fault }))),
    rateLimitNext: (method, seconds, times = 1) =>
      void plans.push(...Array.from({ length: times }, () => ({ method, fault: tooMany(seconds) }))),
    limitRate: (rule) => {
      world.rate = rule
    },
    expirePresses: () => {
      for (const press of world.presses.values()) press.expired = true
    },
    calls,
    violations,
    pending: () => updates.pending,
    isPolled: () => updates.isPolled,

    until: (read, what = 'what the test waits for') =>
      new Promise((resolve, reject) => {
        const look = () => {
          const value = read()
          if (value === undefined || value === null || value === false) return
          clearTimeout(timer)
          clearInterval(again)
          forget()
          resolve(value)
        }
        const forget = world.onChange(look)
        // What changed inside the bot causes no event here.
        const again = setInterval(look, LOOK_AGAIN_MS)
        const timer = setTimeout(() => {
          clearInterval(again)
          forget()
          const texts = [...world.messages.values()].flat().slice(-5)
          const last = texts.map(({ from, text }) => `${from.first_name}: ${text.slice(0, 200)}`).join('\n')
          reject(
            new Error(`Not within ${UNTIL_SECONDS} s: ${what}. Last calls: ${callsOf(calls)}. Last messages:\n${last || 'none'}`),
          )
        }, UNTIL_SECONDS * 1000)
        look()
      }),

    async close() {
      updates.deleteWebhook(true)
      others.close()
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

const callsOf = (calls: readonly RecordedCall[]): string =>
  calls
    .slice(-6)
    .map(({ method }) => method)
    .join(', ') || 'none'

/** An answer of Telegram's, for `failNext`. */
export const fault = (code: number, description: string): Fault => new Fault(code, description)
