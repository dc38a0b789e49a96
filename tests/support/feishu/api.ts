import { z } from 'zod'
import { broken } from './fault.ts'
import type { Upload } from './multipart.ts'

/** What faults are planned for. */
export type RouteKind = 'send' | 'patch' | 'image' | 'other'

export type ApiRequest = {
  /** What the path's groups matched. */
  readonly params: readonly string[]
  readonly query: URLSearchParams
  readonly json: unknown
  readonly upload: Upload | null
  /** Size of the whole request body. */
  readonly bytes: number
}

export type Route = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  readonly path: RegExp
  readonly kind: RouteKind
  /** Its answer beside `code` and `msg`. */
  readonly run: (request: ApiRequest) => Readonly<Record<string, unknown>>
}

/** Reads a request body; one that Feishu does not document is refused, so that a misspelt field is noticed. */
export function body<T>(schema: z.ZodType<T>, value: unknown, route: string): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw broken(99992402, 'field validation failed', `${route}: ${z.prettifyError(parsed.error)}`)
}
