import { z } from 'zod'

/**
 * Card JSON 2.0, part by part: every property a part may have, and no other, since 2.0 refuses what it does not know. Containers
 * name their children `z.unknown()`; card.ts walks into them. Source: "Card JSON 2.0 structure" and the pages of each component.
 */

const COLOUR =
  /^(?:default|white|bg-white|(?:blue|wathet|turquoise|green|lime|yellow|sunflower|orange|red|carmine|violet|purple|indigo|grey)(?:-\d{2,3})?|rgba\(.+\)|cus-[\w-]+)$/
const colour = z.string().regex(COLOUR)
const elementId = z.string().regex(/^[A-Za-z]\w{0,19}$/)
/** One to four lengths; `margin` may be negative. */
const margin = z.string().regex(/^-?\d{1,2}(?:px)?(?: -?\d{1,2}(?:px)?){0,3}$/)
const padding = z.string().regex(/^\d{1,2}(?:px)?(?: \d{1,2}(?:px)?){0,3}$/)
const spacing = z.string().regex(/^(?:small|medium|large|extra_large|\d{1,2}px)$/)
const horizontal = z.enum(['left', 'center', 'right'])
const vertical = z.enum(['top', 'center', 'bottom'])
const direction = z.enum(['vertical', 'horizontal'])
const width = z.string().regex(/^(?:default|fill|[1-9]\d{2,}px)$/)
const translations = z.record(z.string(), z.string())
const webAddress = z.string().regex(/^https?:\/\/\S+$/)
const addressOrNone = z.union([webAddress, z.literal(''), z.literal('lark://msgcard/unsupported_action')])

const part = { element_id: elementId.optional(), margin: margin.optional() }
const layout = {
  direction: direction.optional(),
  horizontal_spacing: spacing.optional(),
  horizontal_align: horizontal.optional(),
  vertical_spacing: spacing.optional(),
  vertical_align: vertical.optional(),
}

const text = {
  content: z.string(),
  element_id: elementId.optional(),
  i18n_content: translations.optional(),
  text_size: z.string().optional(),
  text_color: colour.optional(),
  text_align: horizontal.optional(),
  lines: z.int().positive().optional(),
}
const plainText = z.strictObject({ tag: z.literal('plain_text'), ...text })
const shortText = plainText.extend({ content: z.string().max(100, 'takes 100 characters') })
const anyText = z.strictObject({ tag: z.enum(['plain_text', 'lark_md']), ...text })
const icon = z.strictObject({
  tag: z.enum(['standard_icon', 'custom_icon']),
  token: z.string().optional(),
  color: colour.optional(),
  img_key: z.string().optional(),
})
const confirm = z.strictObject({ title: plainText, text: plainText })
/** The SDK hands `value` on only if it is an object. */
const callback = z.strictObject({ type: z.literal('callback'), value: z.record(z.string(), z.unknown()) })
const openUrl = z.strictObject({
  type: z.literal('open_url'),
  default_url: webAddress,
  pc_url: addressOrNone.optional(),
  ios_url: addressOrNone.optional(),
  android_url: addressOrNone.optional(),
})
const elements = z.array(z.unknown())

export const ELEMENTS = {
  markdown: z.strictObject({
    tag: z.literal('markdown'),
    ...part,
    content: z.string(),
    i18n_content: translations.optional(),
    text_size: z.string().optional(),
    text_align: horizontal.optional(),
    icon: icon.optional(),
  }),
  div: z.strictObject({
    tag: z.literal('div'),
    ...part,
    width: z
      .string()
      .regex(/^(?:fill|auto|\d{2,3}px)$/)
      .optional(),
    text: anyText.optional(),
    fields: z.array(z.strictObject({ is_short: z.boolean(), text: anyText })).optional(),
    icon: icon.optional(),
  }),
  hr: z.strictObject({ tag: z.literal('hr'), ...part }),
  img: z.strictObject({
    tag: z.literal('img'),
    ...part,
    img_key: z.string(),
    alt: plainText,
    title: plainText.optional(),
    corner_radius: z
      .string()
      .regex(/^\d+(?:px|%)$/)
      .optional(),
    scale_type: z.enum(['crop_center', 'crop_top', 'fit_horizontal']).optional(),
    size: z
      .string()
      .regex(/^(?:stretch|large|medium|small|tiny|\d{1,4}px \d{1,4}px)$/)
      .optional(),
    transparent: z.boolean().optional(),
    preview: z.boolean().optional(),
    mode: z.enum(['crop_center', 'fit_horizontal', 'stretch', 'large', 'medium', 'small', 'tiny']).optional(),
    custom_width: z.string().optional(),
    compact_width: z.boolean().optional(),
  }),
  button: z.strictObject({
    tag: z.literal('button'),
    ...part,
    type: z
      .enum(['default', 'primary', 'danger', 'text', 'primary_text', 'danger_text', 'primary_filled', 'danger_filled', 'laser'])
      .optional(),
    size: z.enum(['tiny', 'small', 'medium', 'large']).optional(),
    width: width.optional(),
    text: shortText,
    icon: icon.optional(),
    hover_tips: plainText.optional(),
    disabled: z.boolean().optional(),
    disabled_tips: plainText.optional(),
    confirm: confirm.optional(),
    behaviors: z.array(z.discriminatedUnion('type', [callback, openUrl])).optional(),
    name: z.string().min(1).optional(),
    form_action_type: z.enum(['submit', 'reset']).optional(),
  }),
  input: z.strictObject({
    tag: z.literal('input'),
    ...part,
    name: z.string().min(1).optional(),
    required: z.boolean().optional(),
    placeholder: shortText.optional(),
    default_value: z.string().optional(),
    disabled: z.boolean().optional(),
    disabled_tips: plainText.optional(),
    width: width.optional(),
    behaviors: z.array(callback).optional(),
    max_length: z.int().min(1).max(1000).optional(),
    input_type: z.enum(['text', 'multiline_text', 'password']).optional(),
    rows: z.int().positive().optional(),
    auto_resize: z.boolean().optional(),
    max_rows: z.int().positive().optional(),
    show_icon: z.boolean().optional(),
    label: plainText.optional(),
    label_position: z.enum(['top', 'left']).optional(),
    confirm: confirm.optional(),
  }),
  select_static: z.strictObject({
    tag: z.literal('select_static'),
    ...part,
    type: z.enum(['default', 'text']).optional(),
    name: z.string().min(1).optional(),
    required: z.boolean().optional(),
    disabled: z.boolean().optional(),
    initial_option: z.string().optional(),
    initial_index: z.int().min(0).optional(),
    placeholder: plainText.optional(),
    width: width.optional(),
    behaviors: z.array(callback).optional(),
    options: z.array(z.strictObject({ text: plainText, value: z.string().min(1), icon: icon.optional() })).min(1),
    confirm: confirm.optional(),
  }),
  column_set: z.strictObject({
    tag: z.literal('column_set'),
    ...part,
    horizontal_spacing: spacing.optional(),
    horizontal_align: horizontal.optional(),
    flex_mode: z.enum(['none', 'stretch', 'flow', 'bisect', 'trisect']).optional(),
    background_style: colour.optional(),
    columns: z.array(z.unknown()).min(1),
  }),
  column: z.strictObject({
    tag: z.literal('column'),
    ...part,
    ...layout,
    background_style: colour.optional(),
    width: z
      .string()
      .regex(/^(?:auto|weighted|\d{2,3}px)$/)
      .optional(),
    weight: z.int().min(1).max(5).optional(),
    padding: padding.optional(),
    elements: elements.optional(),
  }),
  form: z.strictObject({
    tag: z.literal('form'),
    ...part,
    ...layout,
    padding: padding.optional(),
    name: z.string().min(1),
    elements,
  }),
  collapsible_panel: z.strictObject({
    tag: z.literal('collapsible_panel'),
    ...part,
    ...layout,
    padding: padding.optional(),
    expanded: z.boolean().optional(),
    background_color: colour.optional(),
    border: z.strictObject({ color: colour.optional(), corner_radius: z.string().optional() }).optional(),
    header: z.strictObject({
      title: z.union([anyText, z.strictObject({ tag: z.literal('markdown'), content: z.string() })]),
      background_color: colour.optional(),
      padding: padding.optional(),
      vertical_align: vertical.optional(),
      width: z.string().optional(),
      icon: icon.extend({ size: z.string().optional() }).optional(),
      icon_position: z.enum(['left', 'right', 'follow_text']).optional(),
      icon_expanded_angle: z.int().optional(),
    }),
    elements,
  }),
} as const

/** Tags Feishu knows in 2.0 and this fake does not draw yet. */
export const NOT_DRAWN = new Set([
  'table',
  'chart',
  'audio',
  'person',
  'person_list',
  'img_combination',
  'interactive_container',
  'overflow',
  'checker',
  'date_picker',
  'picker_time',
  'picker_datetime',
  'select_img',
  'select_person',
  'multi_select_static',
  'multi_select_person',
])
/** Tags of 1.0 that 2.0 gave up: ErrCode 200861. */
export const GIVEN_UP = new Set(['action', 'note'])

const textSizes = z.record(z.string(), z.partialRecord(z.enum(['default', 'pc', 'mobile']), z.string()))

export const cardSchema = z.strictObject({
  schema: z.literal('2.0'),
  config: z.strictObject({
    // 2.0 has only shared cards; the patch route wants it said before and after.
    update_multi: z.literal(true),
    streaming_mode: z.boolean().optional(),
    streaming_config: z.looseObject({}).optional(),
    summary: z.strictObject({ content: z.string(), i18n_content: translations.optional() }).optional(),
    locales: z.array(z.string()).optional(),
    enable_forward: z.boolean().optional(),
    enable_forward_interaction: z.boolean().optional(),
    width_mode: z.enum(['default', 'compact', 'fill']).optional(),
    use_custom_translation: z.boolean().optional(),
    style: z.strictObject({ text_size: textSizes.optional(), color: z.looseObject({}).optional() }).optional(),
  }),
  card_link: z
    .strictObject({ url: z.string(), pc_url: z.string(), ios_url: z.string(), android_url: z.string() })
    .partial()
    .optional(),
  header: z
    .strictObject({
      title: anyText,
      subtitle: anyText.optional(),
      text_tag_list: z
        .array(
          z.strictObject({
            tag: z.literal('text_tag'),
            element_id: elementId.optional(),
            text: plainText,
            color: colour.or(z.literal('neutral')).optional(),
          }),
        )
        .max(3)
        .optional(),
      template: z
        .enum([
          'blue',
          'wathet',
          'turquoise',
          'green',
          'yellow',
          'orange',
          'red',
          'carmine',
          'violet',
          'purple',
          'indigo',
          'grey',
          'default',
        ])
        .optional(),
      icon: icon.optional(),
      padding: padding.optional(),
    })
    .optional(),
  body: z.strictObject({ ...layout, padding: padding.optional(), elements }),
})

export type CardRoot = z.infer<typeof cardSchema>
type Elements = typeof ELEMENTS
export type Element = { [Tag in keyof Elements]: z.infer<Elements[Tag]> }[keyof Elements]
export type ElementOf<Tag extends keyof Elements> = z.infer<Elements[Tag]>
/** A part of a card with the parts inside it. */
export type Node = { readonly element: Element; readonly children: readonly Node[]; readonly path: string }
