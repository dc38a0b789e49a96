import { createTelegram } from '../../../bots/telegram/index.ts'
import { type Harness, type HarnessPerson, platformContract, type Seen } from '../../contracts/platform.ts'
import { type BotApi, type ChatView, createBotApi, type Person, type SeenMessage } from '../../support/bot-api/index.ts'

type TelegramHarness = Harness & { readonly api: BotApi; readonly people: Map<string, Person> }

async function open(): Promise<TelegramHarness> {
  const api = await createBotApi()
  const people = new Map<string, Person>()
  const groups = new Map<string, ChatView>()

  return {
    api,
    people,
    create: async (parts) => createTelegram({ token: api.token, apiRoot: api.url, random: () => 0, ...parts }),
    async person(name) {
      const person = api.person({ name })
      people.set(`${person.user.id}`, person)
      return {
        userId: `${person.user.id}`,
        chatId: `${person.chat.id}`,
        says: async (text, group) => void person.sends(text, { in: groups.get(group?.chatId ?? '') ?? person.chat }),
        presses: async (label) => void person.presses(label),
        sees: (isWanted, what) =>
          api.until(() => {
            const messages = person.chat.messages().map(seen)
            return isWanted(messages) && messages
          }, what),
        seesToast: async (text) =>
          void (await api.until(() => person.toasts().some((toast) => toast.includes(text)), `a toast with ${text}`)),
      } satisfies HarnessPerson
    },
    async group() {
      const group = api.group()
      groups.set(`${group.id}`, group)
      return { chatId: `${group.id}`, address: `@${api.bot.username} ` }
    },
    menu: async (language) => (api.commands(language) ?? []).map(({ command, description }) => ({ name: command, description })),
    async close() {
      await api.close()
      if (api.violations.length > 0) throw new Error(`Against the Bot API:\n${api.violations.join('\n')}`)
    },
  }
}

const seen = (message: SeenMessage): Seen => ({
  text: message.text,
  buttons: message.buttons.map(({ text, url }) => ({ label: text, link: url ?? null })),
  picture: message.photo,
  file: message.document && { name: message.document.name, content: message.document.bytes.toString('utf8') },
  own: !message.fromBot,
})

platformContract<TelegramHarness>('Telegram', open, {
  redelivers: true,
  keepsWhileAway: true,
  deleteLastMessage: async ({ people }, { userId }) => {
    const person = people.get(userId)
    person?.deletes(person.chat.last()?.id ?? 0)
  },
  rateLimitNext: ({ api }, seconds) => api.rateLimitNext('sendMessage', seconds),
  block: async ({ people }, { userId }) => people.get(userId)?.blocks(),
  outageNext: ({ api }) => api.failNext('sendMessage', 'drop', 2), // the first only ends a kept connection, which is taken up anew,
})
