import { join } from 'node:path'
import { expect } from 'vitest'
import type { Capabilities } from '../../core/chat/capabilities.ts'
import { type FittedButton, type FittedMessage, fit as fitView } from '../../core/chat/fit.ts'
import { localise } from '../../core/chat/localise.ts'
import { plainText } from '../../core/chat/measure.ts'
import { tokensOf } from '../../core/chat/screen.ts'
import type { View } from '../../core/chat/view.ts'
import { fitWords } from '../../core/chat/words.ts'
import { createLocaliser, type Language } from '../../core/i18n/index.ts'

/** A platform that has nothing but short texts: what is left of a screen when everything must become words. */
export const tinyCapabilities: Capabilities = {
  text: { max: 400, captionMax: 0, unit: 'bytes' },
  buttons: { perRow: 0, rows: 0, labelMax: 20, tokenMaxBytes: 16 },
  select: null,
  form: null,
  maskedInput: false,
  image: false,
  file: false,
  edit: null,
  onlyYou: 'private-chat',
  toast: null,
  canDeleteIncoming: 'nowhere',
  pace: { secondsPerMessage: 1, burst: 1 },
}

export type Screen = { readonly name: string; readonly view: View }

const localiser = createLocaliser()
const SCREEN_ID = '0000000000'
const WIDTH = 60

/** A screen as the messages a platform is given. */
export function fitScreen(view: View, capabilities: Capabilities, language: Language): readonly FittedMessage[] {
  const local = localise(view, localiser, language)
  const chatKind = view.visibility === 'everyone' ? 'group' : 'private'
  return fitView(local, capabilities, tokensOf(local, SCREEN_ID), fitWords(localiser, language), chatKind)
}

/** A screen as its messages would look, in plain text that a reviewer can read. */
export function drawScreen(view: View, capabilities: Capabilities, language: Language): string {
  const messages = fitScreen(view, capabilities, language)
  return messages.map((message) => drawMessage(message)).join(`\n${'┈'.repeat(WIDTH)}\n`)
}

function drawButton(button: FittedButton): string {
  const mark = { primary: '*', danger: '!', quiet: '·', default: '' }[button.style]
  return 'url' in button ? `[${mark}${button.label} ↗ ${button.url}]` : `[${mark}${button.label}]`
}

function drawMessage(message: FittedMessage): string {
  const parts: string[] = []
  if (message.image) parts.push(`(picture: ${message.image.alt})`)
  for (const block of message.blocks) {
    const text = plainText(block)
    if (block.kind === 'title') parts.push(`# ${text}`)
    else if (block.kind === 'note') parts.push(text.replace(/^/gm, '> '))
    else if (block.kind === 'code') parts.push(text.replace(/^/gm, '    '))
    else parts.push(text)
  }
  if (message.file)
    parts.push(`(file ${message.file.name}, ${message.file.mime})\n${message.file.content.replace(/^/gm, '    ')}`)
  for (const select of message.selects) {
    const options = select.options.map(
      (option) => `  ${option.selected ? '●' : '○'} ${option.label}${option.note === undefined ? '' : ` — ${option.note}`}`,
    )
    parts.push([`▾ ${select.label}`, ...options].join('\n'))
  }
  if (message.form) {
    const fields = message.form.fields.map(
      (field) => `  ${field.label}: ${field.secret ? '••••' : '____'}${field.hint === undefined ? '' : ` (${field.hint})`}`,
    )
    parts.push([...fields, `  [${message.form.danger ? '!' : ''}${message.form.submitLabel}]`].join('\n'))
  }
  if (message.rows.length > 0) parts.push(message.rows.map((row) => row.map(drawButton).join(' ')).join('\n'))
  return parts.join('\n\n')
}

/**
 * Compares every screen with the file kept of it (tests/goldens/<name>.txt): all platforms in English, and the roomiest in Chinese,
 * where only the words differ. `npx vitest run -u` writes them anew.
 */
export async function expectGoldens(
  screens: readonly Screen[],
  platforms: Readonly<Record<string, Capabilities>>,
): Promise<void> {
  for (const { name, view } of screens) {
    const [firstPlatform] = Object.keys(platforms)
    const drawings = Object.entries(platforms).flatMap(([platform, capabilities]) =>
      localiser.languages
        .filter((language) => language === 'en' || platform === firstPlatform)
        .map(
          (language) => `${`══ ${platform} · ${language} `.padEnd(WIDTH, '═')}\n\n${drawScreen(view, capabilities, language)}\n`,
        ),
    )
    const heading = `${name} · ${view.tone} · ${view.visibility}\n\n`
    await expect(heading + drawings.join('\n')).toMatchFileSnapshot(join(import.meta.dirname, '../goldens', `${name}.txt`))
  }
}
