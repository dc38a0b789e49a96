import type { Capabilities } from '../../core/chat/capabilities.ts'

/** A toast is two lines over the chat; what is longer nobody reads in the seconds it stands there. */
export const TOAST_MAX = 100

const DAY_SECONDS = 86_400

/** Limits are those of card JSON 2.0 and im/v1; texts are counted in bytes of UTF-8. */
export const feishuCapabilities: Capabilities = {
  // A request with a card may have 30 KB (card.ts counts it). Text in it is escaped twice, and the layout needs room too: this much fits
  // even where a quarter of it are line ends and quotes; a card that is too large all the same goes out as words.
  text: { max: 18_000, captionMax: 18_000, unit: 'bytes' },
  // A card has no rows, but 200 elements in all, and a button takes three of them.
  buttons: { perRow: 3, rows: 15, labelMax: 100, tokenMaxBytes: 64 },
  select: { options: 50 },
  form: { fields: 10 },
  maskedInput: true,
  image: true,
  file: true,
  edit: { seconds: 14 * DAY_SECONDS },
  // Feishu has cards that one member of a group sees, but only in clients that are online at that moment, without a notification, not in
  // topic groups, and they can't be changed into a result later. The private chat always arrives, and we may open it ourselves.
  onlyYou: 'private-chat',
  toast: { max: TOAST_MAX },
  // A bot takes back messages of others only where it is the group's owner or administrator, which we never ask for.
  canDeleteIncoming: 'nowhere',
  // Five messages a second to a person or a group, which all bots of a group share.
  pace: { secondsPerMessage: 0.2, burst: 5 },
}
