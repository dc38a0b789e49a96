import type { Capabilities } from '../../core/chat/capabilities.ts'

/** Longest text of one bubble. HTML has no limit; this one keeps a phone's browser scrolling smoothly. */
const MESSAGE_MAX = 20_000

/** A toast is read in passing: two lines on a phone. It also has to fit a PostgreSQL notification (8000 bytes). */
export const TOAST_MAX = 200

/** The browser draws everything natively; the limits are those of good taste. */
export const capabilities: Capabilities = {
  text: { max: MESSAGE_MAX, captionMax: MESSAGE_MAX, unit: 'utf16' },
  buttons: { perRow: 4, rows: 25, labelMax: 80, tokenMaxBytes: 64 },
  select: { options: 100 },
  form: { fields: 20 },
  maskedInput: true,
  image: true,
  file: true,
  edit: { seconds: null },
  onlyYou: 'native',
  toast: { max: TOAST_MAX },
  canDeleteIncoming: 'everywhere',
  pace: { secondsPerMessage: 0.1, burst: 50 },
}
