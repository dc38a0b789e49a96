import pg from 'pg'

/** More would make one slow call hold up too many; a batch of this size already costs a fifth per call. */
const MOST_TOGETHER = 50

/** Statements of one function under way at once: a second so that one that is held up by the disk does not hold up all. */
const LANES = 2

/**
 * Calls of one SQL function that takes and answers one jsonb, a few statements at a time: what arrives while they are
 * under way goes into the next one, together. A lone call goes out at once, so it costs a quiet service nothing; under load
 * round trips, commits and socket writes are shared (measured: half the CPU of service and database per update).
 *
 * Calls in one statement commit together. If one of them fails, the server has undone all, and each is run alone: only the
 * guilty one rejects. A broken connection rejects all of them, as it would each.
 */
export function createTogether(pool: pg.Pool, name: string) {
  type Call = {
    readonly argument: string
    readonly resolve: (result: unknown) => void
    readonly reject: (error: unknown) => void
  }
  const waiting: Call[] = []
  let underWay = 0

  const statement = {
    name: `${name}_together`,
    text: `SELECT ${name}(call) AS result FROM jsonb_array_elements($1::jsonb) AS call`,
  }
  const run = async (calls: readonly Call[]): Promise<void> => {
    const { rows } = await pool.query<{ result: unknown }>({
      ...statement,
      values: [`[${calls.map(({ argument }) => argument).join(',')}]`],
    })
    for (const [position, call] of calls.entries()) call.resolve(rows[position]?.result)
  }
  const runEach = async (calls: readonly Call[]): Promise<void> => {
    for (const call of calls) await run([call]).catch(call.reject)
  }

  async function next(): Promise<void> {
    underWay += 1
    while (waiting.length > 0) {
      const calls = waiting.splice(0, MOST_TOGETHER)
      await run(calls).catch((error: unknown) => {
        if (calls.length > 1 && error instanceof pg.DatabaseError) return runEach(calls)
        for (const call of calls) call.reject(error)
      })
    }
    underWay -= 1
  }

  /** `argument` is the jsonb as text; resolves with the parsed answer when it is committed. */
  return (argument: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      waiting.push({ argument, resolve, reject })
      if (underWay < LANES) void next()
    })
}
