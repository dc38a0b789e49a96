// Hebrew to Arabic Extended-A, the presentation forms, the right-to-left planes, and the controls that turn text round.
const TURNS_TEXT =
  /[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u
const ISOLATE_CONTROLS = /[\u2066-\u2069]/g

/**
 * Keeps a name in a right-to-left script from turning the sentence around it, with the marks Unicode has for it (FSI, PDI).
 * Only such text gets them: everything else stays comparable, searchable and short. Isolates that came with the text stay if each
 * is closed, as around a name in a sentence; else all are removed, because an unpaired one would end ours early.
 */
export function isolate(text: string): string {
  if (!TURNS_TEXT.test(text)) return text
  return `\u2068${isClosed(text) ? text : text.replace(ISOLATE_CONTROLS, '')}\u2069`
}

function isClosed(text: string): boolean {
  let open = 0
  for (const [control] of text.matchAll(ISOLATE_CONTROLS)) {
    open += control === '\u2069' ? -1 : 1
    if (open < 0) return false
  }
  return open === 0
}
