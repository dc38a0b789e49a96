import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import type { Host } from '../hosts/index.ts'
import type { Log } from '../log.ts'
import { failed, ok, type Problem, type Result } from '../problem.ts'
import { createGatewayChannels } from './channels.ts'
import type { Gateway, GatewayHealth } from './gateway.ts'
import { parseLogLine } from './log-lines.ts'
import { modelState } from './model-state.ts'
import { setPatience } from './patience.ts'
import { gatewayProblem } from './problems.ts'
import { createRpc, RpcError, RpcTimeout, RpcUnreachable } from './rpc.ts'
import { referenceOf } from './sources.ts'
import { patchConfig, primaryModel, readConfig, setModels } from './switch-model.ts'
import { runTurn, type TurnRequest } from './turn.ts'
import { useSource } from './use-source.ts'

export type GatewayOptions = {
  readonly host: Host
  readonly token: string
  readonly clock: Clock
  readonly log: Log
  /** Takes secrets out of what the gateway logged or printed. */
  readonly redact: (text: string) => string
}

/** A model may think for a while even about two letters. */
const PROBE_SECONDS = 60
const PROBE_SESSION = 'agent:main:clawcloud-probe'
const HEALTH_SECONDS = 3
/** Notices readiness early; a gateway that starts has its event loop blocked for longer than that. */
const READY_POLL_MS = 100
/** A process that ended at its start is not waited for. Asking costs a look into /proc. */
const ALIVE_POLL_MS = 1000
const OUTPUT_LINES = 20

const LogTail = z.object({ lines: z.array(z.string()) })
const Stored = z.object({ ok: z.literal(true) })
const StoreList = z.object({ entries: z.array(z.object({ name: z.string() })) })

/** Drives the gateway of a host. Connects at the first call, reconnects when needed, and closes what is idle. */
export function createGateway({ host, token, clock, log, redact }: GatewayOptions): Gateway {
  const rpc = createRpc({ open: () => host.connect(host.gatewayPort), token })
  let probes = 0

  /** Runs `work` and turns what the connection throws into Problems. Anything else is a bug and goes on as one. */
  async function attempt<T>(what: string, work: () => Promise<Result<T>>): Promise<Result<T>> {
    try {
      const result = await work()
      if (result.ok) return result
      const { problem } = result
      return failed(problem.detail === undefined ? problem : { ...problem, detail: redact(problem.detail) })
    } catch (error) {
      const problem = connectionProblem(error)
      if (!problem) throw error
      log.warn({ host: host.id, what, problem: problem.code, detail: redact(problem.detail ?? '') }, 'a gateway call failed')
      return failed({ ...problem, detail: redact(`${what}: ${problem.detail ?? ''}`) })
    }
  }

  async function http(path: string): Promise<number | null> {
    const way = await host.connect(host.gatewayPort).catch(() => null)
    if (!way) return null
    try {
      const response = await fetch(`http://${way.host}:${way.port}${path}`, {
        signal: AbortSignal.timeout(HEALTH_SECONDS * 1000),
      })
      await response.arrayBuffer()
      return response.status
    } catch {
      // Refused, reset or late: for the caller all the same, nobody answers.
      return null
    } finally {
      await way.close()
    }
  }

  async function health(): Promise<GatewayHealth> {
    const status = await http('/readyz')
    if (status === null) return 'unreachable'
    return status === 200 ? 'ready' : 'starting'
  }

  const turn = (request: TurnRequest) => attempt('agent', () => runTurn(rpc, request))

  return {
    health,

    async waitUntilReady(timeoutSeconds, signal) {
      const deadline = performance.now() + timeoutSeconds * 1000
      let aliveAt = performance.now() + ALIVE_POLL_MS
      for (;;) {
        if ((await health()) === 'ready') return ok(undefined)
        if (signal?.aborted || performance.now() > deadline)
          return failed(gatewayProblem('gateway-timeout', `not ready after ${timeoutSeconds} s`))
        if (performance.now() > aliveAt) {
          aliveAt = performance.now() + ALIVE_POLL_MS
          const service = await host.serviceStatus()
          if (service.state === 'stopped') {
            const output = redact(await host.serviceOutput(OUTPUT_LINES))
            return failed(gatewayProblem('gateway-stopped', `exit code ${service.exitCode ?? 'unknown'}; ${output}`))
          }
        }
        await wait(READY_POLL_MS)
      }
    },

    setSecret: (name, value) =>
      attempt(`secrets.store.set ${name}`, async () => {
        Stored.parse(await rpc.call('secrets.store.set', { name, kind: 'secret', value }))
        return ok(undefined)
      }),

    currentModel: () => attempt('config.get', async () => ok(primaryModel(await readConfig(rpc)))),

    switchModel: (model) =>
      attempt('switch model', () => setModels(rpc, { primary: referenceOf('managed', model), fallbacks: null })),

    setModels: (choice) =>
      attempt('switch model', async () => {
        const set = await setModels(rpc, choice)
        if (set.ok && choice.fallbacks !== null) await setPatience(host, choice.fallbacks.length > 0)
        return set
      }),

    modelState: (since) => attempt('model state', async () => ok(await modelState(rpc, since))),

    useSource: (wanted) =>
      attempt('use source', async () => {
        const used = await useSource(rpc, wanted)
        if (used.ok) await setPatience(host, wanted.fallbacks.length > 0)
        return used
      }),

    removeSecret: (name) =>
      attempt(`secrets.store.delete ${name}`, async () => {
        const { entries } = StoreList.parse(await rpc.call('secrets.store.list', {}))
        if (entries.some((entry) => entry.name === name)) await rpc.call('secrets.store.delete', { name })
        return ok(undefined)
      }),

    moveProviders: (change) => attempt('config.patch', () => patchConfig(rpc, change)),

    probe: () =>
      turn({
        message: 'Reply with OK.',
        sessionKey: PROBE_SESSION,
        key: `probe-${clock.now().getTime()}-${++probes}`,
        timeoutSeconds: PROBE_SECONDS,
        lean: true,
      }),

    ask: (message, { key, session, timeoutSeconds, mayFallBack = false }) =>
      turn({ message, sessionKey: `agent:main:${session.toLowerCase()}`, key, timeoutSeconds, mayFallBack }),

    channels: createGatewayChannels(rpc, attempt),

    logs: (lines) =>
      attempt('logs.tail', async () => {
        const tail = LogTail.parse(await rpc.call('logs.tail', { limit: lines }))
        return ok(redact(tail.lines.map((line) => parseLogLine(line).text).join('\n')))
      }),

    close: () => rpc.close(),
  }
}

/** What a call's exception means; null if it is not the connection's. */
export function connectionProblem(error: unknown): Problem | null {
  if (error instanceof RpcUnreachable) return gatewayProblem('gateway-unreachable', error.message)
  if (error instanceof RpcTimeout) return gatewayProblem('gateway-timeout', error.message)
  if (error instanceof RpcError) return gatewayProblem('gateway-failed', `${error.method} ${error.code}: ${error.message}`)
  // An answer of another shape: another version of OpenClaw than ours.
  if (error instanceof z.ZodError) return gatewayProblem('gateway-failed', `unexpected answer: ${z.prettifyError(error)}`)
  return null
}
