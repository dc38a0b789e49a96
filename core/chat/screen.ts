import type { Press, View } from './view.ts'

/** Screen ids have one length, so that a token splits without a separator. */
const SCREEN_ID_LENGTH = 10

/** What a screen row keeps of a button. */
export type StoredPress = Press

/**
 * Every press of a view in reading order. The order is the key's origin, so a view that is drawn again after a crash
 * gets the same tokens. The key stands for a stored meaning, never for a position in a list that may change.
 */
export function pressesOf(view: View<unknown>): Press[] {
  const presses: Press[] = []
  for (const block of view.blocks) {
    if (block.kind === 'buttons') for (const button of block.buttons) if ('press' in button) presses.push(button.press)
    if (block.kind === 'choice') for (const option of block.options) presses.push(option.press)
    if (block.kind === 'form') presses.push(block.press)
  }
  return presses
}

const keyAt = (position: number) => position.toString(36)

/** The `buttons` column: key to meaning. */
export function buttonsOf(view: View<unknown>): Record<string, StoredPress> {
  return Object.fromEntries(pressesOf(view).map((press, position) => [keyAt(position), press]))
}

/** Gives each press of a view its token, for `fit`. At most 13 bytes: 10 of screen id and up to 3 of key. */
export function tokensOf(view: View<unknown>, screenId: string): (press: Press) => string {
  const keys = new Map(pressesOf(view).map((press, position) => [press, keyAt(position)]))
  return (press) => {
    const key = keys.get(press)
    if (key === undefined) throw new Error(`a press of ${view.id} is not part of the view it was drawn from`)
    return screenId + key
  }
}

/** Null for a token that no screen of ours can have. */
export function splitToken(token: string): { screenId: string; key: string } | null {
  if (!/^[0-9A-Za-z]{11,16}$/.test(token)) return null
  return { screenId: token.slice(0, SCREEN_ID_LENGTH), key: token.slice(SCREEN_ID_LENGTH) }
}
