import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { failed, ok, type Result } from '../problem.ts'
import type { Turn } from './gateway.ts'
import { parseLogLine } from './log-lines.ts'
import { gatewayProblem, isSuperseded, turnProblem } from './problems.ts'
import { type Rpc, RpcError, RpcTimeout } from './rpc.ts'

export type TurnRequest = {
  readonly message: string
  readonly sessionKey: string
  /** A repeated request with the same key is the same turn as long as the gateway's process lives. */
  readonly key: string
  readonly timeoutSeconds: number
  /** No tools, no workspace, no history: 350 bytes to the model instead of 40,000, and nothing is left in the sessions. */
  readonly lean?: boolean
}

/**
 * OpenClaw tries a rate-limited call ten times over two and a half minutes before it says a word. After the first seconds its log is
 * looked through, and the turn ends when it was turned away this often.
 */
const RATE_LIMIT_CHECK_SECONDS = 5
const RATE_LIMIT_REFUSALS = 3
const LOG_LINES_CHECKED = 200

/** A reload takes about a second; a turn it overtook is repeated after it. */
const RELOAD_SECONDS = 1

const Finished = z.object({
  status: z.string(),
  summary: z.string().optional(),
  result: z
    .object({
      payloads: z.array(z.object({ text: z.string().nullish() })).default([]),
      meta: z
        .object({
          agentMeta: z
            .object({
              model: z.string().optional(),
              terminalReceipt: z
                .object({ effective: z.object({ model: z.string().optional(), responseModel: z.string().optional() }) })
                .optional(),
            })
            .optional(),
        })
        .optional(),
    })
    .optional(),
})

const InFlight = z.object({ status: z.literal('in_flight') })
/** Between the end of a run and its outcome being on hand. */
const IN_FLIGHT_MS = 50

const LogTail = z.object({ lines: z.array(z.string()).default([]) })

/** One turn, repeated once if a hot reload superseded it. Throws what the connection throws; other failures are Problems. */
export async function runTurn(rpc: Rpc, request: TurnRequest): Promise<Result<Turn>> {
  const first = await attempt(rpc, request)
  if (first.ok || !isSuperseded(first.problem.detail ?? '')) return first
  await wait(RELOAD_SECONDS * 1000)
  // Under a key of its own: the first one stands for the failure.
  return attempt(rpc, { ...request, key: `${request.key}-again` })
}

async function attempt(rpc: Rpc, request: TurnRequest): Promise<Result<Turn>> {
  const startedAt = performance.now()
  const { message, sessionKey, key, timeoutSeconds } = request
  const lean = request.lean ? { modelRun: true, promptMode: 'none', sessionEffects: 'internal', thinking: 'off' } : {}
  const over = new AbortController()
  try {
    const answer = outcome(rpc, { message, sessionKey, idempotencyKey: key, ...lean }, timeoutSeconds)
    const limited = rateLimited(rpc, key, over.signal).then(() => null)
    const payload = await Promise.race([answer, limited])
    if (payload === null) {
      await abort(rpc, sessionKey, key)
      return failed(gatewayProblem('model-rate-limited'))
    }
    return finished(Finished.parse(payload), Math.round(performance.now() - startedAt))
  } catch (error) {
    if (error instanceof RpcError) return failed(turnProblem(error.message))
    if (!(error instanceof RpcTimeout)) throw error
    await abort(rpc, sessionKey, key)
    const refused = await refusals(rpc, key)
    return failed(gatewayProblem(refused > 0 ? 'model-rate-limited' : 'gateway-timeout', error.message))
  } finally {
    over.abort()
  }
}

type AgentParams = { readonly idempotencyKey: string; readonly [name: string]: unknown }

/** A run that was asked for before is `in_flight` until it ends; from then on asking again gives its outcome. */
async function outcome(rpc: Rpc, params: AgentParams, timeoutSeconds: number): Promise<unknown> {
  const deadline = performance.now() + timeoutSeconds * 1000
  for (;;) {
    const leftMs = Math.max(1, deadline - performance.now())
    const payload = await rpc.call('agent', params, { timeoutSeconds: leftMs / 1000, untilDone: true })
    if (!InFlight.safeParse(payload).success) return payload
    await rpc.call(
      'agent.wait',
      { runId: params.idempotencyKey, timeoutMs: Math.ceil(leftMs) },
      { timeoutSeconds: leftMs / 1000 },
    )
    await wait(IN_FLIGHT_MS)
  }
}

function finished({ status, summary, result }: z.infer<typeof Finished>, durationMs: number): Result<Turn> {
  if (status !== 'ok') return failed(gatewayProblem('model-failed', `the turn ended with ${status}: ${summary ?? ''}`))
  const text = (result?.payloads ?? [])
    .map((payload) => payload.text ?? '')
    .filter((part) => part !== '')
    .join('\n\n')
  const meta = result?.meta?.agentMeta
  const effective = meta?.terminalReceipt?.effective
  return ok({ text, model: effective?.responseModel ?? effective?.model ?? meta?.model ?? null, durationMs })
}

/** Resolves when the model turned the run away too often; never, if it does not. */
async function rateLimited(rpc: Rpc, runId: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    await sleep(RATE_LIMIT_CHECK_SECONDS, signal)
    if (signal.aborted) return new Promise(() => undefined)
    if ((await refusals(rpc, runId)) >= RATE_LIMIT_REFUSALS) return
  }
}

const sleep = (seconds: number, signal: AbortSignal) =>
  wait(seconds * 1000, undefined, { signal, ref: false }).catch(() => undefined)

/** How often the log says that this run was rate-limited; 0 too when the log can't be read. */
async function refusals(rpc: Rpc, runId: string): Promise<number> {
  const tail = await rpc.call('logs.tail', { limit: LOG_LINES_CHECKED }).catch(() => null)
  const { lines } = LogTail.safeParse(tail).data ?? { lines: [] }
  return lines.map(parseLogLine).filter((line) => line.runId === runId && line.failoverReason === 'rate_limit').length
}

// Best effort: a run that is not told to stop ends by itself, and bills a few tokens more.
async function abort(rpc: Rpc, sessionKey: string, runId: string): Promise<void> {
  await rpc.call('chat.abort', { sessionKey, runId }, { timeoutSeconds: 5 }).catch(() => undefined)
}
