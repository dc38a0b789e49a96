import { z } from 'zod'

/** Numbers of Discord's that this fake knows by name. */
export const Kind = {
  row: 1,
  button: 2,
  stringSelect: 3,
  textInput: 4,
  userSelect: 5,
  roleSelect: 6,
  section: 9,
  textDisplay: 10,
  thumbnail: 11,
  mediaGallery: 12,
  file: 13,
  separator: 14,
  container: 17,
  label: 18,
} as const
export const LINK_STYLE = 5
export const PREMIUM_STYLE = 6
export const SELECTS: readonly number[] = [Kind.stringSelect, Kind.userSelect, Kind.roleSelect]

export const Flag = { suppressEmbeds: 4, ephemeral: 64, loading: 128, suppressNotifications: 4096, componentsV2: 32768 } as const
export const has = (flags: number, flag: number): boolean => (flags & flag) !== 0

const Emoji = z.object({ id: z.string().optional(), name: z.string().optional() })
const Option = z.object({
  label: z.string(),
  value: z.string(),
  description: z.string().optional(),
  default: z.boolean().optional(),
  emoji: Emoji.optional(),
})
const Media = z.object({ url: z.string() })

/** All kinds of component in one; which fields a kind has is the schema's to judge. */
export const Component = z.object({
  type: z.number(),
  id: z.number().optional(),
  custom_id: z.string().optional(),
  style: z.number().optional(),
  label: z.string().optional(),
  description: z.string().optional(),
  url: z.string().optional(),
  emoji: Emoji.optional(),
  disabled: z.boolean().optional(),
  placeholder: z.string().optional(),
  options: z.array(Option).optional(),
  min_values: z.number().optional(),
  max_values: z.number().optional(),
  min_length: z.number().optional(),
  max_length: z.number().optional(),
  required: z.boolean().optional(),
  value: z.string().optional(),
  content: z.string().optional(),
  items: z.array(z.object({ media: Media, description: z.string().optional(), spoiler: z.boolean().optional() })).optional(),
  file: Media.optional(),
  media: Media.optional(),
  accent_color: z.number().optional(),
  spoiler: z.boolean().optional(),
  divider: z.boolean().optional(),
  spacing: z.number().optional(),
  get components() {
    return z.array(Component).optional()
  },
  get accessory() {
    return Component.optional()
  },
  get component() {
    return Component.optional()
  },
})
export type Component = z.infer<typeof Component>
export type SelectOption = z.infer<typeof Option>

export const Embed = z.object({
  title: z.string().optional(),
  description: z.string().optional(),
  url: z.string().optional(),
  color: z.number().optional(),
  timestamp: z.string().optional(),
  author: z.object({ name: z.string().optional() }).optional(),
  footer: z.object({ text: z.string().optional() }).optional(),
  fields: z.array(z.object({ name: z.string(), value: z.string(), inline: z.boolean().optional() })).optional(),
  image: Media.optional(),
  thumbnail: Media.optional(),
})
export type Embed = z.infer<typeof Embed>

/** To Discord null is the same as left out. Except at the top of an edit, where it empties the field. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== null)
      .map(([key, one]) => [key, withoutNulls(one)]),
  )
}

export type Placed = { readonly component: Component; readonly path: readonly (string | number)[] }

/** Every component with its place in the body, from top to bottom as it is shown. */
export function* walk(components: readonly Component[], path: readonly (string | number)[] = ['components']): Iterable<Placed> {
  for (const [index, component] of components.entries()) yield* walkOne(component, [...path, index])
}

function* walkOne(component: Component, path: readonly (string | number)[]): Iterable<Placed> {
  yield { component, path }
  if (component.components) yield* walk(component.components, [...path, 'components'])
  if (component.accessory) yield* walkOne(component.accessory, [...path, 'accessory'])
  if (component.component) yield* walkOne(component.component, [...path, 'component'])
}

/** The addresses of pictures and files a component shows. */
export function mediaOf({ items, file, media }: Component): readonly string[] {
  return [...(items ?? []).map((item) => item.media.url), ...(file ? [file.url] : []), ...(media ? [media.url] : [])]
}

/** The name in `attachment://name`. */
export const attachmentName = (url: string | undefined): string | undefined => /^attachment:\/\/(.+)$/.exec(url ?? '')?.[1]

/** The names of the attachments that components and embeds show. */
export function shownNames(components: readonly Component[], embeds: readonly Embed[]): ReadonlySet<string> {
  const urls = [
    ...[...walk(components)].flatMap(({ component }) => mediaOf(component)),
    ...embeds.flatMap(({ image, thumbnail }) => [image?.url, thumbnail?.url]),
  ]
  return new Set(urls.flatMap((url) => attachmentName(url) ?? []))
}
