/** What a platform can draw, as data, in the platform's own units. `fit` reads it; nothing else asks who the platform is. */
export type Capabilities = {
  /** Longest text of one message, and of text beside a picture. `utf16` counts like `string.length`. */
  readonly text: { readonly max: number; readonly captionMax: number; readonly unit: 'utf16' | 'bytes' }
  readonly buttons: {
    readonly perRow: number
    readonly rows: number
    readonly labelMax: number
    /** Longest button token the platform carries, in bytes. */
    readonly tokenMaxBytes: number
  }
  /** A native one-of-N control, with its most options (of more, `fit` makes several); null if there is none. */
  readonly select: { readonly options: number } | null
  /** Native forms, with their most fields; null if questions must be asked in words. */
  readonly form: { readonly fields: number } | null
  readonly maskedInput: boolean
  readonly image: boolean
  readonly file: boolean
  /** Messages can be changed after sending; `seconds` is how long, null for always. */
  readonly edit: { readonly seconds: number | null } | null
  /** How an answer for one person is given in a group. */
  readonly onlyYou: 'native' | 'private-chat'
  /** A press can be answered with a short note that only the presser sees; its length in utf16. */
  readonly toast: { readonly max: number } | null
  readonly canDeleteIncoming: 'everywhere' | 'private-chat' | 'nowhere'
  /** Pace of unasked messages (notices, progress) to one chat. Direct answers wait only when the platform says so. */
  readonly pace: { readonly secondsPerMessage: number; readonly burst: number }
}
