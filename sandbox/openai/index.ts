import type { Hono } from 'hono'
import {
  createStandIn,
  type ProviderControl,
  type ProviderModel,
  type Refusal,
  type RefusalJson,
  type StandInOptions,
} from '../provider/stand-in.ts'
import { OPENAI_MODELS } from './models.ts'
import { answerTo, ResponsesRequest } from './responses.ts'

const MOUNT = '/sandbox/openai'
const OPENAI_TEST_KEYS = 'sk-proj-sandbox'

const error = (status: RefusalJson['status'], message: string, type: string, code: string | null): RefusalJson => ({
  status,
  body: { error: { message, type, param: null, code } },
})

/** In the provider's own words: what checks and OpenClaw tell apart hangs on them. */
function refusal(kind: Refusal, { model, key }: { readonly model: string; readonly key: string }): RefusalJson {
  switch (kind) {
    case 'wrong-key':
      return error(
        401,
        `Incorrect API key provided: ${key.slice(0, 7)}***${key.slice(-4)}. You can find your API key at https://platform.openai.com/account/api-keys.`,
        'invalid_request_error',
        'invalid_api_key',
      )
    case 'no-credit':
      return error(
        429,
        'You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.',
        'insufficient_quota',
        'insufficient_quota',
      )
    case 'no-access':
      return error(
        403,
        `Project \`proj_sandbox\` does not have access to model \`${model}\``,
        'invalid_request_error',
        'model_not_found',
      )
    case 'unknown-model':
      return error(
        404,
        `The model \`${model}\` does not exist or you do not have access to it.`,
        'invalid_request_error',
        'model_not_found',
      )
    case 'rate-limited':
      return error(
        429,
        `Rate limit reached for ${model} on requests per min (RPM): Limit 3, Used 3.`,
        'requests',
        'rate_limit_exceeded',
      )
    case 'overloaded':
      return error(503, 'The engine is currently overloaded, please try again later', 'server_error', null)
    case 'down':
      return error(500, 'The server had an error while processing your request. Sorry about that!', 'server_error', null)
    case 'bad-request':
      return error(400, 'The request could not be read.', 'invalid_request_error', null)
  }
}

const modelJson = (model: ProviderModel) => ({
  id: model.id,
  object: 'model',
  created: Date.parse(model.listedAt) / 1000,
  owned_by: 'system',
})

/** A stand-in for OpenAI: GET /models, POST /responses (whole and streamed). */
export function createOpenAiSandbox(options: StandInOptions): { readonly app: Hono; readonly control: ProviderControl } {
  const standIn = createStandIn(
    {
      mount: MOUNT,
      keysBeginWith: OPENAI_TEST_KEYS,
      models: OPENAI_MODELS,
      keyOf: (context) => /^Bearer\s+(\S+)$/i.exec(context.req.header('authorization') ?? '')?.[1] ?? null,
      refusal,
    },
    options,
  )
  const { app, control } = standIn

  app.get('/v1/models', (context) => context.json({ object: 'list', data: standIn.models().map(modelJson) }))

  app.get('/v1/models/:id', (context) => {
    const id = context.req.param('id')
    const model = standIn.find(id)
    return model ? context.json(modelJson(model)) : standIn.refuse(context, 'unknown-model', id)
  })

  app.post('/v1/responses', async (context) => {
    const parsed = ResponsesRequest.safeParse(await context.req.json().catch(() => null))
    if (!parsed.success) return standIn.refuse(context, 'bad-request')
    const model = standIn.find(parsed.data.model)
    const away = standIn.turnedAway(context, model)
    if (!model || away !== null) return standIn.refuse(context, away ?? 'unknown-model', parsed.data.model)
    const answer = answerTo(parsed.data, model, Math.floor(options.clock.now().getTime() / 1000))
    standIn.answered(context, { model, usage: answer.usage })
    const response = answer.respond()
    return response instanceof Response ? response : context.json(response)
  })

  return { app, control }
}
