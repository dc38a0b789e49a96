import { z } from 'zod'
import type { JsonObject } from '../chat/view.ts'
import type { Source } from '../models/index.ts'
import { ok, type Result } from '../problem.ts'
import type { Rpc } from './rpc.ts'
import {
  BACKUP_PROVIDER,
  backupBlock,
  fallbackReference,
  type ModelRoots,
  OUR_PROVIDERS,
  pluginsOf,
  providerBlock,
  providerIdOf,
  referenceOf,
  SOURCE_PLUGINS,
} from './sources.ts'
import { patchConfig, settled } from './switch-model.ts'

/** Who answers: one provider with its model, and the free models of the backup key if there is one. Keys are set before, by themselves. */
export type SourceSettings = {
  readonly source: Source
  readonly roots: ModelRoots
  /** As the source names it. */
  readonly model: string
  /** Ids as the source names them, and `:free` ones of the backup key. */
  readonly fallbacks: readonly string[]
  readonly hasBackup: boolean
}

const Provider = z.looseObject({ baseUrl: z.string().optional(), models: z.array(z.looseObject({ id: z.string() })).optional() })
const Current = z.object({
  config: z.object({
    models: z.object({ providers: z.record(z.string(), Provider).optional() }).optional(),
    plugins: z.object({ allow: z.array(z.string()).optional() }).optional(),
    agents: z
      .object({
        defaults: z
          .object({
            model: z
              .object({ primary: z.string().optional(), fallbacks: z.array(z.string()).optional() })
              .optional()
              .catch({}),
          })
          .optional(),
      })
      .optional(),
  }),
})

/**
 * Lets another provider answer, in one change that OpenClaw applies while it runs: its block in, the former one out, the plugins that
 * speak their APIs, the model and its fallbacks. Changes nothing if all of it is so already. Throws what the connection throws.
 */
export async function useSource(rpc: Rpc, wanted: SourceSettings): Promise<Result<void>> {
  const { config } = Current.parse(await rpc.call('config.get', {}))
  const change = sourceChange(config, wanted)
  if (change !== null) {
    const patched = await patchConfig(rpc, change.change, () => false, change.replacePaths)
    if (!patched.ok) return patched
  }
  return change === null ? ok(undefined) : settled(rpc)
}

/** Null: it is so already. */
function sourceChange(
  config: z.infer<typeof Current>['config'],
  wanted: SourceSettings,
): { readonly change: JsonObject; readonly replacePaths: readonly string[] } | null {
  const { source, roots, model, fallbacks, hasBackup } = wanted
  const id = providerIdOf(source)
  const free = fallbacks.filter((fallback) => fallback.endsWith(':free'))
  const wantedBlocks: Record<string, JsonObject> = {
    [id]: providerBlock(source, roots, model),
    // Without a model OpenClaw refuses the block.
    ...(hasBackup && free.length > 0 && { [BACKUP_PROVIDER]: backupBlock(roots, free) }),
  }
  const present = config.models?.providers ?? {}
  const replacePaths: string[] = []
  const providers: Record<string, JsonObject | null> = {}
  for (const provider of OUR_PROVIDERS) {
    const block = wantedBlocks[provider]
    const current = present[provider]
    if (block === undefined ? current === undefined : isAlready(current, block)) continue
    providers[provider] = block ?? null
    if (current !== undefined) replacePaths.push(`models.providers.${provider}.models`)
  }

  const allow = config.plugins?.allow ?? []
  const needed = pluginsOf(source)
  const allowed = [...needed, ...allow.filter((plugin) => !SOURCE_PLUGINS.includes(plugin))]
  const samePlugins = allowed.length === allow.length && allowed.every((plugin) => allow.includes(plugin))
  if (!samePlugins) replacePaths.push('plugins.allow')

  const chain = config.agents?.defaults?.model
  const references = fallbacks.map((fallback) => fallbackReference(source, fallback, hasBackup))
  const primary = referenceOf(source, model)
  const sameChain = chain?.primary === primary && sameOrder(chain.fallbacks ?? [], references)
  if (!sameChain) replacePaths.push('agents.defaults.model.fallbacks')

  if (Object.keys(providers).length === 0 && samePlugins && sameChain) return null
  return {
    change: {
      ...(Object.keys(providers).length > 0 && { models: { providers } }),
      ...(!samePlugins && { plugins: { allow: allowed } }),
      agents: { defaults: { utilityModel: '', ...(!sameChain && { model: { primary, fallbacks: references } }) } },
    },
    replacePaths,
  }
}

const sameOrder = (a: readonly string[], b: readonly string[]) => a.length === b.length && a.every((one, at) => one === b[at])

/** By what OpenClaw shows of it: the reference to the key comes back hidden. Declared models matter where there are any. */
function isAlready(current: z.infer<typeof Provider> | undefined, block: JsonObject): boolean {
  if (current === undefined || current.baseUrl !== block.baseUrl) return false
  if (block.auth !== undefined && current.auth !== block.auth) return false
  const models = z.array(z.looseObject({ id: z.string() })).safeParse(block.models).data ?? []
  const known = current.models?.map(({ id }) => id) ?? []
  return models.every(({ id }) => known.includes(id))
}
