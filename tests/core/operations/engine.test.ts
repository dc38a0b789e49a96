import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { literal, note, view } from '../../../core/chat/build.ts'
import { createNotices } from '../../../core/notices/index.ts'
import { createEngine, type OperationKind } from '../../../core/operations/index.ts'
import { ProblemError } from '../../../core/problem.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { quietLog, randomIds, systemClock } from '../../support/services.ts'

type World = { readonly done: string[]; fail: Map<string, ProblemError[]>; hang: Set<string> }

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
      await save({ [step]: 'saved' })
    },
    async undo({ services }: { services: World }) {
      services.done.push(`undo ${step}`)
    },
  })
  return {
    kind: name,
    exclusive,
    steps: [step('one'), step('two'), step('three')],
    succeeded: async (_transaction, { services, operation }) => {
      services.done.push(`succeeded ${Object.keys(operation.data).join(',')}`)
    },
    failed: async (_transaction, { services }, failure) => {
      services.done.push(`failed ${failure.code}`)
    },
    view: async (progress) =>
      view('op', [note(literal(`${progress.state}: ${progress.steps.map((shown) => shown.state).join(' ')}`))]),
  }
}

let database: TestDatabase
let world: World

function engineOf(owner: string, dead: string[] = []): ReturnType<typeof createEngine<World>> {
  const engine: ReturnType<typeof createEngine<World>> = createEngine<World>({
    database: database.database,
    kinds: [kind('restart', true), kind('ask', false), kind('quick', false, 0.3)],
    services: () => world,
    notices: createNotices({ ids: randomIds, wake: () => undefined }),
    enqueue: (id) => engine.run(id),
    leaseOwner: owner,
    isDead: (other) => dead.includes(other),
    clock: systemClock,
    ids: randomIds,
    log: quietLog,
    report: (reported) => void world.done.push(`report ${reported}`),
    observe: () => undefined,
  })
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

const stateOf = async (id: string) =>
  (
    await database.database.pool.query(
      'SELECT state, finished_at IS NOT NULL AS finished, lease_owner FROM operations WHERE id = $1',
      [id],
    )
  ).rows[0]

beforeEach(async () => {
  database = await createTestDatabase()
  world = { done: [], fail: new Map(), hang: new Set() }
})
afterEach(() => database.close())

describe('an operation', () => {
  it('runs its steps in order and finishes once, however often it is run', async () => {
    const engine = engineOf('host:1')
    const id = await start(engine)
    await Promise.all([engine.run(id), engine.run(id), engineOf('host:2').run(id)])
    await engine.run(id)
    expect(world.done).toEqual(['run one', 'run two', 'run three', 'succeeded one,two,three'])
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
    expect(await stateOf(id)).toMatchObject({ state: 'failed', finished: true })
  })

  it('ends a step that hangs at its deadline, with the reason', async () => {
    const engine = engineOf('host:1')
    world.hang.add('two')
    const id = await start(engine, 'quick')
    await engine.run(id)
    expect(world.done.slice(-3)).toEqual(['undo two', 'undo one', 'failed step-timeout'])
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

  it('shows every state in one message and the last one only once', async () => {
    const engine = engineOf('host:1')
    await engine.run(await start(engine))
    const { rows } = await database.database.pool.query(
      `SELECT place, view->'blocks'->0->'text'->>'literal' AS shown, dedupe_key FROM outbox ORDER BY id`,
    )
    expect(rows.map((row) => row.shown)).toEqual([
      'running: running waiting waiting',
      'running: done running waiting',
      'running: done done running',
      'succeeded: done done done',
    ])
    expect(rows.every((row) => row.place === 'edit')).toBe(true)
    expect(rows.at(-1)?.dedupe_key).toMatch(/^operation:op_.*:succeeded$/)
  })

  it('that is exclusive is refused while another one is alive on the instance', async () => {
    const engine = engineOf('host:1')
    const prisma = await database.database.prisma()
    await prisma.person.create({ data: { id: 'p' } })
    await prisma.workspace.create({ data: { id: 'w', kind: 'personal', ownerPersonId: 'p' } })
    await prisma.instance.create({
      data: {
        id: 'i',
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
    await start(engine, 'restart', 'i')
    await expect(start(engine, 'restart', 'i')).rejects.toThrow('operation-busy')
    await expect(start(engine, 'ask', 'i')).resolves.toBeTruthy()
  })
})
