import { setImmediate as endOfRound } from 'node:timers/promises'
import pg from 'pg'

/** More would make one slow call hold up too many; a batch of this size already costs a fifth per call. */
const MOST_TOGETHER = 50

/** Batches under way at once: a second so that one that is held up by the disk does not hold up all. */
const LANES = 2

/**
 * Calls that one statement can answer together, a few statements at a time: what arrives while they are
 * under way goes into the next one. A lone call goes out when the event loop comes round, so it costs a quiet service nothing; under load
 * round trips, commits and socket writes are shared (measured: a third of the CPU of service and database per update).
 *
 * Calls in one statement commit together. If one of them fails, the server has undone all, and each is run alone: only the
 * guilty one rejects. A broken connection rejects all of them, as it would each.
 *
 * `run` makes one statement of some calls and answers each, in order.
 */
export function createTogether<Call, Result>(run: (calls: readonly Call[]) => Promise<readonly Result[]>) {
  type Waiting = {
    readonly call: Call
    readonly resolve: (result: Result) => void
    readonly reject: (error: unknown) => void
  }
  const waiting: Waiting[] = []
  let underWay = 0

  const answer = async (batch: readonly Waiting[]): Promise<void> => {
    const results = await run(batch.map(({ call }) => call))
    for (const [position, { resolve, reject }] of batch.entries()) {
      const result = results[position]
      if (result === undefined) reject(new Error('a statement left one of its calls without an answer'))
      else resolve(result)
    }
  }
  const answerEach = async (batch: readonly Waiting[]): Promise<void> => {
    for (const one of batch) await answer([one]).catch(one.reject)
  }

  async function next(): Promise<void> {
    underWay += 1
    // What came in one packet is decided in one go: without this the first of it would go alone, and the rest wait for its return.
    await endOfRound()
    while (waiting.length > 0) {
      const batch = waiting.splice(0, MOST_TOGETHER)
      await answer(batch).catch((error: unknown) => {
        if (batch.length > 1 && error instanceof pg.DatabaseError) return answerEach(batch)
        for (const { reject } of batch) reject(error)
      })
    }
    underWay -= 1
  }

  /** Resolves when it is committed. */
  return (call: Call): Promise<Result> =>
    new Promise((resolve, reject) => {
      waiting.push({ call, resolve, reject })
      if (underWay < LANES) void next()
    })
}
