import type { Capabilities } from '../../core/chat/capabilities.ts'
import type { FittedMessage } from '../../core/chat/fit.ts'
import type { Incoming } from '../../core/chat/incoming.ts'
import type { ChatPlatform, Delivery, Outgoing } from '../../core/chat/platform.ts'

/** Roomy, so that tests read like the views they draw. */
export const ROOMY: Capabilities = {
  text: { max: 4000, captionMax: 1000, unit: 'utf16' },
  buttons: { perRow: 3, rows: 20, labelMax: 60, tokenMaxBytes: 64 },
  select: null,
  form: null,
  maskedInput: false,
  image: true,
  file: true,
  edit: { seconds: null },
  onlyYou: 'private-chat',
  toast: { max: 200 },
  canDeleteIncoming: 'everywhere',
  pace: { secondsPerMessage: 0.001, burst: 100 },
}

export type ShownMessage = { readonly ref: string; readonly chatId: string; message: FittedMessage; edits: number }

/** A chat platform in memory: a real implementation of the port for tests of what is behind it. */
export function createMemoryPlatform(name = 'memory', capabilities: Capabilities = ROOMY) {
  const messages: ShownMessage[] = []
  const delivered: Outgoing[] = []
  const toasts: string[] = []
  const removed: Incoming[] = []
  const answers: Delivery[] = []
  let counter = 0
  let updates = 0

  const platform: ChatPlatform = {
    name,
    capabilities,
    async start() {},
    async stop() {},
    async deliver(outgoing: Outgoing): Promise<Delivery> {
      delivered.push(outgoing)
      const forced = answers.shift()
      if (forced && forced.kind !== 'delivered') return forced
      const old = outgoing.edit === undefined ? undefined : messages.find((message) => message.ref === outgoing.edit)
      if (outgoing.edit !== undefined && !old) return { kind: 'message-gone' }
      if (old) {
        old.message = outgoing.message
        old.edits += 1
        return { kind: 'delivered', ref: old.ref }
      }
      const ref = String(++counter)
      messages.push({ ref, chatId: outgoing.chatId, message: outgoing.message, edits: 0 })
      return { kind: 'delivered', ref }
    },
    async acknowledge(_incoming, note) {
      if (note !== undefined) toasts.push(note)
    },
    async removeIncoming(incoming) {
      removed.push(incoming)
      return true
    },
    privateChat: async (userId) => `private:${userId}`,
    link: () => null,
    async publishCommands() {},
    health: () => ({ ok: true, detail: 'in memory' }),
  }

  const base = (user: string, chat: Incoming['chat']): Omit<Incoming, 'content'> => ({
    platform: name,
    updateKey: `update-${++updates}`,
    chat,
    sender: { id: user, name: user, locale: 'en' },
    at: 0,
  })
  const privately = (user: string): Incoming['chat'] => ({ id: `private:${user}`, kind: 'private' })

  return {
    platform,
    messages,
    /** Every message handed over, in order, whatever became of it. */
    delivered,
    toasts,
    removed,
    /** What the next deliveries answer instead of succeeding. */
    answers,
    says(user: string, text: string, chat = privately(user)): Incoming {
      const command = /^\/([\p{L}\p{N}_]+)\s*([\s\S]*)$/u.exec(text)
      const content: Incoming['content'] = command
        ? { kind: 'command', name: (command[1] ?? '').toLowerCase(), argument: command[2] ?? '' }
        : { kind: 'text', text }
      return { ...base(user, chat), content }
    },
    /** A press of the button with this label on a message (the newest that has it). */
    presses(user: string, label: string, chat = privately(user)): Incoming {
      const shown = [...messages]
        .reverse()
        .find((message) => message.chatId === chat.id && tokenOf(message.message, label) !== null)
      if (!shown)
        throw new Error(
          `no button “${label}” in ${chat.id}; the chat shows:\n${messages.map((message) => textOf(message.message)).join('\n---\n')}`,
        )
      return {
        ...base(user, chat),
        acknowledgement: `ack-${updates}`,
        content: { kind: 'press', token: tokenOf(shown.message, label) ?? '', messageRef: shown.ref },
      }
    },
    /** Fills in the newest form of a chat and sends it. */
    fillsIn(user: string, values: Record<string, string>, chat = privately(user)): Incoming {
      const shown = messages.findLast(({ chatId, message }) => chatId === chat.id && message.form)
      if (!shown?.message.form) throw new Error(`no form in ${chat.id}`)
      const content: Incoming['content'] = { kind: 'form', token: shown.message.form.token, values, messageRef: shown.ref }
      return { ...base(user, chat), acknowledgement: `ack-${updates}`, content }
    },
    last(chatId?: string): ShownMessage {
      const found = messages.filter((message) => chatId === undefined || message.chatId === chatId).at(-1)
      if (!found) throw new Error('nothing was shown')
      return found
    },
  }
}

function tokenOf(message: FittedMessage, label: string): string | null {
  for (const button of message.rows.flat()) if ('token' in button && button.label.includes(label)) return button.token
  for (const option of message.selects.flatMap((select) => select.options)) if (option.label.includes(label)) return option.token
  return null
}

/** A message as one would read it aloud; buttons in brackets. */
export function textOf(message: FittedMessage): string {
  const lines = message.blocks.map((block) => {
    switch (block.kind) {
      case 'fields':
        return block.items.map((item) => `${item.label}: ${item.value}`).join('\n')
      case 'bar':
        return block.caption
      case 'progress':
        return block.steps.map((step) => `${step.state} ${step.label}`).join('\n')
      case 'divider':
        return '---'
      default:
        return block.text
    }
  })
  const buttons = message.rows.map((row) => row.map((button) => `[${button.label}]`).join(' '))
  return [...lines, ...buttons].join('\n')
}
