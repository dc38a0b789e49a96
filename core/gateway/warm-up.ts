import type { Host } from '../hosts/index.ts'
import { failed, ProblemError, type Result } from '../problem.ts'
import { connectionProblem, createGateway, type GatewayOptions } from './create-gateway.ts'
import { launchGateway } from './launch.ts'
import { createRpc } from './rpc.ts'
import { MODEL_KEY_SECRET, modelApiRootChange } from './settings.ts'
import type { ModelRoots } from './sources.ts'
import { patchConfig } from './switch-model.ts'
import { runTurn } from './turn.ts'
import { startWarmUpResponder } from './warm-up-responder.ts'

export type WarmUpOptions = Omit<GatewayOptions, 'host'> & {
  /** What the gateway is left configured with. It has no key yet. */
  readonly model: string
  readonly roots: ModelRoots
  readonly signal?: AbortSignal
}

/** A cold start takes 7 to 31 seconds on two cores, and nobody waits for this one. */
const READY_SECONDS = 180
const TURN_SECONDS = 90
const SESSION_KEY = 'agent:main:warm-up'
/** Not a key; the first real one replaces it. OpenClaw makes no turn without any. */
const PLACEHOLDER_KEY = 'warm-up'

/**
 * Starts the host's gateway and runs its first turns against a responder of our own, so that the parts which a turn needs are loaded:
 * the next turn takes half a second instead of four. Costs nothing and leaves no session behind. Then the real root is put in.
 */
export async function warmUpGateway(host: Host, options: WarmUpOptions): Promise<Result<void>> {
  const { token, model, roots } = options
  const responder = await startWarmUpResponder()
  const gateway = createGateway({ host, ...options })
  const rpc = createRpc({ open: () => host.connect(host.gatewayPort), token })
  try {
    await launchGateway(host, { token, source: 'managed', model, roots: { ...roots, openrouter: responder.root } })
    const ready = await gateway.waitUntilReady(READY_SECONDS, options.signal)
    if (!ready.ok) return ready
    const stored = await gateway.setSecret(MODEL_KEY_SECRET, PLACEHOLDER_KEY)
    if (!stored.ok) return stored

    // The small one is what a probe is; the other takes the way of a customer's message.
    const turn = { message: 'Reply with OK.', sessionKey: SESSION_KEY, timeoutSeconds: TURN_SECONDS }
    for (const request of [
      { ...turn, key: 'warm-up-lean', lean: true },
      { ...turn, key: 'warm-up' },
    ]) {
      const answered = await runTurn(rpc, request)
      if (!answered.ok) return answered
    }
    await rpc.call('sessions.delete', { key: SESSION_KEY, deleteTranscript: true })
    return await patchConfig(rpc, modelApiRootChange(roots.openrouter))
  } catch (error) {
    if (error instanceof ProblemError) return failed(error.problem)
    const problem = connectionProblem(error)
    if (!problem) throw error
    return failed({ ...problem, detail: options.redact(problem.detail ?? '') })
  } finally {
    await Promise.all([gateway.close(), rpc.close(), responder.close()])
  }
}
