import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { Clock, Ids } from '../../core/clock.ts'
import { cannedReply, Messages, promptCharacters } from '../provider/canned-model.ts'
import type { Mood } from '../provider/keys.ts'
import { providerOf, type SandboxModel } from './catalogue.ts'
import { MESSAGES, refuse } from './errors.ts'
import { limitRemainingUsd, sentence } from './key-routes.ts'
import { type KeyRecord, PICOS_PER_USD, type Store } from './store.ts'

/** The usual rule of thumb for English; the stand-in has no tokenizer. */
const CHARACTERS_PER_TOKEN = 4
/** Pieces of a streamed answer, in words: small enough to be seen growing. */
const WORDS_PER_CHUNK = 4

/** Whatever else OpenClaw or an SDK sends (tools, reasoning, provider, …) is accepted and has no effect. */
const Request = z.object({
  model: z.string().min(1).optional(),
  models: z.array(z.string()).optional(),
  messages: Messages,
  stream: z.boolean().nullish(),
  max_tokens: z.number().int().positive().nullish(),
  max_completion_tokens: z.number().int().positive().nullish(),
  tools: z.array(z.unknown()).nullish(),
})
type Request = z.infer<typeof Request>

type Dependencies = {
  readonly store: Store
  readonly clock: Clock
  readonly ids: Ids
  readonly findModel: (id: string) => SandboxModel | null
  /** How the provider says that a key reached its limit; both have been seen. */
  readonly keyLimitStatus: () => 402 | 403
}

/** POST /chat/completions. The caller has been authenticated: `key` is a sub-key that is neither disabled nor expired. */
export function chatRoutes(
  { store, clock, ids, findModel, keyLimitStatus }: Dependencies,
  keyOf: (context: Context) => KeyRecord | { readonly own: Mood },
): Hono {
  const app = new Hono()

  app.post('/completions', async (context) => {
    const parsed = Request.safeParse(await context.req.json().catch(() => null))
    if (!parsed.success) return refuse(context, 400, sentence(parsed.error))
    const request = parsed.data
    const wanted = [request.model, ...(request.models ?? [])].filter((id) => id !== undefined)
    if (wanted.length === 0) return refuse(context, 400, 'No models provided')
    const model = wanted.map(findModel).find((found) => found !== null)
    if (!model) return refuse(context, 404, `No endpoints found for ${wanted[0]}.`)

    const key = keyOf(context)
    const costs = model.promptPrice + model.completionPrice > 0
    const answer = answerTo(request, model)
    if ('own' in key) {
      if (key.own === 'no-credit' && costs) return refuse(context, 402, MESSAGES[402] ?? '')
      if (key.own === 'no-access') return refuse(context, 404, 'No allowed providers are available for the selected model.')
    } else {
      if (store.balanceUsd() <= 0) return refuse(context, 402, MESSAGES[402] ?? '')
      if (limitRemainingUsd(store, key) === 0 && costs) return refuse(context, keyLimitStatus(), MESSAGES[403] ?? '')
      // Booked before it is sent: whoever has read an answer finds it in the usage.
      store.use({
        hash: key.hash,
        model: model.id,
        picos: answer.picos,
        promptTokens: answer.promptTokens,
        completionTokens: answer.completionTokens,
      })
    }
    const head = {
      id: ids.create('gen-'),
      created: Math.floor(clock.now().getTime() / 1000),
      model: model.id,
      provider: providerOf(model),
    }
    const usage = usageJson(answer)
    return request.stream ? stream(head, answer, usage) : context.json(wholeAnswer(head, answer, usage))
  })
  return app
}

type Answer = {
  readonly text: string
  readonly finish: 'stop' | 'length'
  readonly promptTokens: number
  readonly completionTokens: number
  readonly promptPicos: number
  readonly picos: number
}

function answerTo(request: Request, model: SandboxModel): Answer {
  const whole = cannedReply(model, request.messages)
  const most = request.max_completion_tokens ?? request.max_tokens
  const cut = most && Math.ceil(whole.length / CHARACTERS_PER_TOKEN) > most ? whole.slice(0, most * CHARACTERS_PER_TOKEN) : null
  const text = cut ?? whole
  const promptTokens = Math.ceil(promptCharacters(request.messages, request.tools ?? undefined) / CHARACTERS_PER_TOKEN)
  const completionTokens = Math.ceil(text.length / CHARACTERS_PER_TOKEN)
  const promptPicos = promptTokens * Math.max(0, model.promptPrice)
  const picos = promptPicos + completionTokens * Math.max(0, model.completionPrice)
  return { text, finish: cut === null ? 'stop' : 'length', promptTokens, completionTokens, promptPicos, picos }
}

type Head = { readonly id: string; readonly created: number; readonly model: string; readonly provider: string }

function usageJson(answer: Answer) {
  return {
    prompt_tokens: answer.promptTokens,
    completion_tokens: answer.completionTokens,
    total_tokens: answer.promptTokens + answer.completionTokens,
    cost: answer.picos / PICOS_PER_USD,
    is_byok: false,
    prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 0, audio_tokens: 0, video_tokens: 0 },
    cost_details: {
      upstream_inference_cost: null,
      upstream_inference_prompt_cost: answer.promptPicos / PICOS_PER_USD,
      upstream_inference_completions_cost: (answer.picos - answer.promptPicos) / PICOS_PER_USD,
    },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  }
}

function wholeAnswer(head: Head, answer: Answer, usage: object) {
  return {
    ...head,
    object: 'chat.completion',
    system_fingerprint: null,
    choices: [
      {
        index: 0,
        logprobs: null,
        finish_reason: answer.finish,
        native_finish_reason: answer.finish,
        message: { role: 'assistant', content: answer.text, refusal: null, reasoning: null },
      },
    ],
    usage,
  }
}

/** Server-sent events as OpenRouter sends them: a comment while it is working, deltas, one chunk with the usage, [DONE]. */
function stream(head: Head, answer: Answer, usage: object): Response {
  const chunk = (choices: readonly object[], more: object = {}) =>
    `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices, ...more })}\n\n`
  const delta = (content: string, finish: string | null = null) =>
    chunk([
      { index: 0, delta: { role: 'assistant', content }, finish_reason: finish, native_finish_reason: finish, logprobs: null },
    ])
  const words = answer.text.match(/\s*\S+/g) ?? []
  const pieces: string[] = []
  for (let at = 0; at < words.length; at += WORDS_PER_CHUNK) pieces.push(words.slice(at, at + WORDS_PER_CHUNK).join(''))

  const events = [
    ': OPENROUTER PROCESSING\n\n',
    ...pieces.map((piece) => delta(piece)),
    delta('', answer.finish),
    chunk([], { usage }),
    'data: [DONE]\n\n',
  ]
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const event = events.shift()
      if (event === undefined) controller.close()
      else controller.enqueue(encoder.encode(event))
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' } })
}
