// Long because it is one list: what an operation promises, whatever happens while it runs.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { literal, note, view } from '../../../core/chat/build.ts'
import type { Clock } from '../../../core/clock.ts'
import { createNotices } from '../../../core/notices/index.ts'
import { createEngine, type OperationKind } from '../../../core/operations/index.ts'
import { ProblemError } from '../../../core/problem.ts'
import type { Database } from '../../../prisma/database.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { quietLog, randomIds, systemClock } from '../../support/services.ts'

type World = {
  readonly done: string[]
  readonly reports: string[]
  readonly enqueued: string[]
  /** What was counted as ended. */
  readonly ended: string[]
  fail: Map<string, ProblemError[]>
  hang: Set<string>
  /** Runs before a step saves. */
  beforeSave: (step: string) => Promise<unknown>
  /** What `succeeded` throws, once each. */
  finishFailures: Error[]
  /** Whether the view queries the database, as those of instances do. */
  viewQueries: boolean
}

const problem = (code: string, retryable: boolean) => new ProblemError({ code, retryable, text: { id: 'step-timeout' } })

/** Three steps that write down what they do, and do what the test says. */
function kind(name: string, exclusive: boolean, deadlineSeconds = 5): OperationKind<World> {
  const step = (step: string) => ({
    name: step,
    deadlineSeconds,
    progress: 'deploy-progress-server',
    async run({ services, save }: { services: World; save: (data: { [key: string]: string }) => Promise<void> }) {
      services.done.push(`run ${step}`)
      if (services.hang.has(step)) await new Promise(() => undefined)
      const failure = services.fail.get(step)?.shift()
      if (failure) throw failure
      await services.beforeSave(step)
      await save({ [step]: 'saved' })
    },
    async undo({ services }: { services: World }) {
      services.done.push(`undo ${step}`)
      const failure = services.fail.get(`undo ${step}`)?.shift()
      if (failure) throw failure
    },
  })
  return {
    kind: name,
    exclusive,
    ...(name === 'ask' && { limit: { most: 2, text: { id: 'ask-busy', args: { most: 2 } } } }),
    steps: [step('one'), step('two'), step('three')],
    succeeded: async (_transaction, { services, operation }) => {
      const failure = services.finishFailures.shift()
      if (failure) throw failure
      services.done.push(`succeeded ${Object.keys(operation.data).join(',')}`)
    },
    failed: async (_transaction, { services }, failure) => {
      services.done.push(`failed ${failure.code}`)
    },
    view: async (progress, { services }) => {
      if (services.viewQueries)
        await (await database.database.prisma()).operation.findFirst({ where: { kind: 'none' }, select: { id: true } })
      const steps = progress.steps.map((shown) => shown.state).join(' ')
      return view('op', [note(literal(`${progress.state}: ${steps}${progress.undoFailed ? ', undo failed' : ''}`))])
    },
  }
}

/** One step that is owed, however long it takes. */
const patientKind: OperationKind<World> = {
  kind: 'owed',
  exclusive: false,
  steps: [
    {
      name: 'give-back',
      deadlineSeconds: 5,
      patience: {
        firstSeconds: 10,
        longestSeconds: 40,
        lateAfterSeconds: 3_600,
        late: async (_transaction, { services }, cause) => void services.done.push(`late ${cause?.code}`),
      },
      async run({ services }) {
        services.done.push('run give-back')
        const failure = services.fail.get('give-back')?.shift()
        if (failure) throw failure
      },
    },
  ],
  failed: async (_transaction, { services }, failure) => void services.done.push(`failed ${failure.code}`),
}

let database: TestDatabase
let world: World
/** Ended with their test: what one woke in the background would go on in the next test's world. */
const engines: { stop(): Promise<void> }[] = []

function engineOf(
  owner: string,
  dead: string[] = [],
  other: { readonly database?: Database; readonly leaseSeconds?: number; readonly clock?: Clock } = {},
): ReturnType<typeof createEngine<World>> {
  const engine: ReturnType<typeof createEngine<World>> = createEngine<World>({
    database: database.database,
    kinds: [kind('restart', true), kind('ask', false), kind('quick', false, 0.3), kind('deploy', false), patientKind],
    services: () => world,
    notices: createNotices({ ids: randomIds, wake: () => undefined }),
    enqueue: (id, _requestId, kindName) => {
      world.enqueued.push(kindName)
      return engine.run(id)
    },
    leaseOwner: owner,
    isDead: (other) => dead.includes(other),
    clock: systemClock,
    ids: randomIds,
    log: quietLog,
    report: (reported, key) => void world.reports.push(`${reported} ${key}`),
    observe: () => undefined,
    observeEnd: (kindName, outcome) => void world.ended.push(`${kindName} ${outcome}`),
    ...other,
  })
  engines.push(engine)
  return engine
}

const place = { platform: 'memory', chatId: 'c', userId: 'u', viewId: 'op', language: 'en' }

async function start(engine: ReturnType<typeof engineOf>, kindName = 'ask', instanceId?: string): Promise<string> {
  const prisma = await database.database.prisma()
  return prisma.$transaction(
    async (transaction) =>
      (await engine.operations.start(transaction, { kind: kindName, place, requestId: 'req', ...(instanceId && { instanceId }) }))
        .id,
  )
}

async function createInstance(id: string): Promise<void> {
  const prisma = await database.database.prisma()
  await prisma.person.create({ data: { id: 'p' } })
  await prisma.workspace.create({ data: { id: 'w', kind: 'personal', ownerPersonId: 'p' } })
  await prisma.instance.create({
    data: {
      id,
      workspaceId: 'w',
      ownerPersonId: 'p',
      name: 'Scout',
      planId: 'lite',
      state: 'running',
      model: 'm',
      platform: 'memory',
      chatId: 'c',
      userId: 'u',
      language: 'en',
      hostProvider: 'local',
    },
  })
}

const lastShown = async () =>
  (
    await database.database.pool.query(
      `SELECT view->'blocks'->0->'text'->>'literal' AS shown FROM outbox ORDER BY id DESC LIMIT 1`,
    )
  ).rows[0]?.shown

const stateOf = async (id: string) =>
  (
    await database.database.pool.query(
      'SELECT state, finished_at IS NOT NULL AS finished, lease_owner FROM operations WHERE id = $1',
      [id],
    )
  ).rows[0]

beforeEach(async () => {
  database = await createTestDatabase()
  world = {
    done: [],
    reports: [],
    enqueued: [],
    ended: [],
    fail: new Map(),
    hang: new Set(),
    beforeSave: async () => undefined,
    finishFailures: [],
    viewQueries: false,
  }
})
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop()))
  await database.close()
})

describe('an operation', () => {
  it('runs its steps in order and finishes once, however often it is run', async () => {
    const engine = engineOf('host:1')
    const id = await start(engine)
    await Promise.all([engine.run(id), engine.run(id), engineOf('host:2').run(id)])
    await engine.run(id)
    expect(world.done).toEqual(['run one', 'run two', 'run three', 'succeeded one,two,three'])
    expect(world.ended).toEqual(['ask succeeded'])
    expect(await stateOf(id)).toMatchObject({ state: 'succeeded', finished: true })
  })

  it('tries a step again after a retryable failure and after a bug, until it works', async () => {
    const engine = engineOf('host:1')
    world.fail.set('two', [problem('busy', true)])
    await engine.run(await start(engine))
    expect(world.done).toEqual(['run one', 'run two', 'run two', 'run three', 'succeeded one,two,three'])
  })

  it('undoes what was done, in reverse, when a step fails for good', async () => {
    const engine = engineOf('host:1')
    world.fail.set('two', [problem('refused', false)])
    const id = await start(engine)
    await engine.run(id)
    expect(world.done).toEqual(['run one', 'run two', 'undo two', 'undo one', 'failed refused'])
    expect(world.ended).toEqual(['ask failed'])
    expect(await stateOf(id)).toMatchObject({ state: 'failed', finished: true })
  })

  it('ends a step that hangs at its deadline, with the reason', async () => {
    const engine = engineOf('host:1')
    world.hang.add('two')
    const id = await start(engine, 'quick')
    await engine.run(id)
    expect(world.done.slice(-3)).toEqual(['undo two', 'undo one', 'failed step-timeout'])
  })

  it('begins nothing any more when its deadline passed between two tries: the undo would overtake it', async () => {
    const engine = engineOf('host:1')
    world.fail.set('two', [problem('busy', true), problem('busy', true)])
    const id = await start(engine, 'quick')
    await engine.run(id)
    expect(world.done).toEqual(['run one', 'run two', 'undo two', 'undo one', 'failed step-timeout'])
  })

  it('goes on where a dead process left it, at once if that process is known to be dead', async () => {
    const dying = engineOf('host:1')
    world.hang.add('two')
    const id = await start(dying)
    void dying.run(id)
    await expect.poll(() => world.done).toContain('run two')
    world.hang.clear()
    const next = engineOf('host:2', ['host:1'])
    await next.releaseDead()
    await next.sweep()
    await expect.poll(async () => (await stateOf(id))?.state).toBe('succeeded')
    expect(world.done).toEqual(['run one', 'run two', 'run two', 'run three', 'succeeded one,two,three'])
  })

  it('is left for the next start, not failed, when the service stops', async () => {
    const engine = engineOf('host:1')
    world.hang.add('two')
    const id = await start(engine)
    const run = engine.run(id)
    await expect.poll(() => world.done).toContain('run two')
    await engine.stop()
    await run
    expect(await stateOf(id)).toMatchObject({ state: 'running', finished: false, lease_owner: null })
    world.hang.clear()
    await engineOf('host:2').run(id)
    expect(await stateOf(id)).toMatchObject({ state: 'succeeded' })
  })

  it('that was being undone when its process died goes on undoing', async () => {
    const engine = engineOf('host:1')
    const id = await start(engine)
    await database.database.pool.query(
      `UPDATE operations SET state = 'undoing', step = 'two', progress = '[{"name":"one","state":"done"},{"name":"two","state":"failed"}]',
       error = '{"code":"refused","retryable":false,"text":{"id":"step-timeout"}}' WHERE id = $1`,
      [id],
    )
    await engine.run(id)
    expect(world.done).toEqual(['undo two', 'undo one', 'failed refused'])
  })

  it('shows how it begins and how it ended in one message, not what nobody could read, and the end only once', async () => {
    const engine = engineOf('host:1')
    await engine.run(await start(engine))
    const { rows } = await database.database.pool.query(
      `SELECT place, view->'blocks'->0->'text'->>'literal' AS shown, dedupe_key FROM outbox ORDER BY id`,
    )
    expect(rows.map((row) => row.shown)).toEqual(['running: running waiting waiting', 'succeeded: done done done'])
    expect(rows.every((row) => row.place === 'edit')).toBe(true)
    expect(rows.at(-1)?.dedupe_key).toMatch(/^operation:op_.*:succeeded$/)
  })

  it('that is exclusive is refused while another one is alive on the instance', async () => {
    const engine = engineOf('host:1')
    await createInstance('i')
    await start(engine, 'restart', 'i')
    await expect(start(engine, 'restart', 'i')).rejects.toThrow('operation-busy')
    await expect(start(engine, 'ask', 'i')).resolves.toBeTruthy()
  })

  it('that is exclusive is started once, however many want to at the same moment', async () => {
    const engine = engineOf('host:1')
    await createInstance('i')
    const starts = await Promise.allSettled(Array.from({ length: 6 }, () => start(engine, 'restart', 'i')))
    const refused = starts.filter((one) => one.status === 'rejected').map((one) => String(one.reason.problem?.code))
    expect(refused).toEqual(Array(5).fill('operation-busy'))
  })

  it('of a kind with a limit is refused while that many are alive on the instance', async () => {
    const engine = engineOf('host:1')
    await createInstance('i')
    await start(engine, 'ask', 'i')
    const second = await start(engine, 'ask', 'i')
    await expect(start(engine, 'ask', 'i')).rejects.toMatchObject({ problem: { text: { id: 'ask-busy' } } })
    await engine.run(second)
    await expect(start(engine, 'ask', 'i')).resolves.toBeTruthy()
  })

  it('finishes beside many others, though its view needs a connection of its own', async () => {
    world.viewQueries = true
    const engine = engineOf('host:1')
    const started: string[] = []
    for (let count = 0; count < 20; count++) started.push(await start(engine))
    // All reach the end of their last step before one goes on.
    const there: (() => void)[] = []
    world.beforeSave = async (step) => {
      if (step !== 'three') return
      await new Promise<void>((resolve) => {
        there.push(resolve)
        if (there.length === started.length) for (const goOn of there) goOn()
      })
    }
    await Promise.all(started.map((id) => engine.run(id)))
    const { rows } = await database.database.pool.query('SELECT state, count(*)::int AS count FROM operations GROUP BY state')
    expect(rows).toEqual([{ state: 'succeeded', count: 20 }])
    expect(world.reports).toEqual([])
  })

  it('says that something could not be undone, and does not show it as undone', async () => {
    const engine = engineOf('host:1')
    world.fail.set('two', [problem('refused', false)])
    world.fail.set('undo one', [problem('away', false)])
    const id = await start(engine, 'deploy')
    await engine.run(id)
    expect(await stateOf(id)).toMatchObject({ state: 'failed', finished: true })
    expect(await lastShown()).toBe('failed: done failed waiting, undo failed')
    expect(world.reports).toEqual([`undo-failed undo:${id}:one`, 'operation-failed operation-failed:deploy'])
  })

  it('writes nothing more once another process has its lease', async () => {
    const engine = engineOf('host:1')
    const id = await start(engine)
    world.beforeSave = () =>
      database.database.pool.query(
        `UPDATE operations SET lease_owner = 'host:2', lease_until = now() + interval '1 minute' WHERE id = $1`,
        [id],
      )
    await engine.run(id)
    expect(world.done).toEqual(['run one'])
    const { rows } = await database.database.pool.query('SELECT data, step, lease_owner FROM operations WHERE id = $1', [id])
    expect(rows).toEqual([{ data: {}, step: 'one', lease_owner: 'host:2' }])
    expect(world.reports).toEqual([])
  })

  it('is handed to the workers with its kind', async () => {
    const engine = engineOf('host:1')
    await start(engine, 'ask')
    await start(engine, 'deploy')
    await engine.sweep()
    expect(new Set(world.enqueued)).toEqual(new Set(['ask', 'deploy']))
  })

  it('is let go by a process that could not renew its lease for as long as it lasts', async () => {
    const { pool } = database.database
    const renewalsFail = new Proxy(pool, {
      get: (target, name) =>
        name === 'query'
          ? (...query: [string, unknown[]]) =>
              String(query[0]).startsWith('UPDATE operations SET lease_until = now()')
                ? Promise.reject(new Error('no connection'))
                : target.query(...query)
          : Reflect.get(target, name),
    })
    world.hang.add('one')
    const engine = engineOf('host:1', [], { database: { ...database.database, pool: renewalsFail }, leaseSeconds: 0.6 })
    const id = await start(engine)
    await engine.run(id)
    expect(await stateOf(id)).toMatchObject({ state: 'running', finished: false, lease_owner: null })
    expect(world.done).toEqual(['run one'])
    expect(world.reports).toEqual([])
  })

  it('that can not be finished is reported, let go for a moment, and finished later without running a step again', async () => {
    const engine = engineOf('host:1')
    world.finishFailures = [new Error('a bug')]
    const id = await start(engine)
    await engine.run(id)
    expect(world.reports).toEqual([`operation-stuck operation-stuck:${id}`])
    const { rows } = await database.database.pool.query(
      'SELECT state, lease_owner, not_before > now() AS resting FROM operations WHERE id = $1',
      [id],
    )
    expect(rows).toEqual([{ state: 'running', lease_owner: null, resting: true }])
    await engine.run(id)
    expect(await stateOf(id)).toMatchObject({ finished: false })
    await database.database.pool.query('UPDATE operations SET not_before = now() WHERE id = $1', [id])
    await engine.run(id)
    expect(world.done).toEqual(['run one', 'run two', 'run three', 'succeeded one,two,three'])
    expect(await stateOf(id)).toMatchObject({ state: 'succeeded', finished: true })
  })
})

describe('a step that is owed', () => {
  /** What is laid aside comes up at once, with the clock so far ahead. */
  async function takeUp(id: string, aheadSeconds: number): Promise<number> {
    const clock = { now: () => new Date(Date.now() + aheadSeconds * 1000) }
    const engine = engineOf(`owner-${aheadSeconds}`, [], { clock })
    const prisma = await database.database.prisma()
    await prisma.operation.update({ where: { id }, data: { notBefore: new Date(Date.now() - 1000) } })
    await engine.run(id)
    const { notBefore, leaseOwner } = await prisma.operation.findUniqueOrThrow({ where: { id } })
    expect(leaseOwner).toBeNull()
    return Math.round((notBefore.getTime() - Date.now()) / 10_000) * 10
  }

  it('is tried for ever, ever more seldom up to a ceiling, holds no worker meanwhile, and is told as late once', async () => {
    const away = Array.from({ length: 15 }, () => problem('provider-away', true))
    world.fail.set('give-back', away)
    const id = await start(engineOf('first'), 'owed')
    const pauses: number[] = []
    for (let turn = 0; turn < 15; turn++) pauses.push(await takeUp(id, turn * 600))
    expect(pauses.slice(0, 5)).toEqual([10, 20, 40, 40, 40])
    expect(world.done.filter((line) => line.startsWith('late'))).toEqual(['late provider-away'])
    expect(world.done.indexOf('late provider-away')).toBe(7)
    await takeUp(id, 9_600)
    expect(world.done.filter((line) => line === 'run give-back')).toHaveLength(16)
    expect(world.ended).toEqual(['owed succeeded'])
  })

  it('is ended by a refusal, which time does not mend', async () => {
    world.fail.set('give-back', [problem('provider-away', true), problem('refused', false)])
    const id = await start(engineOf('first'), 'owed')
    await takeUp(id, 0)
    await takeUp(id, 60)
    expect(world.done).toEqual(['run give-back', 'run give-back', 'failed refused'])
  })
})
