import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import type { JsonObject } from '../chat/view.ts'
import { failed, ok, type Result } from '../problem.ts'
import { gatewayProblem } from './problems.ts'
import { type Rpc, RpcError } from './rpc.ts'
import { managedModel, modelReference } from './settings.ts'

/** Someone else (the assistant itself, a channel) may write the configuration at the same moment. */
const PATCH_ATTEMPTS = 4
/** A patch answers when it is applied; this is for one that reports back early on a busy machine. */
const APPLY_SECONDS = 15
const APPLY_POLL_MS = 100
/** sessions.patchMany takes many targets; a page at a time keeps frames small. */
const SESSIONS_PAGE = 200

const Config = z.object({
  hash: z.string(),
  configRevisionHash: z.string().nullish(),
  appliedConfigHash: z.string().nullish(),
  config: z.object({
    agents: z
      .object({
        defaults: z.object({ model: z.union([z.string(), z.object({ primary: z.string().optional() })]).optional() }).optional(),
      })
      .optional(),
  }),
})
type Config = z.infer<typeof Config>

const Sessions = z.object({ sessions: z.array(z.object({ key: z.string(), modelOverrideSource: z.string().nullish() })) })
const Outcomes = z.object({ outcomes: z.array(z.object({ ok: z.boolean(), key: z.string() })) })

export const readConfig = async (rpc: Rpc): Promise<Config> => Config.parse(await rpc.call('config.get', {}))

/** The managed id of the default model; empty if none is set. */
export function primaryModel({ config }: Config): string {
  const model = config.agents?.defaults?.model
  return managedModel((typeof model === 'string' ? model : model?.primary) ?? '')
}

/**
 * Makes `model` the default, and frees the sessions that were pinned to another: a pinned session ignores the default, which is how an
 * assistant goes on answering with the old model. Running turns finish on the old one. Throws what the connection throws.
 */
export async function switchModel(rpc: Rpc, model: string): Promise<Result<void>> {
  const primary = { agents: { defaults: { model: { primary: modelReference(model) } } } }
  const patched = await patchConfig(rpc, primary, (current) => primaryModel(current) === model)
  if (!patched.ok) return patched
  const [applied] = await Promise.all([waitUntilApplied(rpc), unpinSessions(rpc)])
  return applied
}

/** Merges `change` into the configuration, against whatever others wrote meanwhile. Answers when OpenClaw has applied it. */
export async function patchConfig(
  rpc: Rpc,
  change: JsonObject,
  isDone: (current: Config) => boolean = () => false,
  replacePaths: readonly string[] = [],
): Promise<Result<void>> {
  for (let attempt = 1; ; attempt++) {
    const current = await readConfig(rpc)
    if (isDone(current)) return ok(undefined)
    try {
      await rpc.call('config.patch', {
        baseHash: current.hash,
        raw: JSON.stringify(change),
        ...(replacePaths.length > 0 && { replacePaths }),
      })
      return ok(undefined)
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
      const stale = /config changed since last load/i.test(error.message)
      if (!stale || attempt === PATCH_ATTEMPTS) return failed(gatewayProblem('gateway-failed', `config.patch: ${error.message}`))
    }
  }
}

async function unpinSessions(rpc: Rpc): Promise<void> {
  const pinned: string[] = []
  for (let offset = 0; ; offset += SESSIONS_PAGE) {
    const { sessions } = Sessions.parse(await listSessions(rpc, offset))
    pinned.push(...sessions.filter((session) => session.modelOverrideSource === 'user').map(({ key }) => key))
    if (sessions.length < SESSIONS_PAGE) break
  }
  for (let index = 0; index < pinned.length; index += SESSIONS_PAGE) {
    const targets = pinned.slice(index, index + SESSIONS_PAGE).map((key) => ({ key }))
    const { outcomes } = Outcomes.parse(await rpc.call('sessions.patchMany', { targets, patch: { model: null } }))
    const refused = outcomes.filter((outcome) => !outcome.ok)
    if (refused.length > 0)
      throw new RpcError('sessions.patchMany', 'PINNED', `${refused.length} sessions stay pinned to another model`)
  }
}

// OpenClaw replaces its database reader now and then; a listing it caught in between is refused, the next one is not.
async function listSessions(rpc: Rpc, offset: number): Promise<unknown> {
  const params = { limit: SESSIONS_PAGE, offset }
  try {
    return await rpc.call('sessions.list', params)
  } catch (error) {
    if (!(error instanceof RpcError) || error.code !== 'UNAVAILABLE') throw error
    return rpc.call('sessions.list', params)
  }
}

/**
 * What was written last is what runs. The model's name is not compared: OpenClaw reads some ids as others
 * (google/gemini-3.1-pro as google/gemini-3.1-pro-preview); the probe tells what really answers.
 */
async function waitUntilApplied(rpc: Rpc): Promise<Result<void>> {
  const deadline = performance.now() + APPLY_SECONDS * 1000
  for (;;) {
    const { configRevisionHash, appliedConfigHash } = await readConfig(rpc)
    if (configRevisionHash === appliedConfigHash) return ok(undefined)
    if (performance.now() > deadline) return failed(gatewayProblem('gateway-timeout', `not applied after ${APPLY_SECONDS} s`))
    await wait(APPLY_POLL_MS)
  }
}

/** After another change of who answers: applied, and no session pinned to a model that is gone. */
export async function settled(rpc: Rpc): Promise<Result<void>> {
  const [applied] = await Promise.all([waitUntilApplied(rpc), unpinSessions(rpc)])
  return applied
}
