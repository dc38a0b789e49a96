import type { Capabilities } from './capabilities.ts'
import { cutText } from './cut.ts'
import type { FittedButton, FittedForm, FittedSelect } from './fitted.ts'
import { isVisible, measure } from './measure.ts'
import type { Block, Button, Press } from './view.ts'
import type { FitWords } from './words.ts'

/** One line of controls: each takes one of the platform's rows. */
type Control =
  | { readonly kind: 'row'; readonly buttons: readonly FittedButton[] }
  | { readonly kind: 'select'; readonly select: FittedSelect }
  | { readonly kind: 'form'; readonly form: FittedForm }

/** What the control blocks of a view became: controls, and words in `lines` where there are none. */
export type Controls = {
  buttons(block: Extract<Block<string>, { kind: 'buttons' }>): string[]
  choice(block: Extract<Block<string>, { kind: 'choice' }>): string[]
  link(block: Extract<Block<string>, { kind: 'link' }>): string[]
  form(block: Extract<Block<string>, { kind: 'form' }>): string[]
  readonly laidOut: Control[]
  readonly numbered: Record<string, string>
  readonly typed: () => FittedForm | undefined
}

/** Cells of label beside each other before a phone's screen cuts them short; a Chinese character takes two. */
const ROW_CELLS = 30
/** Hangul Jamo is the first wide script; a cheap line that is right for all languages we speak. */
const FIRST_WIDE = 0x1100

function cells(label: string): number {
  let count = 0
  for (let at = 0; at < label.length; at += 1) count += label.charCodeAt(at) >= FIRST_WIDE ? 2 : 1
  return count
}

/** Short labels several in a row, long ones each in their own. Buttons of a row are equally wide, so the longest decides. */
function layRows(buttons: readonly FittedButton[], perRow: number): FittedButton[][] {
  const rows: FittedButton[][] = []
  let row: FittedButton[] = []
  let widest = 0
  for (const button of buttons) {
    const width = Math.max(widest, cells(button.label))
    if (row.length > 0 && (row.length >= perRow || (row.length + 1) * width > ROW_CELLS)) {
      rows.push(row)
      row = []
      widest = cells(button.label)
    } else {
      widest = width
    }
    row.push(button)
  }
  if (row.length > 0) rows.push(row)
  return rows
}

const withNote = (label: string, note: string | undefined) => (note === undefined ? label : `${label} — ${note}`)

export function createControls(
  capabilities: Capabilities,
  tokens: (press: Press) => string,
  words: FitWords,
  chatKind: 'private' | 'group',
): Controls {
  const { perRow, rows, labelMax, tokenMaxBytes } = capabilities.buttons
  const { unit } = capabilities.text
  const hasButtons = perRow > 0 && rows > 0
  const laidOut: Control[] = []
  const numbered: Record<string, string> = {}
  let numbers = 0
  let typed: FittedForm | undefined

  const tooLong = (label: string) => measure(label, unit) > labelMax
  // Platforms refuse a button without a label.
  const label = (text: string) => (isVisible(text) ? cutText(text, labelMax, unit) : '…')

  function token(press: Press): string {
    const made = tokens(press)
    const bytes = Buffer.byteLength(made)
    if (bytes > tokenMaxBytes)
      throw new Error(
        `the token of "${press.action}" has ${bytes} bytes, this platform carries ${tokenMaxBytes}: shorten the screen id`,
      )
    return made
  }

  function nextNumber(press: Press): number {
    numbers += 1
    numbered[String(numbers)] = token(press)
    return numbers
  }

  function layOut(buttons: readonly FittedButton[]): void {
    for (const row of layRows(buttons, perRow)) laidOut.push({ kind: 'row', buttons: row })
  }

  function fitButton(button: Button<string>): FittedButton {
    const looks = { label: label(button.label), style: button.style ?? 'default' }
    return 'press' in button ? { ...looks, token: token(button.press) } : { ...looks, url: button.url }
  }

  /** A list of more options than the platform's takes is several, each labelled with what it holds. */
  function choiceAsSelect(block: Extract<Block<string>, { kind: 'choice' }>, most: number): string[] {
    for (let from = 0; from < block.options.length; from += most) {
      const part = block.options.slice(from, from + most)
      laidOut.push({
        kind: 'select',
        select: {
          name: block.name,
          label: label(
            part.length === block.options.length ? block.label : words.part(block.label, from + 1, from + part.length),
          ),
          options: part.map((option) => ({
            label: label(option.label),
            ...(option.note !== undefined && { note: cutText(option.note, labelMax, unit) }),
            token: token(option.press),
            selected: option.selected ?? false,
          })),
        },
      })
    }
    // What had to be cut is said in full above the list.
    const cut = block.options.filter((option) => tooLong(option.label) || (option.note !== undefined && tooLong(option.note)))
    const lines = cut.map((option) => `• ${withNote(option.label, option.note)}`)
    return lines.length > 0 || tooLong(block.label) ? [[block.label, ...lines].join('\n')] : []
  }

  return {
    laidOut,
    numbered,
    typed: () => typed,

    buttons(block) {
      if (hasButtons) {
        layOut(block.buttons.map(fitButton))
        return []
      }
      const lines = block.buttons.map((button) =>
        'press' in button ? `${nextNumber(button.press)}. ${button.label}` : `${button.label}: ${button.url}`,
      )
      if (block.buttons.some((button) => 'press' in button)) lines.push(words.answerWithNumber())
      return lines.length > 0 ? [lines.join('\n')] : []
    },

    choice(block) {
      if (capabilities.select && block.options.length > 0) return choiceAsSelect(block, capabilities.select.options)
      if (hasButtons) {
        const options = block.options.map(
          (option): FittedButton => ({
            label: label(option.selected ? `✓ ${option.label}` : option.label),
            style: option.selected ? 'primary' : 'default',
            token: token(option.press),
          }),
        )
        const asRows = layRows(options, perRow)
        if (asRows.length <= rows) {
          for (const row of asRows) laidOut.push({ kind: 'row', buttons: row })
          // A button has no room for a note, nor for a long label: they stand above it.
          const explained = block.options.some((option) => option.note !== undefined || tooLong(option.label))
          const lines = explained ? block.options.map((option) => `• ${withNote(option.label, option.note)}`) : []
          return [[block.label, ...lines].join('\n')]
        }
      }
      const lines = block.options.map(
        (option) => `${nextNumber(option.press)}. ${option.selected ? '✓ ' : ''}${withNote(option.label, option.note)}`,
      )
      return [[block.label, ...lines, words.answerWithNumber()].join('\n')]
    },

    link(block) {
      if (!hasButtons) return [`${block.label}: ${block.url}`]
      layOut([{ label: label(block.label), style: 'default', url: block.url }])
      return []
    },

    form(block) {
      const form: FittedForm = {
        name: block.name,
        token: token(block.press),
        submitLabel: label(block.submitLabel),
        ...(block.danger && { danger: true }),
        fields: block.fields.map((field) => ({ ...field, secret: field.secret ?? false })),
      }
      // A native form (a modal, a masked input) sends its answers to us alone, so it may ask for secrets anywhere.
      if (capabilities.form && form.fields.length <= capabilities.form.fields) {
        laidOut.push({ kind: 'form', form })
        return []
      }
      if (block.inWords !== undefined) return [block.inWords]
      const weDeleteIt = capabilities.canDeleteIncoming !== 'nowhere'
      const lines = form.fields.map((field) => {
        const asked = field.hint === undefined ? field.label : `${field.label} (${field.hint})`
        if (!field.secret) return words.typeField(asked)
        return chatKind === 'private' ? words.typeSecret(asked, weDeleteIt) : words.secretElsewhere(asked)
      })
      const askable = form.fields.filter((field) => !field.secret || chatKind === 'private')
      if (askable.length > 0 && typed === undefined) typed = { ...form, fields: askable }
      return lines
    },
  }
}
