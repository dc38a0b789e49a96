import { describe, expect, it } from 'vitest'
import { decide, type SupervisorAction, type SupervisorInput } from '../../../core/hosts/index.ts'

const now = new Date('2026-11-22T12:00:00Z')
const inSeconds = (seconds: number) => new Date(now.getTime() + seconds * 1000)

const unknown = { state: 'unknown', reason: 'no answer' } as const
const stopped = { state: 'stopped', exitCode: 1 } as const
const stoppedByUs = { state: 'stopped', exitCode: null, onPurpose: true } as const
const up = (seconds: number) => ({ state: 'running', since: inSeconds(-seconds), processId: 1 }) as const

const healthy = { state: 'running', health: 'ready', crashCount: 0, restartAfter: null, missedChecks: 0, now } as const
const none = { kind: 'none' } as const

/** The table of core/hosts/supervisor.ts, row by row. */
const TABLE: readonly (readonly [string, Omit<SupervisorInput, 'service'>, SupervisorInput['service'], SupervisorAction])[] = [
  ['an instance that is restarted by its owner', { ...healthy, state: 'restarting' }, stopped, none],
  ['an instance that is being destroyed', { ...healthy, state: 'destroying' }, stopped, none],
  ['a host that does not say', { ...healthy, health: null }, unknown, none],
  [
    'a first crash',
    { ...healthy, health: null },
    stopped,
    { kind: 'crashed', crashCount: 1, restartAfter: inSeconds(1), tellOwner: true, alert: false },
  ],
  [
    'a second crash',
    { ...healthy, health: null, crashCount: 1 },
    stopped,
    { kind: 'crashed', crashCount: 2, restartAfter: inSeconds(2), tellOwner: false, alert: false },
  ],
  [
    'a fifth crash',
    { ...healthy, health: null, crashCount: 4 },
    stopped,
    { kind: 'crashed', crashCount: 5, restartAfter: inSeconds(16), tellOwner: false, alert: true },
  ],
  [
    'a hundredth crash',
    { ...healthy, health: null, crashCount: 99 },
    stopped,
    { kind: 'crashed', crashCount: 100, restartAfter: inSeconds(60), tellOwner: false, alert: false },
  ],
  [
    'a crash whose start is due later',
    { ...healthy, state: 'degraded', health: null, crashCount: 1, restartAfter: inSeconds(1) },
    stopped,
    none,
  ],
  [
    'a crash whose start is due',
    { ...healthy, state: 'degraded', health: null, crashCount: 1, restartAfter: inSeconds(0) },
    stopped,
    { kind: 'start' },
  ],
  ['one that we stopped', { ...healthy, health: null }, stoppedByUs, { kind: 'resume', restartAfter: inSeconds(30) }],
  ['one that is being resumed', { ...healthy, health: null, restartAfter: inSeconds(1) }, stoppedByUs, none],
  [
    'one that could not be resumed',
    { ...healthy, health: null, restartAfter: inSeconds(0) },
    stoppedByUs,
    { kind: 'crashed', crashCount: 1, restartAfter: inSeconds(1), tellOwner: true, alert: false },
  ],
  ['one that was resumed', { ...healthy, restartAfter: inSeconds(20) }, up(10), { kind: 'back', tellOwner: false }],
  [
    'a stop between two crashes',
    { ...healthy, health: null, crashCount: 2 },
    stoppedByUs,
    { kind: 'crashed', crashCount: 3, restartAfter: inSeconds(4), tellOwner: false, alert: false },
  ],
  ['the return from a first crash', { ...healthy, state: 'degraded', crashCount: 1 }, up(12), { kind: 'back', tellOwner: true }],
  ['the return from a later crash', { ...healthy, state: 'degraded', crashCount: 3 }, up(12), { kind: 'back', tellOwner: false }],
  ['the end of a silence without a crash', { ...healthy, state: 'degraded' }, up(900), { kind: 'back', tellOwner: false }],
  ['an answer after a missed check', { ...healthy, missedChecks: 2 }, up(900), { kind: 'back', tellOwner: false }],
  ['a healthy minute after a crash', { ...healthy, crashCount: 2 }, up(60), { kind: 'settled' }],
  ['less than that', { ...healthy, crashCount: 2 }, up(59), none],
  ['health', healthy, up(900), none],
  ['a start that takes its time', { ...healthy, health: 'unreachable', missedChecks: 2 }, up(179), none],
  ['a first missed check', { ...healthy, health: 'unreachable' }, up(900), { kind: 'missed', missedChecks: 1, degraded: false }],
  [
    'a third missed check',
    { ...healthy, health: 'starting', missedChecks: 2 },
    up(900),
    { kind: 'missed', missedChecks: 3, degraded: true },
  ],
  [
    'a longer silence',
    { ...healthy, state: 'degraded', health: 'unreachable', missedChecks: 22 },
    up(900),
    { kind: 'missed', missedChecks: 23, degraded: true },
  ],
  [
    'two minutes of silence',
    { ...healthy, state: 'degraded', health: 'unreachable', missedChecks: 23 },
    up(900),
    { kind: 'restart', crashCount: 1, tellOwner: true, alert: false },
  ],
]

describe('the supervisor', () => {
  it.each(TABLE)('knows what to do about %s', (_case, row, service, action) => {
    expect(decide({ ...row, service })).toEqual(action)
  })
})
