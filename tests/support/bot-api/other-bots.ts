import { badRequest, Fault } from './fault.ts'
import { type ChatView, createPeople, type Person } from './people.ts'
import { type BotEnd, botEnd, type RecordedCall } from './server.ts'
import { Updates } from './updates.ts'
import { type User, World } from './world.ts'

/** A bot beside the one under test: an assistant's, driven by its own program. */
export type OtherBot = {
  readonly user: User
  /** The one that is valid now. */
  token(): string
  /** @BotFather gives it a new one; the old is worthless. */
  revoke(): string
  /** The same person, as this bot meets them. */
  knows(person: Person | User): Person
  group(title?: string): ChatView
  readonly calls: readonly RecordedCall[]
  isPolled(): boolean
  /** Another program starts to receive with this token and does not give up. Returns how to end it. */
  isPolledElsewhere(url: string): () => void
}

/** What Telegram allows a person. */
const BOTS_PER_PERSON = 20
const FIRST_ID = 7_100_000_001

type Options = {
  readonly bots: Map<string, BotEnd>
  readonly manager: User
  readonly managesBots: boolean
  readonly push: (kind: string, content: unknown) => void
  readonly changed: () => void
}

/** The other bots of the fake Telegram, and the making of bots through the one under test. */
export function createManagedBots({ bots, manager, managesBots, push, changed }: Options) {
  const tokens = new Map<number, string>()
  const ends = new Map<number, { readonly end: BotEnd; readonly updates: Updates }>()
  const owners = new Map<number, User>()
  const usernames = new Set<string>([manager.username?.toLowerCase() ?? ''])
  const stops = new Set<() => void>()
  let nextId = FIRST_ID
  let nextGroup = -5_000_001
  let generation = 0

  const freshToken = (id: number) => `${id}:AAF-fake-token-${String(++generation).padStart(4, '0')}-of-another-bot`

  function setToken(id: number, token: string): void {
    const known = ends.get(id)
    const old = tokens.get(id)
    if (!known) throw new Error(`no bot ${id}`)
    if (old !== undefined) bots.delete(old)
    // Who is waiting with the old one is sent away.
    known.updates.refuse(new Fault(401, 'Unauthorized'))
    tokens.set(id, token)
    bots.set(token, known.end)
    changed()
  }

  function add({ token, username, name = 'Assistant' }: { token?: string; username?: string; name?: string } = {}): OtherBot {
    const id = token === undefined ? nextId++ : Number(token.split(':')[0])
    const handle = username ?? `assistant_${id}_bot`
    usernames.add(handle.toLowerCase())
    const user: User = { id, is_bot: true, first_name: name, username: handle }
    const world = new World(user)
    world.onChange(changed)
    const updates = new Updates(() => world.changed())
    const end = botEnd(world, updates, { foreign: true })
    ends.set(id, { end, updates })
    setToken(id, token ?? freshToken(id))
    const { person, viewOf } = createPeople(world, (kind, content) => void updates.push(kind, content))
    const met = new Map<number, Person>()
    const current = () => tokens.get(id) ?? ''
    return {
      user,
      token: current,
      revoke() {
        setToken(id, freshToken(id))
        return current()
      },
      knows(who) {
        const of = 'user' in who ? who.user : who
        const known = met.get(of.id) ?? person(of)
        met.set(of.id, known)
        return known
      },
      group(title = 'Others') {
        const chat = { id: nextGroup--, type: 'supergroup' as const, title, started: true, blocked: false, sentAt: [] }
        world.chats.set(chat.id, chat)
        return viewOf(chat)
      },
      calls: end.calls,
      isPolled: () => updates.isPolled,
      isPolledElsewhere(url) {
        const stop = new AbortController()
        const mine = current()
        const poll = async () => {
          while (!stop.signal.aborted) {
            const answer = await fetch(`${url}/bot${mine}/getUpdates`, {
              method: 'POST',
              headers: { 'content-type': 'application/json' },
              body: JSON.stringify({ timeout: 30 }),
              signal: stop.signal,
            }).catch(() => null)
            if (answer?.status === 401) return
            await new Promise((resolve) => setTimeout(resolve, 100))
          }
        }
        void poll()
        const end_ = () => stop.abort()
        stops.add(end_)
        return end_
      },
    }
  }

  const managed = (parameters: { user_id?: number | undefined }): number => {
    const id = parameters.user_id ?? 0
    if (!owners.has(id)) throw badRequest('BOT_INVALID')
    return id
  }

  return {
    add,

    opensNewBotLink(person: Person, link: string, changed_: { readonly username?: string } = {}): OtherBot {
      const url = new URL(link)
      const [, way, by, proposed = ''] = url.pathname.split('/')
      if (url.host !== 't.me' || way !== 'newbot' || by?.toLowerCase() !== manager.username?.toLowerCase())
        throw new Error(`Telegram does not know the link ${link}`)
      const username = changed_.username ?? proposed
      if (!managesBots) throw new Error('MANAGER_PERMISSION_MISSING')
      if (!/bot$/i.test(username)) throw new Error('USERNAME_SUFFIX_MISSING')
      if (!/^[a-z]\w{4,31}$/i.test(username)) throw new Error('USERNAME_INVALID')
      if (usernames.has(username.toLowerCase())) throw new Error('USERNAME_OCCUPIED')
      if ([...owners.values()].filter(({ id }) => id === person.user.id).length >= BOTS_PER_PERSON)
        throw new Error('BOT_CREATE_LIMIT_EXCEEDED')
      const bot = add({ username, name: url.searchParams.get('name') ?? username })
      owners.set(bot.user.id, person.user)
      push('managed_bot', { user: person.user, bot: bot.user })
      return bot
    },

    /** What only a bot with managed bots can do. */
    methods: {
      getMe: () => ({
        ...manager,
        can_join_groups: true,
        can_read_all_group_messages: false,
        supports_inline_queries: false,
        ...(managesBots && { can_manage_bots: true }),
      }),
      getManagedBotToken: ({ parameters }: { parameters: { user_id?: number | undefined } }) =>
        tokens.get(managed(parameters)) ?? '',
      replaceManagedBotToken: ({ parameters }: { parameters: { user_id?: number | undefined } }) => {
        const id = managed(parameters)
        setToken(id, freshToken(id))
        const owner = owners.get(id)
        const user = ends.get(id)?.end.world.bot
        if (owner && user) push('managed_bot', { user: owner, bot: user })
        return tokens.get(id) ?? ''
      },
    },

    close(): void {
      for (const stop of stops) stop()
      for (const { updates } of ends.values()) updates.deleteWebhook(true)
    },
  }
}
