import type { Feishu, FeishuGroup, FeishuPerson, SeenMessage } from '../support/feishu/index.ts'
import type { Walker } from './walk.ts'

const labelsOf = (message: SeenMessage): string[] => [
  ...message.buttons.map(({ label }) => label),
  ...message.selects.flatMap(({ options }) => options.map(({ label }) => label)),
]
const textOf = (message: SeenMessage): string => [message.text, ...labelsOf(message).map((label) => `[${label}]`)].join('\n')

/** A member of a group: what they do goes over Feishu's wire. Where a card asks in a form, they fill it in. */
export function feishuWalker(feishu: Feishu, person: FeishuPerson, group: FeishuGroup): Walker {
  const inGroup = () =>
    person
      .in(group)
      .messages()
      .filter(({ fromBot }) => fromBot)
  const inPrivate = () =>
    person
      .chat()
      .messages()
      .filter(({ fromBot }) => fromBot)

  async function poll<T>(read: () => T | null | undefined, what: string, seconds: number): Promise<T> {
    const deadline = performance.now() + seconds * 1000
    for (;;) {
      const value = read()
      if (value !== null && value !== undefined) return value
      if (performance.now() > deadline) {
        const shown = [...inGroup().slice(-4), ...inPrivate().slice(-1)].map(textOf).join('\n-----\n')
        throw new Error(
          `not within ${seconds} s: ${what}. Feishu shows:\n${shown}\nagainst its rules: ${feishu.violations.join('; ')}`,
        )
      }
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
  }

  const withLabel = (label: string) => inGroup().findLast((message) => labelsOf(message).some((one) => one.includes(label)))

  async function react(reaction: Promise<{ readonly error: string | null }>): Promise<void> {
    const { error } = await reaction
    if (error !== null) throw new Error(`a press failed: ${error}`)
  }

  return {
    async say(text) {
      const form = inGroup().at(-1)
      const field = form?.inputs[0]
      if (form && field && !text.startsWith('/'))
        return react(person.submits({ [field.name]: text }, { group, messageId: form.id }))
      await person.says(text, group)
    },
    async press(label) {
      const message = await poll(() => withLabel(label), `a button or option “${label}”`, 10)
      const where = { group, messageId: message.id }
      const button = message.buttons.find((one) => one.label.includes(label))
      const option = message.selects.flatMap(({ options }) => options).find((one) => one.label.includes(label))
      await react(button ? person.presses(button.label, where) : person.selects(option?.label ?? label, where))
    },
    until: (pattern, seconds = 15) =>
      poll(
        () => {
          const found = inGroup()
            .slice(-2)
            .findLast((message) => pattern.test(textOf(message)))
          return found && textOf(found)
        },
        `${pattern}`,
        seconds,
      ),
    link: (label) =>
      poll(
        () => withLabel(label)?.buttons.find((button) => button.label.includes(label) && button.url)?.url,
        `a link “${label}”`,
        10,
      ),
    picture: () => poll(() => inGroup().findLast(({ picture }) => picture)?.picture, 'a picture', 10),
    // A log is for the eyes of whoever asked.
    file: () => poll(() => inPrivate().findLast(({ file }) => file)?.file?.content, 'a file', 10),
    async handOver(secret) {
      const form = await poll(
        () => inGroup().findLast(({ inputs }) => inputs.some(({ name }) => name === 'secret')),
        'a secret field',
        10,
      )
      await react(person.submits({ secret }, { group, messageId: form.id }))
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
