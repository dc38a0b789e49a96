import { z } from 'zod'
import { modelPrice, plainName, replacementFor } from '../models/index.ts'
import type { Services } from '../services.ts'
import { catalogueFor, readModelSettings } from './model-settings.ts'
import { type Vanishing, vanishingView } from './model-views.ts'

/** Time enough to try the replacement, and not so early that it is forgotten. */
const WARN_DAYS = 30
const DAY_MS = 86_400_000

const Row = z.object({
  id: z.string(),
  name: z.string(),
  platform: z.string(),
  chat_id: z.string(),
  user_id: z.string(),
  language: z.string(),
})
type Row = z.infer<typeof Row>

/**
 * Looks for assistants whose model is taken off its list, and tells each owner once, with a replacement: ahead where the list says when,
 * else when it was missing in two looks one after the other (one list may be incomplete).
 */
export function createVanishingCheck(services: Services): () => Promise<void> {
  let missingBefore = new Set<string>()

  async function vanishingOf(row: Row, missing: Set<string>): Promise<(Vanishing & { readonly key: string }) | null> {
    const settings = await readModelSettings(services, row.id)
    if (!settings) return null
    const catalogue = catalogueFor(services, settings)
    const model = await catalogue.find(settings.model)
    // An old list proves nothing about what is sold now.
    if (catalogue.state().stale) return null
    const endsOn = model?.endsOn ?? null
    const key = `${row.id}:${settings.model}`
    if (model) {
      const last = services.clock.now().getTime() + WARN_DAYS * DAY_MS
      if (endsOn === null || Date.parse(endsOn) > last) return null
    } else {
      missing.add(key)
      if (!missingBefore.has(key)) return null
    }
    const replacement = await replacementFor(catalogue, settings.model)
    return {
      key: `${key}:${endsOn ?? 'gone'}`,
      id: settings.model,
      name: model ? plainName(model.name) : settings.model,
      endsOn,
      replacement: replacement && { id: replacement.id, name: plainName(replacement.name), price: modelPrice(replacement) },
    }
  }

  return async () => {
    const { rows } = await services.database.pool.query(
      `SELECT id, name, platform, chat_id, user_id, language FROM instances
       WHERE state IN ('running', 'degraded', 'restarting') ORDER BY created_at`,
    )
    const missing = new Set<string>()
    for (const row of z.array(Row).parse(rows)) {
      try {
        const vanishing = await vanishingOf(row, missing)
        if (vanishing) await tell(services, row, vanishing)
      } catch (error) {
        services.log.warn({ error, instanceId: row.id }, 'a model in use could not be looked up; the next run tries again')
      }
    }
    missingBefore = missing
    services.notices.wake()
  }
}

async function tell(services: Services, row: Row, vanishing: Vanishing & { readonly key: string }): Promise<void> {
  const prisma = await services.database.prisma()
  await prisma.$transaction((transaction) =>
    services.notices.post(transaction, {
      platform: row.platform,
      chatId: row.chat_id,
      userId: row.user_id,
      language: row.language,
      view: vanishingView(row, vanishing),
      place: 'new',
      dedupeKey: `model-vanishing:${vanishing.key}`,
    }),
  )
}
