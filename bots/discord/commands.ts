import {
  type APIApplicationCommandBasicOption,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  type LocalizationMap,
  type RESTPostAPIChatInputApplicationCommandsJSONBody,
} from 'discord-api-types/v10'
import { z } from 'zod'
import { cutText } from '../../core/chat/cut.ts'
import type { CommandMenu } from '../../core/chat/platform.ts'
import type { Api } from './api.ts'
import { MANAGE_GUILD } from './payloads.ts'

const DESCRIPTION_MAX = 100
/** Of a text option; more is a file. */
const ARGUMENT_MAX = 6000

/** Our languages as Discord calls them. Others see the first menu's. */
const LOCALES: Readonly<Record<string, keyof LocalizationMap>> = { zh: 'zh-CN' }

type Body = RESTPostAPIChatInputApplicationCommandsJSONBody
type Command = CommandMenu['commands'][number]

/** The menus as one list of slash commands, with names and descriptions in every language. */
export function slashCommands(menus: readonly CommandMenu[]): Body[] {
  const [first, ...others] = menus
  if (!first) return []
  return first.commands.map((command) => {
    const elsewhere = others.flatMap(({ language, commands }) => {
      const locale = LOCALES[language]
      const same = commands.find(({ name }) => name === command.name)
      return locale && same ? [{ locale, command: same }] : []
    })
    const options = (command.options ?? []).map((option, index): APIApplicationCommandBasicOption => {
      const translated = elsewhere.flatMap(({ locale, command: { options: known } }) => {
        const same = known?.[index]
        return same ? [{ locale, ...same }] : []
      })
      return {
        type: ApplicationCommandOptionType.String,
        name: option.name,
        ...localized('name', translated.map(({ locale, localName }) => [locale, localName])),
        description: description(option),
        ...localized('description', translated.map((one) => [one.locale, description(one)])),
        required: option.required,
        // Discord lets a field offer choices or be long, not both.
        ...(option.suggests ? { autocomplete: true } : { max_length: ARGUMENT_MAX }),
      }
    })
    return {
      type: ApplicationCommandType.ChatInput,
      name: command.name,
      ...localized('name', elsewhere.map(({ locale, command: { localName } }) => [locale, localName])),
      description: description(command),
      ...localized('description', elsewhere.map((one) => [one.locale, description(one.command)])),
      ...(options.length > 0 && { options }),
      // Whoever runs the server can give a command to others, under Integrations.
      default_member_permissions: command.forAdmins ? MANAGE_GUILD.toString() : null,
      contexts: [InteractionContextType.Guild, InteractionContextType.BotDM],
      integration_types: [ApplicationIntegrationType.GuildInstall],
    }
  })
}

const description = ({ description: words }: Pick<Command, 'description'>): string => cutText(words, DESCRIPTION_MAX, 'utf16')

function localized<K extends 'name' | 'description'>(
  field: K,
  words: readonly (readonly [keyof LocalizationMap, string | undefined])[],
): { [F in K as `${F}_localizations`]?: LocalizationMap } {
  const known = words.filter(([, word]) => word !== undefined)
  if (known.length === 0) return {}
  return Object.fromEntries([[`${field}_localizations`, Object.fromEntries(known)]]) as { [F in K as `${F}_localizations`]?: LocalizationMap }
}

const Words = z.record(z.string(), z.string()).nullish().transform((words) => sorted(words ?? {}))
const Option = z.object({
  type: z.number(),
  name: z.string(),
  name_localizations: Words,
  description: z.string(),
  description_localizations: Words,
  required: z.boolean().default(false),
  autocomplete: z.boolean().default(false),
  max_length: z.number().nullish().transform((length) => length ?? null),
})
/** What is compared: the form Discord gives a command back in, without what it adds. */
const Comparable = z.array(
  z.object({
    type: z.number().default(ApplicationCommandType.ChatInput),
    name: z.string(),
    name_localizations: Words,
    description: z.string(),
    description_localizations: Words,
    options: z.array(Option).default([]),
    default_member_permissions: z.string().nullish().transform((permissions) => permissions ?? null),
    contexts: z.array(z.number()).nullish().transform((contexts) => [...(contexts ?? [])].sort()),
    integration_types: z.array(z.number()).nullish().transform((types) => [...(types ?? [])].sort()),
  }),
)

const sorted = (words: Record<string, string>) => Object.fromEntries(Object.entries(words).sort(([a], [b]) => (a < b ? -1 : 1)))

function comparable(commands: unknown): string | null {
  const parsed = Comparable.safeParse(commands)
  return parsed.success ? JSON.stringify([...parsed.data].sort((a, b) => (a.name < b.name ? -1 : 1))) : null
}

/**
 * Publishes the commands for every server and private chat at once. A list that is there already is not written again: Discord allows
 * few writes a day, and people's apps would load it anew.
 */
export async function publishCommands(api: Pick<Api, 'commands' | 'putCommands'>, menus: readonly CommandMenu[]): Promise<void> {
  const wanted = slashCommands(menus)
  const present = comparable(await api.commands())
  if (present === null || present !== comparable(wanted)) await api.putCommands(wanted)
}
