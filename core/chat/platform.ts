import type { Capabilities } from './capabilities.ts'
import type { FittedMessage } from './fit.ts'
import type { Incoming } from './incoming.ts'
import type { Chart, Tone } from './view.ts'

/** One message for one chat, already in the reader's language and within the platform's limits. */
export type Outgoing = {
  readonly chatId: string
  readonly tone: Tone
  readonly message: FittedMessage
  /** Native message to edit instead of sending a new one. */
  readonly edit?: string
  /** Only this person may see it (capability `onlyYou: 'native'`). */
  readonly onlyFor?: string
  /** The same at every attempt at this message, and at no other message: for platforms that drop what they were sent before. */
  readonly key?: string
  /** The update this answers, by its `Incoming.acknowledgement`, where a platform takes an answer as part of the update. */
  readonly answers?: string
}

/** What became of a message. Only `retry-later` is tried again as it is. */
export type Delivery =
  /** `ref` identifies the native message for later edits. Editing to the same content counts as delivered. */
  | { readonly kind: 'delivered'; readonly ref: string }
  /** Rate limit or outage; the platform's own wait, or ours. */
  | { readonly kind: 'retry-later'; readonly afterSeconds: number; readonly reason: string }
  /** The message to edit was deleted or is too old: it is sent anew. */
  | { readonly kind: 'message-gone' }
  /** The person blocked us or the chat is no more: nothing can be delivered there. */
  | { readonly kind: 'chat-gone'; readonly reason: string }
  /** The platform refused the content: it is sent as plain text and reported. */
  | { readonly kind: 'refused'; readonly reason: string }

/** One argument of a command, for platforms that have a field for each. Their values, joined by a space, are what would be typed. */
export type CommandOption = {
  readonly name: 'assistant' | 'text'
  /** What it is called in the menu's language, where that differs. */
  readonly localName?: string
  readonly description: string
  readonly required: boolean
  /** The core can offer choices while it is being typed (`CoreLine.suggest`). */
  readonly suggests: boolean
}

export type CommandMenu = {
  readonly language: string
  readonly commands: readonly {
    readonly name: string
    /** What it is called in this language, where that differs; whoever types it is understood in any language. */
    readonly localName?: string
    readonly description: string
    readonly options?: readonly CommandOption[]
    /** Changes or costs something: hidden from plain members of a group by default, where the platform can. */
    readonly forAdmins?: boolean
    /** Its answer is for the asker's eyes alone: for platforms that have to say so before they know the answer. */
    readonly onlyYou?: boolean
  }[]
}

/** A choice for an argument that is being typed: what is shown and what is then sent. */
export type Suggestion = { readonly label: string; readonly value: string }

/** What else an adapter may tell or ask, where its platform has it. */
export type CoreLine = {
  /** We were taken out of a group. Resolves when it is stored. */
  groupLeft(groupId: string): Promise<void>
  /** Choices for an argument; answers within a few milliseconds or with none, and never throws. */
  suggest(asked: {
    readonly sender: Incoming['sender']
    readonly chat: Incoming['chat']
    readonly command: string
    readonly option: CommandOption['name']
    readonly typed: string
  }): Promise<readonly Suggestion[]>
}

export type PlatformHealth = { readonly ok: boolean; readonly detail: string }

/**
 * `receive` resolves as soon as the update is safely stored (it may be forgotten by the platform then);
 * the answer follows later through `deliver`.
 */
export type Receive = (incoming: Incoming) => Promise<void>

/** The port every chat platform implements; tests/contracts/platform.ts is its contract suite. */
export type ChatPlatform = {
  readonly name: string
  readonly capabilities: Capabilities
  start(receive: Receive, core?: CoreLine): Promise<void>
  stop(): Promise<void>
  deliver(outgoing: Outgoing): Promise<Delivery>
  /** Stops the button's spinner, with a short note if given. Never throws: a late acknowledgement is no failure. */
  acknowledge(incoming: Incoming, note?: string): Promise<void>
  /** Deletes a person's message (a pasted secret). False if the platform does not let us. */
  removeIncoming(incoming: Incoming): Promise<boolean>
  /** The private chat with a person, or null if the platform does not let us open one. */
  privateChat(userId: string): Promise<string | null>
  /** An address that opens the chat with us and says `/start payload` there; null if there is none. */
  link(payload: string): string | null
  /** What people call a role of a group of the platform's; null if it can't be told now. Only where groups have roles. */
  roleName?(groupId: string, roleId: string): Promise<string | null>
  publishCommands(menus: readonly CommandMenu[]): Promise<void>
  health(): PlatformHealth
}

/** Draws a chart as PNG, off the main thread. */
export type Draw = (chart: Chart) => Promise<Buffer>
