import type { PrismaTransaction } from '../../prisma/database.ts'
import type { View } from '../chat/view.ts'

/** A message to a person or chat that nobody asked for just now. Delivered at least once, shown once. */
export type Notice = {
  readonly platform: string
  readonly chatId: string
  readonly userId?: string
  readonly language: string
  readonly view: View
  /** `edit` replaces the newest message of the same view id in that chat, or sends it if there is none. */
  readonly place: 'new' | 'edit'
  /** The business event (`order:<id>:ready`): a second notice of it is dropped. */
  readonly dedupeKey?: string
}

export type Notices = {
  post(transaction: PrismaTransaction, notice: Notice): Promise<void>
  /** After the commit: sends what is due now. */
  wake(): void
}
