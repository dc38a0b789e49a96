/** An error as the Bot API answers it: `{ ok: false, error_code, description, parameters? }`. */
export class Fault extends Error {
  override readonly name = 'Fault'
  constructor(
    readonly code: number,
    readonly description: string,
    readonly parameters?: { readonly retry_after?: number; readonly migrate_to_chat_id?: number },
  ) {
    super(description)
  }
}
export const badRequest = (what: string): Fault => new Fault(400, `Bad Request: ${what}`)
export const forbidden = (what: string): Fault => new Fault(403, `Forbidden: ${what}`)
export const tooMany = (seconds: number): Fault =>
  new Fault(429, `Too Many Requests: retry after ${seconds}`, { retry_after: seconds })
