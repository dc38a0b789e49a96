import type { JsonObject } from '../chat/view.ts'
import type { Source } from '../models/index.ts'
import type { Problem, Result } from '../problem.ts'
import type { GatewayChannels } from './channels.ts'
import type { ModelRoots } from './sources.ts'
import type { SourceSettings } from './use-source.ts'

/** What a gateway is configured with. Its keys come separately and live in OpenClaw's own secret store. */
export type GatewaySettings = {
  readonly port: number
  /** Who sells the model, and its id there: anthropic/claude-sonnet-4.6 (managed), claude-sonnet-4-6 (anthropic). */
  readonly source: Source
  readonly model: string
  readonly roots: ModelRoots
  readonly workspaceDirectory: string
  /** OpenClaw's own folder, private to the instance: its log goes there too. */
  readonly stateDirectory: string
}

export type Turn = {
  readonly text: string
  /** What the provider says answered, without our `openrouter/` prefix; null if OpenClaw did not report it. */
  readonly model: string | null
  /** Why the first model of the chain did not answer, if another one did; else null. */
  readonly fellBack: Problem | null
  readonly durationMs: number
}

/** OpenClaw's references: `openrouter/anthropic/claude-sonnet-4.6`, `anthropic/claude-sonnet-4-6`. */
export type ModelChoice = {
  /** Null leaves the present one, and what sessions are pinned to. */
  readonly primary: string | null
  /** Tried in this order when the first does not answer; null leaves the present ones. */
  readonly fallbacks: readonly string[] | null
}

/** Which models an OpenClaw is set to, and which it uses all the same. References again. */
export type ModelState = {
  readonly primary: string
  readonly fallbacks: readonly string[]
  /** Sessions that ignore the configured model. */
  readonly pinned: readonly { readonly session: string; readonly model: string }[]
  /** What the sessions were last answered by, as far as that was since the last look. */
  readonly answered: readonly { readonly session: string; readonly model: string; readonly at: Date }[]
}

export type GatewayHealth = 'ready' | 'starting' | 'unreachable'

/**
 * One running OpenClaw, driven over its WebSocket RPC. Every method has a deadline of its own and answers with a
 * Problem (see problems.ts) instead of hanging.
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
  /** The same by reference, with the chain of fallbacks. */
  setModels(choice: ModelChoice): Promise<Result<void>>
  modelState(since: Date): Promise<Result<ModelState>>
  /** Hot: from now on this provider answers. Its key must have been set; changes nothing if it is so already. */
  useSource(wanted: SourceSettings): Promise<Result<void>>
  /** Forgets a secret that the configuration refers to no more. */
  removeSecret(name: string): Promise<Result<void>>
  /** Hot: its providers are elsewhere from now on (movedProviders says what differs). */
  moveProviders(change: JsonObject): Promise<Result<void>>
  /** One small turn that proves the model answers; retried once if a reload superseded it. */
  probe(): Promise<Result<Turn>>
  /** One turn of the owner's conversation with the assistant. `key` makes a repeated call the same turn. */
  ask(
    message: string,
    options: {
      readonly key: string
      readonly session: string
      readonly timeoutSeconds: number
      /** There is a chain of fallbacks, which takes its time when the first model is down. */
      readonly mayFallBack?: boolean
    },
  ): Promise<Result<Turn>>
  readonly channels: GatewayChannels
  /** Last log lines, redacted. */
  logs(lines: number): Promise<Result<string>>
  close(): Promise<void>
}
