import type { Language, Localiser } from '../../core/i18n/index.ts'

/** The page's own words (`web-…` in core/i18n/*.ftl), in one language. */
export type Words = {
  readonly language: Language
  (id: `web-${string}`, args?: Readonly<Record<string, string | number>>): string
}

export function wordsIn(localiser: Localiser, language: Language): Words {
  const say = (id: string, args?: Readonly<Record<string, string | number>>) =>
    localiser.text(args ? { id, args } : { id }, language)
  return Object.assign(say, { language })
}
