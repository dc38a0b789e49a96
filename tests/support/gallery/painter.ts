import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Html } from '../../../bots/web/markup.ts'
import type { Capabilities } from '../../../core/chat/capabilities.ts'
import type { Outgoing } from '../../../core/chat/platform.ts'
import { createLocaliser, type Language } from '../../../core/i18n/index.ts'

export type Letter = Pick<Outgoing, 'tone' | 'message' | 'onlyFor'> & { readonly isPrivate: boolean }

/** Where on the page a message is drawn. */
export type Scene = {
  /** No other message of the page has it. */
  readonly id: string
  readonly language: Language
}

/**
 * How one platform shows a message. What it paints is the native message its adapter makes, and nothing else: a part of it that
 * a painter does not know is an error, because a picture that leaves something out is believed.
 */
export type Painter = {
  /** The class of everything it paints. */
  readonly id: string
  readonly name: Readonly<Record<Language, string>>
  readonly capabilities: Capabilities
  readonly style: string
  paint(letter: Letter, scene: Scene): Html
}

export const BRAND = 'ClawCloud'

/** The minute all screens are of. */
export const CLOCK = '12:00'

export const localiser = createLocaliser()

export const styleSheet = (name: string): string => readFileSync(join(import.meta.dirname, `${name}.css`), 'utf8')
