import { z } from 'zod'
import type { FormError } from './fault.ts'

/** Documented limits that the OpenAPI description does not contain. */
const COMMANDS_MAX = 100
const CHARACTERS_MAX = 8000
/** Letters of any script, digits, `-`, `_` and `'`; lower case where the script has it. */
const NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u
const CHAT_INPUT = 1

const Localized = z.record(z.string(), z.string())
const Choice = z.object({ name: z.string(), value: z.union([z.string(), z.number()]), name_localizations: Localized.optional() })
const Option = z.object({
  type: z.number(),
  name: z.string(),
  name_localizations: Localized.optional(),
  description: z.string(),
  description_localizations: Localized.optional(),
  required: z.boolean().optional(),
  autocomplete: z.boolean().optional(),
  choices: z.array(Choice).optional(),
  min_length: z.number().optional(),
  max_length: z.number().optional(),
  min_value: z.number().optional(),
  max_value: z.number().optional(),
})
export const CommandBody = z.object({
  id: z.string().optional(),
  type: z.number().optional(),
  name: z.string(),
  name_localizations: Localized.optional(),
  description: z.string().optional(),
  description_localizations: Localized.optional(),
  options: z.array(Option).optional(),
  default_member_permissions: z.union([z.string(), z.number()]).optional(),
  contexts: z.array(z.number()).optional(),
  integration_types: z.array(z.number()).optional(),
  nsfw: z.boolean().optional(),
})
export type CommandBody = z.infer<typeof CommandBody>
export type CommandOption = z.infer<typeof Option>

/** The languages Discord can be set to; another key in a localisation is refused. */
const LOCALES = new Set(
  'ar bg cs da de el en-GB en-US es-419 es-ES fi fr he hi hr hu id it ja ko lt nl no pl pt-BR ro ru sv-SE th tr uk vi zh-CN zh-TW'.split(
    ' ',
  ),
)

/** What is wrong with the list of commands, after the schema has judged each. */
export function commandErrors(commands: readonly CommandBody[]): readonly FormError[] {
  const errors: FormError[] = []
  if (commands.length > COMMANDS_MAX) {
    errors.push({ path: [], code: 'APPLICATION_COMMAND_TOO_MANY', message: `There may be ${COMMANDS_MAX} chat commands` })
  }
  const names = new Set<string>()
  for (const [index, command] of commands.entries()) {
    errors.push(...oneCommand(command, [index]))
    if (names.has(command.name)) {
      errors.push({
        path: [index, 'name'],
        code: 'APPLICATION_COMMANDS_DUPLICATE_NAME',
        message: 'Application command names must be unique',
      })
    }
    names.add(command.name)
  }
  return errors
}

function* oneCommand(command: CommandBody, path: readonly (string | number)[]): Iterable<FormError> {
  const { type = CHAT_INPUT, description = '', options = [] } = command
  if (type === CHAT_INPUT) {
    yield* nameErrors(command, path)
    if (description.trim() === '')
      yield { path: [...path, 'description'], code: 'BASE_TYPE_REQUIRED', message: 'This field is required' }
  } else if (description !== '') {
    yield {
      path: [...path, 'description'],
      code: 'APPLICATION_COMMAND_DESCRIPTION_NOT_ALLOWED',
      message: 'Context menus have no description',
    }
  }
  if (charactersOf(command).length > CHARACTERS_MAX) {
    yield { path, code: 'APPLICATION_COMMAND_TOO_LARGE', message: `Command exceeds maximum size (${CHARACTERS_MAX})` }
  }
  const seen = new Set<string>()
  for (const [index, option] of options.entries()) {
    const at = [...path, 'options', index]
    yield* nameErrors(option, at)
    if (seen.has(option.name)) {
      yield { path: [...at, 'name'], code: 'APPLICATION_COMMAND_OPTIONS_NAME_INVALID', message: 'Option names must be unique' }
    }
    seen.add(option.name)
    if (option.required && options.slice(0, index).some((before) => !before.required)) {
      yield {
        path: at,
        code: 'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
        message: 'Required options must be placed before non-required options',
      }
    }
    if (option.autocomplete && (option.choices?.length ?? 0) > 0) {
      yield {
        path: at,
        code: 'APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID',
        message: 'Autocomplete and choices are mutually exclusive',
      }
    }
  }
}

type Named = Pick<CommandOption, 'name' | 'name_localizations' | 'description_localizations'>

function* nameErrors(named: Named, path: readonly (string | number)[]): Iterable<FormError> {
  const { name, name_localizations: names = {}, description_localizations: descriptions = {} } = named
  const code = 'APPLICATION_COMMAND_INVALID_NAME'
  const isName = (text: string) => NAME.test(text) && text === text.toLowerCase()
  if (!isName(name)) yield { path: [...path, 'name'], code, message: 'Command name is invalid' }
  for (const [locale, text] of Object.entries(names)) {
    if (!isName(text)) yield { path: [...path, 'name_localizations', locale], code, message: 'Command name is invalid' }
  }
  for (const [field, texts] of Object.entries({ name_localizations: names, description_localizations: descriptions })) {
    for (const locale of Object.keys(texts)) {
      if (!LOCALES.has(locale))
        yield { path: [...path, field, locale], code: 'BASE_TYPE_CHOICES', message: 'Discord knows no such locale' }
    }
  }
}

/** What counts towards the size of a command: names, descriptions and values, of the longest language each. */
function charactersOf({ name, description, options = [] }: CommandBody): string {
  return [
    name,
    description ?? '',
    ...options.flatMap((one) => [one.name, one.description, ...(one.choices ?? []).map((choice) => choice.name)]),
  ].join('')
}
