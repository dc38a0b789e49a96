import type { Pool } from 'pg'
import { z } from 'zod'
import type { Clock } from '../clock.ts'

export type Plan = {
  readonly id: string
  readonly name: string
  readonly priceCents: number
  readonly currency: string
  /** AI credit of one billing cycle. */
  readonly creditMicros: number
}

/** A price changed by an operator shows within a minute; an order keeps the price it was placed at. */
const FRESH_MS = 60_000

const PlanRow = z.object({
  id: z.string(),
  name: z.string(),
  priceCents: z.int().positive(),
  currency: z.string(),
  creditMicros: z.coerce.number().pipe(z.int().nonnegative()),
})

/** The plans on sale, in their order. A stale list is better than none while the database is away. */
export function createPlans({ pool, clock }: { readonly pool: Pool; readonly clock: Clock }): () => Promise<readonly Plan[]> {
  let cached: { readonly plans: readonly Plan[]; readonly at: number } | null = null

  return async () => {
    const now = clock.now().getTime()
    if (cached && now - cached.at < FRESH_MS) return cached.plans
    try {
      const { rows } = await pool.query({
        name: 'plans_on_sale',
        text: `SELECT id, name, price_cents AS "priceCents", currency, credit_micros AS "creditMicros"
               FROM plans WHERE active ORDER BY position`,
      })
      cached = { plans: z.array(PlanRow).parse(rows), at: now }
    } catch (error) {
      if (!cached) throw error
    }
    return cached.plans
  }
}
