import { setTimeout as wait } from 'node:timers/promises'

/** Tries until it does not throw, at most ten seconds; then throws what it threw last. For what has no event to wait for. */
export async function eventually<T>(attempt: () => Promise<T>, timeoutSeconds = 10): Promise<T> {
  const deadline = performance.now() + timeoutSeconds * 1000
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (performance.now() > deadline) throw error
      await wait(30)
    }
  }
}
