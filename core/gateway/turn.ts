import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { failed, ok, type Result } from '../problem.ts'
import type { Turn } from './gateway.ts'
import { type LogLine, parseLogLine } from './log-lines.ts'
import { type GatewayProblemCode, gatewayProblem, isSuperseded, turnProblem } from './problems.ts'
import { type Rpc, RpcError, RpcTimeout } from './rpc.ts'

export type TurnRequest = {
  readonly message: string
  readonly sessionKey: string
  /** A repeated request with the same key is the same turn as long as the gateway's process lives. */
  readonly key: string
  readonly timeoutSeconds: number
  /** No tools, no workspace, no history: 350 bytes to the model instead of 40,000, and nothing is left in the sessions. */
  readonly lean?: boolean
  /** Other models are tried when the first is down, which takes its time: a turn that is refused is not ended early then. */
  readonly mayFallBack?: boolean
}

/**
 * OpenClaw tries a rate-limited call ten times over two and a half minutes before it says a word, and one to a provider that is down
 * eight times over 80 seconds. After the first seconds its log is looked through, and the turn ends when it was turned away this often.
 */
const REFUSAL_CHECK_SECONDS = 5
const MOST_REFUSALS = 3
const LOG_LINES_CHECKED = 200
/** What the provider said is logged a moment after the answer. */
const LOG_CHECKS = 6
const LOG_CHECK_MS = 200

/** Why OpenClaw would go on trying. */
const REFUSALS: Readonly<Record<string, GatewayProblemCode>> = {
  rate_limit: 'model-rate-limited',
  server_error: 'model-down',
  overloaded: 'model-down',
  timeout: 'model-down',
}

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
          error: z.object({ message: z.string() }).optional(),
          executionTrace: z
            .object({
              fallbackUsed: z.boolean().optional(),
              attempts: z.array(z.object({ reason: z.string().nullish(), status: z.number().nullish() })).default([]),
            })
            .optional(),
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
    const refused = request.mayFallBack ? never() : refusedTooOften(rpc, key, over.signal)
    const ended = await Promise.race([answer.then((payload) => ({ payload })), refused])
    if ('code' in ended) {
      await abort(rpc, sessionKey, key)
      // Some say with the status of a rate limit that there is nothing left to spend.
      const said = turnProblem('', ended.providerSaid)
      return failed(said.code === 'model-failed' ? gatewayProblem(ended.code, said.detail) : said)
    }
    const end = Finished.parse(ended.payload)
    const turn = finished(end, Math.round(performance.now() - startedAt))
    if (!turn.ok) return failed(turnProblem(turn.problem.detail ?? '', await providerSaid(rpc, key)))
    const trace = end.result?.meta?.executionTrace
    if (!trace?.fallbackUsed) return turn
    const { reason, status } = trace.attempts[0] ?? {}
    const [first] = await callsOf(rpc, key)
    return ok({ ...turn.value, fellBack: turnProblem(`${reason ?? ''} ${status ?? ''}`, first?.providerSaid ?? null) })
  } catch (error) {
    if (error instanceof RpcError) {
      // What a reload overtook never came to a provider.
      const said = isSuperseded(error.message) ? null : await providerSaid(rpc, key)
      return failed(turnProblem(error.message, said))
    }
    if (!(error instanceof RpcTimeout)) throw error
    await abort(rpc, sessionKey, key)
    const last = (await callsOf(rpc, key)).at(-1)
    const code = REFUSALS[last?.failoverReason ?? '']
    return failed(gatewayProblem(code ?? 'gateway-timeout', `${error.message} ${last?.providerSaid ?? ''}`.trim()))
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
  if (status !== 'ok')
    return failed(
      gatewayProblem('model-failed', `the turn ended with ${status}: ${result?.meta?.error?.message ?? summary ?? ''}`),
    )
  const text = (result?.payloads ?? [])
    .map((payload) => payload.text ?? '')
    .filter((part) => part !== '')
    .join('\n\n')
  const meta = result?.meta?.agentMeta
  const effective = meta?.terminalReceipt?.effective
  return ok({
    text,
    model: effective?.responseModel ?? effective?.model ?? meta?.model ?? null,
    fellBack: null,
    durationMs,
  })
}

const never = () => new Promise<never>(() => undefined)

/** Resolves when the model turned the run away too often; never, if it does not. */
async function refusedTooOften(
  rpc: Rpc,
  runId: string,
  signal: AbortSignal,
): Promise<{ readonly code: GatewayProblemCode; readonly providerSaid: string | null }> {
  for (;;) {
    await sleep(REFUSAL_CHECK_SECONDS, signal)
    if (signal.aborted) return never()
    const refusals = (await callsOf(rpc, runId)).filter(({ failoverReason }) => REFUSALS[failoverReason ?? ''] !== undefined)
    const last = refusals.at(-1)
    const code = REFUSALS[last?.failoverReason ?? '']
    if (last && code && refusals.length >= MOST_REFUSALS) return { code, providerSaid: last.providerSaid }
  }
}

const sleep = (seconds: number, signal: AbortSignal) =>
  wait(seconds * 1000, undefined, { signal, ref: false }).catch(() => undefined)

/** The calls of a run that failed, as the log has them; none too when the log can't be read. */
async function callsOf(rpc: Rpc, runId: string): Promise<LogLine[]> {
  const tail = await rpc.call('logs.tail', { limit: LOG_LINES_CHECKED }).catch(() => null)
  const { lines } = LogTail.safeParse(tail).data ?? { lines: [] }
  return lines.map(parseLogLine).filter((line) => line.runId === runId && line.isCall)
}

/** The provider's own words about a run that failed: OpenClaw's answer says 402 and 403 of half a dozen troubles. */
async function providerSaid(rpc: Rpc, runId: string): Promise<string | null> {
  for (let check = 1; check <= LOG_CHECKS; check++) {
    const said = (await callsOf(rpc, runId)).findLast((line) => line.providerSaid !== null)?.providerSaid
    if (said) return said
    await wait(LOG_CHECK_MS)
  }
  return null
}

// Best effort: a run that is not told to stop ends by itself, and bills a few tokens more.
async function abort(rpc: Rpc, sessionKey: string, runId: string): Promise<void> {
  await rpc.call('chat.abort', { sessionKey, runId }, { timeoutSeconds: 5 }).catch(() => undefined)
}
