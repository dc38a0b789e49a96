import {
  attachmentName,
  type Component,
  type Embed,
  Flag,
  has,
  Kind,
  LINK_STYLE,
  mediaOf,
  PREMIUM_STYLE,
  SELECTS,
  walk,
} from './components.ts'
import type { FormError } from './fault.ts'

/** Documented limits that the OpenAPI description does not contain. Lengths in UTF-16 units. */
const CONTENT_MAX = 2000
const ROWS_MAX = 5
const ROW_WIDTH = 5
const SELECT_WIDTH = 5
const COMPONENTS_MAX = 40
const COMPONENTS_TEXT_MAX = 4000
const EMBEDS_TEXT_MAX = 6000

export type Draft = {
  readonly content: string
  readonly embeds: readonly Embed[]
  readonly components: readonly Component[]
  readonly flags: number
  readonly fileNames: readonly string[]
}

/** What is wrong with a message as a whole, after the schema has judged its parts. */
export function messageErrors(draft: Draft): readonly FormError[] {
  const { content, embeds, components, flags } = draft
  const errors: FormError[] = []
  if (content.length > CONTENT_MAX) {
    errors.push({ path: ['content'], code: 'BASE_TYPE_MAX_LENGTH', message: `Must be ${CONTENT_MAX} or fewer in length.` })
  }
  const embedText = embeds.reduce((sum, embed) => sum + textOf(embed), 0)
  if (embedText > EMBEDS_TEXT_MAX) {
    errors.push({
      path: ['embeds'],
      code: 'MAX_EMBED_SIZE_EXCEEDED',
      message: `Embed size exceeds maximum size of ${EMBEDS_TEXT_MAX}`,
    })
  }
  errors.push(...(has(flags, Flag.componentsV2) ? componentsV2Errors(draft) : legacyErrors(components)))
  for (const { component, path } of walk(components)) {
    if (component.type === Kind.row) errors.push(...rowErrors(component, path))
    if (component.type === Kind.button) errors.push(...buttonErrors(component, path))
    if (SELECTS.includes(component.type)) errors.push(...selectErrors(component, path))
  }
  return [...errors, ...duplicates(components)]
}

function legacyErrors(components: readonly Component[]): readonly FormError[] {
  const errors: FormError[] = components.flatMap(({ type }, index) =>
    type === Kind.row
      ? []
      : [
          {
            path: ['components', index, 'type'],
            code: 'BASE_TYPE_CHOICES',
            message: 'Value of field "type" must be one of (1,).',
          },
        ],
  )
  if (components.length <= ROWS_MAX) return errors
  return [
    ...errors,
    { path: ['components'], code: 'BASE_TYPE_BAD_LENGTH', message: `Must be between 1 and ${ROWS_MAX} in length.` },
  ]
}

function componentsV2Errors({ content, embeds, components, fileNames }: Draft): readonly FormError[] {
  const errors: FormError[] = []
  const legacy = (field: string) =>
    errors.push({
      path: [field],
      code: 'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
      message: `The '${field}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2`,
    })
  if (content !== '') legacy('content')
  if (embeds.length > 0) legacy('embeds')
  const all = [...walk(components)]
  if (all.length > COMPONENTS_MAX) {
    errors.push({
      path: ['components'],
      code: 'COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED',
      message: `The maximum number of components in a message is ${COMPONENTS_MAX}`,
    })
  }
  const text = all.reduce((sum, { component }) => sum + (component.content?.length ?? 0), 0)
  if (text > COMPONENTS_TEXT_MAX) {
    errors.push({
      path: ['components'],
      code: 'COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED',
      message: `The total amount of displayable text exceeds the maximum size of ${COMPONENTS_TEXT_MAX}`,
    })
  }
  for (const { component, path } of all) {
    for (const url of mediaOf(component)) {
      const name = attachmentName(url)
      if (name !== undefined && !fileNames.includes(name)) {
        errors.push({
          path,
          code: 'UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND',
          message: `The referenced attachment "${name}" was not found; there are: ${fileNames.join(', ') || 'none'}`,
        })
      }
    }
  }
  return errors
}

function rowErrors({ components = [] }: Component, path: readonly (string | number)[]): readonly FormError[] {
  const width = components.reduce((sum, { type }) => sum + (SELECTS.includes(type) ? SELECT_WIDTH : 1), 0)
  if (width <= ROW_WIDTH) return []
  const message = `The specified component exceeds the maximum width of ${ROW_WIDTH}`
  return [{ path: [...path, 'components'], code: 'COMPONENT_LAYOUT_WIDTH_EXCEEDED', message }]
}

function buttonErrors(button: Component, path: readonly (string | number)[]): readonly FormError[] {
  const { style, custom_id: id, url, label, emoji } = button
  const errors: FormError[] = []
  const wrong = (field: string, code: string, message: string) => errors.push({ path: [...path, field], code, message })
  if (style === LINK_STYLE) {
    if (!url) wrong('url', 'BUTTON_COMPONENT_URL_REQUIRED', 'A url is required')
    else if (!/^(https?|discord):\/\/[^\s]+$/i.test(url))
      wrong('url', 'URL_TYPE_INVALID_SCHEME', 'Scheme must be http, https or discord')
    if (id)
      wrong('custom_id', 'BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE', 'A custom id and url cannot both be specified')
  } else if (style !== PREMIUM_STYLE) {
    if (!id) wrong('custom_id', 'BUTTON_COMPONENT_CUSTOM_ID_REQUIRED', 'A custom id is required')
    if (url) wrong('url', 'BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE', 'A custom id and url cannot both be specified')
  }
  if (!label?.trim() && !emoji) wrong('label', 'BUTTON_COMPONENT_INVALID_LABEL', 'A label or emoji is required')
  if (emoji && !isEmoji(emoji)) wrong('emoji', 'COMPONENT_INVALID_EMOJI', 'Invalid emoji')
  return errors
}

export function selectErrors(select: Component, path: readonly (string | number)[]): readonly FormError[] {
  const { options = [], min_values: min = 1, max_values: max = 1 } = select
  const errors: FormError[] = []
  const wrong = (field: string, code: string, message: string) => errors.push({ path: [...path, field], code, message })
  if (min > max) wrong('min_values', 'SELECT_COMPONENT_MIN_VALUES_TOO_LARGE', 'Minimum values exceeds maximum values')
  if (select.type !== Kind.stringSelect) return errors
  if (max > options.length) wrong('max_values', 'SELECT_COMPONENT_MAX_VALUES_TOO_LARGE', 'There are fewer options than that')
  if (options.filter((option) => option.default).length > max) {
    wrong('options', 'SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES', 'More options are chosen by default than may be')
  }
  const seen = new Set<string>()
  for (const [index, { value, emoji }] of options.entries()) {
    const at = [...path, 'options', index]
    if (seen.has(value)) {
      errors.push({
        path: [...at, 'value'],
        code: 'SELECT_COMPONENT_OPTION_VALUE_DUPLICATED',
        message: `The value "${value}" is already used`,
      })
    }
    if (emoji && !isEmoji(emoji))
      errors.push({ path: [...at, 'emoji'], code: 'COMPONENT_INVALID_EMOJI', message: 'Invalid emoji' })
    seen.add(value)
  }
  return errors
}

/** A custom emoji by its id, or one that Unicode has. */
const isEmoji = ({ id, name = '' }: { id?: string | undefined; name?: string | undefined }): boolean =>
  id !== undefined || (/^\P{ASCII}|^[#*\d]\uFE0F?\u20E3/u.test(name) && /^(?:\p{Emoji}|\p{Emoji_Component})+$/u.test(name))

export function duplicates(components: readonly Component[]): readonly FormError[] {
  const errors: FormError[] = []
  const seen = new Set<string>()
  for (const { component, path } of walk(components)) {
    const id = component.custom_id
    if (id === undefined) continue
    if (seen.has(id)) {
      errors.push({
        path: [...path, 'custom_id'],
        code: 'COMPONENT_CUSTOM_ID_DUPLICATED',
        message: 'Component custom id cannot be duplicated',
      })
    }
    seen.add(id)
  }
  return errors
}

function textOf({ title, description, author, footer, fields = [] }: Embed): number {
  const texts = [title, description, author?.name, footer?.text, ...fields.flatMap(({ name, value }) => [name, value])]
  return texts.reduce((sum, text) => sum + (text?.length ?? 0), 0)
}

/** Who may be notified can be said in one way only. */
export function mentionErrors(mentions: {
  readonly parse?: readonly string[] | undefined
  readonly users?: readonly string[] | undefined
  readonly roles?: readonly string[] | undefined
}): readonly FormError[] {
  const both = (['users', 'roles'] as const).filter((kind) => mentions.parse?.includes(kind) && (mentions[kind]?.length ?? 0) > 0)
  return both.map((kind) => ({
    path: ['allowed_mentions'],
    code: 'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE',
    message: `parse:["${kind}"] and ${kind}: [ids...] are mutually exclusive.`,
  }))
}
