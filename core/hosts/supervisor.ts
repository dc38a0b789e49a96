import type { GatewayHealth } from '../gateway/index.ts'
import type { ServiceStatus } from './host.ts'

export type SupervisorInput = {
  /** Of the instance's row; only `running` and `degraded` are ours to look after. */
  readonly state: string
  readonly service: ServiceStatus
  /** Asked only of a running service. */
  readonly health: GatewayHealth | null
  /** Crashes in a row without a healthy minute between them. */
  readonly crashCount: number
  /** When the next start is due after a crash; null when none is. */
  readonly restartAfter: Date | null
  /** Health checks missed in a row. */
  readonly missedChecks: number
  readonly now: Date
}

export type SupervisorAction =
  | { readonly kind: 'none' }
  /** Row: degraded, crashCount, restartAfter. */
  | {
      readonly kind: 'crashed'
      readonly crashCount: number
      readonly restartAfter: Date
      readonly tellOwner: boolean
      readonly alert: boolean
    }
  /** Launch it; row: restartAfter null, missedChecks 0. */
  | { readonly kind: 'start' }
  /** Launch it; row: restartAfter, until which it has not failed to start. */
  | { readonly kind: 'resume'; readonly restartAfter: Date }
  /** Row: missedChecks, and degraded if so. */
  | { readonly kind: 'missed'; readonly missedChecks: number; readonly degraded: boolean }
  /** Alive but silent for too long: stop it, then launch it; row: degraded, crashCount, missedChecks 0. */
  | { readonly kind: 'restart'; readonly crashCount: number; readonly tellOwner: boolean; readonly alert: boolean }
  /** Row: running, missedChecks 0, restartAfter null. */
  | { readonly kind: 'back'; readonly tellOwner: boolean }
  /** Row: crashCount 0. */
  | { readonly kind: 'settled' }

/** 1, 2, 4 … seconds, so that a gateway that dies at once does not eat the machine. */
const LONGEST_BACK_OFF_SECONDS = 60
/** A busy machine may miss one; a quarter of a minute of silence is noticed by a customer. */
const MISSED_UNTIL_DEGRADED = 3
/** Two minutes at a check every five seconds: a configuration reload or a full turn never blocks it that long. */
const MISSED_UNTIL_RESTART = 24
/** A start on a busy machine; until then silence means nothing. */
const START_SECONDS = 180
/** The start of its process takes a second; what keeps it from that is told to its owner like a crash. */
const RESUME_SECONDS = 30
/** So long after a start a crash is a new one. */
const SETTLED_SECONDS = 60
/** Operators are told of what does not heal by itself. */
const CRASHES_UNTIL_ALERT = 5

/**
 * What to do about one instance, looked at every few seconds. Pure.
 *
 *  row                  service    health       and                              we do
 *  ───────────────────  ─────────  ───────────  ───────────────────────────────  ───────────────────────────────────────────────
 *  other                any        any                                           nothing: an operation is at work, or it is over
 *  running or degraded  unknown    any                                           nothing
 *  running              on purpose –            never crashed                    resume: start, silently; we stopped it ourselves, at the
 *                                                                                end of a trial for example. Crashed if it is still
 *                                                                                stopped half a minute later
 *  running or degraded  stopped    –            no start is due                  crashed: start after 1, 2, 4 … 60 s; tell the owner
 *                                                                                of the first in a row, operators of the fifth
 *  running or degraded  stopped    –            start is due later               nothing
 *  running or degraded  stopped    –            start is due                     start
 *  running or degraded  running    ready        degraded                         back; tell the owner after a first crash
 *  running              running    ready        checks were missed, or resumed   back, silently
 *  running              running    ready        crashed before, up for 1 min     settled: the next crash is a first one
 *  running              running    ready        otherwise                        nothing
 *  running or degraded  running    not ready    started less than 3 min ago      nothing: it is starting
 *  running              running    not ready    1st and 2nd check in a row       missed
 *  running              running    not ready    3rd                              missed, degraded
 *  degraded             running    not ready    up to the 23rd                   missed
 *  running or degraded  running    not ready    24th                             restart
 */
export function decide(input: SupervisorInput): SupervisorAction {
  const { state, service, health, crashCount, restartAfter, missedChecks, now } = input
  if (state !== 'running' && state !== 'degraded') return { kind: 'none' }
  if (service.state === 'unknown') return { kind: 'none' }

  const crashes = crashCount + 1
  const telling = { crashCount: crashes, tellOwner: crashes === 1, alert: crashes === CRASHES_UNTIL_ALERT }

  if (service.state === 'stopped') {
    const resuming = service.onPurpose === true && state === 'running' && crashCount === 0
    if (resuming && restartAfter === null)
      return { kind: 'resume', restartAfter: new Date(now.getTime() + RESUME_SECONDS * 1000) }
    if (restartAfter === null || (resuming && restartAfter <= now))
      return { kind: 'crashed', ...telling, restartAfter: new Date(now.getTime() + backOffSeconds(crashes) * 1000) }
    return restartAfter > now ? { kind: 'none' } : { kind: 'start' }
  }

  const upSeconds = (now.getTime() - service.since.getTime()) / 1000
  if (health === 'ready') {
    if (state === 'degraded') return { kind: 'back', tellOwner: crashCount === 1 }
    if (missedChecks > 0 || restartAfter !== null) return { kind: 'back', tellOwner: false }
    return crashCount > 0 && upSeconds >= SETTLED_SECONDS ? { kind: 'settled' } : { kind: 'none' }
  }
  if (upSeconds < START_SECONDS) return { kind: 'none' }
  const missed = missedChecks + 1
  if (missed >= MISSED_UNTIL_RESTART) return { kind: 'restart', ...telling }
  return { kind: 'missed', missedChecks: missed, degraded: state === 'degraded' || missed >= MISSED_UNTIL_DEGRADED }
}

const backOffSeconds = (crashes: number) => Math.min(LONGEST_BACK_OFF_SECONDS, 2 ** (crashes - 1))
