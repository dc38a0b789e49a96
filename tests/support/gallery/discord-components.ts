import { z } from 'zod'
import { type Html, markup, trusted } from '../../../bots/web/markup.ts'
import { discordText } from './discord-text.ts'

// Discord's message components as its API takes them. Strict: a kind or a property that is not drawn here is an error.

const id = { id: z.number().optional() }

const Button = z.strictObject({
  ...id,
  type: z.literal(2),
  style: z.number().int().min(1).max(5),
  label: z.string(),
  custom_id: z.string().optional(),
  url: z.string().optional(),
  disabled: z.boolean().optional(),
})
const Select = z.strictObject({
  ...id,
  type: z.literal(3),
  custom_id: z.string(),
  placeholder: z.string().optional(),
  min_values: z.literal(1).optional(),
  max_values: z.literal(1).optional(),
  disabled: z.literal(false).optional(),
  options: z.array(
    z.strictObject({
      label: z.string(),
      value: z.string(),
      description: z.string().optional(),
      default: z.boolean().optional(),
    }),
  ),
})
const Row = z.strictObject({ ...id, type: z.literal(1), components: z.array(z.discriminatedUnion('type', [Button, Select])) })
const TextDisplay = z.strictObject({ ...id, type: z.literal(10), content: z.string() })
const Separator = z.strictObject({
  ...id,
  type: z.literal(14),
  divider: z.boolean().optional(),
  spacing: z.union([z.literal(1), z.literal(2)]).optional(),
})
const Gallery = z.strictObject({
  ...id,
  type: z.literal(12),
  items: z.array(z.strictObject({ media: z.strictObject({ url: z.string() }), description: z.string().optional() })),
})
const File = z.strictObject({ ...id, type: z.literal(13), file: z.strictObject({ url: z.string() }) })
const Section = z.strictObject({ ...id, type: z.literal(9), components: z.array(TextDisplay), accessory: Button })

const INSIDE = [Row, TextDisplay, Separator, Gallery, File, Section] as const
const Container = z.strictObject({
  ...id,
  type: z.literal(17),
  accent_color: z.number().nullish(),
  components: z.array(z.discriminatedUnion('type', INSIDE)),
})
export const Component = z.discriminatedUnion('type', [...INSIDE, Container])
export type Component = z.infer<typeof Component>

const Modal = z.strictObject({
  custom_id: z.string(),
  title: z.string(),
  components: z.array(
    z.strictObject({
      type: z.literal(18),
      label: z.string(),
      description: z.string().optional(),
      component: z.strictObject({
        type: z.literal(4),
        custom_id: z.string(),
        style: z.union([z.literal(1), z.literal(2)]),
        max_length: z.number(),
        required: z.boolean(),
      }),
    }),
  ),
})

/** What `attachment://name` in a component stands for. */
export type Attachments = ReadonlyMap<string, { readonly picture?: string; readonly bytes?: number }>

export function drawComponent(component: Component, attachments: Attachments): Html {
  switch (component.type) {
    case 1:
      return markup`<div class="buttons">${component.components.map((one) => (one.type === 2 ? button(one) : select(one)))}</div>`
    case 9:
      return markup`<div class="section"><div>${component.components.map((text) => drawComponent(text, attachments))}</div>${button(component.accessory)}</div>`
    case 10:
      return markup`<div class="text">${discordText(component.content)}</div>`
    case 12:
      return markup`<div class="gallery">${component.items.map((item) => markup`<img src="${pictureOf(item.media.url, attachments)}" alt="${item.description}">`)}</div>`
    case 13:
      return file(component.file.url, attachments)
    case 14: {
      const size = component.spacing === 2 && ' wide'
      return component.divider === false ? markup`<div class="gap${size}"></div>` : markup`<hr class="${size}">`
    }
    case 17:
      return markup`<div class="container${accent(component.accent_color)}>${component.components.map((one) => drawComponent(one, attachments))}</div>`
  }
}

/** Custom ids of the buttons that open a modal: those beside the words of a section. */
export function formButtons(component: Component): readonly string[] {
  if (component.type === 17) return component.components.flatMap(formButtons)
  return component.type === 9 && component.accessory.custom_id !== undefined ? [component.accessory.custom_id] : []
}

export function drawModal(native: unknown, words: { readonly cancel: string; readonly submit: string }): Html {
  const { title, components } = Modal.parse(native)
  return markup`<div class="modal"><h4 dir="auto">${title}</h4>${components.map(
    ({ label, description, component }) =>
      markup`<div class="field"><b dir="auto">${label}${component.required && markup`<em>*</em>`}</b>${description !== undefined && markup`<span dir="auto">${description}</span>`}<i class="${component.style === 2 && 'tall'}"></i></div>`,
  )}<div class="buttons"><span class="key">${words.cancel}</span><span class="key primary">${words.submit}</span></div></div>`
}

const accent = (colour: number | null | undefined): Html =>
  typeof colour === 'number' ? markup` accented" style="--accent: #${colour.toString(16).padStart(6, '0')}"` : trusted('"')

const BUTTON_STYLES: readonly string[] = ['', 'primary', 'secondary', 'success', 'danger', 'link']
const OUT = trusted('<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M6 3.5H3.5v9h9V10M9 3h4v4M13 3 7.5 8.5"/></svg>')
const DOWN = trusted('<svg viewBox="0 0 16 16" aria-hidden="true"><path d="m3.5 6 4.5 4.5L12.5 6"/></svg>')

const button = ({ style, label, url, disabled }: z.infer<typeof Button>): Html =>
  markup`<span class="key ${BUTTON_STYLES[style]}"${disabled === true && trusted(' aria-disabled="true"')} dir="auto">${label}${url !== undefined && OUT}</span>`

/** Opened, so that one sees what there is to choose from. */
function select({ options, placeholder = '' }: z.infer<typeof Select>): Html {
  const chosen = options.find((option) => option.default === true)
  return markup`<div class="choice"><div class="chooser${chosen && ' chosen'}"><bdi>${chosen?.label ?? placeholder}</bdi>${DOWN}</div>
<div class="options">${options.map((option) => markup`<div class="option${option === chosen && ' chosen'}"><bdi>${option.label}</bdi>${option.description !== undefined && markup`<span dir="auto">${option.description}</span>`}</div>`)}</div></div>`
}

const nameOf = (url: string) => url.replace(/^attachment:\/\//, '')

function pictureOf(url: string, attachments: Attachments): string {
  const picture = attachments.get(nameOf(url))?.picture
  if (picture === undefined) throw new Error(`The message shows ${url} and brings no such picture along`)
  return picture
}

function file(url: string, attachments: Attachments): Html {
  const name = nameOf(url)
  const bytes = attachments.get(name)?.bytes
  if (bytes === undefined) throw new Error(`The message shows ${url} and brings no such file along`)
  return markup`<div class="file"><i></i><div><b>${name}</b><span>${bytes} B</span></div></div>`
}
