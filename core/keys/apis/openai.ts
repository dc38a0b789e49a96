import { z } from 'zod'
import type { ProviderApi } from '../key-api.ts'
import { type ProviderCall, verdictOf } from '../provider-call.ts'

const List = z.object({ data: z.array(z.object({ id: z.string() })) })
/** The least that the provider takes. */
const OUTPUT_TOKENS = 16

const WORDS = {
  says: [
    [/insufficient_quota|billing_not_active|billing_hard_limit/i, 'no-credit'],
    [/account_deactivated|organization_deactivated/i, 'wrong-key'],
    // A restricted key: it is known, and may not do this.
    [/missing scopes|insufficient permissions/i, 'no-access'],
  ],
} as const

/** The list names everything the account may use, and not what it is for. */
const TALKS = /^(gpt-|o\d|chatgpt-)/
const OTHER_USE = /audio|realtime|image|tts|transcribe|search|embedding|moderation|instruct|deep-research/

/** https://platform.openai.com/docs/api-reference: models list, responses, error codes. */
export function createOpenAiApi(call: ProviderCall): ProviderApi {
  const headers = (key: string) => ({ authorization: `Bearer ${key}` })
  return {
    async list(key) {
      const answer = await call({ method: 'GET', path: '/models', headers: headers(key) })
      if (!answer.ok) return verdictOf(answer, WORDS)
      const list = List.safeParse(answer.body)
      if (!list.success) return verdictOf({ status: null, text: 'a list of models that cannot be read' }, WORDS)
      return { models: list.data.data.filter(({ id }) => TALKS.test(id) && !OTHER_USE.test(id)).map(({ id }) => ({ id })) }
    },
    async tinyTurn(key, model) {
      const body = { model, input: '.', max_output_tokens: OUTPUT_TOKENS, store: false }
      const answer = await call({ method: 'POST', path: '/responses', headers: headers(key), body })
      return answer.ok ? { state: 'valid', detail: '' } : verdictOf(answer, WORDS)
    },
    cheapest: (models) => (models.find(({ id }) => /nano/.test(id)) ?? models.find(({ id }) => /mini/.test(id)))?.id ?? null,
  }
}
