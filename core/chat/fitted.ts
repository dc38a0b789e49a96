import type { ButtonStyle, Chart, StepState } from './view.ts'

/** A button that is ready to draw: its token is opaque, its meaning is a row of ours. */
export type FittedButton = { readonly label: string; readonly style: ButtonStyle } & (
  | { readonly token: string }
  | { readonly url: string }
)

/** What a message's body may consist of after fitting: only things every platform can show as text. */
export type FittedBlock =
  | { readonly kind: 'title'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'fields'; readonly items: readonly { readonly label: string; readonly value: string }[] }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'divider' }
  | { readonly kind: 'bar'; readonly share: number; readonly caption: string }
  | {
      readonly kind: 'progress'
      readonly steps: readonly { readonly label: string; readonly state: StepState; readonly seconds?: number }[]
    }

export type FittedSelect = {
  readonly name: string
  readonly label: string
  readonly options: readonly {
    readonly label: string
    readonly note?: string
    readonly token: string
    readonly selected: boolean
  }[]
}
export type FittedForm = {
  readonly name: string
  readonly token: string
  readonly submitLabel: string
  readonly danger?: boolean
  readonly fields: readonly {
    readonly name: string
    readonly label: string
    readonly hint?: string
    readonly maxLength: number
    readonly secret: boolean
  }[]
}

export type FittedFile = { readonly name: string; readonly mime: string; readonly content: string }

/** One native message. A view that is too long for one becomes several, with the controls on the last. */
export type FittedMessage = {
  readonly blocks: readonly FittedBlock[]
  readonly rows: readonly (readonly FittedButton[])[]
  readonly selects: readonly FittedSelect[]
  readonly form?: FittedForm
  readonly image?: { readonly chart: Chart; readonly alt: string }
  readonly file?: FittedFile
  /** On the last message: what the numbers in the text stand for, as a person types them (`"1"`), to the button's token. */
  readonly numbered?: Readonly<Record<string, string>>
  /** On the last message: a form that was put into words. What the person types next answers its fields, in their order. */
  readonly typed?: FittedForm
}
