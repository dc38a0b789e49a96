import type { ChatPlatform, CommandMenu } from '../../../core/chat/platform.ts'
import { type Harness, type HarnessPerson, platformContract, type Seen } from '../../contracts/platform.ts'
import {
  createDiscord,
  type Discord,
  type DiscordGuild,
  type DiscordPerson,
  type SeenMessage,
} from '../../support/discord/index.ts'
import { connect, privateChannel } from './support.ts'

type DiscordHarness = Harness & { readonly discord: Discord; readonly people: Map<string, DiscordPerson> }

const seen = (message: SeenMessage): Seen => ({
  text: message.text,
  buttons: message.buttons.map(({ label, url }) => ({ label, link: url })),
  picture: message.picture,
  file: message.file,
  own: !message.fromBot,
})

async function open(over: 'gateway' | 'http'): Promise<DiscordHarness> {
  const discord = await createDiscord()
  const people = new Map<string, DiscordPerson>()
  const guilds = new Map<string, DiscordGuild>()
  const closing: (() => Promise<void>)[] = []
  const acts: Promise<unknown>[] = []
  // Nobody waits for what the bot makes of it: the core of these tests answers when it is told to.
  const act = (deed: Promise<unknown>) => void acts.push(deed)

  /** Over HTTP only commands, buttons and forms arrive: words are said behind a command. */
  function command(person: DiscordPerson, text: string, guild: DiscordGuild | undefined): Promise<unknown> {
    const [, name = 'ask', argument = ''] = /^\/(\w+)\s*(.*)$/.exec(text) ?? [undefined, 'ask', text]
    return person.command(name.toLowerCase(), argument === '' ? {} : { text: argument }, guild)
  }

  return {
    discord,
    people,
    async create(parts) {
      // Discord signs with the time it is.
      const clock = over === 'http' ? { now: () => new Date() } : parts.clock
      const { platform, close } = await connect(discord, { ...parts, clock, over })
      closing.push(close)
      return over === 'http' ? withCommands(platform) : platform
    },
    async person(name) {
      const person = discord.person({ name })
      people.set(person.id, person)
      return {
        userId: person.id,
        chatId: await privateChannel(discord, person.id),
        async says(text, group) {
          const guild = guilds.get(group?.chatId ?? '')
          if (over === 'http') act(command(person, text, guild))
          else person.says(text, guild, { mention: guild !== undefined })
        },
        presses: async (label) => act(person.presses(label)),
        sees: (isWanted, what) =>
          discord.until(() => {
            const messages = person
              .dm()
              .messages()
              .filter(({ deferred }) => !deferred)
              .map(seen)
            return isWanted(messages) && messages
          }, what),
        seesToast: async (text) => {
          const isToast = (message: SeenMessage) => message.ephemeral && message.text.includes(text)
          await discord.until(() => person.dm().messages().some(isToast), `a note with ${text}`)
        },
      } satisfies HarnessPerson
    },
    async group() {
      const guild = discord.guild()
      guilds.set(guild.channelId, guild)
      return { chatId: guild.channelId, address: '' }
    },
    ...(over === 'http' && { arrivesAs: (text) => ({ kind: 'command', name: 'ask', argument: text }) }),
    menu: async (language) =>
      discord.commands(language === 'zh' ? 'zh-CN' : 'en').map(({ name, description }) => ({ name, description })),
    async close() {
      for (const close of closing) await close()
      await discord.close()
      await Promise.all(acts)
      if (discord.violations.length > 0) throw new Error(`Against Discord's rules:\n${discord.violations.join('\n')}`)
    },
  }
}

/** A person can only send what is published. */
function withCommands(platform: ChatPlatform): ChatPlatform {
  const text = { name: 'text', description: 'Anything', required: false, suggests: false } as const
  const commands = ['start', 'ask', 'model', 'usage'].map((name) => ({ name, description: name, options: [text] }))
  const menus: CommandMenu[] = [{ language: 'en', commands }]
  return {
    ...platform,
    async start(...args) {
      await platform.start(...args)
      await platform.publishCommands(menus)
    },
  }
}

for (const over of ['gateway', 'http'] as const) {
  platformContract<DiscordHarness>(`Discord over ${over === 'http' ? 'signed HTTP' : 'the gateway'}`, () => open(over), {
    redelivers: true,
    keepsWhileAway: false,
    deleteLastMessage: async ({ people }, { userId }) => {
      const person = people.get(userId)
      person?.deletes(person.dm().last()?.id ?? '')
    },
    rateLimitNext: ({ discord }, seconds) => discord.rateLimitNext('send', seconds),
    enforcesWait: true,
    block: async ({ people }, { userId }) => people.get(userId)?.blocksDms(),
    outageNext: ({ discord }) => discord.failNext('send', 'drop'),
  })
}
