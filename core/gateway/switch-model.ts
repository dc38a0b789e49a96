import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import type { JsonObject } from '../chat/view.ts'
import { failed, ok, type Result } from '../problem.ts'
import type { ModelChoice } from './gateway.ts'
import { gatewayProblem } from './problems.ts'
import { type Rpc, RpcError } from './rpc.ts'
import { listSessions } from './sessions.ts'
import { managedModel } from './settings.ts'
import { declarationOf } from './sources.ts'

/** Someone else (the assistant itself, a channel) may write the configuration at the same moment. */
const PATCH_ATTEMPTS = 4
/** A patch answers when it is applied; this is for one that reports back early on a busy machine. */
const APPLY_SECONDS = 15
const APPLY_POLL_MS = 100
/** sessions.patchMany takes many targets; a page at a time keeps frames small. */
const TARGETS_PAGE = 200
/** A list is merged into the one before unless OpenClaw is told to replace it. */
const FALLBACKS_PATH = 'agents.defaults.model.fallbacks'

const Chain = z.object({ primary: z.string().optional(), fallbacks: z.array(z.string()).optional() })
const Config = z.object({
  hash: z.string(),
  configRevisionHash: z.string().nullish(),
  appliedConfigHash: z.string().nullish(),
  config: z.object({
    agents: z.object({ defaults: z.object({ model: z.union([z.string(), Chain]).optional() }).optional() }).optional(),
  }),
})
type Config = z.infer<typeof Config>

const Outcomes = z.object({ outcomes: z.array(z.object({ ok: z.boolean(), key: z.string() })) })

export const readConfig = async (rpc: Rpc): Promise<Config> => Config.parse(await rpc.call('config.get', {}))

/** The default model and its fallbacks as they are configured; empty if none is set. */
export function configuredModels({ config }: Config): { readonly primary: string; readonly fallbacks: readonly string[] } {
  const model = config.agents?.defaults?.model
  if (typeof model === 'string') return { primary: model, fallbacks: [] }
  return { primary: model?.primary ?? '', fallbacks: model?.fallbacks ?? [] }
}

/** The managed id of the default model; empty if none is set. */
export const primaryModel = (config: Config): string => managedModel(configuredModels(config).primary)

/**
 * Makes a model the default, and frees the sessions that were pinned to another: a pinned session ignores the default, which is how an
 * assistant goes on answering with the old model. Running turns finish on the old one. Throws what the connection throws.
 */
export async function setModels(rpc: Rpc, { primary, fallbacks }: ModelChoice): Promise<Result<void>> {
  const isSet = (current: Config) => {
    const present = configuredModels(current)
    return (primary === null || present.primary === primary) && (fallbacks === null || sameOrder(present.fallbacks, fallbacks))
  }
  const model = { ...(primary !== null && { primary }), ...(fallbacks !== null && { fallbacks }) }
  const declaration = primary === null ? null : declarationOf([primary, ...(fallbacks ?? [])])
  const change = { agents: { defaults: { model } }, ...(declaration && { models: declaration.models }) }
  const replaced = [...(fallbacks === null ? [] : [FALLBACKS_PATH]), ...(declaration ? [declaration.path] : [])]
  const patched = await patchConfig(rpc, change, isSet, replaced)
  if (!patched.ok) return patched
  const [applied] = await Promise.all([waitUntilApplied(rpc), primary !== null && unpinSessions(rpc)])
  return applied
}

const sameOrder = (a: readonly string[], b: readonly string[]) => a.length === b.length && a.every((one, at) => one === b[at])

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
  const pinned = (await listSessions(rpc)).filter((session) => session.modelOverrideSource === 'user').map(({ key }) => key)
  for (let index = 0; index < pinned.length; index += TARGETS_PAGE) {
    const targets = pinned.slice(index, index + TARGETS_PAGE).map((key) => ({ key }))
    const { outcomes } = Outcomes.parse(await rpc.call('sessions.patchMany', { targets, patch: { model: null } }))
    const refused = outcomes.filter((outcome) => !outcome.ok)
    if (refused.length > 0)
      throw new RpcError('sessions.patchMany', 'PINNED', `${refused.length} sessions stay pinned to another model`)
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
