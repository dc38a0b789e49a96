import { z } from 'zod'
import type { ListedModel } from '../../models/index.ts'
import type { ProviderApi } from '../key-api.ts'
import { type ProviderCall, verdictOf } from '../provider-call.ts'

const Page = z.object({
  models: z
    .array(
      z.object({
        name: z.string(),
        displayName: z.string().optional(),
        inputTokenLimit: z.number().optional(),
        supportedGenerationMethods: z.array(z.string()).default([]),
      }),
    )
    .default([]),
})
const PAGE_MODELS = 1000

// 429 is both: a minute's quota that is used up, and an account that has nothing left.
const WORDS = {
  says: [
    [/API_KEY_INVALID|API key (not valid|expired|not found)|reported as leaked/i, 'wrong-key'],
    [/prepayment credits|billing/i, 'no-credit'],
  ],
} as const

const OTHER_USE = /image|tts|audio|live|embedding|vision|robotics|computer-use/

/** https://ai.google.dev/api: models.list, models.generateContent, error codes. */
export function createGoogleApi(call: ProviderCall): ProviderApi {
  const headers = (key: string) => ({ 'x-goog-api-key': key })
  return {
    async list(key) {
      const answer = await call({ method: 'GET', path: `/v1beta/models?pageSize=${PAGE_MODELS}`, headers: headers(key) })
      if (!answer.ok) return verdictOf(answer, WORDS)
      const page = Page.safeParse(answer.body)
      if (!page.success) return verdictOf({ status: null, text: 'a list of models that cannot be read' }, WORDS)
      return {
        models: page.data.models
          .map((model) => ({ ...model, id: model.name.replace(/^models\//, '') }))
          .filter(({ id, supportedGenerationMethods: can }) => can.includes('generateContent') && !OTHER_USE.test(id))
          .map(
            (model): ListedModel => ({
              id: model.id,
              ...(model.displayName !== undefined && { name: model.displayName }),
              ...(model.inputTokenLimit !== undefined && { contextTokens: model.inputTokenLimit }),
            }),
          ),
      }
    },
    async tinyTurn(key, model) {
      const body = { contents: [{ role: 'user', parts: [{ text: '.' }] }], generationConfig: { maxOutputTokens: 1 } }
      const path = `/v1beta/models/${encodeURIComponent(model)}:generateContent`
      const answer = await call({ method: 'POST', path, headers: headers(key), body })
      return answer.ok ? { state: 'valid', detail: '' } : verdictOf(answer, WORDS)
    },
    cheapest: (models) =>
      (models.find(({ id }) => /flash-lite/.test(id)) ?? models.find(({ id }) => /flash/.test(id)))?.id ?? null,
  }
}
