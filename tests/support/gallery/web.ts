import { readFileSync } from 'node:fs'
import { capabilities } from '../../../bots/web/capabilities.ts'
import { trusted } from '../../../bots/web/markup.ts'
import { renderMessage } from '../../../bots/web/render.ts'
import { wordsIn } from '../../../bots/web/words.ts'
import { assetPath } from '../../../core/assets.ts'
import { commands } from '../../../core/commands/index.ts'
import { chartAddress } from './chart.ts'
import { BRAND, localiser, type Painter, styleSheet } from './painter.ts'

const COMMANDS = new Set(commands.map((command) => command.name))
const AT = new Date('2026-11-22T12:00:00Z')

/** The browser shows what the adapter makes as it is; only what it would fetch from the service has to come along. */
export const web: Painter = {
  id: 'web',
  name: { en: 'Browser', zh: '浏览器' },
  capabilities,
  style: `.web .stage {\n${chatStyle()}}\n${styleSheet('web')}`,

  paint({ tone, message, onlyFor }, { id, language }) {
    const { html } = renderMessage(
      { tone, message, onlyYou: onlyFor !== undefined },
      { id, revision: 0, at: AT },
      { words: wordsIn(localiser, language), userId: '', brandName: BRAND, commands: COMMANDS, query: '' },
    )
    return trusted(
      html
        .replaceAll(`/chat/images/${id}.png?revision=0`, message.image ? chartAddress(message.image.chart) : '')
        .replaceAll(/href="\/chat\/files\/[^"]*" download="[^"]*"/g, '')
        // The page's script turns it into the reader's own time.
        .replaceAll(' UTC</time>', '</time>')
        // Nothing answers here: a form would only load the page again.
        .replaceAll('type="submit"', 'type="button"'),
    )
  },
}

/**
 * The chat's own style sheet, for one column of the page: nested in its class, and as on a phone, since a column is about that
 * wide whatever the window is.
 */
function chatStyle(): string {
  let style = readFileSync(assetPath('bots/web/browser/chat.css'), 'utf8')
  const replace = (found: RegExp, by: string) => {
    if (!found.test(style))
      throw new Error(`bots/web/browser/chat.css has no ${found} any more: mend tests/support/gallery/web.ts`)
    style = style.replaceAll(found, by)
  }
  replace(/^( *):root \{/gm, '$1& {')
  replace(/^body \{/gm, '& {')
  replace(/height: 100dvh;/g, '')
  replace(/^@media \(max-width: 560px\)/gm, '@container (max-width: 560px)')
  // Names of animations belong to a whole document, so they can't be nested. A picture stands still.
  replace(/^@keyframes[^{]*\{\n(?: .*\n)*\}\n/gm, '')
  replace(/^html \{[^}]*\}\n/gm, '')
  return style
}
