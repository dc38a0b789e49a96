import type { BotApi, Person, SeenMessage } from '../support/bot-api/index.ts'
import type { Walker } from './walk.ts'

const textOf = (message: SeenMessage): string =>
  [message.text, ...message.rows.map((row) => row.map((button) => `[${button.text}]`).join(' '))].join('\n')

/** A person with a phone: what they do goes over the Bot API's wire. */
export function telegramWalker(_telegram: BotApi, person: Person): Walker {
  const fromBot = () => person.chat.messages().filter((message) => message.fromBot)

  /** The service answers over the network; a real OpenClaw needs up to minutes. */
  async function poll<T>(read: () => T | null | undefined, what: string, seconds: number): Promise<T> {
    const deadline = performance.now() + seconds * 1000
    for (;;) {
      const value = read()
      if (value !== null && value !== undefined) return value
      if (performance.now() > deadline)
        throw new Error(`not within ${seconds} s: ${what}. The chat shows:\n${fromBot().slice(-4).map(textOf).join('\n-----\n')}`)
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
  }

  const withButton = (label: string) =>
    fromBot().findLast((message) => message.buttons.some((button) => button.text.includes(label)))

  return {
    async say(text) {
      person.sends(text)
    },
    async press(label) {
      const message = await poll(() => withButton(label), `a button “${label}”`, 10)
      const button = message.buttons.find((candidate) => candidate.text.includes(label))
      person.presses(button?.text ?? label, { messageId: message.id })
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
        () => withButton(label)?.buttons.find((button) => button.text.includes(label) && button.url)?.url,
        `a link “${label}”`,
        10,
      ),
    picture: () => poll(() => fromBot().findLast((message) => message.photo)?.photo, 'a picture', 10),
    file: () =>
      poll(
        () =>
          fromBot()
            .findLast((message) => message.document)
            ?.document?.bytes.toString(),
        'a file',
        10,
      ),
    async handOver(secret) {
      person.sends(secret)
    },
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
