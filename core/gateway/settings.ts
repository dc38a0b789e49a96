import { join } from 'node:path'
import { z } from 'zod'
import type { JsonObject } from '../chat/view.ts'
import type { GatewaySettings } from './gateway.ts'

/** Names in OpenClaw's own secret store. The configuration holds only references to them. */
export const GATEWAY_TOKEN_SECRET = 'OPENCLAW_GATEWAY_TOKEN'
export const MODEL_KEY_SECRET = 'OPENROUTER_API_KEY'

/**
 * Everything is routed through this provider id: it is the one OpenClaw does not disable for ten minutes after an answer of 402,
 * so a top-up works with the next message.
 */
const PROVIDER = 'openrouter'

/** What OpenClaw keeps of its log before it starts a new file; it keeps five old ones. */
const LOG_FILE_BYTES = 5_000_000

/** Only these of the 53 bundled plugins are loaded: a third of the start-up time is theirs. Channels add their own when they are connected. */
const PLUGINS = [PROVIDER, 'memory-core'] as const

/** The part of the configuration that says where model calls go. */
export const modelApiRootChange = (modelApiRoot: string): JsonObject => ({
  models: { providers: { [PROVIDER]: { baseUrl: modelApiRoot } } },
})

const Configured = z.object({ models: z.object({ providers: z.object({ [PROVIDER]: z.object({ baseUrl: z.string() }) }) }) })

/** Where the model calls of a configuration (openclaw.json as it stands on disk) go; null if it does not say. */
export function configuredModelApiRoot(text: string): string | null {
  try {
    return Configured.safeParse(JSON.parse(text)).data?.models.providers[PROVIDER].baseUrl ?? null
  } catch {
    // OpenClaw reads more than JSON there; what we can't read we don't judge.
    return null
  }
}

const fromStore = (id: string) => ({ source: 'store', provider: 'default', id })

/** `anthropic/claude-sonnet-4.6` as OpenClaw names it. */
export const modelReference = (model: string) => `${PROVIDER}/${model}`

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
  const { port, model, modelApiRoot, workspaceDirectory, stateDirectory } = settings
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
      providers: { [PROVIDER]: { baseUrl: modelApiRoot, apiKey: fromStore(MODEL_KEY_SECRET) } },
    },
    agents: {
      defaults: {
        model: { primary: modelReference(model), fallbacks: [] },
        // On by default, and each beat is a paid call.
        heartbeat: { every: '0m' },
        skipBootstrap: true,
        workspace: workspaceDirectory,
      },
    },
    // Weekly reviews and nightly dreams are paid calls too.
    skills: { workshop: { autonomous: { mode: 'off' } } },
    plugins: {
      allow: PLUGINS,
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
