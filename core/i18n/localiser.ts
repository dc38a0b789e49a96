import type { Text } from '../chat/view.ts'

export type Language = 'en' | 'zh'

/** Turns Texts into sentences of one language. Unknown ids and missing arguments throw unless faults are reported. */
export type Localiser = {
  text(text: Text, language: Language): string
  /** `zh-CN` → zh, `pt-BR` → en: the nearest language we have. */
  nearest(locale: string | null | undefined): Language
  readonly languages: readonly Language[]
}
