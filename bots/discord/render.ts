import {
  type APIActionRowComponent,
  type APIButtonComponent,
  type APIComponentInContainer,
  type APIContainerComponent,
  ButtonStyle,
  ComponentType,
} from 'discord-api-types/v10'
import { cutText } from '../../core/chat/cut.ts'
import type { FittedBlock, FittedButton, FittedSelect } from '../../core/chat/fit.ts'
import { BLOCK_SEPARATOR, barCells, DIVIDER_LINE, plainText, STEP_MARKS, stepTime, withColon } from '../../core/chat/measure.ts'
import type { Outgoing } from '../../core/chat/platform.ts'
import type { ButtonStyle as Style, Tone } from '../../core/chat/view.ts'
import { asIs, codeBox } from './escape.ts'
import { formSection } from './form.ts'

/*
 * Every message is one container of Components V2. That mode can't be left again by an edit, so that a mixture would make half of
 * all changes impossible; and it reads better: the tone is a coloured edge, a form stands beside its button, a chart and a log have their
 * place among the words. Its price is a limit of 40 components and no plain content.
 */

export const BUTTON_PREFIX = 'b:'
const SELECT_PREFIX = 's:'

/** Of all words of a message together. */
const TEXT_MAX = 4000
/** Escaping at most doubles. */
const SAFE_TEXT = TEXT_MAX / 2
/** Lines across: with five rows of five buttons, words, a picture and a form there is room for no more components. */
const SEPARATORS_MAX = 3
const URL_MAX = 512
const PLACEHOLDER_MAX = 150
const OPTION_MAX = 100
const CHOSEN = '✓ '

/** The usual tone has no mark: a mark on every message marks nothing. The others are told apart by more than colour. */
const TONES: Record<Tone, { readonly mark: string; readonly colour: number | null }> = {
  info: { mark: '', colour: null },
  success: { mark: '✅ ', colour: 0x57f287 },
  warning: { mark: '⚠️ ', colour: 0xfee75c },
  danger: { mark: '⛔ ', colour: 0xed4245 },
}

const STYLES: Record<Style, ButtonStyle.Primary | ButtonStyle.Secondary | ButtonStyle.Danger> = {
  primary: ButtonStyle.Primary,
  default: ButtonStyle.Secondary,
  quiet: ButtonStyle.Secondary,
  danger: ButtonStyle.Danger,
}

/** The names under which a picture and a file are sent along. */
export type Attached = { readonly picture?: string; readonly file?: string }

/** Draws a message; null for a form that has no room on a button. A picture that is not attached is told in words. */
export function render({ tone, message }: Pick<Outgoing, 'tone' | 'message'>, attached: Attached): APIContainerComponent | null {
  const form = message.form && formSection(message.form)
  if (form === null) return null
  const { rows, addresses } = buttonRows(message.rows)
  const missing = message.image && attached.picture === undefined ? message.image.alt : null
  const components: APIComponentInContainer[] = [
    ...body(tone, message.blocks, [...(missing === null ? [] : [missing]), ...addresses]),
    ...(message.image && attached.picture !== undefined ? [gallery(attached.picture, message.image.alt)] : []),
    ...(attached.file === undefined
      ? []
      : [{ type: ComponentType.File, file: { url: `attachment://${attached.file}` } } as const]),
    ...message.selects.map(selectRow),
    ...(form ? [form] : []),
    ...rows,
  ]
  const { colour } = TONES[tone]
  return {
    type: ComponentType.Container,
    ...(colour !== null && { accent_color: colour }),
    // Discord takes nothing empty.
    components: components.length > 0 ? components : [{ type: ComponentType.TextDisplay, content: '…' }],
  }
}

/** A short note that stands alone. */
export const renderNote = (text: string): APIContainerComponent => ({
  type: ComponentType.Container,
  components: [{ type: ComponentType.TextDisplay, content: asIs(text) }],
})

const HEADING = '### '
const SMALL = '-# '
const LINE_SIGN = /^(?:### |-# )/

type Markup = (block: FittedBlock) => string

/** The words, with lines across where they are wanted. Formatting goes before words do. */
function body(tone: Tone, blocks: readonly FittedBlock[], more: readonly string[]): APIComponentInContainer[] {
  // Small print is for what stands beside something. What is all there is to say, or goes wrong, is said aloud.
  const small = (tone === 'info' || tone === 'success') && blocks.some(({ kind }) => kind !== 'note' && kind !== 'divider')
  for (const markup of [formatted(small), (block: FittedBlock) => asIs(plainText(block))]) {
    const parts = partsOf(tone, blocks, more, markup)
    if (parts.reduce((sum, part) => sum + part.length, 0) <= TEXT_MAX) {
      return parts.flatMap((content, index): APIComponentInContainer[] => [
        ...(index > 0 ? [{ type: ComponentType.Separator } as const] : []),
        ...(content === '' ? [] : [{ type: ComponentType.TextDisplay, content } as const]),
      ])
    }
  }
  // What the core puts in place of a refused message may be longer than a message.
  const plain = [...blocks.map(plainText), ...more].join(BLOCK_SEPARATOR)
  return [{ type: ComponentType.TextDisplay, content: asIs(cutText(plain, SAFE_TEXT, 'utf16')) }]
}

/** Runs of words between lines across. */
function partsOf(tone: Tone, blocks: readonly FittedBlock[], more: readonly string[], markup: Markup): string[] {
  const parts: string[] = []
  let part = ''
  let last: FittedBlock['kind'] | null = null
  let mark = TONES[tone].mark
  const write = (words: string) => {
    // Headings and small print begin with a sign of their own, which has to stay in front.
    const sign = LINE_SIGN.exec(words)?.[0] ?? ''
    part += `${last === null ? '' : last === 'title' ? '\n' : BLOCK_SEPARATOR}${sign}${mark}${words.slice(sign.length)}`
    mark = ''
  }
  for (const block of blocks) {
    if (block.kind === 'divider' && parts.length < SEPARATORS_MAX) {
      parts.push(part)
      part = ''
      last = null
      continue
    }
    write(markup(block))
    last = block.kind
  }
  for (const words of more) {
    write(asIs(words))
    last = 'text'
  }
  return [...parts, part]
}

const formatted =
  (small: boolean): Markup =>
  (block) => {
    switch (block.kind) {
      case 'title':
        return `${HEADING}${asIs(block.text)}`
      case 'text':
        return asIs(block.text)
      case 'note':
        return small ? asIs(block.text).replace(/^(?=.*\S)/gm, SMALL) : asIs(block.text)
      case 'code':
        return codeBox(block.text) ?? asIs(block.text)
      case 'divider':
        return DIVIDER_LINE
      case 'bar':
        return block.caption === '' ? barCells(block.share) : `${barCells(block.share)} ${asIs(block.caption)}`
      case 'fields':
        return block.items
          .map(({ label, value }) => {
            const start = withColon(label)
            return `**${asIs(start.trimEnd())}**${start.endsWith(' ') ? ' ' : ''}${asIs(value)}`
          })
          .join('\n')
      case 'progress':
        return block.steps
          .map(({ label, state, seconds }) => {
            const name = state === 'running' ? `**${asIs(label)}**` : asIs(label)
            return `${STEP_MARKS[state]} ${name}${seconds === undefined ? '' : ` · ${stepTime(seconds)}`}`
          })
          .join('\n')
    }
  }

const gallery = (name: string, alt: string): APIComponentInContainer => ({
  type: ComponentType.MediaGallery,
  items: [{ media: { url: `attachment://${name}` }, ...(alt !== '' && { description: cutText(alt, 1024, 'utf16') }) }],
})

const selectRow = ({ label, options }: FittedSelect, position: number): APIComponentInContainer => ({
  type: ComponentType.ActionRow,
  components: [
    {
      type: ComponentType.StringSelect,
      custom_id: `${SELECT_PREFIX}${position}`,
      placeholder: cutText(label, PLACEHOLDER_MAX, 'utf16'),
      options: options.map((option) => ({
        // Not as Discord's default: that would stand in the place of the question, and could not be chosen.
        label: option.selected ? cutText(`${CHOSEN}${option.label}`, OPTION_MAX, 'utf16') : option.label,
        value: option.token,
        ...(option.note !== undefined && { description: option.note }),
      })),
    },
  ],
})

type Row = APIActionRowComponent<APIButtonComponent>

/** Addresses that Discord takes on no button go among the words. */
function buttonRows(rows: readonly (readonly FittedButton[])[]): { readonly rows: Row[]; readonly addresses: string[] } {
  const addresses: string[] = []
  const drawn = rows.map((row) =>
    row.flatMap((button): APIButtonComponent[] => {
      const { label, style } = button
      if ('token' in button) {
        return [{ type: ComponentType.Button, style: STYLES[style], label, custom_id: `${BUTTON_PREFIX}${button.token}` }]
      }
      if (isButtonAddress(button.url)) return [{ type: ComponentType.Button, style: ButtonStyle.Link, label, url: button.url }]
      addresses.push(`${label}: ${button.url}`)
      return []
    }),
  )
  return {
    rows: drawn.filter((row) => row.length > 0).map((components) => ({ type: ComponentType.ActionRow, components })),
    addresses,
  }
}

const isButtonAddress = (url: string): boolean =>
  url.length <= URL_MAX && URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol)
