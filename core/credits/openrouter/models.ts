import { z } from 'zod'
import type { HttpJson } from '../../http-json.ts'
import type { Model } from '../../models/index.ts'

/** OpenRouter gives USD per token; micro-dollars per million tokens are 10^12 times that. */
const MICROS_PER_MILLION_TOKENS = 1e12

const Price = z
  .union([z.string().min(1), z.number()])
  .transform(Number)
  .pipe(z.number())
const Listed = z.object({
  id: z.string().min(3),
  name: z.string().optional(),
  context_length: z.number().nullish(),
  pricing: z.object({ prompt: Price, completion: Price }),
  supported_parameters: z.array(z.string()).optional(),
  expiration_date: z.string().nullish(),
  architecture: z.object({ output_modalities: z.array(z.string()).optional() }).optional(),
})
const Answer = z.object({ data: z.array(z.unknown()) })

/**
 * All models an assistant can run on. Left out: what we can't read, routers without a price of their own (it is -1 there),
 * and what cannot call tools or answer in text, which every OpenClaw turn needs.
 */
export function createOpenRouterModels(http: HttpJson): () => Promise<readonly Model[]> {
  return async () => {
    const { data } = Answer.parse(await http({ method: 'GET', path: '/models' }))
    return data.flatMap((entry) => {
      const listed = Listed.safeParse(entry)
      return listed.success && isUsable(listed.data) ? [modelOf(listed.data)] : []
    })
  }
}

function isUsable({ pricing, supported_parameters: parameters, architecture }: z.infer<typeof Listed>): boolean {
  if (pricing.prompt < 0 || pricing.completion < 0) return false
  if (parameters && !parameters.includes('tools')) return false
  return architecture?.output_modalities?.includes('text') ?? true
}

const DAY = /^\d{4}-\d{2}-\d{2}/

const modelOf = (listed: z.infer<typeof Listed>): Model => ({
  id: listed.id,
  name: listed.name ?? listed.id,
  contextTokens: listed.context_length ?? 0,
  promptMicrosPerMillion: Math.round(listed.pricing.prompt * MICROS_PER_MILLION_TOKENS),
  completionMicrosPerMillion: Math.round(listed.pricing.completion * MICROS_PER_MILLION_TOKENS),
  ...(DAY.test(listed.expiration_date ?? '') && { endsOn: listed.expiration_date?.slice(0, 10) ?? '' }),
})
