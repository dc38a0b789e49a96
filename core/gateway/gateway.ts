import type { Result } from '../problem.ts'
import type { GatewayChannels } from './channels.ts'

/** What a gateway is configured with. Its keys come separately and live in OpenClaw's own secret store. */
export type GatewaySettings = {
  readonly port: number
  /** Managed id, e.g. anthropic/claude-sonnet-4.6; written as openrouter/<id>. */
  readonly model: string
  /** OpenRouter's root or the stand-in's, with /api/v1. */
  readonly modelApiRoot: string
  readonly workspaceDirectory: string
  /** OpenClaw's own folder, private to the instance: its log goes there too. */
  readonly stateDirectory: string
}

export type Turn = {
  readonly text: string
  /** What the provider says answered, without our `openrouter/` prefix; null if OpenClaw did not report it. */
  readonly model: string | null
  readonly durationMs: number
}

export type GatewayHealth = 'ready' | 'starting' | 'unreachable'

/**
 * One running OpenClaw, driven over its WebSocket RPC. Every method has a deadline of its own and answers with a
 * Problem (gateway-unreachable, gateway-stopped, gateway-timeout, gateway-failed, model-credit, model-key, model-missing,
 * model-rate-limited, model-failed) instead of hanging.
 */
export type Gateway = {
  health(): Promise<GatewayHealth>
  /** Polls until ready; `signal` stops the waiting. */
  waitUntilReady(timeoutSeconds: number, signal?: AbortSignal): Promise<Result<void>>
  /** Writes a secret to OpenClaw's store; applied at once, never in its JSON. */
  setSecret(name: string, value: string): Promise<Result<void>>
  currentModel(): Promise<Result<string>>
  /** Hot: patches the configuration, frees sessions pinned to another model, waits until applied. */
  switchModel(model: string): Promise<Result<void>>
  /** Hot: where its model calls go from now on. */
  setModelApiRoot(root: string): Promise<Result<void>>
  /** One small turn that proves the model answers; retried once if a reload superseded it. */
  probe(): Promise<Result<Turn>>
  /** One turn of the owner's conversation with the assistant. `key` makes a repeated call the same turn. */
  ask(
    message: string,
    options: { readonly key: string; readonly session: string; readonly timeoutSeconds: number },
  ): Promise<Result<Turn>>
  readonly channels: GatewayChannels
  /** Last log lines, redacted. */
  logs(lines: number): Promise<Result<string>>
  close(): Promise<void>
}
