import type { Discord, DiscordGuild, DiscordPerson, SeenMessage } from '../support/discord/index.ts'
import type { Walker } from './walk.ts'

const textOf = (message: SeenMessage): string =>
  [
    message.text,
    ...message.selects.flatMap(({ placeholder, options }) => [
      placeholder,
      ...options.map(({ label, description = '' }) => `(${label} ${description})`),
    ]),
    message.buttons.map(({ label }) => `[${label}]`).join(' '),
  ].join('\n')

/** Buttons that open a form are told apart by their pencil. */
const OPENS_FORM = '✏️'

/**
 * A person in a Discord server (or, without one, in the private chat), who does what the app lets them: commands with fields, buttons,
 * lists and forms. What others would type goes into a form, because a bot is not shown what is merely typed in a server.
 */
export function discordWalker(discord: Discord, person: DiscordPerson, guild?: DiscordGuild): Walker {
  const view = () => (guild ? person.in(guild) : person.dm())
  const fromBot = () =>
    view()
      .messages()
      .filter(({ fromBot: isBot, deferred }) => isBot && !deferred)
  const where = guild ? { guild } : {}

  /** The service answers over the network; a real OpenClaw needs up to minutes. */
  async function poll<T>(read: () => T | null | undefined, what: string, seconds: number): Promise<T> {
    const deadline = performance.now() + seconds * 1000
    for (;;) {
      const value = read()
      if (value !== null && value !== undefined) return value
      if (performance.now() > deadline)
        throw new Error(
          `not within ${seconds} s: ${what}. Broken rules: ${discord.violations.join('; ') || 'none'}. The chat shows:\n${fromBot().slice(-4).map(textOf).join('\n-----\n')}`,
        )
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
  }

  async function fillIn(words: string): Promise<void> {
    const opener = await poll(
      () => {
        const message = fromBot().findLast(({ buttons }) => buttons.some(({ label }) => label.startsWith(OPENS_FORM)))
        const button = message?.buttons.find(({ label }) => label.startsWith(OPENS_FORM))
        return message && button && { messageId: message.id, label: button.label }
      },
      'a form',
      10,
    )
    const { kind } = await person.presses(opener.label, { messageId: opener.messageId, ...where })
    if (kind !== 'modal') throw new Error(`“${opener.label}” was answered with ${kind}, not with a form`)
    const input = person.modal?.inputs[0]
    await person.submits({ [input?.customId ?? '']: words })
  }

  return {
    async say(text) {
      const [, name, argument = ''] = /^\/(\w+)\s*(.*)$/.exec(text) ?? []
      if (name === undefined) return fillIn(text)
      await poll(() => discord.commands().find((one) => one.name === name), `the command /${name}`, 30)
      const { kind } = await person.command(name, argument === '' ? {} : { text: argument }, guild)
      if (kind === 'none') throw new Error(`/${name} had no answer in time`)
    },
    async press(label) {
      const found = await poll(
        () => {
          for (const { id, buttons, selects } of fromBot().toReversed()) {
            const button = buttons.find((one) => one.label.includes(label))
            if (button) return { press: true, messageId: id, label: button.label }
            const option = selects.flatMap(({ options }) => options).find((one) => one.label.includes(label))
            if (option) return { press: false, messageId: id, label: option.label }
          }
          return null
        },
        `a button or an option “${label}”`,
        10,
      )
      const at = { messageId: found.messageId, ...where }
      const { kind } = await (found.press ? person.presses(found.label, at) : person.selects(found.label, at))
      if (kind === 'none') throw new Error(`“${label}” had no answer in time`)
    },
    until: (pattern, seconds = 15) =>
      poll(
        () => {
          const found = fromBot()
            .slice(-2)
            .findLast((message) => pattern.test(textOf(message)))
          return found && textOf(found)
        },
        `${pattern}`,
        seconds,
      ),
    link: (label) =>
      poll(
        () =>
          fromBot()
            .flatMap(({ buttons }) => buttons)
            .findLast((button) => button.label.includes(label) && button.url)?.url,
        `a link “${label}”`,
        10,
      ),
    picture: () => poll(() => fromBot().findLast(({ picture }) => picture)?.picture, 'a picture', 10),
    file: () => poll(() => fromBot().findLast(({ file }) => file)?.file?.content, 'a file', 10),
    handOver: fillIn,
    async capture() {},
    async pay(url, card) {
      const page = await fetch(url)
      if (!page.ok) throw new Error(`the checkout page answers ${page.status}`)
      const paid = await fetch(url, {
        method: 'POST',
        body: new URLSearchParams({ card_number: card, expiry: '12 / 34', cvc: '123' }),
      })
      if (paid.status >= 500) throw new Error(`the checkout page answers ${paid.status}: ${await paid.text()}`)
    },
  }
}
