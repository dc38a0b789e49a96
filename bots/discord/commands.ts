import {
  type APIApplicationCommandBasicOption,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  Locale,
  type LocalizationMap,
  type RESTPostAPIChatInputApplicationCommandsJSONBody,
} from 'discord-api-types/v10'
import { z } from 'zod'
import { cutText } from '../../core/chat/cut.ts'
import type { CommandMenu, CommandOption } from '../../core/chat/platform.ts'
import type { Api } from './api.ts'
import { MANAGE_GUILD } from './payloads.ts'

const DESCRIPTION_MAX = 100
/** Of a text option; more is a file. */
const ARGUMENT_MAX = 6000

/** Our languages as Discord calls them. Others see the first menu's. */
const LOCALES: Readonly<Record<string, Locale>> = { zh: Locale.ChineseCN }

type Body = RESTPostAPIChatInputApplicationCommandsJSONBody

/** The menus as one list of slash commands, with names and descriptions in every language. */
export function slashCommands(menus: readonly CommandMenu[]): Body[] {
  const [first, ...others] = menus
  if (!first) return []
  return first.commands.map((command) => {
    const elsewhere = others.flatMap(({ language, commands }) => {
      const locale = LOCALES[language]
      const same = commands.find(({ name }) => name === command.name)
      return locale && same ? [{ locale, ...same }] : []
    })
    const options = (command.options ?? []).map((option, index) =>
      slashOption(
        option,
        elsewhere.flatMap(({ locale, options: known }) => (known?.[index] ? [{ locale, ...known[index] }] : [])),
      ),
    )
    return {
      type: ApplicationCommandType.ChatInput,
      name: command.name,
      description: shortened(command),
      ...localizations(elsewhere),
      ...(options.length > 0 && { options }),
      // Whoever runs the server can give a command to others, under Integrations.
      default_member_permissions: command.forAdmins ? MANAGE_GUILD.toString() : null,
      contexts: [InteractionContextType.Guild, InteractionContextType.BotDM],
      integration_types: [ApplicationIntegrationType.GuildInstall],
    }
  })
}

type Named = { readonly localName?: string; readonly description: string }
type Translated = Named & { readonly locale: Locale }

const slashOption = (option: CommandOption, elsewhere: readonly Translated[]): APIApplicationCommandBasicOption => ({
  type: ApplicationCommandOptionType.String,
  name: option.name,
  description: shortened(option),
  ...localizations(elsewhere),
  required: option.required,
  ...(option.suggests ? { autocomplete: true } : { max_length: ARGUMENT_MAX }),
})

const shortened = ({ description }: Named): string => cutText(description, DESCRIPTION_MAX, 'utf16')

function localizations(elsewhere: readonly Translated[]) {
  const names: LocalizationMap = {}
  const descriptions: LocalizationMap = {}
  for (const one of elsewhere) {
    if (one.localName !== undefined) names[one.locale] = one.localName
    descriptions[one.locale] = shortened(one)
  }
  return {
    ...(Object.keys(names).length > 0 && { name_localizations: names }),
    ...(Object.keys(descriptions).length > 0 && { description_localizations: descriptions }),
  }
}

const Words = z
  .record(z.string(), z.string())
  .nullish()
  .transform((words) => sorted(words ?? {}))
const Option = z.object({
  type: z.number(),
  name: z.string(),
  name_localizations: Words,
  description: z.string(),
  description_localizations: Words,
  required: z.boolean().default(false),
  autocomplete: z.boolean().default(false),
  max_length: z
    .number()
    .nullish()
    .transform((length) => length ?? null),
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
    default_member_permissions: z
      .string()
      .nullish()
      .transform((permissions) => permissions ?? null),
    contexts: z
      .array(z.number())
      .nullish()
      .transform((contexts) => [...(contexts ?? [])].sort()),
    integration_types: z
      .array(z.number())
      .nullish()
      .transform((types) => [...(types ?? [])].sort()),
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
