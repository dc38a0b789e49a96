import { z } from 'zod'
import { CommandBody as Body, type CommandBody, type CommandOption, commandErrors } from './command-rules.ts'
import { withoutNulls } from './components.ts'
import { invalidForm } from './fault.ts'
import { isAdministrator, type World } from './world.ts'

export type Command = CommandBody & { readonly id: string; readonly version: string }
/** What a person sees while typing `/`. */
export type SeenCommand = {
  readonly name: string
  readonly description: string
  readonly options: readonly {
    readonly name: string
    readonly description: string
    readonly required: boolean
    readonly autocomplete: boolean
  }[]
  readonly defaultMemberPermissions: string | null
  readonly contexts: readonly number[] | null
}

const STRING = 3
const INTEGER = 4
const BOOLEAN = 5

/** The app's global commands. */
export function createCommands(world: World) {
  let commands: readonly Command[] = []
  let writes = 0

  const native = (command: Command, withLocalizations: boolean) => {
    const named = <T extends Pick<CommandOption, 'name_localizations' | 'description_localizations'>>(one: T) => {
      const { name_localizations: names, description_localizations: descriptions, ...rest } = one
      if (!withLocalizations) return rest
      return { ...rest, name_localizations: names ?? null, description_localizations: descriptions ?? null }
    }
    const { options, ...rest } = command
    return {
      ...named(rest),
      type: command.type ?? 1,
      description: command.description ?? '',
      application_id: world.applicationId,
      default_member_permissions: command.default_member_permissions?.toString() ?? null,
      contexts: command.contexts ?? null,
      integration_types: command.integration_types ?? [0],
      dm_permission: !command.contexts || command.contexts.includes(1),
      nsfw: false,
      // Discord leaves out what is false anyway.
      ...(options?.length && {
        options: options.map(({ required, ...option }) => ({ ...named(option), ...(required && { required }) })),
      }),
    }
  }

  return {
    list: (withLocalizations: boolean) => commands.map((command) => native(command, withLocalizations)),
    all: () => commands,
    writes: () => writes,

    /** The whole list anew; a command that had the name keeps its id. */
    put(raw: unknown) {
      const bodies = z.array(Body).parse(withoutNulls(raw))
      const errors = commandErrors(bodies)
      if (errors.length > 0) throw invalidForm(errors)
      writes += 1
      commands = bodies.map((body) => ({
        ...body,
        id: commands.find(({ name }) => name === body.name)?.id ?? world.ids.next(),
        version: world.ids.next(),
      }))
      world.changed()
      return commands.map((command) => native(command, true))
    },

    seen(locale: string): readonly SeenCommand[] {
      return commands.map(
        ({ name, name_localizations: names, description = '', description_localizations: descriptions, ...rest }) => ({
          name: names?.[locale] ?? name,
          description: descriptions?.[locale] ?? description,
          options: (rest.options ?? []).map((option) => ({
            name: option.name_localizations?.[locale] ?? option.name,
            description: option.description_localizations?.[locale] ?? option.description,
            required: option.required ?? false,
            autocomplete: option.autocomplete ?? false,
          })),
          defaultMemberPermissions: rest.default_member_permissions?.toString() ?? null,
          contexts: rest.contexts ?? null,
        }),
      )
    },
  }
}
export type Commands = ReturnType<typeof createCommands>

/** Where somebody types: the language of their app, and in a guild what they may do there. */
export type Typing = { readonly locale: string; readonly permissions: bigint | null }

/** Finds the command as a person's app would offer it, or throws why it does not. */
export function offered(commands: readonly Command[], name: string, { locale, permissions }: Typing): Command {
  const command = commands.find((one) => one.name === name || one.name_localizations?.[locale] === name)
  if (!command) {
    throw new Error(`There is no command /${name}; there are: ${commands.map((one) => `/${one.name}`).join(' ') || 'none'}`)
  }
  const context = permissions === null ? 1 : 0
  if (command.contexts && !command.contexts.includes(context)) {
    throw new Error(`/${name} is not offered ${permissions === null ? 'in private chats' : 'in servers'}`)
  }
  const needed = command.default_member_permissions
  if (permissions !== null && needed !== undefined && !isAdministrator(permissions)) {
    const wanted = BigInt(needed)
    if (wanted === 0n || (permissions & wanted) !== wanted) throw new Error(`/${name} is hidden from this member`)
  }
  return command
}

/** The options as an interaction carries them; throws what the app would not let a person send. */
export function filledIn(command: Command, args: Readonly<Record<string, string>>, locale: string) {
  const options = command.options ?? []
  const optionOf = (name: string) => options.find((one) => one.name === name || one.name_localizations?.[locale] === name)
  const unknown = Object.keys(args).find((name) => !optionOf(name))
  if (unknown !== undefined) throw new Error(`/${command.name} has no option ${unknown}`)
  return options.flatMap((option) => {
    const given = Object.entries(args).find(([name]) => optionOf(name) === option)?.[1]
    if (given === undefined) {
      if (option.required) throw new Error(`/${command.name} can’t be sent without ${option.name}`)
      return []
    }
    return [{ name: option.name, type: option.type, value: optionValue(command, option, given) }]
  })
}

/** What is being typed, with the option the cursor is in marked. */
export function typed(command: Command, name: string, text: string, locale: string) {
  const option = command.options?.find((one) => one.name === name || one.name_localizations?.[locale] === name)
  if (!option?.autocomplete) throw new Error(`/${command.name} offers nothing while ${name} is typed`)
  return [{ name: option.name, type: option.type, value: text, focused: true }]
}

function optionValue(command: Command, option: CommandOption, given: string): string | number | boolean {
  const bad = (why: string) => new Error(`/${command.name} ${option.name}:${given} can’t be sent: ${why}`)
  const { choices = [], min_length: min = 0, max_length: max = 6000 } = option
  const choice = choices.find(({ name, value }) => name === given || value === given)
  if (choices.length > 0 && !choice) throw bad('it is no choice')
  if (choice) return choice.value
  if (option.type === STRING) {
    if (given.length < min || given.length > max) throw bad(`its length is not ${min} to ${max}`)
    return given
  }
  if (option.type === BOOLEAN) return given === 'true'
  if (option.type !== INTEGER) return given
  if (!/^-?\d+$/.test(given)) throw bad('it is no number')
  return Number(given)
}
