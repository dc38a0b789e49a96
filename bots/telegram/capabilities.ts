import type { Capabilities } from '../../core/chat/capabilities.ts'

/** Longest note a press is answered with. */
export const TOAST_MAX = 200

/** Limits are those of Bot API 10.3; texts are counted after formatting, in UTF-16 units. */
export const telegramCapabilities: Capabilities = {
  text: { max: 4096, captionMax: 1024, unit: 'utf16' },
  // Telegram carries 8 buttons a row and 100 in all, but a phone cuts labels beyond two a row to a few letters.
  buttons: { perRow: 2, rows: 40, labelMax: 40, tokenMaxBytes: 64 },
  select: null,
  form: null,
  maskedInput: false,
  image: true,
  file: true,
  // A bot may change its own messages for ever.
  edit: { seconds: null },
  // Bot API 10.3 has messages only one member of a group sees (`ephemeral_message_parameters`), but Telegram does not
  // promise to deliver them, and they can't be edited into a result later. The private chat always arrives.
  onlyYou: 'private-chat',
  toast: { max: TOAST_MAX },
  // In groups only an administrator bot could, and we never ask for that right.
  canDeleteIncoming: 'private-chat',
  // Telegram's FAQ: one message a second to a person, with short bursts allowed. Groups have 20 a minute; what goes beyond is told
  // by 429 with the wait, and outdated progress is dropped meanwhile.
  pace: { secondsPerMessage: 1, burst: 5 },
}
