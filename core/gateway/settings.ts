import { join } from 'node:path'
import { z } from 'zod'
import type { JsonObject } from '../chat/view.ts'
import type { GatewaySettings } from './gateway.ts'
import {
  fromStore,
  type ModelRoots,
  OUR_PROVIDERS,
  pluginsOf,
  providerBlock,
  providerIdOf,
  providerUrl,
  referenceOf,
} from './sources.ts'

/** Names in OpenClaw's own secret store. The configuration holds only references to them. */
export const GATEWAY_TOKEN_SECRET = 'OPENCLAW_GATEWAY_TOKEN'
export const MODEL_KEY_SECRET = 'OPENROUTER_API_KEY'

const PROVIDER = providerIdOf('managed')

/** What OpenClaw keeps of its log before it starts a new file; it keeps five old ones. */
const LOG_FILE_BYTES = 5_000_000

/**
 * Only this of the 53 bundled plugins, and the one of the provider, are loaded: a third of the start-up time is theirs. Channels add their
 * own when they are connected.
 */
const PLUGINS = ['memory-core'] as const

/** The part of the configuration that says where managed model calls go. */
export const modelApiRootChange = (modelApiRoot: string): JsonObject => ({
  models: { providers: { [PROVIDER]: { baseUrl: modelApiRoot } } },
})

const Configured = z.object({
  models: z.object({ providers: z.record(z.string(), z.object({ baseUrl: z.string().optional() })) }),
})

/** The addresses that model calls of a configuration (openclaw.json as it stands on disk) go to, by provider. */
function configuredUrls(text: string): Readonly<Record<string, string | undefined>> {
  try {
    const { providers } = Configured.parse(JSON.parse(text)).models
    return Object.fromEntries(OUR_PROVIDERS.map((id) => [id, providers[id]?.baseUrl]))
  } catch {
    // OpenClaw reads more than JSON there; what we can't read we don't judge.
    return {}
  }
}

/** Where managed model calls go; null if the configuration does not say. */
export const configuredModelApiRoot = (text: string): string | null => configuredUrls(text)[PROVIDER] ?? null

/** What must change so that all configured providers are called where they are now; null: nothing. */
export function movedProviders(text: string, roots: ModelRoots): JsonObject | null {
  const moved = Object.entries(configuredUrls(text)).flatMap(([id, url]) => {
    const wanted = providerUrl(id, roots)
    return url === undefined || wanted === null || url === wanted ? [] : [[id, { baseUrl: wanted }] as const]
  })
  return moved.length === 0 ? null : { models: { providers: Object.fromEntries(moved) } }
}

/** The managed id behind OpenClaw's reference; another provider's reference stays as it is. */
export const managedModel = (reference: string) =>
  reference.startsWith(`${PROVIDER}/`) ? reference.slice(PROVIDER.length + 1) : reference

/**
 * openclaw.json for a hosted assistant. No secret is in it, nothing listens beyond loopback, nothing spends the customer's credit
 * unasked, and no tool reaches out of the workspace: several assistants share one machine and one user.
 *
 * A key that OpenClaw does not know keeps it from starting (exit code 78), so this belongs to the pinned version.
 */
export function openclawConfig(settings: GatewaySettings): JsonObject {
  const { port, source, model, roots, workspaceDirectory, stateDirectory } = settings
  return {
    gateway: {
      mode: 'local',
      port,
      // Stated, because OpenClaw listens on all interfaces when it believes to be in a container.
      bind: 'loopback',
      auth: { mode: 'token', token: fromStore(GATEWAY_TOKEN_SECRET) },
      controlUi: { enabled: false },
      terminal: { enabled: false },
    },
    models: {
      catalogRefresh: { enabled: false },
      providers: { [providerIdOf(source)]: providerBlock(source, roots, model) },
    },
    agents: {
      defaults: {
        model: { primary: referenceOf(source, model), fallbacks: [] },
        // Titles and recaps by a second model are paid calls that nobody asked for; some providers bring one along.
        utilityModel: '',
        // On by default, and each beat is a paid call.
        heartbeat: { every: '0m' },
        skipBootstrap: true,
        workspace: workspaceDirectory,
      },
    },
    // Weekly reviews and nightly dreams are paid calls too.
    skills: { workshop: { autonomous: { mode: 'off' } } },
    plugins: {
      allow: [...pluginsOf(source), ...PLUGINS],
      entries: { 'memory-core': { config: { dreaming: { enabled: false } } } },
    },
    tools: {
      profile: 'messaging',
      alsoAllow: ['group:memory', 'group:fs', 'web_fetch'],
      deny: ['group:runtime', 'group:nodes', 'group:ui', 'gateway', 'plugins'],
      fs: { workspaceOnly: true },
      exec: { security: 'deny', ask: 'always' },
      elevated: { enabled: false },
      sessions: { visibility: 'agent' },
      agentToAgent: { enabled: false },
    },
    session: { dmScope: 'per-channel-peer' },
    update: { checkOnStart: false },
    logging: { file: join(stateDirectory, 'logs', 'openclaw.log'), maxFileBytes: LOG_FILE_BYTES },
  }
}
