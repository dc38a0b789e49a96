import type { Role } from '../access/index.ts'
import type { ChatContext, Reply } from '../chat/reply.ts'
import type { InstanceSummary } from '../chat/store.ts'
import type { JsonObject } from '../chat/view.ts'
import type { Language } from '../i18n/index.ts'

export type CommandInput = {
  /** What was typed behind the command, trimmed; without the instance's name if that was resolved. */
  readonly argument: string
}

/** What a button of this command does. Its full name is `<command>.<action>`. */
export type Action = {
  readonly needs: Role
  run(context: ChatContext, args: JsonObject): Promise<Reply>
  /** What a second press of a one-time button, or a late one, shows instead of running. */
  redraw?(context: ChatContext, args: JsonObject): Promise<Reply>
}

type Common = {
  readonly name: string
  /** What it is called in a language, where that differs; typed, it is understood in every language. */
  readonly localNames?: Readonly<Partial<Record<Language, string>>>
  /** Fluent id of its line in the menu and in /help; null keeps it out of both. */
  readonly description: string | null
  /** Least role in the workspace. */
  readonly needs: Role
  /** Its answer is for the asker alone; the views say so themselves, this is for who must know before. */
  readonly onlyYou?: boolean
  /** What may be typed behind the command (and the instance), for platforms that have a field for it. */
  readonly option?: {
    /** Fluent id. */
    readonly description: string
    /** There are choices to offer while it is typed (suggest.ts). */
    readonly suggests?: boolean
  }
  readonly actions?: Readonly<Record<string, Action>>
}

export type Command =
  | (Common & { readonly argument: 'none' | 'text'; run(context: ChatContext, input: CommandInput): Promise<Reply> })
  /** The instance is resolved by name, asked for when there are several, and an empty workspace is told how to begin. */
  | (Common & {
      readonly argument: 'instance' | 'instance-and-text'
      run(context: ChatContext & { readonly instance: InstanceSummary }, input: CommandInput): Promise<Reply>
    })

export const command = <C extends Command>(definition: C): C => definition
