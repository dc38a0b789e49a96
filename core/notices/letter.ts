import { z } from 'zod'
import type { FittedMessage } from '../chat/fit.ts'
import type { Post } from '../chat/store.ts'
import type { View } from '../chat/view.ts'

/** One message on its way: a row, and the view it was made from. */
export type Letter = {
  readonly id: string
  readonly platform: string
  readonly chatId: string
  readonly screenId: string
  readonly view: View
  readonly language: string
  readonly place: 'new' | 'edit'
  readonly editRef: string | null
  readonly onlyFor: string | null
  readonly answers: string | null
  /** Nobody waits for it this moment: it keeps the platform's pace. */
  readonly paced: boolean
  /** Its row was written so long ago that who was to send it has died, or waited: others may have sent newer ones since. */
  readonly leftBehind: boolean
  /** The view as the platform shows it, once it was drawn. */
  messages: readonly FittedMessage[] | null
  attempts: number
  /** Native messages of the parts that are out; null: the table knows. */
  refs: string[] | null
  /** Handed to the platform at this moment: whoever stops cannot tell whether it arrives. */
  sending: boolean
  /** Went back to the table with the rest of its chat. */
  returned: boolean
}

const Row = z
  .object({
    id: z.coerce.string(),
    platform: z.string(),
    chat_id: z.string(),
    screen_id: z.string(),
    // Written by us as a View; its shape is checked by the types where it was made.
    view: z.custom<View>((value) => typeof value === 'object' && value !== null && 'blocks' in value),
    language: z.string(),
    place: z.enum(['new', 'edit']),
    edit_ref: z.string().nullable(),
    only_for: z.string().nullable(),
    answers: z.string().nullable(),
    dedupe_key: z.string().nullable(),
    attempts: z.number(),
    left_behind: z.boolean(),
  })
  .transform(
    (row): Letter => ({
      id: row.id,
      platform: row.platform,
      chatId: row.chat_id,
      screenId: row.screen_id,
      view: row.view,
      language: row.language,
      place: row.place,
      editRef: row.edit_ref,
      onlyFor: row.only_for,
      answers: row.answers,
      // An edit with a business key tells how something ended, to somebody who watches that message: it is an answer.
      paced: !(row.place === 'edit' && row.dedupe_key !== null),
      leftBehind: row.left_behind,
      messages: null,
      attempts: row.attempts,
      refs: null,
      sending: false,
      returned: false,
    }),
  )

/** The letter of a claimed row; no success for a row of another version. */
export const letterOfRow = (row: unknown) => Row.safeParse(row)

/** The letter of what this process just committed. */
export const letterOfPost = (post: Post, id: string, messages: readonly FittedMessage[] | null): Letter => ({
  id,
  platform: post.platform,
  chatId: post.chatId,
  screenId: post.screenId,
  view: post.view,
  language: post.language,
  place: post.place,
  editRef: post.editRef ?? null,
  onlyFor: post.onlyFor ?? null,
  answers: post.answers ?? null,
  paced: false,
  leftBehind: false,
  messages,
  attempts: 0,
  refs: [],
  sending: false,
  returned: false,
})

/** Progress edits "the newest message of this view" and is worth nothing once something newer is shown. */
export const isProgress = (letter: Letter) => letter.place === 'edit' && letter.editRef === null
