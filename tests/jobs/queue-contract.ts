import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createQueues, type QueueJob, type Queues } from '../../jobs/index.ts'
import { startSource } from '../support/source-process.ts'

/** The suite both backends pass. `connection` is asked before each test, for a place without jobs. */
export function queueContract(connection: () => { readonly databaseUrl: string } | { readonly redisUrl: string }): void {
  const open: Queues[] = []
  const create = () => {
    const queues = createQueues({ ...connection(), lockSeconds: 2 })
    open.push(queues)
    return queues
  }
  let queues: Queues
  beforeEach(() => {
    queues = create()
  })
  afterEach(() => Promise.all(open.splice(0).map((one) => one.close())))
  const data = { requestId: 'req_1' }

  describe('the queue', () => {
    it('delivers a job once, with its data', async () => {
      const seen: QueueJob[] = []
      await queues.work('work', async (job) => void seen.push(job), { concurrency: 4 })
      await queues.add('work', 'op_1', { requestId: 'req_7', operation: 'op_1' })
      await queues.add('work', 'op_2', data)
      await expect.poll(() => seen.map((job) => job.id).sort()).toEqual(['op_1', 'op_2'])
      expect(seen.find((job) => job.id === 'op_1')).toEqual({
        id: 'op_1',
        data: { requestId: 'req_7', operation: 'op_1' },
        attempt: 1,
      })
    })

    it('delivers what was added while no worker ran', async () => {
      await queues.add('work', 'op_1', data)
      const seen: string[] = []
      await create().work('work', async (job) => void seen.push(job.id), { concurrency: 1 })
      await expect.poll(() => seen).toEqual(['op_1'])
    })

    it('drops a second job of an id that waits or runs, and takes it again when the first is done', async () => {
      let release = () => {}
      const held = new Promise<void>((resolve) => {
        release = resolve
      })
      const seen: string[] = []
      await queues.add('work', 'op_1', data)
      await queues.add('work', 'op_1', data)
      await queues.work(
        'work',
        async (job) => {
          seen.push(job.id)
          await held
        },
        { concurrency: 4 },
      )
      await expect.poll(() => seen).toEqual(['op_1'])
      await queues.add('work', 'op_1', data)
      await queues.add('work', 'op_2', data)
      await expect.poll(() => seen).toEqual(['op_1', 'op_2'])
      release()
      await expect
        .poll(async () => {
          await queues.add('work', 'op_1', data)
          return seen.filter((id) => id === 'op_1').length
        })
        .toBeGreaterThan(1)
    })

    it('holds a delayed job back', async () => {
      const seen: { id: string; at: number }[] = []
      await queues.work('work', async (job) => void seen.push({ id: job.id, at: performance.now() }), { concurrency: 1 })
      const added = performance.now()
      await queues.add('work', 'later', data, { delaySeconds: 1 })
      await queues.add('work', 'now', data)
      await expect.poll(() => seen.map((one) => one.id), { timeout: 5000 }).toEqual(['now', 'later'])
      expect((seen[1]?.at ?? 0) - added).toBeGreaterThan(950)
    })

    it('tries a job again whose handler threw', async () => {
      const attempts: number[] = []
      await queues.work(
        'work',
        async (job) => {
          attempts.push(job.attempt)
          if (job.attempt === 1) throw new Error('the database was restarted')
        },
        { concurrency: 1 },
      )
      await queues.add('work', 'op_1', data)
      await expect.poll(() => attempts, { timeout: 5000 }).toEqual([1, 2])
    })

    it('gives the job of a killed worker to another', { timeout: 30_000 }, async () => {
      const place = connection()
      const dying = await startSource(
        'tests/jobs/dying-worker.ts',
        'redisUrl' in place ? ['redis', place.redisUrl] : ['postgres', place.databaseUrl],
      )
      await dying.line('ready')
      await queues.add('work', 'op_1', data)
      expect(await dying.line('took')).toBe('took op_1')
      await dying.kill()
      const seen: string[] = []
      await queues.work('work', async (job) => void seen.push(job.id), { concurrency: 1 })
      await expect.poll(() => seen, { timeout: 15_000 }).toEqual(['op_1'])
    })

    it('shares the jobs among replicas, each job in one', async () => {
      const seen: string[] = []
      const other = create()
      for (const replica of [queues, other]) await replica.work('work', async (job) => void seen.push(job.id), { concurrency: 2 })
      const ids = Array.from({ length: 40 }, (_, index) => `op_${String(index).padStart(2, '0')}`)
      await Promise.all(ids.map((id, index) => (index % 2 ? queues : other).add('work', id, data)))
      await expect.poll(() => seen.length).toBe(40)
      expect(seen.sort()).toEqual(ids)
    })

    it('finishes running jobs before it closes', async () => {
      const events: string[] = []
      await queues.work(
        'work',
        async () => {
          events.push('began')
          await new Promise((resolve) => setTimeout(resolve, 300))
          events.push('done')
        },
        { concurrency: 1 },
      )
      await queues.add('work', 'op_1', data)
      await expect.poll(() => events).toEqual(['began'])
      await queues.close()
      expect(events).toEqual(['began', 'done'])
    })

    it('says that it is healthy, and where it lives', async () => {
      expect(await queues.health()).toEqual({ ok: true, detail: 'not in use yet' })
      await queues.add('work', 'op_1', data)
      expect(await queues.health()).toEqual({ ok: true, detail: 'redisUrl' in connection() ? 'Redis' : 'PostgreSQL' })
    })
  })

  describe('a schedule', () => {
    it('ticks in one replica at a time, however many declare it', async () => {
      const ticks: { replica: number; at: number }[] = []
      const declare = (replica: number, target: Queues) =>
        target.every('sweep', 1, async () => void ticks.push({ replica, at: Math.round(performance.now() / 1000) }))
      await declare(1, queues)
      await declare(2, create())
      await declare(3, create())
      await expect.poll(() => ticks.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(4)
      expect(new Set(ticks.map((tick) => tick.at)).size).toBe(ticks.length)
    })

    it('goes on after a tick that failed', async () => {
      let ticks = 0
      await queues.every('sweep', 1, async () => {
        ticks += 1
        throw new Error('this time not')
      })
      await expect.poll(() => ticks, { timeout: 10_000 }).toBeGreaterThanOrEqual(2)
    })
  })
}
