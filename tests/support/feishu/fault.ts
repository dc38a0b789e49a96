/** An error as the open platform answers it: an HTTP status and `{ code, msg }`. */
export class Fault extends Error {
  override readonly name = 'Fault'
  constructor(
    readonly status: number,
    readonly code: number,
    readonly msg: string,
    readonly more: {
      /** Which rule the caller broke; nothing when this can happen to a caller who does everything right. */
      readonly violation?: string
      readonly headers?: Readonly<Record<string, string>>
    } = {},
  ) {
    super(`${code} ${msg}`)
  }
}

/** What goes wrong with a correct caller too: chats end, people leave, messages are recalled. */
export const fault = (code: number, msg: string): Fault => new Fault(400, code, msg)

/** A rule of the platform is broken: answered as Feishu does, and remembered. */
export const broken = (code: number, msg: string, rule: string = msg): Fault => new Fault(400, code, msg, { violation: rule })

/** HTTP 230001, which Feishu explains in `ext`. */
export const invalidParameter = (ext: string): Fault =>
  fault(230001, `Your request contains an invalid request parameter, ext=${ext}`)

/** A card refused: 230099 is the envelope, the reason is inside. Source: "230099 sub error codes" of "Send message". */
export class CardRefused extends Error {
  override readonly name = 'CardRefused'
  constructor(
    readonly subCode: number,
    readonly errMsg: string,
    readonly errorValue: string,
    readonly path: string = '',
  ) {
    super(`ErrCode: ${subCode}; ${path === '' ? '' : `ErrPath: ${path}; `}ErrMsg: ${errMsg}; ErrorValue: ${errorValue}; `)
  }
}
export const unparsable = (errorValue: string, path?: string): CardRefused =>
  new CardRefused(200621, 'parse card json err, please check whether the card json is correct', errorValue, path)

export const cardFault = (refused: CardRefused, violation?: string): Fault =>
  new Fault(400, 230099, `Failed to create card content, ext=${refused.message}`, violation === undefined ? {} : { violation })
