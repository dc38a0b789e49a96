import { createHash } from 'node:crypto'
import type { Api } from './api.ts'

/** A picture stays at Feishu under its key; a chart that is asked for again is the same picture. */
const MOST_KEPT = 500

/** Uploads each picture once, also when several want it at the same moment. */
export function createPictures({ uploadImage }: Pick<Api, 'uploadImage'>) {
  const keys = new Map<string, Promise<string>>()

  return {
    /** Rejects with Feishu's error. */
    keyOf(png: Buffer): Promise<string> {
      const hash = createHash('sha256').update(png).digest('base64')
      const known = keys.get(hash)
      if (known) {
        // Used last, forgotten last.
        keys.delete(hash)
        keys.set(hash, known)
        return known
      }
      const uploaded = uploadImage(png)
      keys.set(hash, uploaded)
      uploaded.catch(() => keys.delete(hash))
      const oldest = keys.keys().next()
      if (keys.size > MOST_KEPT && !oldest.done) keys.delete(oldest.value)
      return uploaded
    },
  }
}
export type Pictures = ReturnType<typeof createPictures>
