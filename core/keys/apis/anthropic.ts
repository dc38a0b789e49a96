import { z } from 'zod'
import type { ListedModel } from '../../models/index.ts'
import type { ProviderApi } from '../key-api.ts'
import { type ProviderCall, verdictOf } from '../provider-call.ts'

const VERSION = '2023-06-01'
const Page = z.object({
  data: z.array(z.object({ id: z.string(), display_name: z.string().optional(), max_input_tokens: z.number().nullish() })),
})
/** The most that one page holds; there are some ten models. */
const PAGE_MODELS = 1000

const WORDS = {
  says: [
    [/credit balance is too low|billing/i, 'no-credit'],
    [/organization has been disabled/i, 'wrong-key'],
  ],
} as const

/** https://docs.claude.com/en/api: models list, messages, errors. */
export function createAnthropicApi(call: ProviderCall): ProviderApi {
  const headers = (key: string) => ({ 'x-api-key': key, 'anthropic-version': VERSION })
  return {
    async list(key) {
      const answer = await call({ method: 'GET', path: `/v1/models?limit=${PAGE_MODELS}`, headers: headers(key) })
      if (!answer.ok) return verdictOf(answer, WORDS)
      const page = Page.safeParse(answer.body)
      if (!page.success) return verdictOf({ status: null, text: 'a list of models that cannot be read' }, WORDS)
      return {
        models: page.data.data.map(
          (model): ListedModel => ({
            id: model.id,
            ...(model.display_name !== undefined && { name: model.display_name }),
            ...(model.max_input_tokens && { contextTokens: model.max_input_tokens }),
          }),
        ),
      }
    },
    async tinyTurn(key, model) {
      const body = { model, max_tokens: 1, messages: [{ role: 'user', content: '.' }] }
      const answer = await call({ method: 'POST', path: '/v1/messages', headers: headers(key), body })
      return answer.ok ? { state: 'valid', detail: '' } : verdictOf(answer, WORDS)
    },
    cheapest: (models) => models.find(({ id }) => /haiku/.test(id))?.id ?? null,
  }
}
