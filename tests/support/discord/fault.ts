/** One mistake in a request body: where, and what the API says about it. */
export type FormError = { readonly path: readonly (string | number)[]; readonly code: string; readonly message: string }

type More = {
  readonly form?: readonly FormError[]
  /** What the bot did wrong. Without it the error is the world's doing: a deleted channel, a wait, an outage. */
  readonly blame?: string
  readonly retryAfter?: { readonly seconds: number; readonly global: boolean }
}

/** An error as Discord's API answers it: an HTTP status with `{ code, message, errors? }`. */
export class Fault extends Error {
  override readonly name = 'Fault'
  constructor(
    readonly status: number,
    readonly code: number,
    message: string,
    readonly more: More = {},
  ) {
    super(message)
  }

  get body(): Record<string, unknown> {
    const { form, retryAfter } = this.more
    if (retryAfter) return { message: this.message, retry_after: retryAfter.seconds, global: retryAfter.global }
    return { message: this.message, code: this.code, ...(form && { errors: tree(form) }) }
  }
}

/** Field errors hang in a tree of the same shape as the body, each leaf under `_errors`. */
function tree(form: readonly FormError[]): Record<string, unknown> {
  const at = (depth: number, errors: readonly FormError[]): Record<string, unknown> => {
    const here = errors.filter(({ path }) => path.length === depth).map(({ code, message }) => ({ code, message }))
    const below = errors.filter(({ path }) => path.length > depth)
    const names = [...new Set(below.map(({ path }) => String(path[depth])))]
    const children = names.map((name) => [
      name,
      at(
        depth + 1,
        below.filter(({ path }) => String(path[depth]) === name),
      ),
    ])
    return { ...Object.fromEntries(children), ...(here.length > 0 && { _errors: here }) }
  }
  return at(0, form)
}

/** The body breaks a rule of its form. Always the bot's mistake. */
export function invalidForm(form: readonly FormError[]): Fault {
  const blame = form.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; ')
  return new Fault(400, 50035, 'Invalid Form Body', { form, blame })
}

export const unknownChannel = (): Fault => new Fault(404, 10003, 'Unknown Channel')
export const unknownGuild = (): Fault => new Fault(404, 10004, 'Unknown Guild')
export const unknownMember = (): Fault => new Fault(404, 10007, 'Unknown Member')
export const unknownMessage = (blame?: string): Fault => new Fault(404, 10008, 'Unknown Message', blame ? { blame } : {})
export const unknownUser = (): Fault => new Fault(404, 10013, 'Unknown User')
export const unknownWebhook = (blame: string): Fault => new Fault(404, 10015, 'Unknown Webhook', { blame })
export const unknownInteraction = (blame?: string): Fault => new Fault(404, 10062, 'Unknown interaction', blame ? { blame } : {})
export const alreadyAcknowledged = (blame: string): Fault =>
  new Fault(400, 40060, 'Interaction has already been acknowledged.', { blame })
export const missingAccess = (): Fault => new Fault(403, 50001, 'Missing Access')
export const wrongChannelType = (): Fault => new Fault(403, 50003, 'Cannot execute action on a DM channel')
export const notYourMessage = (): Fault =>
  new Fault(403, 50005, 'Cannot edit a message authored by another user', { blame: 'the message is somebody else’s' })
export const emptyMessage = (): Fault => new Fault(400, 50006, 'Cannot send an empty message', { blame: 'the message is empty' })
export const cannotMessageUser = (): Fault => new Fault(403, 50007, 'Cannot send messages to this user')
export const missingPermissions = (): Fault => new Fault(403, 50013, 'Missing Permissions')
export const invalidWebhookToken = (blame?: string): Fault =>
  new Fault(401, 50027, 'Invalid Webhook Token', blame ? { blame } : {})
export const tooLarge = (what: string): Fault => new Fault(413, 40005, 'Request entity too large', { blame: what })
export const unauthorized = (blame: string): Fault => new Fault(401, 0, '401: Unauthorized', { blame })
export const rateLimited = (seconds: number, global: boolean, blame?: string): Fault =>
  new Fault(429, 0, 'You are being rate limited.', { retryAfter: { seconds, global }, ...(blame && { blame }) })
