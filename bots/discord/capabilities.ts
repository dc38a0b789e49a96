import type { Capabilities } from '../../core/chat/capabilities.ts'

/** Longest note in answer to a press: two lines on a phone. */
export const TOAST_MAX = 200

/** Longest token: a custom id has 100 characters, and that of a form's button also names the fields (form.ts). */
const TOKEN_MAX = 32

/**
 * Limits are those of the HTTP API, version 10. Messages are made of components (render.ts says why), which hold 4000 characters of
 * text. Half of that is promised: escaping a text at most doubles it.
 */
export const discordCapabilities: Capabilities = {
  text: { max: 2000, captionMax: 2000, unit: 'utf16' },
  buttons: { perRow: 5, rows: 5, labelMax: 80, tokenMaxBytes: TOKEN_MAX },
  select: { options: 25 },
  form: { fields: 5 },
  // What is typed into a form only we see, but there are no dots over it.
  maskedInput: false,
  image: true,
  file: true,
  // A message for one person can be changed for 15 minutes, with the token it was sent by; then it is sent anew.
  edit: { seconds: null },
  onlyYou: 'native',
  toast: { max: TOAST_MAX },
  // In servers Manage Messages could, and we never ask for that right; in private chats nobody can.
  canDeleteIncoming: 'nowhere',
  // Five messages in five seconds to a channel.
  pace: { secondsPerMessage: 1, burst: 5 },
}
