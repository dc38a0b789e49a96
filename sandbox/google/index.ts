import type { Context, Hono } from 'hono'
import { z } from 'zod'
import { cannedReply } from '../provider/canned-model.ts'
import {
  createStandIn,
  cutTo,
  eventStream,
  type ProviderControl,
  type ProviderModel,
  piecesOf,
  type Refusal,
  type RefusalJson,
  type StandInOptions,
  tokensOf,
} from '../provider/stand-in.ts'
import { GOOGLE_MODELS } from './models.ts'

const MOUNT = '/sandbox/google'
const GOOGLE_TEST_KEYS = 'AIzaSandbox'
const PAGE_MODELS = 50

const Content = z.object({ role: z.string().optional(), parts: z.array(z.looseObject({ text: z.string().optional() })) })
const Request = z.object({
  contents: z.array(Content).min(1),
  systemInstruction: Content.optional(),
  tools: z.array(z.unknown()).optional(),
  generationConfig: z.looseObject({ maxOutputTokens: z.number().int().positive().optional() }).optional(),
})
type Request = z.infer<typeof Request>

const error = (code: RefusalJson['status'], status: string, message: string, details?: readonly object[]): RefusalJson => ({
  status: code,
  body: { error: { code, message, status, ...(details && { details }) } },
})

const info = (reason: string) => [
  {
    '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
    reason,
    domain: 'googleapis.com',
    metadata: { service: 'generativelanguage.googleapis.com' },
  },
]

/** In the provider's own words: what checks and OpenClaw tell apart hangs on them. */
function refusal(kind: Refusal, { model }: { readonly model: string }): RefusalJson {
  switch (kind) {
    case 'wrong-key':
      return error(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', info('API_KEY_INVALID'))
    case 'no-credit':
      return error(
        429,
        'RESOURCE_EXHAUSTED',
        'Your prepayment credits are depleted. Please go to AI Studio at https://ai.studio/projects to manage your project and billing.',
      )
    case 'no-access':
      return error(403, 'PERMISSION_DENIED', `The caller does not have permission to use models/${model}.`)
    case 'unknown-model':
      return error(
        404,
        'NOT_FOUND',
        `models/${model} is not found for API version v1beta, or is not supported for generateContent.`,
      )
    case 'rate-limited':
      return error(
        429,
        'RESOURCE_EXHAUSTED',
        'You exceeded your current quota. Quota exceeded for metric: generate_content_free_tier_requests, limit: 10. Please retry in 20s.',
        [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '20s' }],
      )
    case 'overloaded':
      return error(503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.')
    case 'down':
      return error(500, 'INTERNAL', 'An internal error has occurred. Please retry.')
    case 'bad-request':
      return error(400, 'INVALID_ARGUMENT', 'Invalid JSON payload received.')
  }
}

const modelJson = (model: ProviderModel) => ({
  name: `models/${model.id}`,
  baseModelId: model.id,
  version: '001',
  displayName: model.name,
  inputTokenLimit: model.contextTokens,
  outputTokenLimit: model.outputTokens,
  supportedGenerationMethods: model.talks ? ['generateContent', 'countTokens', 'createCachedContent'] : ['embedContent'],
})

/** A stand-in for Google's Gemini API: GET /v1beta/models, generateContent and streamGenerateContent. */
export function createGoogleSandbox(options: StandInOptions): { readonly app: Hono; readonly control: ProviderControl } {
  const standIn = createStandIn(
    {
      mount: MOUNT,
      keysBeginWith: GOOGLE_TEST_KEYS,
      models: GOOGLE_MODELS,
      keyOf: (context) => context.req.header('x-goog-api-key') ?? context.req.query('key') ?? null,
      refusal,
    },
    options,
  )
  const { app, control } = standIn

  app.get('/v1beta/models', (context) => {
    const size = Number(context.req.query('pageSize') ?? PAGE_MODELS)
    const first = Number(context.req.query('pageToken') ?? 0)
    const all = standIn.models()
    const next = first + size < all.length ? { nextPageToken: String(first + size) } : {}
    return context.json({ models: all.slice(first, first + size).map(modelJson), ...next })
  })

  app.get('/v1beta/models/:id', (context) => {
    const id = context.req.param('id')
    const model = standIn.find(id)
    return model ? context.json(modelJson(model)) : standIn.refuse(context, 'unknown-model', id)
  })

  // `models/<id>:<method>`: the colon belongs to the last part of the path.
  app.post('/v1beta/models/:call', async (context) => {
    const [id = '', method = ''] = context.req.param('call').split(':')
    if (method !== 'generateContent' && method !== 'streamGenerateContent') return standIn.refuse(context, 'bad-request')
    const parsed = Request.safeParse(await context.req.json().catch(() => null))
    if (!parsed.success) return standIn.refuse(context, 'bad-request')
    const model = standIn.find(id)
    const away = standIn.turnedAway(context, model)
    if (!model || away !== null) return standIn.refuse(context, away ?? 'unknown-model', id)
    return answer(context, parsed.data, model, method === 'streamGenerateContent')
  })

  function answer(context: Context, request: Request, model: ProviderModel, streamed: boolean): Response {
    const messages = request.contents.map(({ role, parts }) => ({
      role: role === 'model' ? 'assistant' : 'user',
      content: parts.map((part) => part.text ?? '').join('\n'),
    }))
    const { text, isCut } = cutTo(cannedReply(model, messages), request.generationConfig?.maxOutputTokens)
    const inputTokens = tokensOf(JSON.stringify(request).length)
    const outputTokens = tokensOf(text.length)
    standIn.answered(context, { model, usage: { inputTokens, outputTokens } })
    const usageMetadata = {
      promptTokenCount: inputTokens,
      candidatesTokenCount: outputTokens,
      totalTokenCount: inputTokens + outputTokens,
    }
    const piece = (words: string, finishReason?: string) => ({
      candidates: [{ content: { role: 'model', parts: [{ text: words }] }, ...(finishReason && { finishReason }), index: 0 }],
      usageMetadata,
      modelVersion: model.id,
      responseId: 'sandbox',
    })
    const finish = isCut ? 'MAX_TOKENS' : 'STOP'
    if (!streamed) return context.json(piece(text, finish))
    const pieces = piecesOf(text)
    return eventStream(pieces.map((words, index) => ({ data: piece(words, index === pieces.length - 1 ? finish : undefined) })))
  }

  return { app, control }
}
