import type { Localiser } from '../../core/i18n/index.ts'

/** A short note over the chat. Where it is not yet known who pressed, it comes in all languages, and their app takes its own. */
export type Toast = {
  readonly type: 'info' | 'warning' | 'error'
  readonly content: string
  readonly i18n?: { readonly zh_cn: string; readonly en_us: string }
}

/** What we say ourselves, before the core has seen a press. */
export type ToastTexts = ReturnType<typeof toastTexts>

export function toastTexts(localiser: Localiser) {
  const toast = (type: Toast['type'], id: string): Toast => {
    const en = localiser.text({ id }, 'en')
    return { type, content: en, i18n: { zh_cn: localiser.text({ id }, 'zh'), en_us: en } }
  }
  return {
    late: toast('warning', 'feishu-press-late'),
    lost: toast('error', 'feishu-press-lost'),
    unknown: toast('warning', 'button-unknown'),
  }
}
