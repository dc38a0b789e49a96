import { z } from 'zod'
import { cannedReply, Messages, promptCharacters } from '../provider/canned-model.ts'
import { cutTo, eventStream, type ProviderModel, piecesOf, tokensOf } from '../provider/stand-in.ts'

/** The least that the provider takes; a smaller number is refused. */
const LEAST_OUTPUT_TOKENS = 16

export const ResponsesRequest = z.object({
  model: z.string(),
  input: z.union([z.string().min(1), z.array(z.unknown()).min(1)]),
  instructions: z.string().nullish(),
  max_output_tokens: z.number().int().min(LEAST_OUTPUT_TOKENS).nullish(),
  tools: z.array(z.unknown()).optional(),
  stream: z.boolean().nullish(),
})
type ResponsesRequest = z.infer<typeof ResponsesRequest>

export type Answer = {
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number }
  /** The whole answer, or its events. */
  respond(): object | Response
}

/** Items that are no messages (reasoning, calls of tools) say nothing to a canned model. */
function messagesOf(input: ResponsesRequest['input']): Messages {
  if (typeof input === 'string') return [{ role: 'user', content: input }]
  const messages = input.flatMap((item) => Messages.safeParse([item]).data ?? [])
  return messages.length > 0 ? messages : [{ role: 'user', content: '' }]
}

/** POST /responses: whole, or as the events that the provider names one by one. */
export function answerTo(request: ResponsesRequest, model: ProviderModel, createdAt: number): Answer {
  const messages = messagesOf(request.input)
  const { text, isCut } = cutTo(cannedReply(model, messages), request.max_output_tokens)
  const usage = {
    inputTokens: tokensOf(promptCharacters(messages, request.tools) + (request.instructions?.length ?? 0)),
    outputTokens: tokensOf(text.length),
  }
  const part = { type: 'output_text', text, annotations: [], logprobs: [] }
  const item = { id: 'msg_sandbox', type: 'message', role: 'assistant', status: 'completed', content: [part] }
  const begun = {
    id: 'resp_sandbox',
    object: 'response',
    created_at: createdAt,
    status: 'in_progress',
    error: null,
    incomplete_details: null,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    metadata: {},
    model: model.id,
    output: [],
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    usage: null,
  }
  const completed = {
    ...begun,
    status: isCut ? 'incomplete' : 'completed',
    incomplete_details: isCut ? { reason: 'max_output_tokens' } : null,
    output: [item],
    usage: {
      input_tokens: usage.inputTokens,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: usage.outputTokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: usage.inputTokens + usage.outputTokens,
    },
  }

  function events() {
    const at = { item_id: item.id, output_index: 0, content_index: 0 }
    const all = [
      { type: 'response.created', response: begun },
      { type: 'response.in_progress', response: begun },
      { type: 'response.output_item.added', output_index: 0, item: { ...item, status: 'in_progress', content: [] } },
      { type: 'response.content_part.added', ...at, part: { ...part, text: '' } },
      ...piecesOf(text).map((delta) => ({ type: 'response.output_text.delta', ...at, delta, logprobs: [] })),
      { type: 'response.output_text.done', ...at, text, logprobs: [] },
      { type: 'response.content_part.done', ...at, part },
      { type: 'response.output_item.done', output_index: 0, item },
      { type: isCut ? 'response.incomplete' : 'response.completed', response: completed },
    ]
    return eventStream(all.map((event, index) => ({ name: event.type, data: { ...event, sequence_number: index } })))
  }
  return { usage, respond: () => (request.stream ? events() : completed) }
}
