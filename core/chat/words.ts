import type { Language, Localiser } from '../i18n/index.ts'

/** The few sentences `fit` adds itself, where a platform can't draw something and words must do. */
export type FitWords = {
  choose(): string
  more(): string
  /** One of several lists that together hold what one can't. */
  part(label: string, from: number, to: number): string
  answerWithNumber(): string
  typeField(label: string): string
  typeSecret(label: string, weDeleteIt: boolean): string
  secretElsewhere(label: string): string
  asFile(name: string): string
  noFile(name: string): string
}

export function fitWords(localiser: Localiser, language: Language): FitWords {
  const words = (id: string, args?: Record<string, string>) => localiser.text(args ? { id, args } : { id }, language)
  return {
    choose: () => words('chat-choose'),
    more: () => words('chat-more'),
    part: (label, from, to) => words('chat-part', { label, from: `${from}`, to: `${to}` }),
    answerWithNumber: () => words('chat-answer-with-number'),
    typeField: (label) => words('chat-type-field', { label }),
    typeSecret: (label, weDeleteIt) => words(weDeleteIt ? 'chat-type-secret' : 'chat-type-secret-kept', { label }),
    secretElsewhere: (label) => words('chat-secret-elsewhere', { label }),
    asFile: (name) => words('chat-as-file', { name }),
    noFile: (name) => words('chat-no-file', { name }),
  }
}
