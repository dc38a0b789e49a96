import type { z } from 'zod'

/** An error as Stripe words it. `decline_code` and `param` are left out where Stripe leaves them out. */
export type StripeErrorBody = {
  readonly type: 'invalid_request_error' | 'card_error' | 'api_error' | 'idempotency_error'
  readonly message: string
  readonly code?: string
  readonly param?: string
  readonly decline_code?: string
}

export class StripeFailure extends Error {
  override readonly name = 'StripeFailure'
  constructor(
    readonly status: number,
    readonly body: StripeErrorBody,
  ) {
    super(body.message)
  }
}

export const invalid = (message: string, more: { readonly code?: string; readonly param?: string } = {}): StripeFailure =>
  new StripeFailure(400, { type: 'invalid_request_error', message, ...more })

export const missing = (kind: string, id: string): StripeFailure =>
  new StripeFailure(404, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No such ${kind}: '${id}'`,
    param: 'id',
  })

/** The first thing wrong with the parameters, in Stripe's words: it too reports one at a time. */
export function parameterFailure(error: z.ZodError): StripeFailure {
  const issue = error.issues[0]
  if (!issue) return invalid('Invalid request.')
  const param = bracketed(issue.path)
  if (issue.code === 'unrecognized_keys') {
    const unknown = bracketed([...issue.path, issue.keys[0] ?? ''])
    return invalid(`Received unknown parameter: ${unknown}`, { code: 'parameter_unknown', param: unknown })
  }
  if (issue.input === undefined) {
    return invalid(`Missing required param: ${param}.`, { code: 'parameter_missing', param })
  }
  if (issue.code === 'invalid_value') {
    return invalid(`Invalid ${param}: must be one of ${issue.values.join(', ')}`, { param })
  }
  return invalid(`Invalid ${param}: ${issue.message}`, { code: 'parameter_invalid', param })
}

function bracketed(path: readonly PropertyKey[]): string {
  const [first, ...rest] = path.map(String)
  return `${first ?? ''}${rest.map((part) => `[${part}]`).join('')}`
}
