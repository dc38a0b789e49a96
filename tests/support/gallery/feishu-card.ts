import { z } from 'zod'
import { type Html, markup, trusted } from '../../../bots/web/markup.ts'

// Cards (JSON 2.0) as Feishu's API takes them. Strict: a tag or a property that is not drawn here is an error.

const PlainText = z.strictObject({ tag: z.literal('plain_text'), content: z.string() })
const StyledText = PlainText.extend({
  text_size: z.enum(['heading', 'normal', 'notation']).optional(),
  text_color: z.enum(['default', 'grey']).optional(),
})
const Behaviors = z.array(
  z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('callback'), value: z.unknown() }),
    z.strictObject({ type: z.literal('open_url'), default_url: z.string() }),
  ]),
)

const Text = z.strictObject({ tag: z.literal('div'), text: StyledText })
const Divider = z.strictObject({ tag: z.literal('hr') })
const Image = z.strictObject({ tag: z.literal('img'), img_key: z.string(), alt: PlainText })
const Button = z.strictObject({
  tag: z.literal('button'),
  text: PlainText,
  type: z.enum(['default', 'primary', 'primary_filled', 'danger', 'danger_filled', 'text', 'primary_text', 'danger_text']),
  width: z.enum(['default', 'fill']).optional(),
  disabled: z.boolean().optional(),
  behaviors: Behaviors,
  name: z.string().optional(),
  form_action_type: z.literal('submit').optional(),
})
const Select = z.strictObject({
  tag: z.literal('select_static'),
  name: z.string().optional(),
  placeholder: PlainText,
  width: z.literal('fill'),
  options: z.array(z.strictObject({ text: PlainText, value: z.string() })),
  initial_index: z.number().optional(),
  behaviors: Behaviors,
})
const Input = z.strictObject({
  tag: z.literal('input'),
  name: z.string(),
  label: PlainText,
  label_position: z.literal('top'),
  width: z.literal('fill'),
  required: z.boolean(),
  max_length: z.number(),
  input_type: z.literal('password').optional(),
  placeholder: PlainText.optional(),
})
const Form = z.strictObject({
  tag: z.literal('form'),
  name: z.string(),
  elements: z.array(z.discriminatedUnion('tag', [Input, Button])),
})
const Columns = z.strictObject({
  tag: z.literal('column_set'),
  flex_mode: z.enum(['none', 'flow']),
  background_style: z.literal('grey').optional(),
  horizontal_spacing: z.enum(['small', 'medium']).optional(),
  columns: z.array(
    z.strictObject({
      tag: z.literal('column'),
      width: z.enum(['auto', 'weighted']),
      weight: z.number().optional(),
      padding: z
        .string()
        .regex(/^\d+px$/)
        .optional(),
      elements: z.array(z.discriminatedUnion('tag', [Text, Button])),
    }),
  ),
})
const Element = z.discriminatedUnion('tag', [Text, Divider, Image, Button, Select, Form, Columns, Input])
type Element = z.infer<typeof Element>

const Card = z.strictObject({
  schema: z.literal('2.0'),
  config: z.strictObject({ update_multi: z.literal(true), summary: z.strictObject({ content: z.string() }) }),
  header: z.strictObject({ title: PlainText, template: z.enum(['blue', 'green', 'orange', 'red', 'grey']) }).optional(),
  body: z.strictObject({ elements: z.array(Element) }),
})

/** What the keys of uploaded pictures stand for. */
export type Pictures = ReadonlyMap<string, string>

export function drawCard(native: unknown, pictures: Pictures): Html {
  const { header, body } = Card.parse(native)
  return markup`<div class="card">${header && markup`<div class="head ${header.template}" dir="auto">${header.title.content}</div>`}
<div class="body">${body.elements.map((element) => draw(element, pictures))}</div></div>`
}

const OUT = trusted('<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M6 3.5H3.5v9h9V10M9 3h4v4M13 3 7.5 8.5"/></svg>')
const DOWN = trusted('<svg viewBox="0 0 16 16" aria-hidden="true"><path d="m3.5 6 4.5 4.5L12.5 6"/></svg>')

function draw(element: Element, pictures: Pictures): Html {
  switch (element.tag) {
    case 'div': {
      const { content, text_size: size = 'normal', text_color: colour = 'default' } = element.text
      return markup`<div class="text ${size} ${colour}">${content}</div>`
    }
    case 'hr':
      return markup`<hr>`
    case 'img': {
      const picture = pictures.get(element.img_key)
      if (picture === undefined) throw new Error(`The card shows ${element.img_key}, and no such picture was uploaded`)
      return markup`<img src="${picture}" alt="${element.alt.content}">`
    }
    case 'button':
      return button(element)
    case 'select_static':
      return select(element)
    case 'input':
      return input(element)
    case 'form':
      return markup`<div class="form">${element.elements.map((one) => (one.tag === 'input' ? input(one) : button(one)))}</div>`
    case 'column_set':
      return columns(element, pictures)
  }
}

function columns(set: z.infer<typeof Columns>, pictures: Pictures): Html {
  return markup`<div class="columns ${set.flex_mode} ${set.background_style} ${set.horizontal_spacing}">${set.columns.map(
    ({ width, weight = 1, padding = '0', elements }) =>
      markup`<div class="column" style="flex: ${width === 'auto' ? 'none' : `${weight} 1 0`}; padding: ${padding}">${elements.map((one) => draw(one, pictures))}</div>`,
  )}</div>`
}

function button({ text, type, width, disabled, behaviors }: z.infer<typeof Button>): Html {
  const leads = behaviors.some((behavior) => behavior.type === 'open_url')
  return markup`<span class="key ${type} ${width}"${disabled === true && trusted(' aria-disabled="true"')} dir="auto">${text.content}${leads && OUT}</span>`
}

/** Opened, so that one sees what there is to choose from. */
function select({ placeholder, options, initial_index: chosen }: z.infer<typeof Select>): Html {
  const shown = chosen === undefined ? undefined : options[chosen - 1]
  return markup`<div class="choice"><div class="chooser${shown && ' chosen'}"><bdi>${(shown?.text ?? placeholder).content}</bdi>${DOWN}</div>
<div class="options">${options.map((option) => markup`<div class="option${option === shown && ' chosen'}" dir="auto">${option.text.content}</div>`)}</div></div>`
}

const input = ({ label, placeholder, required }: z.infer<typeof Input>): Html =>
  markup`<div class="input"><span dir="auto">${label.content}${required && markup`<em>*</em>`}</span><i dir="auto">${placeholder?.content}</i></div>`
