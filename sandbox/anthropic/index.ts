import type { Hono } from 'hono'
import { z } from 'zod'
import { cannedReply, promptCharacters } from '../provider/canned-model.ts'
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
import { ANTHROPIC_MODELS } from './models.ts'

const MOUNT = '/sandbox/anthropic'
const ANTHROPIC_TEST_KEYS = 'sk-ant-api03-sandbox'
const PAGE_MODELS = 20

const Message = z.object({ role: z.enum(['user', 'assistant']), content: z.union([z.string(), z.array(z.unknown())]) })
const Request = z.object({
  model: z.string(),
  max_tokens: z.number().int().positive(),
  messages: z.array(Message).min(1),
  system: z.union([z.string(), z.array(z.unknown())]).optional(),
  tools: z.array(z.unknown()).optional(),
  stream: z.boolean().optional(),
})

const error = (status: RefusalJson['status'], type: string, message: string): RefusalJson => ({
  status,
  body: { type: 'error', error: { type, message }, request_id: 'req_sandbox' },
})

/** In the provider's own words: what checks and OpenClaw tell apart hangs on them. */
function refusal(kind: Refusal, { model }: { readonly model: string }): RefusalJson {
  switch (kind) {
    case 'wrong-key':
      return error(401, 'authentication_error', 'invalid x-api-key')
    case 'no-credit':
      return error(
        400,
        'invalid_request_error',
        'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
      )
    case 'no-access':
      return error(403, 'permission_error', `Your API key does not have permission to use the model ${model}.`)
    case 'unknown-model':
      return error(404, 'not_found_error', `model: ${model}`)
    case 'rate-limited':
      return error(429, 'rate_limit_error', 'This request would exceed the rate limit for your organization.')
    case 'overloaded':
      return error(529, 'overloaded_error', 'Overloaded')
    case 'down':
      return error(500, 'api_error', 'Internal server error')
    case 'bad-request':
      return error(400, 'invalid_request_error', 'messages: the request could not be read')
  }
}

const modelJson = (model: ProviderModel) => ({
  type: 'model',
  id: model.id,
  display_name: model.name,
  created_at: `${model.listedAt}T00:00:00Z`,
  deprecated_at: null,
  lifecycle: 'active',
  line: null,
  capabilities: null,
  max_input_tokens: model.contextTokens,
  max_tokens: model.outputTokens,
})

/** A stand-in for Anthropic: GET /v1/models, POST /v1/messages (whole and streamed). */
export function createAnthropicSandbox(options: StandInOptions): { readonly app: Hono; readonly control: ProviderControl } {
  const standIn = createStandIn(
    {
      mount: MOUNT,
      keysBeginWith: ANTHROPIC_TEST_KEYS,
      models: ANTHROPIC_MODELS,
      // OpenClaw sends the one, the vendor's own client the other.
      keyOf: (context) =>
        context.req.header('x-api-key') ?? /^Bearer\s+(\S+)$/i.exec(context.req.header('authorization') ?? '')?.[1] ?? null,
      refusal,
    },
    options,
  )
  const { app, control } = standIn

  app.get('/v1/models', (context) => {
    const limit = Number(context.req.query('limit') ?? PAGE_MODELS)
    const after = context.req.query('after_id')
    const all = standIn.models()
    const first = after === undefined ? 0 : all.findIndex((model) => model.id === after) + 1
    const page = all.slice(first, first + limit)
    return context.json({
      data: page.map(modelJson),
      has_more: first + limit < all.length,
      first_id: page[0]?.id ?? null,
      last_id: page.at(-1)?.id ?? null,
    })
  })

  app.get('/v1/models/:id', (context) => {
    const id = context.req.param('id')
    const model = standIn.find(id)
    return model ? context.json(modelJson(model)) : standIn.refuse(context, 'unknown-model', id)
  })

  app.post('/v1/messages', async (context) => {
    const parsed = Request.safeParse(await context.req.json().catch(() => null))
    if (!parsed.success) return standIn.refuse(context, 'bad-request')
    const request = parsed.data
    const model = standIn.find(request.model)
    const away = standIn.turnedAway(context, model)
    if (!model || away !== null) return standIn.refuse(context, away ?? 'unknown-model', request.model)

    const { text, isCut } = cutTo(cannedReply(model, request.messages), request.max_tokens)
    const systemCharacters = request.system === undefined ? 0 : JSON.stringify(request.system).length
    const inputTokens = tokensOf(promptCharacters(request.messages, request.tools) + systemCharacters)
    const outputTokens = tokensOf(text.length)
    standIn.answered(context, { model, usage: { inputTokens, outputTokens } })
    const stopReason = isCut ? 'max_tokens' : 'end_turn'
    const message = {
      id: 'msg_sandbox',
      type: 'message',
      role: 'assistant',
      model: model.id,
      stop_sequence: null,
    }
    const usage = { input_tokens: inputTokens, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 }
    if (!request.stream)
      return context.json({
        ...message,
        content: [{ type: 'text', text }],
        stop_reason: stopReason,
        usage: { ...usage, output_tokens: outputTokens },
      })
    const event = (data: { readonly type: string; readonly [name: string]: unknown }) => ({ name: data.type, data })
    return eventStream([
      event({
        type: 'message_start',
        message: { ...message, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } },
      }),
      event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
      event({ type: 'ping' }),
      ...piecesOf(text).map((piece) =>
        event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: piece } }),
      ),
      event({ type: 'content_block_stop', index: 0 }),
      event({
        type: 'message_delta',
        delta: { stop_reason: stopReason, stop_sequence: null },
        usage: { output_tokens: outputTokens },
      }),
      event({ type: 'message_stop' }),
    ])
  })

  return { app, control }
}
