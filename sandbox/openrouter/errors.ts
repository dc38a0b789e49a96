import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** Every error has OpenRouter's one shape, and the code in the body is the HTTP status. */
export function refuse(context: Context, status: ContentfulStatusCode, message: string, metadata?: Record<string, unknown>) {
  return context.json({ error: { code: status, message, ...(metadata && { metadata }) } }, status)
}

export const MESSAGES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'User not found.',
  402: 'Insufficient credits. Add more using https://openrouter.ai/settings/credits',
  403: 'Key limit exceeded (total limit). Manage it using https://openrouter.ai/settings/keys',
  404: 'Not Found',
  408: 'Request timed out',
  429: 'Rate limit exceeded',
  500: 'Internal Server Error',
  502: 'Provider returned error',
  503: 'There is no available model provider that meets your routing requirements',
}
