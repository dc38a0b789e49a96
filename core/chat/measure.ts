import type { Capabilities } from './capabilities.ts'
import type { FittedBlock } from './fitted.ts'
import type { StepState } from './view.ts'

export type TextUnit = Capabilities['text']['unit']

/** How long a text is for a platform: UTF-16 code units (Telegram, Discord) or UTF-8 bytes (Feishu). */
export const measure = (text: string, unit: TextUnit): number =>
  unit === 'utf16' ? text.length : Buffer.byteLength(text, 'utf8')

/** Fits the narrowest phone bubble in every platform's font. */
const BAR_CELLS = 12

/** A share of 0 to 1 as filled and empty cells. More than nothing shows a cell; only a full share shows all. */
export function barCells(share: number, cells: number = BAR_CELLS): string {
  const known = Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0
  let filled = Math.round(known * cells)
  if (known > 0 && filled === 0) filled = 1
  if (known < 1 && filled === cells) filled = cells - 1
  return '▰'.repeat(filled) + '▱'.repeat(cells - filled)
}

/** Told apart by shape, not only by colour. */
export const STEP_MARKS: Readonly<Record<StepState, string>> = {
  waiting: '▫️',
  running: '⏳',
  done: '✅',
  failed: '❌',
  undone: '↩️',
}

/** `· 8 s`, `· 1 min 05 s`: the units are read alike in English and Chinese. */
export function stepTime(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
}

const ENDS_IN_CHINESE = /[\p{Script=Han}）」』”]$/u

/** A label before its value; a Chinese one with the colon of its script, which has its space in it. */
export const withColon = (label: string): string => (ENDS_IN_CHINESE.test(label) ? `${label}：` : `${label}: `)

export const DIVIDER_LINE = '──────────'

/** A block in the layout every adapter draws, without the platform's markup. What `fit` measures is exactly this. */
export function plainText(block: FittedBlock): string {
  switch (block.kind) {
    case 'title':
    case 'text':
    case 'note':
    case 'code':
      return block.text
    case 'fields':
      return block.items.map((item) => `${withColon(item.label)}${item.value}`).join('\n')
    case 'divider':
      return DIVIDER_LINE
    case 'bar':
      return block.caption === '' ? barCells(block.share) : `${barCells(block.share)} ${block.caption}`
    case 'progress':
      return block.steps
        .map(
          (step) => `${STEP_MARKS[step.state]} ${step.label}${step.seconds === undefined ? '' : ` · ${stepTime(step.seconds)}`}`,
        )
        .join('\n')
  }
}

/** Adapters put at most this between two blocks. */
export const BLOCK_SEPARATOR = '\n\n'

/** Markup that counts on some platforms: a code fence with its line ends, or two pairs of asterisks. */
const BLOCK_MARKUP = 10
/** Per line of fields, where the label is set in bold. */
const LINE_MARKUP = 4
/** The tone's sign before the first block: an emoji of up to 8 bytes and a space. */
export const TONE_ROOM = 9

/** The most a block takes in a message, separator and markup included. */
export function blockSize(block: FittedBlock, unit: TextUnit): number {
  const lines = block.kind === 'fields' ? block.items.length * LINE_MARKUP : 0
  return measure(plainText(block), unit) + BLOCK_SEPARATOR.length + BLOCK_MARKUP + lines
}

/** Platforms refuse a message in which nothing can be seen. */
export const isVisible = (text: string): boolean => /[^\s\p{Z}\p{Cc}\p{Cf}\p{Cs}\p{Mn}]/u.test(text)
