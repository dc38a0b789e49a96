import { z } from 'zod'
import type { ListedModel } from '../../models/index.ts'
import type { ProviderApi, Verdict } from '../key-api.ts'
import { type ProviderCall, verdictOf } from '../provider-call.ts'

const Key = z.object({
  data: z.object({ is_management_key: z.boolean().optional(), is_provisioning_key: z.boolean().optional() }),
})
/** OpenRouter gives USD per token; micro-dollars per million tokens are 10^12 times that. */
const MICROS_PER_MILLION_TOKENS = 1e12
const Price = z.coerce.number()
const List = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      name: z.string().optional(),
      context_length: z.number().nullish(),
      pricing: z.object({ prompt: Price, completion: Price }),
      supported_parameters: z.array(z.string()).optional(),
    }),
  ),
})
/** Some of the providers behind it take no fewer. */
const OUTPUT_TOKENS = 16

const WORDS = {
  says: [
    [/insufficient credits|more credits|key limit exceeded/i, 'no-credit'],
    [/no allowed providers|data policy/i, 'no-access'],
  ],
} as const

const unreadable: Verdict = { state: 'unreachable', detail: 'an answer that cannot be read' }

/** A customer's own account. https://openrouter.ai/docs/api-reference: key, models, chat completions, errors. */
export function createOpenRouterApi(call: ProviderCall): ProviderApi {
  const headers = (key: string) => ({ authorization: `Bearer ${key}` })
  return {
    /** The list is public: the key has to be shown by itself. */
    async list(key) {
      const about = await call({ method: 'GET', path: '/key', headers: headers(key) })
      if (!about.ok) return verdictOf(about, WORDS)
      const known = Key.safeParse(about.body).data?.data
      if (!known) return unreadable
      if (known.is_management_key || known.is_provisioning_key)
        return { state: 'wrong-key', detail: 'a management key, which cannot call models' }
      const answer = await call({ method: 'GET', path: '/models', headers: headers(key) })
      if (!answer.ok) return verdictOf(answer, WORDS)
      const list = List.safeParse(answer.body)
      if (!list.success) return unreadable
      return {
        models: list.data.data
          .filter(({ pricing, supported_parameters: can }) => pricing.prompt >= 0 && (!can || can.includes('tools')))
          .map(
            (model): ListedModel => ({
              id: model.id,
              name: model.name ?? model.id,
              contextTokens: model.context_length ?? 0,
              promptMicrosPerMillion: Math.round(model.pricing.prompt * MICROS_PER_MILLION_TOKENS),
              completionMicrosPerMillion: Math.round(model.pricing.completion * MICROS_PER_MILLION_TOKENS),
            }),
          ),
      }
    },
    async tinyTurn(key, model) {
      const body = { model, max_tokens: OUTPUT_TOKENS, messages: [{ role: 'user', content: '.' }] }
      const answer = await call({ method: 'POST', path: '/chat/completions', headers: headers(key), body })
      return answer.ok ? { state: 'valid', detail: '' } : verdictOf(answer, WORDS)
    },
    /** A free one would not show whether the account has credit. */
    cheapest: (models) => {
      const paid = models.filter(({ completionMicrosPerMillion: price }) => price !== undefined && price > 0)
      const price = (model: ListedModel) => (model.promptMicrosPerMillion ?? 0) + (model.completionMicrosPerMillion ?? 0)
      return (
        paid.reduce<ListedModel | null>((least, model) => (!least || price(model) < price(least) ? model : least), null)?.id ??
        null
      )
    },
  }
}
