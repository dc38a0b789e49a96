export type { Notice, Notices } from './notice.ts'
export { createNotices, OUTBOX_CHANNEL } from './notices.ts'
export { createOutbox, type Outbox } from './outbox.ts'
