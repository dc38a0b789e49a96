/**
 * A View is what a person should see, as plain data: no platform, no language, no functions.
 * It can be stored (outbox), compared (golden tests) and drawn by any adapter after `localise` and `fit`.
 */

/** A value inside a translated sentence. Money and dates are formatted in the reader's language. */
export type TextArgument =
  | string
  | number
  | { readonly cents: number; readonly currency: string }
  | { readonly micros: number }
  | { readonly date: string; readonly style?: 'day' | 'minute' }
  | { readonly text: Text }

/** A message id of core/i18n/*.ftl with its arguments, or words that belong to a person (names, answers, logs). */
export type Text = { readonly id: string; readonly args?: Readonly<Record<string, TextArgument>> } | { readonly literal: string }

export type Tone = 'info' | 'success' | 'warning' | 'danger'

/**
 * Who may see a view. `onlyYou` is drawn natively where the platform can (ephemeral messages) and goes to the
 * private chat where it can't; `private` always goes to the private chat.
 */
export type Visibility = 'everyone' | 'onlyYou' | 'private'

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined }
export type JsonObject = { readonly [key: string]: JsonValue | undefined }

/** What a press does: the action's name and its arguments, kept in our database and never on the button. */
export type Press = {
  readonly action: string
  readonly args?: JsonObject
  /** A second press does nothing but redraw. For everything that charges, creates or destroys. */
  readonly once?: boolean
  /** Who may press: the person it was drawn for (default), or anyone who sees it and has the role. */
  readonly who?: 'addressee' | 'anyone'
}

export type ButtonStyle = 'primary' | 'danger' | 'default' | 'quiet'

export type Button<T = Text> = {
  readonly label: T
  readonly style?: ButtonStyle
} & ({ readonly press: Press } | { readonly url: string })

export type StepState = 'waiting' | 'running' | 'done' | 'failed' | 'undone'

/** One micro-dollar figure a day, oldest first; `date` is `YYYY-MM-DD` in UTC. */
export type DailyUsage = { readonly date: string; readonly micros: number }

/** A picture described as data; an adapter asks `draw` for its PNG only if its platform can show it. */
export type Chart = {
  readonly kind: 'daily-usage'
  readonly days: readonly DailyUsage[]
  readonly allowanceMicros: number
  readonly language: string
}

export type Block<T = Text> =
  | { readonly kind: 'title'; readonly text: T }
  | { readonly kind: 'text'; readonly text: T }
  | { readonly kind: 'fields'; readonly items: readonly { readonly label: T; readonly value: T }[] }
  | { readonly kind: 'note'; readonly text: T }
  | { readonly kind: 'code'; readonly text: T }
  | { readonly kind: 'divider' }
  /** A share of a whole, 0 to 1 (more is drawn full), with words beside it. */
  | { readonly kind: 'bar'; readonly share: number; readonly caption: T }
  | {
      readonly kind: 'progress'
      readonly steps: readonly { readonly label: T; readonly state: StepState; readonly seconds?: number }[]
    }
  | { readonly kind: 'image'; readonly chart: Chart; readonly alt: T }
  | { readonly kind: 'file'; readonly name: string; readonly mime: string; readonly content: string; readonly caption?: T }
  | { readonly kind: 'link'; readonly label: T; readonly url: string }
  | { readonly kind: 'buttons'; readonly buttons: readonly Button<T>[] }
  /** One of N; drawn as a select, as buttons, or as numbered lines to answer with a number. */
  | { readonly kind: 'choice'; readonly name: string; readonly label: T; readonly options: readonly ChoiceOption<T>[] }
  /** Questions answered by typing; where the platform has no forms they are asked in words, one by one. */
  | {
      readonly kind: 'form'
      readonly name: string
      readonly fields: readonly FormField<T>[]
      readonly submitLabel: T
      /** What it does can't be undone: its button looks like that. */
      readonly danger?: boolean
      readonly press: Press
      /** Said instead where the platform has no forms and the answer is given another way, as behind a command. */
      readonly inWords?: T
    }

export type ChoiceOption<T = Text> = { readonly label: T; readonly note?: T; readonly press: Press; readonly selected?: boolean }
export type FormField<T = Text> = {
  readonly name: string
  readonly label: T
  readonly hint?: T
  readonly maxLength: number
  readonly secret?: boolean
}

export type View<T = Text> = {
  /** A later view of the same id edits the message in place, where the situation asks for it. */
  readonly id: string
  readonly tone: Tone
  readonly visibility: Visibility
  readonly blocks: readonly Block<T>[]
}

/** A view in somebody's language: every Text has become a string. */
export type LocalView = View<string>
