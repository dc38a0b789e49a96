import { t } from '../../chat/build.ts'
import type { Text } from '../../chat/view.ts'

/** Longest name, in characters as people count them: fits a button on a phone. */
export const NAME_MAX = 32

/** Short, pleasant, none of them a brand. The first free ones are offered for one tap. */
const SUGGESTIONS = ['Scout', 'Atlas', 'Luna', 'Robin', 'Juno', 'Otto', 'Maya', 'Felix']
const SUGGESTED = 3

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Names are compared as people read them: case, width and composition do not make two names of one. */
const fold = (name: string) => name.normalize('NFKC').toLocaleLowerCase()

/** Null if the name can be had. Emoji and every script are fine; what can't be shown or told apart is not. */
export function nameProblem(name: string, taken: readonly string[]): Text | null {
  if (name === '') return t('name-empty')
  if (name.startsWith('/')) return t('name-command')
  if (/[\p{Cc}\p{Cs}\p{Co}\u202a-\u202e\u2066-\u2069]/u.test(name)) return t('name-characters')
  if (!/[\p{L}\p{N}\p{Emoji_Presentation}\p{Extended_Pictographic}]/u.test(name)) return t('name-characters')
  // Counting graphemes of a very long text costs; nothing that long can pass.
  const length = name.length > NAME_MAX * 12 ? name.length : [...graphemes.segment(name)].length
  if (length > NAME_MAX) return t('name-long', { length, most: NAME_MAX })
  if (taken.some((other) => fold(other) === fold(name))) return t('name-taken', { name })
  return null
}

export function suggestedNames(taken: readonly string[]): string[] {
  const used = new Set(taken.map(fold))
  return SUGGESTIONS.filter((name) => !used.has(fold(name))).slice(0, SUGGESTED)
}
