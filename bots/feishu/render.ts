import { cutText } from '../../core/chat/cut.ts'
import type { FittedBlock, FittedButton, FittedForm, FittedMessage, FittedSelect } from '../../core/chat/fit.ts'
import { barCells, isVisible, plainText } from '../../core/chat/measure.ts'
import type { Outgoing } from '../../core/chat/platform.ts'
import type { ButtonStyle, Tone } from '../../core/chat/view.ts'
import {
  buttonRow,
  card,
  divider,
  type Element,
  field,
  form,
  heading,
  image,
  linkButton,
  PLACEHOLDER_MAX,
  panel,
  pressButton,
  type Sealed,
  seal,
  select,
  smallPrint,
  type Template,
  words,
} from './card.ts'
import { buttonValue, type Place } from './chat-key.ts'

/** The tone is the colour of the header; a card without one says it with a mark before its first words. */
const TEMPLATE: Record<Tone, Template> = { info: 'blue', success: 'green', warning: 'orange', danger: 'red' }
const TONE_MARK: Record<Tone, string> = { info: '', success: '✅ ', warning: '⚠️ ', danger: '⛔ ' }

const BUTTON_TYPE = { primary: 'primary_filled', danger: 'danger', default: 'default', quiet: 'text' } as const satisfies Record<
  ButtonStyle,
  string
>

/** As much as a list of chats shows of a message. */
const SUMMARY_MAX = 80

type Drawn = { readonly tone: Tone; readonly message: FittedMessage; readonly place: Place; readonly imageKey: string | null }

/**
 * Draws a message as a card: laid out, or where that takes more elements or bytes than a card may have, as plain lines. Not ok only for
 * what is too large all the same. The file of a message is a message of its own (deliver.ts).
 */
export function render(drawn: Drawn): Sealed {
  const laidOut = draw(drawn, true)
  return laidOut.ok ? laidOut : draw(drawn, false)
}

function draw({ tone, message, place, imageKey }: Drawn, roomy: boolean): Sealed {
  const [first] = message.blocks
  const title = first?.kind === 'title' ? first.text : null
  const blocks = title === null ? message.blocks : message.blocks.slice(1)
  const mark = title === null ? TONE_MARK[tone] : ''

  const elements = [
    ...blocks.flatMap((block, position) => drawBlock(block, position === 0 ? mark : '', roomy)),
    ...(message.image && imageKey !== null ? [image(imageKey, message.image.alt)] : []),
    // A picture that could not be drawn still has its words.
    ...(message.image && imageKey === null ? [smallPrint(message.image.alt)] : []),
    ...message.selects.flatMap((one, position) => drawSelect(one, position, place)),
    ...(message.form ? [drawForm(message.form, place)] : []),
    ...message.rows.flatMap((row) => drawRow(row, place)),
  ]
  return seal(card({ title, template: TEMPLATE[tone], summary: summaryOf(message), elements }))
}

function summaryOf({ blocks, image: picture, file }: Pick<Outgoing['message'], 'blocks' | 'image' | 'file'>): string {
  const said = blocks.map(plainText).find(isVisible) ?? picture?.alt ?? file?.name ?? ''
  return cutText(said.replaceAll(/\s+/g, ' '), SUMMARY_MAX, 'utf16')
}

function drawBlock(block: FittedBlock, mark: string, roomy: boolean): Element[] {
  switch (block.kind) {
    case 'title':
      return [heading(mark + block.text)]
    case 'text':
      return [words(mark + block.text)]
    case 'note':
      return [smallPrint(mark + block.text)]
    case 'code':
      return [panel(mark + block.text)]
    case 'divider':
      return [divider]
    case 'bar':
      return [words(`${mark}${barCells(block.share)}${block.caption === '' ? '' : ` ${block.caption}`}`)]
    case 'fields':
      if (!roomy) return [words(mark + plainText(block))]
      return [...(mark === '' ? [] : [words(mark)]), ...block.items.map(({ label, value }) => field(label, shown(value)))]
    case 'progress':
      return [words(mark + plainText(block))]
  }
}

/** Feishu refuses a text with nothing to see in it. */
const shown = (value: string): string => (isVisible(value) ? value : '–')

function drawRow(row: readonly FittedButton[], place: Place): Element[] {
  const unlinkable = row.filter((button) => 'url' in button && !isAddress(button.url))
  const buttons = row.flatMap((button) => {
    const type = BUTTON_TYPE[button.style]
    if ('token' in button) return [pressButton(button.label, type, buttonValue(button.token, place))]
    return isAddress(button.url) ? [linkButton(button.label, type, button.url)] : []
  })
  return [
    ...unlinkable.flatMap((button) => ('url' in button ? [words(`${button.label}: ${button.url}`)] : [])),
    ...buttonRow(buttons),
  ]
}

function isAddress(url: string): boolean {
  return URL.canParse(url) && ['https:', 'http:'].includes(new URL(url).protocol)
}

/** The label stands in the closed list; once an option is chosen it would be hidden, so then it stands above. */
function drawSelect({ name, label, options }: FittedSelect, position: number, place: Place): Element[] {
  return [
    ...(options.some(({ selected }) => selected) ? [smallPrint(label)] : []),
    select({
      name: `select_${position}_${name}`,
      label,
      options: options.map((option) => ({
        label: option.note === undefined ? option.label : `${option.label} — ${option.note}`,
        token: option.token,
        selected: option.selected,
      })),
      // What was chosen comes back as the option's own value.
      value: buttonValue('', place),
    }),
  ]
}

const drawForm = ({ name, token, submitLabel, danger, fields }: FittedForm, place: Place): Element =>
  form({
    name,
    submitLabel,
    danger,
    fields: fields.map((one) => ({
      ...one,
      hint: one.hint === undefined ? undefined : cutText(one.hint, PLACEHOLDER_MAX, 'utf16'),
    })),
    value: buttonValue(token, place),
  })
