import { z } from 'zod'
import { idOfReference, type ModelState, referenceOf } from '../gateway/index.ts'
import { isSameModel } from '../models/index.ts'
import { ProblemError } from '../problem.ts'
import type { Services } from '../services.ts'
import type { Healing } from './heal-model.ts'
import { gatewayOf } from './instance.ts'
import { type Chain, catalogueFor, chainFor, type ModelSettings, readModelSettings } from './model-settings.ts'
import { fellBackView } from './model-views.ts'

/** How often an assistant is looked at: what is wrong costs its owner at most a few answers by the wrong model. */
const CHECK_MINUTES = 15
/** In one run, so that a thousand assistants are looked at one after the other and not all in the same second. */
const MOST_IN_A_RUN = 25
const AT_ONCE = 5
/** Conversations of ours: whoever asked there was told with the answer. */
const OUR_SESSION = /:clawcloud-/

const Row = z.object({
  id: z.string(),
  name: z.string(),
  host_id: z.string(),
  gateway_token_sealed: z.string(),
  platform: z.string(),
  chat_id: z.string(),
  user_id: z.string(),
  language: z.string(),
  since: z.date(),
})
type Row = z.infer<typeof Row>

/**
 * Compares what running assistants are set to, pinned to and answered by with what their rows say. Reads only; what differs is put
 * right by an operation, which nothing else overlaps.
 *
 *  row says           OpenClaw says                       we do
 *  ───────────────    ────────────────────────────────    ────────────────────────────────────────────
 *  operation alive    anything                            nothing: the operation knows
 *  a model            another one is configured           set it back, tell the owner
 *  a model            conversations pinned to another     free them, tell the owner
 *  a chain            another chain                       set it, without a word
 *  a model            answered by one of the chain        tell the owner, once a day for each model
 *  a model            answered by none of them            set it again, alert operators
 */
export async function checkModels(services: Services): Promise<void> {
  const { database, clock, log } = services
  const now = clock.now()
  const { rows } = await database.pool.query({
    name: 'instances_to_check_models',
    text: `SELECT id, name, host_id, gateway_token_sealed, platform, chat_id, user_id, language,
             greatest(model_checked_at, ready_at, created_at,
               (SELECT max(finished_at) FROM operations o WHERE o.instance_id = i.id AND o.kind <> 'ask')) AS since
           FROM instances i
           WHERE state = 'running' AND host_id IS NOT NULL AND gateway_token_sealed IS NOT NULL
             AND (model_checked_at IS NULL OR model_checked_at < $1)
             AND NOT EXISTS (SELECT 1 FROM operations o WHERE o.instance_id = i.id AND o.finished_at IS NULL AND o.kind <> 'ask')
           ORDER BY model_checked_at NULLS FIRST LIMIT $2`,
    values: [new Date(now.getTime() - CHECK_MINUTES * 60_000), MOST_IN_A_RUN],
  })
  const due = z.array(Row).parse(rows)
  for (let at = 0; at < due.length; at += AT_ONCE) {
    const looks = due.slice(at, at + AT_ONCE).map((row) =>
      checkOne(services, row, now)
        .catch((error: unknown) => {
          log.warn({ error, instanceId: row.id }, 'the models of an assistant could not be compared; its next turn tries again')
        })
        // Also one that could not be looked at waits for its next turn: else those that never answer would take everybody's.
        .then(() => database.pool.query('UPDATE instances SET model_checked_at = $2 WHERE id = $1', [row.id, now])),
    )
    await Promise.all(looks)
  }
}

async function checkOne(services: Services, row: Row, now: Date): Promise<void> {
  const settings = await readModelSettings(services, row.id)
  if (!settings) return
  const gateway = await gatewayOf(services, {
    id: row.id,
    hostId: row.host_id,
    gatewayTokenSealed: row.gateway_token_sealed,
  })
  const state = await gateway.modelState(row.since)
  // One that does not answer is the supervisor's.
  if (!state.ok) return
  // Without a list to look in nothing is said of the chain.
  const chain = await chainFor(services, settings, settings.model).catch(() => null)
  const healing = differenceOf(settings, chain, state.value)
  if (healing) await startHealing(services, row, settings, healing)
  await tellFallbacks(services, row, settings, state.value, now)
}

/** What is wrong, the worst first; null if nothing is. */
function differenceOf(settings: ModelSettings, chain: Chain | null, state: ModelState): Healing['found'] | null {
  const primary = referenceOf(settings.source, settings.model)
  if (!same(state.primary, primary)) return 'configured'
  if (state.pinned.some(({ model }) => !same(model, primary))) return 'pinned'
  if (state.answered.some(({ model }) => ![primary, ...state.fallbacks].some((known) => same(model, known)))) return 'answered'
  const { fallbacks } = chain ?? state
  const chained =
    fallbacks.length === state.fallbacks.length && fallbacks.every((one, at) => same(one, state.fallbacks[at] ?? ''))
  return chained ? null : 'fallbacks'
}

const providerOf = (reference: string) => reference.slice(0, reference.indexOf('/'))
const same = (a: string, b: string) =>
  a === b || (providerOf(a) === providerOf(b) && isSameModel(idOfReference(a), idOfReference(b)))

async function startHealing(services: Services, row: Row, settings: ModelSettings, found: Healing['found']): Promise<void> {
  services.log.warn({ instanceId: row.id, found, model: settings.model }, 'an assistant is not on the model of its row')
  if (found === 'answered')
    services.report('model-answered-by-another', `model-answered-by-another:${row.id}`, { instanceId: row.id })
  const name =
    (
      await catalogueFor(services, settings)
        .find(settings.model)
        .catch(() => null)
    )?.name ?? settings.model
  const prisma = await services.database.prisma()
  try {
    await prisma.$transaction((transaction) =>
      services.operations.start(transaction, {
        kind: 'heal-model',
        instanceId: row.id,
        args: { found, name },
        requestId: services.ids.create('req'),
      }),
    )
  } catch (error) {
    // Somebody began something since the row was read: it knows.
    if (error instanceof ProblemError && error.problem.code === 'operation-busy') return
    throw error
  }
  services.operations.wake()
}

/** Nobody is switched to another price in silence: what a chain did in the assistant's own channels is told here. */
async function tellFallbacks(services: Services, row: Row, settings: ModelSettings, state: ModelState, now: Date): Promise<void> {
  const primary = referenceOf(settings.source, settings.model)
  const stepped = new Set(
    state.answered
      .filter(({ session, model }) => !OUR_SESSION.test(session) && !same(model, primary))
      .filter(({ model }) => state.fallbacks.some((known) => same(model, known)))
      .map(({ model }) => idOfReference(model)),
  )
  if (stepped.size === 0) return
  const catalogue = catalogueFor(services, settings)
  const nameOf = async (id: string) => (await catalogue.find(id).catch(() => null))?.name ?? id
  const first = await nameOf(settings.model)
  const prisma = await services.database.prisma()
  for (const id of stepped) {
    const answered = await nameOf(id)
    await prisma.$transaction((transaction) =>
      services.notices.post(transaction, {
        platform: row.platform,
        chatId: row.chat_id,
        userId: row.user_id,
        language: row.language,
        view: fellBackView(row, { first, answered }),
        place: 'new',
        dedupeKey: `model-fell-back:${row.id}:${id}:${now.toISOString().slice(0, 10)}`,
      }),
    )
  }
  services.notices.wake()
}
