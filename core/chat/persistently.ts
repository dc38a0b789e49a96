import { ProblemError } from '../problem.ts'

/** Waits between attempts to commit while the database is away; afterwards the sweep takes the update over. */
const DATABASE_RETRY_MS = [200, 500, 1000, 2000, 4000]

/** The database may be restarting: a person's update outlives that. Refusals are not retried. */
export async function persistently<T>(work: () => Promise<T>): Promise<T> {
  for (const wait of DATABASE_RETRY_MS) {
    try {
      return await work()
    } catch (error) {
      if (error instanceof ProblemError || !isDatabaseAway(error)) throw error
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
  return work()
}

/** Connection trouble of pg and Prisma: the server is away or going away, nothing about the statement. */
function isDatabaseAway(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  return (
    /^(ECONN|EPIPE|57P0|08|P1001|P1017|P2024|P2034|40001|40P01)/.test(code) ||
    (error instanceof Error && /Connection terminated|timeout exceeded when trying to connect/.test(error.message))
  )
}
